"""What does a point, a bar's end or a session's close mean to one alert?

    rule + state + price  ->  state, reason, and perhaps an event

The three functions `at_point`, `at_bar_end` and `at_session_close` are the only place that moves
between phases (those of a move are in `moves`). `watches` says which prices matter to an alert
next: a point that reaches none of them changes nothing, which is what lets the ladder skip it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core import moves, sides
from alertd.core.events import Kind
from alertd.core.lines import backs, lines
from alertd.core.points import Point, Watch, decided, told
from alertd.core.rules import Closes, Condition, Move, OnStart, Rule, Trail
from alertd.core.states import Decision, Origin, Phase, Reason, Side, State, cooled_at

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.bars import Bar
    from alertd.core.lines import Lines, Window
    from alertd.core.sessions import Session
    from alertd.core.states import Basis


def at_point(
    rule: Rule, state: State, point: Point, digits: int, window: Window | None = None
) -> Decision:
    """Return what one point does to an alert; `window` is that of a move with a trailing time."""
    if isinstance(rule.level, Move):
        return moves.at_point(rule, state, point, digits, window)
    return _at_line(rule, state, point, digits)


def _at_line(rule: Rule, state: State, point: Point, digits: int) -> Decision:
    state, raised = _raised(rule, state, point)
    where = lines(rule, state.basis, digits)
    if where is None or _deaf(rule, state):
        return decided(rule, state, point, Reason.LACKING if where is None else Reason.HOLDS)
    last, moved = state.side, replace(state, side=sides.side(rule, where, state.side, point.price))
    if last is None:
        return _first(rule, moved, point, where)
    crossed = sides.crosses(rule, last, moved.side)
    match state.phase:
        case Phase.ARMED if crossed:
            edge = sides.edge(rule, last, moved.side)
            return _cross(rule, moved, point, where, reason=Reason.CROSSED, edge=edge)
        case Phase.ARMED:
            return decided(rule, moved, point, Reason.NEW_EXTREME if raised else Reason.TURNED)
        case Phase.PENDING:
            return _pending(rule, moved, point, where)
        case _:
            return _silent(rule, moved, point, digits, where, crossed=crossed)


def at_bar_end(rule: Rule, state: State, bar: Bar, digits: int) -> Decision | None:
    """Return what the end of a whole bar does to an alert that holds for a time, if anything."""
    if state.phase is not Phase.PENDING or not isinstance(rule.hold, timedelta):
        return None
    if state.crossed_at is None or bar.start <= state.crossed_at:
        return None
    where = lines(rule, state.basis, digits)
    if where is None:
        return None
    held = replace(state, held=state.held + bar.length)
    if held.held < rule.hold:
        return Decision(rule.id, bar.start, held, Reason.HOLDS, price=bar.close)
    held = _renewed(rule, held, where, bar.close)
    fired = told(
        rule, held, Kind.FIRED, level=sides.level(where, held.basis.edge), price=bar.close,
        at=bar.end, bar_start=bar.start, resolution=bar.length, where=where,
    )  # fmt: skip
    return Decision(rule.id, bar.start, _fired(rule, held, bar.end), Reason.HELD, fired, bar.close)


def at_session_close(
    rule: Rule, state: State, session: Session, close: float, digits: int
) -> Decision | None:
    """Return what a session's close does to an alert that holds for closes, if anything."""
    if state.phase is not Phase.PENDING or not isinstance(rule.hold, Closes):
        return None
    where = lines(rule, state.basis, digits)
    if where is None:
        return None
    if not sides.beyond(rule, where, close):
        back = replace(_armed(state), side=sides.origin(rule, where, close))
        return Decision(rule.id, session.close, back, Reason.NOT_HELD, price=close)
    held = replace(state, closes=state.closes + 1)
    if held.closes < rule.hold.count:
        return Decision(rule.id, session.close, held, Reason.HOLDS, price=close)
    held = _renewed(rule, held, where, close)
    fired = told(
        rule, held, Kind.FIRED, level=sides.level(where, held.basis.edge), price=close,
        at=session.close, bar_start=session.open, resolution=session.close - session.open,
        where=where,
    )  # fmt: skip
    over = _fired(rule, held, session.close)
    return Decision(rule.id, session.close, over, Reason.HELD, fired, close)


def watches(
    rule: Rule, state: State, digits: int, *, cooling: bool, window: Window | None = None
) -> list[Watch]:
    """Return the prices that matter to an alert whose side is known; none while closes count."""
    if isinstance(rule.level, Move):
        return moves.watches(rule, state, digits, window)
    where = lines(rule, state.basis, digits)
    if where is None or _deaf(rule, state):
        return []
    pending = state.phase is Phase.PENDING
    found = sides.watches(rule, where, state.side, pending=pending)
    if isinstance(rule.level, Trail) and state.phase is Phase.ARMED and state.basis.peak:
        found.append(Watch(state.basis.peak, up=True, strict=True))
    if state.phase is Phase.FIRED and not cooling and sides.may_be_back(rule, state.side):
        back = backs(rule, state.basis, digits)
        if back.up is not None:
            found.append(Watch(back.up, up=True, strict=False))
        if back.down is not None:
            found.append(Watch(back.down, up=False, strict=False))
    return found


def settled_side(rule: Rule, state: State, price: float, digits: int) -> State:
    """Return the state with its side set by a price that is no news, as before the first bar."""
    if isinstance(rule.level, Move):
        return moves.settled_side(rule, state, price, digits)
    where = lines(rule, state.basis, digits)
    if where is None or isinstance(rule.level, Trail):
        return state
    return replace(state, side=sides.side(rule, where, state.side, price))


