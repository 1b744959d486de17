"""How fine are the bars that Yahoo still has, and in which requests are they asked for?

    ------ 1d ------|------ 1h ------|------ 5m ------|------ 1m ------ now
                 729 days         59 days          29 days

The borders are UTC midnights one day inside of what Yahoo keeps, so that a slow request is never
refused for its age.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alertd.core.bars import Bar

_DAY = timedelta(days=1)
_EVER = timedelta(days=366 * 200)


@dataclass(frozen=True, slots=True)
class Granularity:
    """One of Yahoo's intervals: `kept` for this long, at most `window` of it in one request."""

    interval: str
    length: timedelta
    kept: timedelta
    window: timedelta


MINUTE = Granularity("1m", timedelta(minutes=1), timedelta(days=29), timedelta(days=7))
FIVE_MINUTES = Granularity("5m", timedelta(minutes=5), timedelta(days=59), timedelta(days=59))
HOUR = Granularity("1h", timedelta(hours=1), timedelta(days=729), timedelta(days=729))
DAY = Granularity("1d", _DAY, _EVER, _EVER)

_COARSE_TO_FINE = (DAY, HOUR, FIVE_MINUTES, MINUTE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One request: the bars of one granularity for `[start, end)`."""

    granularity: Granularity
    start: datetime
    end: datetime

    def holds(self, bar: Bar) -> bool:
        """Tell whether a bar starts in the stretch, or, coarser than a minute, reaches into it."""
        minute = self.granularity is MINUTE
        begins = self.start <= bar.start if minute else self.start < bar.end
        return begins and bar.start < self.end


def stretches(since: datetime, until: datetime, now: datetime) -> Iterator[Stretch]:
    """Yield the requests that cover `[since, until)` in the finest bars left, oldest first."""
    borders = [since, *(_border(now, each.kept) for each in _COARSE_TO_FINE[1:]), until]
    for granularity, (start, end) in zip(_COARSE_TO_FINE, pairwise(borders), strict=True):
        yield from _windows(granularity, max(start, since), min(end, until))


def joined(pieces: Sequence[Sequence[Bar]]) -> tuple[Bar, ...]:
    """Return the bars of neighbouring stretches as one row in which no two overlap.

    A coarse bar can reach over the border (a session may hold UTC's midnight); the finer bars
    then begin where it ends.
    """
    bars: list[Bar] = []
    for piece in pieces:
        end = bars[-1].end if bars else None
        bars += [bar for bar in piece if end is None or bar.start >= end]
    return tuple(bars)


def _border(now: datetime, kept: timedelta) -> datetime:
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
    return midnight - kept + _DAY


def _windows(granularity: Granularity, start: datetime, end: datetime) -> Iterator[Stretch]:
    while start < end:
        stop = min(end, start + granularity.window)
        yield Stretch(granularity, start, stop)
        start = stop
