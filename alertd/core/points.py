"""What is judged, what matters next, and what comes of it?

Point      one price on a bar's path
Watch      a price that would change something
decided    the decision on a point; told, the event that it sends
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import DIGITS, rounded
from alertd.core.events import Event, Kind, event
from alertd.core.rules import Band, Figure, Named, Rule
from alertd.core.states import Decision, Origin, Reason, State

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.bars import Bar
    from alertd.core.lines import Lines
    from alertd.core.tapes import Place


# The number of a path's last point.
CLOSE = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One price on a bar's path; `number` counts from 0, the open."""

    price: float
    bar: Bar
    number: int = 0

    @property
    def opening(self) -> bool:
        return self.number == 0

    @property
    def place(self) -> Place:
        return (self.bar.start, self.number)


@dataclass(frozen=True, slots=True)
class Watch:
    """A price that matters: rising to it (or falling, with `up` false), strictly past it or not."""

    price: float
    up: bool
    strict: bool


def is_news(rule: Rule, state: State, point: Point) -> bool:
    """Tell whether a point of a bar whose beginning was judged in finer bars can be news.

    Its close is. Its extremes are not for an alert that remembers something of the same time: the
    price may have been there before that.
    """
    anew = state.basis.anew[0] if state.basis.anew else None
    known = (state.fired_at, state.crossed_at, state.basis.peak_at, anew)
    return point.number == CLOSE or not (
        rule.trailing is not None or any(moment and moment >= point.bar.start for moment in known)
    )


def decided(
    rule: Rule, state: State, point: Point, reason: Reason, event: Event | None = None
) -> Decision:
    """Return the decision on a point."""
    return Decision(rule.id, point.bar.start, state, reason, event, point.price)


def told(
    rule: Rule,
    state: State,
    kind: Kind,
    *,
    level: float,
    price: float,
    at: datetime,
    bar_start: datetime,
    where: Lines,
    resolution: timedelta = timedelta(0),
    gap: bool = False,
    origin: Origin | None = None,
    about: str = "",
) -> Event:
    """Return the event of an alert, its prices in the unit of the figure that is watched."""
    basis = state.basis
    unit = 1.0 if rule.of is Figure.PRICE else basis.scale
    moved = isinstance(rule.level, Named) and basis.told_level not in (None, basis.level)
    return event(
        rule, kind, level=_written(rule, where, level), price=_in(unit, price), at=at, gap=gap,
        bar_start=bar_start, resolution=resolution, unit=unit, band=_band(rule, where),
        origin=origin or basis.origin, was=basis.told_level if moved else None, about=about,
    )  # fmt: skip


def _written(rule: Rule, where: Lines, level: float) -> float:
    """Return a line in the figure's unit: exactly what the rule says, not what a price gives."""
    match rule.level:
        case float(number) if rule.of is not Figure.PRICE:
            return number
        case Band(low, high) if rule.of is not Figure.PRICE:
            return high if level == where.high else low
        case _:
            return level


def _band(rule: Rule, where: Lines) -> tuple[float, float] | None:
    if not isinstance(rule.level, Band):
        return None
    return _written(rule, where, where.low), _written(rule, where, where.high)


def _in(unit: float, price: float) -> float:
    return price if unit == 1.0 else rounded(price / unit, DIGITS)
