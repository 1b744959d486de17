"""Has the price gone as far as asked, and from where?

    previous close    150 --+5%--> fires once in a session, and once the other way
    1h, 5 sessions    lowest point of the window --+5%--> fires, and the window begins anew

A move has no level to come back to: what it is measured from begins anew instead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.events import Kind
from alertd.core.lines import Lines, Window, lines
from alertd.core.points import Point, Watch, decided, told
from alertd.core.rules import Condition, OnStart, Rule
from alertd.core.states import Decision, Origin, Phase, Reason, Side, State, cooled_at

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.sessions import Session


def at_point(
    rule: Rule, state: State, point: Point, digits: int, window: Window | None
) -> Decision:
    """Return what one point does to an alert that watches for a move."""
    if state.side is None and rule.trailing is not None:
        return decided(rule, _anew(replace(state, side=Side.AT), point), point, Reason.BASELINE)
    where = lines(rule, state.basis, digits, window)
    if where is None or state.phase is Phase.DONE:
        return decided(rule, state, point, Reason.LACKING if where is None else Reason.HOLDS)
    way = _way(where, point.price)
    if state.side is None:
        return _first(rule, state, point, where, way)
    if way is None or way in state.basis.gone:
        return decided(rule, state, point, Reason.NOT_SO_FAR)
    return _gone(rule, state, point, where, way=way, window=window)


def watches(rule: Rule, state: State, digits: int, window: Window | None) -> list[Watch]:
    """Return the prices at which a move is as far as asked, or is measured from a new extreme."""
    where = lines(rule, state.basis, digits, window)
    if where is None or state.phase is Phase.DONE:
        return []
    found = []
    if rule.condition is not Condition.FALLS and Side.ABOVE not in state.basis.gone:
        found.append(Watch(where.high, up=True, strict=False))
        if window:
            found.append(Watch(window.low.price, up=False, strict=True))
    if rule.condition is not Condition.RISES and Side.BELOW not in state.basis.gone:
        found.append(Watch(where.low, up=False, strict=False))
        if window:
            found.append(Watch(window.high.price, up=True, strict=True))
    return found


def settled_side(rule: Rule, state: State, price: float, digits: int) -> State:
    """Return a new alert's state: what has happened before it in this session is no news."""
    where = lines(rule, state.basis, digits)
    if where is None:
        return state
    way = _way(where, price)
    gone = (way,) if way else ()
    return replace(state, side=Side.AT, basis=replace(state.basis, gone=gone))


def in_session(state: State, session: Session, *, known: bool) -> State:
    """Return the state at a session's start; `known` says whether there were prices before it."""
    basis = replace(state.basis, gone=(), fixed_for=session.open)
    phase = Phase.ARMED if state.phase is Phase.FIRED else state.phase
    side = Side.AT if known else state.side
    return replace(state, basis=basis, phase=phase, side=side)


def _first(rule: Rule, state: State, point: Point, where: Lines, way: Side | None) -> Decision:
    begun = replace(state, side=Side.AT)
    if way is None:
        return decided(rule, begun, point, Reason.BASELINE)
    if rule.on_start is OnStart.FIRE:
        return _gone(rule, begun, point, where, way=way, window=None)
    gone = replace(begun, basis=replace(begun.basis, gone=(way,)))
    return decided(rule, gone, point, Reason.BASELINE)


def _gone(
    rule: Rule, state: State, point: Point, where: Lines, *, way: Side, window: Window | None
) -> Decision:
    """Return the decision on a move that is as far as asked: it is told, or its cooldown runs."""
    at = point.bar.start
    fired = told(
        rule, state, Kind.FIRED, level=where.high if way is Side.ABOVE else where.low,
        price=point.price, at=at, bar_start=at, resolution=point.bar.length,
        gap=point.opening, where=where,
        origin=_origin(window, way),
    )  # fmt: skip
    after = _anew(state, point) if window else _counted(state, way)
    over = cooled_at(rule, state)
    if over is not None and at < over:
        repeat = replace(after, suppressed=state.suppressed + 1)
        return decided(rule, repeat, point, Reason.COOLING_DOWN)
    return decided(rule, _fired(rule, after, at), point, Reason.CROSSED, fired)


def _counted(state: State, way: Side) -> State:
    return replace(state, basis=replace(state.basis, gone=(*state.basis.gone, way)))


def _anew(state: State, point: Point) -> State:
    return replace(state, basis=replace(state.basis, anew=point.place))


def _fired(rule: Rule, state: State, at: datetime) -> State:
    phase = Phase.FIRED if rule.trailing is None else state.phase
    return replace(state, phase=Phase.DONE if rule.once else phase, fired_at=at, suppressed=0)


def _way(where: Lines, price: float) -> Side | None:
    if price >= where.high:
        return Side.ABOVE
    return Side.BELOW if price <= where.low else None


def _origin(window: Window | None, way: Side) -> Origin | None:
    if window is None:
        return None
    mark, name = (window.low, "lowest") if way is Side.ABOVE else (window.high, "highest")
    return Origin(name, mark.price, mark.place[0])
