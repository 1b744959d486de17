"""What is a bar, and along which path did the price go through it?

    open -> first extreme -> second extreme -> close

A bar knows only four prices. Reading it as this path is what makes live polling, catch-up and
replay agree: they all judge the same points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from datetime import datetime, timedelta

Symbol = NewType("Symbol", str)

DIGITS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """The prices of `[start, start + length)`, in the listing's currency; `start` is UTC.

    A price that the source left out is `nan`; the quality gate refuses such a bar.
    """

    start: datetime
    length: timedelta
    open: float
    high: float
    low: float
    close: float
    volume: float | None = None

    @property
    def end(self) -> datetime:
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Last:
    """The newest bar that was judged, of some hours: its close and its start."""

    price: float
    start: datetime


@dataclass(frozen=True, slots=True)
class Split:
    """A split that the source announced: `ratio` new shares for each old one, from `at` on.

    `at` is the start of the first session in new shares, its pre-market included, in UTC. A reverse
    split has a ratio under 1.
    """

    at: datetime
    ratio: float

    def __str__(self) -> str:
        return f"{self.ratio:g}:1" if self.ratio >= 1 else f"1:{1 / self.ratio:g}"


@dataclass(frozen=True, slots=True)
class Range:
    """The highest and the lowest price of some time."""

    high: float
    low: float


@dataclass(frozen=True, slots=True)
class Series:
    """Bars of one symbol as a source gave them: oldest first, one for each start.

    `digits` is the instrument's price hint, to which all prices here are rounded already. `splits`
    are those the source announced for this time, oldest first. `year` is what the source itself
    calls the range of the last 52 weeks, today included. `source` is whose bars these are, all of
    them; empty where there is only one.
    """

    symbol: Symbol
    bars: tuple[Bar, ...]
    digits: int = DIGITS
    currency: str | None = None
    splits: tuple[Split, ...] = ()
    year: Range | None = None
    source: str = ""


def rounded(price: float, digits: int = DIGITS) -> float:
    """Return the price without float32 noise, so that equality is exact from here on."""
    return round(price, digits)


def path(bar: Bar) -> tuple[float, float, float, float]:
    """Return the four points of a bar in the order in which they are judged."""
    to_high, to_low = bar.high - bar.open, bar.open - bar.low
    # Two differences of decimals can be off by a bit where they are equal on paper.
    tie = round(to_high - to_low, 9) == 0
    low_first = bar.close >= bar.open if tie else to_low < to_high
    extremes = (bar.low, bar.high) if low_first else (bar.high, bar.low)
    return (bar.open, *extremes, bar.close)
