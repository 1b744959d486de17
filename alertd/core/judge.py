"""What does a point, a bar's end or a session's close mean to one alert?

    rule + state + price  ->  state, reason, and perhaps an event

The three functions `at_point`, `at_bar_end` and `at_session_close` are the only place that moves
between phases. `watches` says which prices matter to an alert next: a point that reaches none of
them changes nothing, which is what lets the ladder skip it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from alertd.core.events import Event, Kind, event
from alertd.core.rules import Closes, Condition, OnStart, Rule
from alertd.core.states import Decision, Phase, Reason, Side, State

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.bars import Bar
    from alertd.core.sessions import Session


@dataclass(frozen=True, slots=True)
class Point:
    """One price on a bar's path; `opening` marks the bar's open."""

    price: float
    bar: Bar
    opening: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """A price that matters: rising to it (or falling, with `up` false), strictly past it or not."""

    price: float
    up: bool
    strict: bool


def at_point(rule: Rule, state: State, point: Point, digits: int) -> Decision:
    """Return what one point does to an alert."""
    if _deaf(rule, state):
        return Decision(rule.id, point.bar.start, state, Reason.HOLDS)
    moved = replace(state, side=side(rule, state.side, point.price))
    if state.side is None:
        return _first(rule, moved, point)
    crossed = _crosses(rule, state.side, moved.side)
    match state.phase:
        case Phase.ARMED:
            if not crossed:
                return _decide(rule, moved, point, Reason.TURNED)
            return _cross(rule, moved, point, Reason.CROSSED, gap=point.opening)
        case Phase.PENDING:
            return _pending(rule, moved, point)
        case Phase.FIRED | Phase.DONE:
            return _silent(rule, moved, point, digits, crossed=crossed)
        case _:
            assert_never(state.phase)


def at_bar_end(rule: Rule, state: State, bar: Bar) -> Decision | None:
    """Return what the end of a whole bar does to an alert that holds for a time, if anything."""
    if state.phase is not Phase.PENDING or not isinstance(rule.hold, timedelta):
        return None
    if state.crossed_at is None or bar.start <= state.crossed_at:
        return None
    held = replace(state, held=state.held + bar.length)
    if held.held < rule.hold:
        return Decision(rule.id, bar.start, held, Reason.HOLDS)
    fired = event(
        rule, Kind.FIRED, price=bar.close, at=bar.end, gap=False,
        bar_start=bar.start, resolution=bar.length,
    )  # fmt: skip
    return Decision(rule.id, bar.start, _fired(rule, held, bar.end), Reason.HELD, fired)


def at_session_close(rule: Rule, state: State, session: Session, close: float) -> Decision | None:
    """Return what a session's close does to an alert that holds for closes, if anything."""
    if state.phase is not Phase.PENDING or not isinstance(rule.hold, Closes):
        return None
    if not _beyond(rule, close):
        back = replace(_armed(state), side=_origin(rule))
        return Decision(rule.id, session.close, back, Reason.NOT_HELD)
    held = replace(state, closes=state.closes + 1)
    if held.closes < rule.hold.count:
        return Decision(rule.id, session.close, held, Reason.HOLDS)
    fired = event(
        rule, Kind.FIRED, price=close, at=session.close, gap=False,
        bar_start=session.open, resolution=session.close - session.open,
    )  # fmt: skip
    return Decision(rule.id, session.close, _fired(rule, held, session.close), Reason.HELD, fired)


def watches(rule: Rule, state: State, digits: int, *, cooling: bool) -> list[Watch]:
    """Return the prices that matter to an alert whose side is known; none while closes count."""
    if _deaf(rule, state):
        return []
    touches = rule.condition is Condition.TOUCHES
    found = []
    if state.side is not Side.ABOVE:
        found.append(Watch(rule.level, up=True, strict=not touches or state.side is Side.AT))
    if state.side is not Side.BELOW:
        found.append(Watch(rule.level, up=False, strict=not touches or state.side is Side.AT))
    if state.phase is Phase.FIRED and not cooling:
        if rule.condition is not Condition.ABOVE:
            found.append(Watch(rule.upper(digits), up=True, strict=False))
        if rule.condition is not Condition.BELOW:
            found.append(Watch(rule.lower(digits), up=False, strict=False))
    return found


