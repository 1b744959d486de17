"""Which symbols get their bars now, because of what quotes say of all of them?

    each interval:  open symbols -> quotes, 99 a request -> pointer -> hasten

A round is cut into parts, so that bars get their turn between them, and goes on where it stopped.
Quotes that cannot be had point at every symbol that they were to be of.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.pointing import Pointer, Quote, pointer
from alertd.core.sessions import Hours
from alertd.core.staleness import is_back, silent_since
from alertd.errors import Crowded, NoSessions, RateLimited, SourceError
from alertd.watch.looks import sooner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from alertd.core.bars import Symbol
    from alertd.core.calendars import Calendar, Listing
    from alertd.core.claims import Glimpse
    from alertd.core.sessions import Sessions
    from alertd.ports import Board, WatchStore
    from alertd.watch.looks import Plan

_AT_ONCE = 99
_SIDE_BY_SIDE = 4
# A part is over soon even where every request of it takes as long as it may.
_PART = 2 * _SIDE_BY_SIDE

# What of a quote has pointed at a symbol; the same again is no news.
_Sign = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Trading:
    """When it is open; `day` is the open of the regular session that gives the day's range.

    `begun` is when the newest session of each hours began.
    """

    sessions: Sessions
    day: datetime | None
    begun: Mapping[Hours, datetime]


@dataclass(frozen=True, slots=True)
class _Open:
    """A symbol that trades now, or has until a moment ago, and what is known of it."""

    glimpse: Glimpse
    listing: Listing
    trading: _Trading

    @property
    def symbol(self) -> Symbol:
        return self.glimpse.symbol


_Batch = list[_Open]


class Glances:
    """Reads the quotes of all symbols once an interval. `chance` is drawn for each round.

    `traded_at` is when a symbol was last traded, as far as quotes have said.
    """

    def __init__(
        self, board: Board, store: WatchStore, plan: Plan, chance: Callable[[], float]
    ) -> None:
        self.traded_at: dict[Symbol, datetime] = {}
        self._board, self._store, self._plan, self._chance = board, store, plan, chance
        self._waiting: deque[_Batch] = deque()
        self._round: tuple[datetime, datetime] | None = None
        self._held: tuple[datetime, datetime] | None = None
        self._signs: dict[Symbol, tuple[_Sign, datetime]] = {}
        # Whether quotes could not be had, in the round before and in this one.
        self._blind, self._failed = False, False

    def waits(self, now: datetime) -> bool:
        """Tell whether there are quotes to be read now."""
        if not (self._waiting or self._is_time(now)) or _within(self._held, now):
            return False
        return self._board.room > 0

    def part(self, now: datetime) -> None:
        """Read some of the quotes, and make the symbols due that they point at."""
        if not self._waiting:
            self._begin(now)
        # The rest of the room is for the bars of those that are pointed at.
        count = min(len(self._waiting), _PART, max(self._board.room // 2, 1))
        batches = [self._waiting.popleft() for _ in range(count)]
        for batch, quotes in self._read(batches, now):
            self._compare(batch, quotes, now)

    def _is_time(self, now: datetime) -> bool:
        return not _within(self._round, now)

    def _begin(self, now: datetime) -> None:
        if self._blind and not self._failed:
            logger.info("quotes come again")
        self._blind, self._failed = self._failed, False
        self._round = now, now + sooner(self._plan.interval, self._chance())
        found = list(self._open(now))
        for first in range(0, len(found), _AT_ONCE):
            self._waiting.append(found[first : first + _AT_ONCE])

    def _open(self, now: datetime) -> Iterator[_Open]:
        """Yield the symbols that trade now in the hours that matter, with what is known of them.

        Those that get their bars at each interval anyway need no quote.
        """
        known: dict[tuple[Calendar, Hours, timedelta], _Trading | None] = {}
        for glimpse in self._store.glimpses():
            listing = self._plan.listings.get(glimpse.symbol)
            if listing is None or glimpse.seen.bounds.closely:
                continue
            listing = listing.lagging(glimpse.delay)
            key = listing.calendar, self._plan.hours(glimpse.symbol), listing.delay
            if key not in known:
                known[key] = _trading(*key[:2], listing.delay + self._plan.settle, now)
            if trading := known[key]:
                yield _Open(glimpse, listing, trading)

    def _read(
        self, batches: Sequence[_Batch], now: datetime
    ) -> Iterator[tuple[_Batch, Mapping[Symbol, Quote] | None]]:
        """Yield the quotes of each batch; None where they cannot be had."""
        asked = [[one.listing for one in batch] for batch in batches]
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
            answers = [threads.submit(self._board.quotes, listings) for listings in asked]
        for batch, answer in zip(batches, answers, strict=True):
            try:
                yield batch, answer.result()
            except Crowded as error:
                self._waiting.appendleft(batch)
                self._held = now, error.retry_at
            except RateLimited:
                # Everything is left alone, bars too: what they miss is judged after the rest.
                self._waiting.clear()
            except SourceError as error:
                if not (self._blind or self._failed):
                    logger.warning("no quotes, bars are asked for instead", error=str(error))
                self._failed = True
                yield batch, None

    def _compare(self, batch: _Batch, quotes: Mapping[Symbol, Quote] | None, now: datetime) -> None:
        if quotes is None:
            self._store.hasten([one.symbol for one in batch], now)
            return
        pointed = [one.symbol for one in batch if self._points(one, quotes.get(one.symbol), now)]
        if pointed:
            self._store.hasten(pointed, now)
        self._note_delays(batch, quotes)

    def _note_delays(self, batch: _Batch, quotes: Mapping[Symbol, Quote]) -> None:
        known = {one.symbol: one.glimpse.delay for one in batch}
        delays = {symbol: quote.delay for symbol, quote in quotes.items() if symbol in known}
        news = {s: delay for s, delay in delays.items() if delay is not None and delay != known[s]}
        if news:
            self._store.keep_delays(news)

    def _points(self, one: _Open, quote: Quote | None, now: datetime) -> bool:
        """Tell whether a quote points at a symbol; one that is missing does."""
        if quote is None:
            found, sign = Pointer.MISSING, None
        else:
            self._note(quote, now)
            found = pointer(quote, one.glimpse.seen, one.trading.day)
            if found is Pointer.QUIET:
                found = self._first(one, quote) or self._silence(one, now)
            sign = _sign(found, quote)
        if found is Pointer.QUIET:
            self._signs.pop(one.symbol, None)
            return False
        if sign and self._is_old(one.symbol, sign, now):
            return False
        logger.debug("pointed at", symbol=one.symbol, why=found.value)
        return True

    def _note(self, quote: Quote, now: datetime) -> None:
        if quote.at is not None:
            self.traded_at[quote.symbol] = min(quote.at, now)

    def _is_old(self, symbol: Symbol, sign: _Sign, now: datetime) -> bool:
        """Tell whether the same has pointed for so long that bars would have shown it by now."""
        known, since = self._signs.get(symbol, (None, now))
        if known != sign or now < since:
            self._signs[symbol] = sign, now
            return False
        return now - since > max(self._plan.settle, 2 * self._plan.interval)

    def _first(self, one: _Open, quote: Quote) -> Pointer | None:
        """Return whether levels are fixed anew since what bars have shown: by a first trade."""
        at, seen = quote.at, one.glimpse.good_until
        if at is None:
            return None
        begun = [
            hours
            for hours, start in one.trading.begun.items()
            if start <= at and (seen is None or seen <= start)
        ]
        return Pointer.FIRST if begun and self._plan.turns(one.symbol, begun) else None

    def _silence(self, one: _Open, now: datetime) -> Pointer:
        """Return whether a symbol has fallen silent, or speaks again, and bars are to show it."""
        glimpse, delay, limit = one.glimpse, one.listing.delay, self._plan.patience(one.symbol)
        sessions, traded_at = one.trading.sessions, self.traded_at.get(one.symbol)
        if glimpse.silent_since is not None:
            back = (
                traded_at is not None
                and traded_at > glimpse.silent_since
                and is_back(sessions, traded_at, now, delay=delay, limit=limit)
            )
            return Pointer.BACK if back else Pointer.QUIET
        newest = max(filter(None, (glimpse.good_until, traded_at)), default=None)
        if newest is not None and now - newest <= delay + limit:
            return Pointer.QUIET
        silent = silent_since(sessions, newest, now, delay=delay, limit=limit)
        return Pointer.SILENT if silent else Pointer.QUIET


def _within(span: tuple[datetime, datetime] | None, now: datetime) -> bool:
    """Tell whether a span is on; a clock that was set back to before it ends it."""
    return span is not None and span[0] <= now < span[1]


def _trading(
    calendar: Calendar, hours: Hours, settling: timedelta, now: datetime
) -> _Trading | None:
    """Return when there is trading on a calendar; None where there is none now.

    Until its last bars have settled, a session counts as open: what comes late may still matter.
    """
    try:
        sessions = calendar.around(now, now)
    except NoSessions:
        return None
    session = sessions.last(now, hours)
    if session is None or now >= session.end(hours) + settling:
        return None
    if session.rest and session.rest[0] + settling <= now < session.rest[1]:
        return None
    regular = sessions.last(now, Hours.REGULAR)
    shown = regular is not None and now < regular.close + settling
    newest = {hours: sessions.last(now, hours) for hours in Hours}
    begun = {each: found.start(each) for each, found in newest.items() if found}
    return _Trading(sessions, regular.open if regular and shown else None, begun)


def _sign(found: Pointer, quote: Quote) -> _Sign:
    """Return what must change of a quote until it points at a symbol anew."""
    match found:
        case Pointer.PRICE:
            return (found, quote.at, quote.price, quote.low, quote.high)
        case Pointer.FIRST | Pointer.SILENT:
            return (found, quote.at)
        case Pointer.BACK:
            # Quotes may go on for a whole day of which there are no bars.
            return (found,)
        case _:
            return (found, quote.low, quote.high)
