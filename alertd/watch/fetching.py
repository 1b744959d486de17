"""How are the bars of several symbols fetched side by side?

    looks --4 threads--> answers, as they come --the caller's thread--> judged, one by one

What a source raises is an answer too. One symbol alone is fetched without a thread.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from alertd.core.currencies import insist

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from alertd.core.bars import Series
    from alertd.ports import Clock, QuoteSource
    from alertd.watch.looks import Look

    Answer = Callable[[], tuple[Look, Series]]

SIDE_BY_SIDE = 4

# The bar that is forming began before now; by the source's clock perhaps a little later.
_AHEAD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Fetching:
    """Asks a source for bars, for several symbols at once."""

    clock: Clock
    source: QuoteSource

    def answers(self, looks: Sequence[Look]) -> Generator[tuple[Look, Answer]]:
        """Yield what gives a look its bars, or raises what kept them from coming, as they come.

        The look that comes with bars is as of when they were asked for. Who stops listening stops
        what has not begun.
        """
        if len(looks) == 1:
            yield looks[0], partial(self._fetch, looks[0])
            return
        threads = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="fetch")
        try:
            asked = {threads.submit(self._fetch, look): look for look in looks}
            for answer in as_completed(asked):
                yield asked[answer], answer.result
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _fetch(self, look: Look) -> tuple[Look, Series]:
        look = replace(look, now=self.clock.now())
        series = self.source.bars(look.listing, look.since, look.now + _AHEAD)
        insist(look.claim.symbol, look.listing.currency, series.currency)
        # Now and then a source leaves it out.
        return look, replace(series, currency=series.currency or look.claim.currency)