def cooled_at(rule: Rule, state: State) -> datetime | None:
    """Return when the cooldown of an alert that has fired is over; None where there is none."""
    if state.phase is not Phase.FIRED or state.fired_at is None or not rule.cooldown:
        return None
    return state.fired_at + rule.cooldown


def side(rule: Rule, last: Side | None, price: float) -> Side | None:
    """Return where a price is against the level: a price at the level keeps the last side."""
    if price > rule.level:
        return Side.ABOVE
    if price < rule.level:
        return Side.BELOW
    return Side.AT if rule.condition is Condition.TOUCHES else last


def _deaf(rule: Rule, state: State) -> bool:
    """Tell whether points mean nothing to an alert: it is done, or only closes count."""
    counting = state.phase is Phase.PENDING and isinstance(rule.hold, Closes)
    return counting or state.phase is Phase.DONE


def _first(rule: Rule, state: State, point: Point) -> Decision:
    if rule.on_start is OnStart.FIRE and _beyond(rule, point.price):
        return _cross(rule, state, point, Reason.ALREADY_BEYOND, gap=False)
    return _decide(rule, state, point, Reason.BASELINE)


def _cross(rule: Rule, state: State, point: Point, reason: Reason, *, gap: bool) -> Decision:
    at = point.bar.start
    if rule.hold is not None:
        pending = replace(_armed(state), phase=Phase.PENDING, crossed_at=at)
        return _decide(rule, pending, point, Reason.HOLD_BEGAN)
    return _decide(
        rule, _fired(rule, state, at), point, reason, _told(rule, Kind.FIRED, point, gap)
    )


def _pending(rule: Rule, state: State, point: Point) -> Decision:
    if state.side is _origin(rule):
        return _decide(rule, _armed(state), point, Reason.NOT_HELD)
    return _decide(rule, state, point, Reason.HOLDS)


def _silent(rule: Rule, state: State, point: Point, digits: int, *, crossed: bool) -> Decision:
    over = cooled_at(rule, state)
    cooling = over is not None and point.bar.start < over
    if not cooling and _back(rule, point.price, digits):
        told = _told(rule, Kind.RECOVERED, point, point.opening) if rule.recovery else None
        return _decide(rule, _armed(state), point, Reason.REARMED, told)
    if not crossed:
        return _decide(rule, state, point, Reason.TURNED)
    repeat = replace(state, suppressed=state.suppressed + 1)
    return _decide(rule, repeat, point, Reason.COOLING_DOWN if cooling else Reason.NOT_BACK)


def _told(rule: Rule, kind: Kind, point: Point, gap: bool) -> Event:  # noqa: FBT001
    bar = point.bar
    return event(
        rule, kind, price=point.price, at=bar.start, gap=gap,
        bar_start=bar.start, resolution=bar.length,
    )  # fmt: skip


def _decide(
    rule: Rule, state: State, point: Point, reason: Reason, told: Event | None = None
) -> Decision:
    return Decision(rule.id, point.bar.start, state, reason, told)


def _armed(state: State) -> State:
    return replace(state, phase=Phase.ARMED, crossed_at=None, closes=0, held=timedelta(0))


def _fired(rule: Rule, state: State, at: datetime) -> State:
    phase = Phase.DONE if rule.once else Phase.FIRED
    return replace(_armed(state), phase=phase, fired_at=at, suppressed=0)


def _crosses(rule: Rule, last: Side, now: Side | None) -> bool:
    match rule.condition:
        case Condition.BELOW:
            return last is Side.ABOVE and now is Side.BELOW
        case Condition.ABOVE:
            return last is Side.BELOW and now is Side.ABOVE
        case Condition.TOUCHES:
            return last is not Side.AT and now is not last
        case _:
            assert_never(rule.condition)


def _origin(rule: Rule) -> Side:
    return Side.ABOVE if rule.condition is Condition.BELOW else Side.BELOW


def _beyond(rule: Rule, price: float) -> bool:
    match rule.condition:
        case Condition.BELOW:
            return price < rule.level
        case Condition.ABOVE:
            return price > rule.level
        case Condition.TOUCHES:
            return False
        case _:
            assert_never(rule.condition)


def _back(rule: Rule, price: float, digits: int) -> bool:
    from_below = rule.condition is not Condition.ABOVE and price >= rule.upper(digits)
    from_above = rule.condition is not Condition.BELOW and price <= rule.lower(digits)
    return from_below or from_above
