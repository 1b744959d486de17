r"""What would a market look like that goes where the demo needs it?

    waypoint ----- waypoint
              \   /                 straight lines between waypoints, with a little noise
             waypoint

Every price follows from the seed and the minute, so that asking twice gives the same bars, and the
minute that is not over yet grows tick by tick.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Series, rounded
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from alertd.core.calendars import Listing
    from alertd.core.sessions import Session

_MINUTE = timedelta(minutes=1)
_TICK = timedelta(seconds=5)
_TICKS = _MINUTE // _TICK
_CENTS = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# From above 150, under it, back over 1 % more than it, and past the year's high of 192.
_DEMO = (
    (timedelta(minutes=0), 152.40),
    (timedelta(minutes=5), 150.90),
    (timedelta(minutes=9), 147.90),
    (timedelta(minutes=13), 148.60),
    (timedelta(minutes=18), 152.60),
    (timedelta(minutes=22), 153.40),
    (timedelta(minutes=38), 193.00),
    (timedelta(minutes=40), 193.00),
)


class Simulated:
    """A made-up market. One path serves every symbol, while its exchange is open."""

    name = "simulated"

    def __init__(
        self,
        start: datetime,
        waypoints: Sequence[tuple[timedelta, float]],
        seed: int,
        noise: float,
        now: Callable[[], datetime],
    ) -> None:
        """Begin at `start`; waypoints are prices at times since then, the last one for ever.

        `noise` is the most that a price strays from the path; at a waypoint it strays not at all.
        """
        self._start = start
        self._path = tuple(sorted(waypoints))
        self._seed = seed
        self._noise = noise
        self._now = now

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return the minutes that start in `[since, until)`, the one that is growing included."""
        now = self._now()
        minutes = _minutes(max(since, self._start), min(until, now + timedelta.resolution))
        sessions = listing.calendar.around(self._start, now)
        bars = (self._bar(at, now) for at in minutes if sessions.at(at, Hours.EXTENDED))
        return _series(listing, bars)

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        """Return the daily bars of the sessions that open in `[since, until)`, today's so far."""
        now = self._now()
        days = listing.calendar.around(self._start, now).days
        first = since or days[0].open
        bars = (self._day(listing, day, now) for day in days if first <= day.open < until)
        return _series(listing, (bar for bar in bars if bar))

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 -- the port's
        """Return nothing but who says so: no company stands behind a made-up price."""
        return Outlook(self._now(), self.name)

    def _day(self, listing: Listing, day: Session, now: datetime) -> Bar | None:
        if day.close <= self._start or day.open > now:
            return None
        bars = self.bars(listing, day.open, day.close).bars
        return _whole(bars, day) if bars else None

    def _bar(self, start: datetime, now: datetime) -> Bar:
        """Return one minute, made of the ticks that have come by now."""
        random = Random(f"{self._seed} {(start - _EPOCH) // _MINUTE}")  # noqa: S311 -- no secret
        strays = [random.uniform(-self._noise, self._noise) for _ in range(_TICKS)]
        moments = [start + index * _TICK for index in range(_TICKS)]
        prices = [
            self._price(at, stray) for at, stray in zip(moments, strays, strict=True) if at <= now
        ]
        volume = 100.0 * len(prices)
        return Bar(start, _MINUTE, prices[0], max(prices), min(prices), prices[-1], volume)

    def _price(self, at: datetime, stray: float) -> float:
        since = at - self._start
        if any(since == turn for turn, _ in self._path):
            stray = 0.0
        return rounded(self._on_path(since) + stray, _CENTS)

    def _on_path(self, since: timedelta) -> float:
        for (begin, price), (end, next_price) in pairwise(self._path):
            if begin <= since < end:
                return price + (next_price - price) * ((since - begin) / (end - begin))
        first, last = self._path[0], self._path[-1]
        return first[1] if since < first[0] else last[1]


def demo_market(start: datetime, now: Callable[[], datetime]) -> Simulated:
    """Return a market that loses 150, reclaims it and crosses 192 within 40 minutes."""
    return Simulated(start, _DEMO, seed=150_192, noise=0.12, now=now)


def _minutes(since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the whole minutes in `[since, until)`."""
    at = since + (_EPOCH - since) % _MINUTE
    while at < until:
        yield at
        at += _MINUTE


def _whole(bars: Sequence[Bar], day: Session) -> Bar:
    """Return one bar of a session's minutes."""
    return Bar(
        start=day.open,
        length=day.close - day.open,
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=sum(bar.volume or 0.0 for bar in bars),
    )


def _series(listing: Listing, bars: Iterator[Bar]) -> Series:
    return Series(listing.symbol, tuple(bars), _CENTS, listing.currency)
