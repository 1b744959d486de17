"""Which source is asked, and who stands in while it gives nothing?

    yahoo --> bars                        its bars, whole
          --> limited, down, unknown  --> the next one that covers the listing
          --> silent in open hours    --> the next one, if its bars reach further
          --> no room at this moment  --> nobody: it has in a minute

A Series is of one source, from its first bar to its last, and says of which: highs and lows of two
feeds are never in one bar. With a single source this is that source.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Never, Protocol, TypeVar

from loguru import logger

from alertd.core.staleness import silent_since
from alertd.errors import (
    Crowded,
    NoSessions,
    SourceDown,
    SourceError,
    UnknownSymbol,
)
from alertd.ports import QuoteSource
from alertd.quotes.trust import Trust
from alertd.quotes.verdicts import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from alertd.core.almanac import Outlook
    from alertd.core.bars import Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.pointing import Quote
    from alertd.core.rests import Rest

T = TypeVar("T")


class Feed(QuoteSource, Protocol):
    """A source that may be one of several."""

    @property
    def room(self) -> int:
        """Return how many requests may be made now."""
        ...

    @property
    def resting(self) -> Rest | None:
        """Return the rest that the source has asked for, while it is on."""
        ...

    def covers(self, listing: Listing) -> bool:
        """Tell whether a listing is one that the source may know."""
        ...

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        """Return what a Board does."""
        ...


class Failover:
    """Several sources as one, the first of them first."""

    def __init__(
        self,
        sources: Sequence[Feed],
        now: Callable[[], datetime],
        *,
        patience: Callable[[Symbol], timedelta],
        chance: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Ask sources in this order; `patience` is how long a symbol may be silent, delay apart."""
        self.sources = tuple(sources)
        self.patience = patience
        self._now = now
        self._trust = Trust(now, chance)

    @property
    def name(self) -> str:
        return self.sources[0].name

    @property
    def room(self) -> int:
        """Return how many requests the source takes that would be asked now."""
        able = (each for each in self._awake(self.sources) if not each.resting)
        return next((each.room for each in able), 0)

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return the bars of one source, of the first that gives them.

        raises: what the first one raises where none gives any; RateLimited with the earliest
                moment at which one of them may be asked again.
        """

        def fetch(source: Feed) -> Series:
            return replace(source.bars(listing, since, until), source=source.name)

        able = self._able(listing)
        source, found = self._first(able, fetch)
        others = able[able.index(source) + 1 :]
        if others and self._is_silent(listing, since, found):
            return self._newer(others, fetch, found, since)
        return found

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        """Return the daily bars of the first source that gives any; raises as `bars`."""

        def fetch(source: Feed) -> Series:
            return replace(source.daily(listing, since, until), source=source.name)

        return self._first(self._able(listing), fetch, lambda found: bool(found.bars))[1]

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:
        """Return the outlook of the first source that knows anything; raises as `bars`."""

        def fetch(source: Feed) -> Outlook:
            return source.outlook(listing, targets=targets)

        return self._first(self._able(listing), fetch, _says_anything)[1]

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        """Return what is said of each symbol by the first source that answers for it.

        raises: as `bars`, where no source answers at all.
        """
        found: dict[Symbol, Quote] = {}
        errors: list[SourceError] = []
        left, answered = list(listings), False
        for source in self._awake(self.sources):
            its = [each for each in left if source.covers(each)]
            if not its:
                continue
            try:
                found.update(self._asked(source, _quoting(its)))
            except SourceError as error:
                errors.append(error)
                if isinstance(error, Crowded) and source is self.sources[0]:
                    break
            else:
                answered, left = True, [each for each in left if not source.covers(each)]
        if errors and not answered:
            raise verdict(errors)
        return found

    def second(
        self, listing: Listing, since: datetime, until: datetime, besides: str
    ) -> Series | None:
        """Return the bars of `[since, until)` from the first other source that has any."""
        others = [each for each in self.sources if each.name != besides and each.covers(listing)]
        for source in self._trusted(others):
            try:
                found = self._asked(source, lambda other: other.bars(listing, since, until))
            except SourceError as error:
                logger.debug("no second opinion", symbol=listing.symbol, error=str(error))
                continue
            if found.bars:
                return replace(found, source=source.name)
        return None

    def _able(self, listing: Listing) -> list[Feed]:
        """Return the sources that may know a listing.

        raises: UnknownSymbol where there is none.
        """
        able = [source for source in self.sources if source.covers(listing)]
        if not able:
            names = ", ".join(source.name for source in self.sources)
            msg = f"{listing.symbol}: not one that {names} may know"
            raise UnknownSymbol(msg)
        return able

    def _trusted(self, sources: Sequence[Feed]) -> list[Feed]:
        return [each for each in sources if not self._trust.pause(each.name)]

    def _awake(self, sources: Sequence[Feed]) -> Sequence[Feed]:
        """Return those that are not left alone; all, where nobody else could be asked."""
        return self._trusted(sources) or sources

    def _first(
        self,
        able: Sequence[Feed],
        fetch: Callable[[Feed], T],
        enough: Callable[[T], bool] = lambda _: True,
    ) -> tuple[Feed, T]:
        """Return which source gives something first, and what.

        enough: whether that is worth more, of another source, than the error of the first.
        """
        errors: list[SourceError] = []
        awake = self._awake(able)
        for source in able:
            try:
                found = self._asked(source, fetch) if source in awake else self._left(source)
            except SourceError as error:
                errors.append(error)
                # Rather than to change feeds for a moment, it waits for room.
                if isinstance(error, Crowded) and source is able[0]:
                    break
            else:
                if source is able[0] or enough(found):
                    return source, found
        raise verdict(errors)

    def _asked(self, source: Feed, fetch: Callable[[Feed], T]) -> T:
        """Return what a source gives, and take note of how it goes where there are others."""
        try:
            found = fetch(source)
        except SourceDown as error:
            if len(self.sources) > 1:
                self._trust.failed(source.name, str(error))
            raise
        except UnknownSymbol:
            self._trust.answered(source.name)
            raise
        self._trust.answered(source.name)
        return found

    def _left(self, source: Feed) -> Never:
        """Raise why a source is left alone."""
        rest = self._trust.pause(source.name)
        until = f"until {rest.until:%H:%M} UTC: {rest.why}" if rest else "until now"
        msg = f"{source.name} is left alone {until}"
        raise SourceDown(msg)

    def _is_silent(self, listing: Listing, since: datetime, found: Series) -> bool:
        """Tell whether bars end so long ago that their source may have lost the symbol."""
        now = self._now()
        try:
            sessions = listing.calendar.around(since, now)
        except NoSessions:
            return False
        limit = self.patience(listing.symbol)
        reach = _reach(found, since)
        return silent_since(sessions, reach, now, delay=listing.delay, limit=limit) is not None

    def _newer(
        self,
        others: Sequence[Feed],
        fetch: Callable[[Feed], Series],
        found: Series,
        since: datetime,
    ) -> Series:
        """Return the first series that reaches further than one that is silent, or else that."""
        for source in self._trusted(others):
            try:
                series = self._asked(source, fetch)
            except SourceError as error:
                logger.debug("silent too", symbol=found.symbol, error=str(error))
                continue
            if _reach(series, since) > _reach(found, since):
                return series
        return found


def _reach(found: Series, since: datetime) -> datetime:
    """Return up to when bars with a price go."""
    priced = (bar.end for bar in reversed(found.bars) if not math.isnan(bar.close))
    return next(priced, since)


def _says_anything(found: Outlook) -> bool:
    return any(
        each is not None for each in (found.price, found.pe, found.forward_pe, found.targets)
    )


def _quoting(listings: Sequence[Listing]) -> Callable[[Feed], Mapping[Symbol, Quote]]:
    return lambda source: source.quotes(listings)
