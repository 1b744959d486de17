"""Which American shares are split, and when?

Alpaca announces the splits of all shares together, apart from their bars. They are asked for from
the first day that matters on, and every hour again; a share whose splits are not known has no bars.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from alertd.errors import SourceError
from alertd.quotes import pages
from alertd.quotes.american import ticker
from alertd.quotes.splits import dated, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from alertd.core.bars import Split
    from alertd.core.calendars import Listing
    from alertd.quotes.pages import Page, Ratio
    from alertd.quotes.rest import Server

_PATH = "/v1/corporate-actions"
_DAY, _WEEK, _HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Announced:
    """The splits from a day on, by ticker, as of when they were asked for."""

    first: date
    at: datetime
    ratios: dict[str, list[Ratio]] = field(default_factory=dict)

    def serves(self, first: date, now: datetime) -> bool:
        return self.first <= first and self.at <= now < self.at + _HOUR


class Actions:
    """The splits that Alpaca announces."""

    def __init__(self, server: Server, now: Callable[[], datetime]) -> None:
        self._server, self._now = server, now
        self._known: _Announced | None = None
        # Whoever asks meanwhile waits for the same answer, be it an error.
        self._asking = Lock()
        self._failures, self._error = 0, SourceError()

    def of(self, listing: Listing, since: datetime, until: datetime) -> tuple[Split, ...]:
        """Return the splits that begin in some time, or in the day before it.

        raises: RateLimited, SourceDown.
        """
        first = (since - _DAY).astimezone(listing.calendar.zone).date()
        ratios = self._since(first, listing).ratios.get(ticker(listing) or "", [])
        splits = (dated(each.day, each.new, each.old, listing.calendar) for each in ratios)
        return joined([each for each in splits if each and since - _DAY < each.at < until])

    def _since(self, first: date, listing: Listing) -> _Announced:
        failures = self._failures
        with self._asking:
            if self._known is None or not self._known.serves(first, self._now()):
                if self._failures > failures:
                    raise self._error
                self._known = self._tried(first - _WEEK, listing)
            return self._known

    def _tried(self, first: date, listing: Listing) -> _Announced:
        try:
            return self._asked(first, listing)
        except SourceError as error:
            self._failures, self._error = self._failures + 1, error
            raise

    def _asked(self, first: date, listing: Listing) -> _Announced:
        now = self._now()
        asked = {
            "types": "forward_split,reverse_split",
            "start": first.isoformat(),
            "end": now.astimezone(listing.calendar.zone).date().isoformat(),
            "limit": "1000",
        }

        def page(more: Mapping[str, str]) -> Page[Ratio]:
            return self._server.get(_PATH, {**asked, **more}, "splits", pages.ratios)

        known = _Announced(first, now)
        for ratio in pages.turned(page):
            known.ratios.setdefault(ratio.ticker, []).append(ratio)
        return known
