"""What is drawn of one symbol, and at which place across?

    x = the number of a bar: nights, weekends and holidays take no room

With a bar for each place a session is as wide as any other, and two months of minutes are as easy
to read as ten years of days. Time that is missing is marked instead.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alertd.core.bars import Bar, Split
    from alertd.core.courses import Step
    from alertd.core.records import Gap


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that an alert told: `up` is whether the price had risen to get there.

    `back` says that it was armed again.
    """

    at: datetime
    price: float
    up: bool
    back: bool
    text: str


@dataclass(frozen=True, slots=True)
class Track:
    """One alert: its name, what stands beside its line, its level over time, what it told."""

    name: str
    words: str
    course: tuple[Step, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """Neighbouring bars as they are drawn: where they begin, how far they reach, their close."""

    place: int
    high: float
    low: float
    close: float


@dataclass(frozen=True, slots=True)
class Lined:
    """An alert's two lines, at each place where they change; `nan` where there are none."""

    places: list[float]
    lows: list[float]
    highs: list[float]

    @property
    def is_single(self) -> bool:
        both = zip(self.lows, self.highs, strict=True)
        return all(low == high for low, high in both if isfinite(low + high))


@dataclass(frozen=True)
class Panel:
    """Everything that is drawn of one symbol. Prices are in the shares after the last split."""

    title: str
    unit: str
    zone: ZoneInfo
    bars: tuple[Bar, ...]
    tracks: tuple[Track, ...]
    splits: tuple[Split, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @cached_property
    def starts(self) -> list[datetime]:
        return [bar.start for bar in self.bars]

    def holding(self, moment: datetime) -> int:
        """Return the place of the bar that holds a moment, or of the one before it."""
        return max(bisect_right(self.starts, moment) - 1, 0)

    def ahead(self, moment: datetime) -> int:
        """Return the place of the first bar from a moment on."""
        return bisect_left(self.starts, moment)

    def breaks(self) -> dict[int, int]:
        """Return how many sessions are missing before a place."""
        found: dict[int, int] = {}
        for gap in self.gaps:
            place = self.ahead(gap.start)
            found[place] = found.get(place, 0) + 1
        return found

    def columns(self, most: int) -> list[Column]:
        """Return the bars in at most so many columns; no extreme is lost."""
        wide = -(-len(self.bars) // most) or 1
        parts = [(at, self.bars[at : at + wide]) for at in range(0, len(self.bars), wide)]
        return [
            Column(at, max(b.high for b in part), min(b.low for b in part), part[-1].close)
            for at, part in parts
        ]

    def lined(self, course: Sequence[Step]) -> Lined:
        """Return a level's course in places, up to the last bar."""
        places, lows, highs = [], [], []
        for step in course:
            places.append(float(min(self.ahead(step.at), len(self.bars) - 1)))
            lows.append(step.where.low if step.where else nan)
            highs.append(step.where.high if step.where else nan)
        if places:
            places.append(float(len(self.bars) - 1))
            lows.append(lows[-1])
            highs.append(highs[-1])
        return Lined(places, lows, highs)
