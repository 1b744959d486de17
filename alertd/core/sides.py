"""On which side of an alert's lines is a price, and did it cross?

single level    BELOW < level < ABOVE      a price at the level keeps the last side
touches         BELOW < AT < ABOVE         AT is exactly the level
a band          BELOW < [ AT ] < ABOVE     the edges are inside
a trail         BELOW <= stop < ABOVE      at the stop is as far under the peak as asked
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from alertd.core.points import Watch
from alertd.core.rules import Condition, Rule
from alertd.core.states import Side

if TYPE_CHECKING:
    from alertd.core.lines import Lines

_BANDS = (Condition.INSIDE, Condition.OUTSIDE)


def side(rule: Rule, where: Lines, last: Side | None, price: float) -> Side | None:
    """Return where a price is against an alert's lines."""
    if price > where.high:
        return Side.ABOVE
    if price < where.low:
        return Side.BELOW
    match rule.condition:
        case Condition.BELOW | Condition.ABOVE:
            return last
        case Condition.TRAILS:
            return Side.BELOW
        case _:
            return Side.AT


def crosses(rule: Rule, last: Side, now: Side | None) -> bool:
    """Tell whether going from one side to another is what an alert waits for."""
    match rule.condition:
        case Condition.BELOW | Condition.TRAILS:
            return last is Side.ABOVE and now is Side.BELOW
        case Condition.ABOVE:
            return last is Side.BELOW and now is Side.ABOVE
        case Condition.TOUCHES:
            return last is not Side.AT and now is not last
        case Condition.INSIDE:
            return last is not Side.AT and now is Side.AT
        case Condition.OUTSIDE:
            return last is Side.AT and now is not Side.AT
        case Condition.RISES | Condition.FALLS | Condition.MOVES:
            return False
        case _:
            assert_never(rule.condition)


def beyond(rule: Rule, where: Lines, price: float) -> bool:
    """Tell whether a price is where an alert fires, however it came there."""
    match rule.condition:
        case Condition.BELOW:
            return price < where.low
        case Condition.ABOVE:
            return price > where.high
        case Condition.INSIDE:
            return where.low <= price <= where.high
        case Condition.OUTSIDE:
            return not where.low <= price <= where.high
        case _:
            return False


def returned(rule: Rule, where: Lines, price: float) -> bool:
    """Tell whether a price undoes a crossing; one exactly at a line does not."""
    match rule.condition:
        case Condition.BELOW:
            return price > where.high
        case Condition.ABOVE:
            return price < where.low
        case Condition.INSIDE:
            return not where.low <= price <= where.high
        case Condition.OUTSIDE:
            return where.low < price < where.high
        case _:
            return False


def origin(rule: Rule, where: Lines, price: float) -> Side | None:
    """Return the side on which a price that is not beyond leaves an alert."""
    match rule.condition:
        case Condition.BELOW:
            return Side.ABOVE
        case Condition.ABOVE:
            return Side.BELOW
        case _:
            return side(rule, where, None, price)


def edge(rule: Rule, last: Side, now: Side | None) -> Side | None:
    """Return by which edge a price went into a band or out of it; None where there is no band."""
    if rule.condition not in _BANDS:
        return None
    return last if rule.condition is Condition.INSIDE else now


def may_be_back(rule: Rule, now: Side | None) -> bool:
    """Tell whether an alert can be armed again on a side: one of leaving a band only inside it."""
    return rule.condition is not Condition.OUTSIDE or now is Side.AT


def at_start(rule: Rule, where: Lines, price: float) -> Side | None:
    """Return the edge that counts as crossed when the first price is beyond a band already."""
    if rule.condition not in _BANDS:
        return None
    return Side.ABOVE if where.high - price < price - where.low else Side.BELOW


def level(where: Lines, edge: Side | None) -> float:
    """Return the line that was crossed: the upper edge if it was that one."""
    return where.high if edge is Side.ABOVE else where.low


def left(rule: Rule, where: Lines, edge: Side | None, price: float) -> float:
    """Return the line over which a price came back: of a band that it has left, the one behind."""
    if rule.condition is Condition.INSIDE:
        return where.high if price > where.high else where.low
    return level(where, edge)


def watches(rule: Rule, where: Lines, last: Side | None, *, pending: bool) -> list[Watch]:
    """Return the prices at which the side changes, or a pending crossing is undone."""
    if rule.condition in _BANDS:
        found = _of_band(where, last)
        # At an edge, and no farther, leaving the band still holds.
        if rule.condition is Condition.OUTSIDE and pending and last is Side.AT:
            found.append(Watch(where.low, up=True, strict=True))
            found.append(Watch(where.high, up=False, strict=True))
        return found
    touches = rule.condition is Condition.TOUCHES
    found = []
    if last is not Side.ABOVE:
        found.append(Watch(where.low, up=True, strict=not touches or last is Side.AT))
    if last is not Side.BELOW:
        strict = rule.condition is not Condition.TRAILS and (not touches or last is Side.AT)
        found.append(Watch(where.low, up=False, strict=strict))
    return found


def _of_band(where: Lines, last: Side | None) -> list[Watch]:
    match last:
        case Side.BELOW:
            return [Watch(where.low, up=True, strict=False)]
        case Side.ABOVE:
            return [Watch(where.high, up=False, strict=False)]
        case _:
            return [
                Watch(where.high, up=True, strict=True),
                Watch(where.low, up=False, strict=True),
            ]
