"""What was the lowest, and what the highest price of some trailing time?

    lows    142.10  143.00  144.20     each the lowest from its moment on: the first one inside
    highs   151.90  150.30  144.90     the window is the window's extreme

A tape keeps only points that can still become an extreme, so a window is looked up and not
searched. One tape serves all alerts of the same hours, whatever their windows.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.core.bars import rounded

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.bars import Split

# A point's place: its bar's start, and its number on the bar's path.
Place = tuple["datetime", int]


@dataclass(frozen=True, slots=True)
class Mark:
    """One point that may be an extreme."""

    place: Place
    price: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What the alerts of some hours share: the points of their windows, and today's volume.

    `traded` is the volume since `traded_from`, the open of the session that it belongs to.
    """

    lows: tuple[Mark, ...] = ()
    highs: tuple[Mark, ...] = ()
    traded: float = 0.0
    traded_from: datetime | None = None


BLANK = Memory()


class Tape:
    """The points of a trailing time, as it is written."""

    def __init__(self, memory: Memory = BLANK) -> None:
        self._lows, self._highs = list(memory.lows), list(memory.highs)

    def marks(self) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
        """Return the marks that are left, lows and highs."""
        return tuple(self._lows), tuple(self._highs)

    def copy(self) -> Tape:
        other = Tape()
        other._lows, other._highs = self._lows.copy(), self._highs.copy()
        return other

    def add(self, place: Place, price: float) -> None:
        """Write down one point, later than all before."""
        if self._lows:
            # A coarse bar may reach back behind finer ones that were judged already.
            place = max(place, self._lows[-1].place)
        mark = Mark(place, price)
        _put(self._lows, mark, 1)
        _put(self._highs, mark, -1)

    def forget(self, before: datetime) -> None:
        """Drop the points of bars that start earlier than any window reaches."""
        for marks in (self._lows, self._highs):
            del marks[: _first(marks, (before, 0))]

    def rescale(self, split: Split, digits: int) -> None:
        """Bring the points before a split into the shares after it."""
        for marks, sign in ((self._lows, 1), (self._highs, -1)):
            old = marks.copy()
            marks.clear()
            for mark in old:
                _put(marks, _restated(mark, split, digits), sign)

    def lowest(self, since: Place) -> Mark | None:
        """Return the lowest point since a place, that one included; None where there is none."""
        return _at(self._lows, since)

    def highest(self, since: Place) -> Mark | None:
        """Return the highest point since a place, that one included; None where there is none."""
        return _at(self._highs, since)


def _put(marks: list[Mark], mark: Mark, sign: int) -> None:
    """Add the newest mark; those before it that are no lower (`sign` -1: no higher) are over."""
    while marks and (marks[-1].price - mark.price) * sign >= 0:
        marks.pop()
    marks.append(mark)


def _restated(mark: Mark, split: Split, digits: int) -> Mark:
    if mark.place[0] >= split.at:
        return mark
    return Mark(mark.place, rounded(mark.price / split.ratio, digits))


def _at(marks: list[Mark], since: Place) -> Mark | None:
    index = _first(marks, since)
    return marks[index] if index < len(marks) else None


def _first(marks: list[Mark], since: Place) -> int:
    return bisect_left(marks, since, key=lambda mark: mark.place)