def shifted(rule: Rule, state: State, price: float | None, digits: int) -> State:
    """Return the state after its level moved: the side anew from the last price, silently.

    A hold of some time that the new level undoes is undone; one of closes waits for its close.
    """
    if price is None or state.phase is Phase.DONE:
        return state
    moved = settled_side(rule, state, price, digits)
    where = lines(rule, state.basis, digits)
    counting = state.phase is Phase.PENDING and isinstance(rule.hold, timedelta)
    if counting and where and sides.returned(rule, where, price):
        return _armed(moved)
    return moved


def _deaf(rule: Rule, state: State) -> bool:
    """Tell whether points mean nothing to an alert: it is done, or only closes count."""
    counting = state.phase is Phase.PENDING and isinstance(rule.hold, Closes)
    return counting or state.phase is Phase.DONE


def _raised(rule: Rule, state: State, point: Point) -> tuple[State, bool]:
    """Return the state with the peak that a trail is measured from, and whether it is a new one."""
    peak = state.basis.peak
    if not isinstance(rule.level, Trail) or state.phase is not Phase.ARMED:
        return state, False
    if peak is not None and point.price <= peak:
        return state, False
    return _peaked(state, point), True


def _peaked(state: State, point: Point) -> State:
    basis = replace(state.basis, peak=point.price, peak_at=point.bar.start)
    return replace(state, basis=basis)


def _first(rule: Rule, state: State, point: Point, where: Lines) -> Decision:
    if rule.on_start is OnStart.FIRE and sides.beyond(rule, where, point.price):
        edge = sides.at_start(rule, where, point.price)
        return _cross(rule, state, point, where, reason=Reason.ALREADY_BEYOND, edge=edge)
    return decided(rule, state, point, Reason.BASELINE)


def _cross(
    rule: Rule, state: State, point: Point, where: Lines, *, reason: Reason, edge: Side | None
) -> Decision:
    at = point.bar.start
    if isinstance(rule.level, Trail):
        edge = None
    if edge is not state.basis.edge:
        state = replace(state, basis=replace(state.basis, edge=edge))
    if rule.hold is not None:
        pending = replace(_armed(state), phase=Phase.PENDING, crossed_at=at)
        return decided(rule, pending, point, Reason.HOLD_BEGAN)
    started = reason is Reason.ALREADY_BEYOND
    fired = told(
        rule, state, Kind.FIRED, level=sides.level(where, edge), price=point.price, at=at,
        bar_start=at, resolution=point.bar.length, gap=point.opening and not started, where=where,
        origin=_peak(state), about="at the start" if started else "",
    )  # fmt: skip
    return decided(rule, _fired(rule, state, at), point, reason, fired)


def _pending(rule: Rule, state: State, point: Point, where: Lines) -> Decision:
    if sides.returned(rule, where, point.price):
        return decided(rule, _armed(state), point, Reason.NOT_HELD)
    return decided(rule, state, point, Reason.HOLDS)


def _silent(
    rule: Rule, state: State, point: Point, digits: int, where: Lines, *, crossed: bool
) -> Decision:
    over = cooled_at(rule, state)
    cooling = over is not None and point.bar.start < over
    if not cooling and _back(rule, state, point.price, digits):
        if crossed and rule.condition is Condition.OUTSIDE:
            # Back from one edge and out at the other in one step: it left the band again.
            edge = sides.edge(rule, Side.AT, state.side)
            return _cross(rule, state, point, where, reason=Reason.CROSSED, edge=edge)
        if sides.may_be_back(rule, state.side):
            return _rearmed(rule, state, point, where)
    if not crossed:
        return decided(rule, state, point, Reason.TURNED)
    counted = replace(state, suppressed=state.suppressed + 1)
    return decided(rule, counted, point, Reason.COOLING_DOWN if cooling else Reason.NOT_BACK)


def _rearmed(rule: Rule, state: State, point: Point, where: Lines) -> Decision:
    armed = replace(_armed(state), basis=replace(state.basis, anew=point.place))
    if isinstance(rule.level, Trail):
        armed = _peaked(armed, point)
    recovered = None
    if rule.recovery:
        armed = replace(armed, basis=_known(armed.basis))
        at = point.bar.start
        recovered = told(
            rule, state, Kind.RECOVERED, price=point.price,
            level=sides.left(rule, where, state.basis.edge, point.price),
            at=at, bar_start=at, resolution=point.bar.length,
            gap=point.opening, where=where, origin=_peak(state),
        )  # fmt: skip
    return decided(rule, armed, point, Reason.REARMED, recovered)


def _peak(state: State) -> Origin | None:
    basis = state.basis
    if basis.peak is None or basis.peak_at is None:
        return None
    return Origin("peak", basis.peak, basis.peak_at)


def _back(rule: Rule, state: State, price: float, digits: int) -> bool:
    back = backs(rule, state.basis, digits)
    up = back.up is not None and price >= back.up
    return up or (back.down is not None and price <= back.down)


def _renewed(rule: Rule, state: State, where: Lines, price: float) -> State:
    """Return the state with the edge beyond which the price is now, at the end of a hold."""
    if rule.condition is not Condition.OUTSIDE:
        return state
    return replace(state, basis=replace(state.basis, edge=sides.at_start(rule, where, price)))


def _armed(state: State) -> State:
    return replace(state, phase=Phase.ARMED, crossed_at=None, closes=0, held=timedelta(0))


def _fired(rule: Rule, state: State, at: datetime) -> State:
    phase = Phase.DONE if rule.once else Phase.FIRED
    basis = _known(state.basis)
    return replace(_armed(state), phase=phase, fired_at=at, suppressed=0, basis=basis)


def _known(basis: Basis) -> Basis:
    """Return a basis whose level is told now."""
    return basis if basis.level is None else replace(basis, told_level=basis.level)
