"""Does another source bear out a bar that cannot be believed yet?

    suspect bar --second source agrees--> judged now, and at every look until it has settled
                --it does not, or is silent--> waits for the next bar, as ever

A source is asked of one bar at most once an interval.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.bars import Last
from alertd.core.quality import Sifted, agrees, sift
from alertd.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from alertd.core.bars import Bar, Series, Symbol
    from alertd.core.splits import Rebase
    from alertd.ports import Board
    from alertd.watch.looks import Look


@dataclass(frozen=True, slots=True)
class Opinions:
    """Asks a board of suspect bars, and remembers what it said of them."""

    board: Board | None
    interval: timedelta
    agreed: dict[Symbol, frozenset[datetime]] = field(default_factory=dict)
    asked: dict[Symbol, tuple[datetime, datetime]] = field(default_factory=dict)

    def sifted(self, look: Look, series: Series, rebases: Sequence[Rebase], source: str) -> Sifted:
        """Return which of the bars that are new can be believed; `source` is whose they are."""
        symbol, since = look.claim.symbol, look.since
        known = frozenset(at for at in self.agreed.get(symbol, ()) if at >= since)
        found = _sifted(look, series, rebases, known)
        if found.waiting and not rebases and self._agrees(look, found, found.waiting, source):
            known |= {found.waiting.start}
            found = _sifted(look, series, rebases, known)
        if known:
            self.agreed[symbol] = known
        else:
            self.agreed.pop(symbol, None)
        return found

    def _agrees(self, look: Look, found: Sifted, suspect: Bar, source: str) -> bool:
        last = Last(found.good[-1].close, found.good[-1].start) if found.good else look.last
        if last is None or not self._may_ask(look, suspect):
            return False
        others = self._others(look, suspect, source)
        said = agrees(suspect, last, others)
        logger.debug(
            "second opinion", symbol=look.claim.symbol, at=suspect.start, bars=len(others),
            agrees=said,
        )  # fmt: skip
        return said

    def _may_ask(self, look: Look, suspect: Bar) -> bool:
        start, at = self.asked.get(look.claim.symbol, (None, look.now))
        if start == suspect.start and at <= look.now < at + self.interval:
            return False
        self.asked[look.claim.symbol] = suspect.start, look.now
        return True

    def _others(self, look: Look, suspect: Bar, source: str) -> Sequence[Bar]:
        if self.board is None:
            return ()
        try:
            series = self.board.second(look.listing, suspect.start, suspect.end, source)
        except SourceError as error:
            logger.debug("no second opinion", symbol=look.claim.symbol, error=str(error))
            return ()
        if series is None:
            return ()
        return sift(series, look.listing.currency, look.now).good


def _sifted(
    look: Look, series: Series, rebases: Sequence[Rebase], confirmed: frozenset[datetime]
) -> Sifted:
    return sift(
        replace(series, bars=look.new(series)), look.listing.currency, look.now,
        sessions=look.sessions, last=look.last, rebases=rebases, confirmed=confirmed,
    )  # fmt: skip
