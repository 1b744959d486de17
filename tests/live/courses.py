"""What did the price do in between, where all that is known of a minute is its four prices?

    open ---> one extreme ---> the other ---> close        in straight lines, 20 s each

Which extreme came first is drawn by lot, once for each minute: the engine has to guess it, and so
must be wrong at times. A bar that grows shows what the price has done by then. Whoever looks at the
last price alone sees the price at that moment; straight lines are kind to him, since a real wick is
over sooner.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Series, rounded
from alertd.core.dailies import by_session, joined
from alertd.core.pointing import Quote
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from alertd.core.bars import Symbol
    from alertd.core.calendars import Listing
    from alertd.core.sessions import Session
    from tests.support.fakes import HandClock

_SEED = 20260309
_NO_DELAY = timedelta(0)


@dataclass(frozen=True)
class Course:
    """What a price did over some days, minute by minute and in between.

    `past` are the daily bars of the sessions before.
    """

    bars: tuple[Bar, ...]
    listing: Listing
    past: tuple[Bar, ...] = ()

    @cached_property
    def _starts(self) -> list[datetime]:
        return [bar.start for bar in self.bars]

    @cached_property
    def _knots(self) -> list[tuple[float, ...]]:
        """Return the prices that each minute goes through, in their order."""
        lot = Random(_SEED)
        return [(b.open, *lot.sample((b.high, b.low), 2), b.close) for b in self.bars]

    @cached_property
    def _days(self) -> list[_Day]:
        sessions = self.listing.calendar.around(self.bars[0].start, self.bars[-1].end)
        return [_Day(day, own) for day, own in by_session(self.bars, sessions) if own]

    @property
    def sessions(self) -> list[Session]:
        """Return the sessions that have bars."""
        return [day.session for day in self._days]

    @property
    def official(self) -> tuple[Bar, ...]:
        """Return the daily bars of the sessions before, and those that the minutes make."""
        return (*self.past, *self._whole_days)

    def part(self, since: datetime, until: datetime) -> Course:
        """Return the course of some of its time, the sessions before it in daily bars."""
        past = tuple(bar for bar in self.official if bar.end <= since)
        return Course(self.between(since, until), self.listing, past)

    def between(self, since: datetime, until: datetime) -> tuple[Bar, ...]:
        """Return the bars that start in `[since, until)`, whole."""
        return self.bars[bisect_left(self._starts, since) : bisect_left(self._starts, until)]

    def price(self, now: datetime) -> tuple[float, datetime] | None:
        """Return the last price, and when it was traded; None before the first bar."""
        index = bisect_right(self._starts, now) - 1
        if index < 0:
            return None
        bar, points = self.bars[index], self._knots[index]
        if now >= bar.end:
            return bar.close, bar.end
        thirds = 3 * ((now - bar.start) / bar.length)
        passed, along = int(thirds), thirds % 1
        before, after = points[passed], points[passed + 1]
        return rounded(before + along * (after - before)), now

    def grown(self, bar: Bar, now: datetime) -> Bar:
        """Return a bar as far as it has grown by now."""
        if now >= bar.end:
            return bar
        points = self._knots[bisect_left(self._starts, bar.start)]
        passed = points[: int(3 * ((now - bar.start) / bar.length)) + 1]
        newest = self.price(now)
        close = newest[0] if newest else bar.open
        seen = (*passed, close)
        return replace(bar, high=max(seen), low=min(seen), close=close)

    def reached_at(self, bar_start: datetime, price: float) -> datetime:
        """Return when a price, one of the four of the minute that begins then, was reached."""
        index = bisect_left(self._starts, bar_start)
        bar, points = self.bars[index], self._knots[index]
        return bar.start + points.index(price) * bar.length / 3

    @cached_property
    def _whole_days(self) -> tuple[Bar, ...]:
        parts = ((day.session, day.bars) for day in self._days)
        return tuple(joined(parts, by=self.bars[-1].end))

    def day_so_far(self, now: datetime) -> tuple[float, float] | None:
        """Return the lowest and highest price of the newest regular session so far."""
        begun = [day for day in self._days if day.bars[0].start <= now]
        return begun[-1].so_far(self, now) if begun else None

    def daily(self, now: datetime) -> list[Bar]:
        """Return the daily bars as they are now, the open session's among them."""
        over = [bar for bar in self.official if bar.end <= now]
        begun = [day for day in self._days if day.bars[0].start <= now < day.session.close]
        return [*over, *(day.forming(self, now) for day in begun)]


@dataclass(frozen=True)
class _Day:
    """The bars of one regular session, and its range by the end of each."""

    session: Session
    bars: Sequence[Bar]

    @cached_property
    def _lows(self) -> list[float]:
        return list(accumulate((bar.low for bar in self.bars), min))

    @cached_property
    def _highs(self) -> list[float]:
        return list(accumulate((bar.high for bar in self.bars), max))

    def so_far(self, course: Course, now: datetime) -> tuple[float, float]:
        index = bisect_right(self.bars, now, key=lambda bar: bar.start) - 1
        bar = course.grown(self.bars[index], now)
        if index == 0:
            return bar.low, bar.high
        return min(bar.low, self._lows[index - 1]), max(bar.high, self._highs[index - 1])

    def forming(self, course: Course, now: datetime) -> Bar:
        low, high = self.so_far(course, now)
        newest = course.price(now)
        close = newest[0] if newest else self.bars[0].open
        length = self.session.close - self.session.open
        return Bar(self.session.open, length, self.bars[0].open, high, low, close)


@dataclass
class Live:
    """A source and its board over a course: bars once they are whole, or as they grow."""

    course: Course
    clock: HandClock
    growing: bool
    bars_asked: int = 0
    quotes_asked: int = 0
    name: str = "live"
    room: int = 1000

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        self.bars_asked += 1
        now = self.clock.now()
        begun = self.course.between(since, min(until, now))
        if self.growing:
            seen = (*begun[:-1], *(self.course.grown(bar, now) for bar in begun[-1:]))
        else:
            seen = tuple(bar for bar in begun[-1:] if bar.end <= now)
            seen = (*begun[:-1], *seen)
        return Series(listing.symbol, seen, currency="USD")

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        days = self.course.daily(self.clock.now())
        found = (bar for bar in days if (since is None or since <= bar.start) and bar.start < until)
        return Series(listing.symbol, tuple(found), currency="USD")

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:
        del listing, targets
        return Outlook(self.clock.now(), self.name)

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        self.quotes_asked += 1
        now = self.clock.now()
        last, day = self.course.price(now), self.course.day_so_far(now)
        price, at = last or (None, None)
        low, high = day or (None, None)
        return {
            each.symbol: Quote(each.symbol, price, at, low, high, _NO_DELAY, "USD")
            for each in listings
        }

    def second(
        self, listing: Listing, since: datetime, until: datetime, besides: str
    ) -> Series | None:
        del listing, since, until, besides
        return None


def hours(session: Session, *, extended: bool) -> tuple[datetime, datetime]:
    """Return from when to when there is trading."""
    kind = Hours.EXTENDED if extended else Hours.REGULAR
    return session.start(kind), session.end(kind)
