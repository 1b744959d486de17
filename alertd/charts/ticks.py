"""Which moments are named below a chart?

    2015  2016  2017 ..     or     Mar 9  Mar 16  Mar 23 ..     or     09:30  10:00  10:30 ..

Where a year, a month, a week, a day or an hour begins among the bars, there may be a tick. The
finest kind of which there are not too many is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from datetime import datetime

MOST = 14


@dataclass(frozen=True, slots=True)
class Tick:
    """A place across, and what it is called."""

    place: int
    text: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """How moments are grouped, and how the first one of a group is written."""

    group: Callable[[datetime], Hashable]
    shown: str


_KINDS = (
    _Kind(lambda at: (at.date(), at.hour, at.minute // 15), "%H:%M"),
    _Kind(lambda at: (at.date(), at.hour, at.minute // 30), "%H:%M"),
    _Kind(lambda at: (at.date(), at.hour), "%H:%M"),
    _Kind(lambda at: (at.date(), at.hour // 3), "%H:%M"),
    _Kind(lambda at: at.date(), "%m-%d"),
    _Kind(lambda at: at.isocalendar()[:2], "%m-%d"),
    _Kind(lambda at: (at.year, at.month, at.day > 15), "%m-%d"),  # noqa: PLR2004 -- half a month
    _Kind(lambda at: (at.year, at.month), "%Y-%m"),
    _Kind(lambda at: (at.year, (at.month - 1) // 3), "%Y-%m"),
    _Kind(lambda at: (at.year, (at.month - 1) // 6), "%Y-%m"),
    _Kind(lambda at: at.year, "%Y"),
    _Kind(lambda at: at.year // 2, "%Y"),
    _Kind(lambda at: at.year // 5, "%Y"),
    _Kind(lambda at: at.year // 10, "%Y"),
)


def ticks(moments: Sequence[datetime], most: int = MOST) -> list[Tick]:
    """Return at most so many ticks for bars that start then, on the exchange's clock.

    The first bar has one if the next tick leaves it room; it says the whole date.
    """
    if not moments:
        return []
    for kind in _KINDS:
        places = _begins(moments, kind)
        if len(places) < most:
            break
    else:
        kind, places = _KINDS[-1], places[:: -(-len(places) // most)]
    found = [Tick(place, _text(moments, place, kind)) for place in places]
    room = len(moments) / most / 2
    if not found or found[0].place > room:
        found.insert(0, Tick(0, f"{moments[0]:%Y-%m-%d}"))
    return found


def _begins(moments: Sequence[datetime], kind: _Kind) -> list[int]:
    groups = [kind.group(moment) for moment in moments]
    return [at for at in range(1, len(groups)) if groups[at] != groups[at - 1]]


def _text(moments: Sequence[datetime], place: int, kind: _Kind) -> str:
    """Return a tick's text, with the date or the year where that is new."""
    at, before = moments[place], moments[place - 1]
    text = f"{at:{kind.shown}}"
    if kind.shown == "%H:%M" and at.date() != before.date():
        return f"{text}\n{at:%Y-%m-%d}"
    if kind.shown == "%m-%d" and at.year != before.year:
        return f"{text}\n{at:%Y}"
    return text
