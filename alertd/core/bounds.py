"""Between which prices does nothing happen to an alert, however long the price stays there?

    148.2 ------- 150.4 ------- 153.0      no point beyond either: no event, no other phase
    below          price         above

A level is a bound as it is. Where an alert is measured from the highest or lowest price, a new
extreme moves its line along; there the bounds leave room for that, or every new high would be one.

    trails 8%, peak 100      above 104.3, below 96.0: no peak under 104.3 has its stop over 96.0
"""

from __future__ import annotations

from datetime import timedelta
from math import sqrt
from typing import TYPE_CHECKING

from alertd.core.bars import rounded
from alertd.core.judge import settled_side, watches
from alertd.core.lines import backs
from alertd.core.pointing import CLOSELY, FREE, Bounds
from alertd.core.points import Watch
from alertd.core.rules import Condition, Move, OnStart, Trail
from alertd.core.states import Phase, Side, cooled_at, is_over

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alertd.core.bars import Last
    from alertd.core.lines import Window
    from alertd.core.rules import Rule
    from alertd.core.states import State

# A cooldown that ends later than this is nothing to wait for closely: until then bars come anyway.
_SOON = timedelta(hours=1)

# Once they have fired, more than one price decides when these are armed again.
_BY_SIDE = (Condition.OUTSIDE, Condition.RISES, Condition.FALLS, Condition.MOVES)


def bounds(
    rule: Rule,
    state: State,
    last: Last | None,
    window: Window | None,
    digits: int,
    *,
    newest: float | None = None,
) -> Bounds:
    """Return between which prices nothing happens to one alert, as long as its session lasts.

    last:   the last bar of the alert's hours.
    window: that of a move with a trailing time; None where there is no price in it.
    newest: the last price of any hours, where it is not that one. What lies behind it happens as
            soon as the alert's hours begin.
    """
    if is_over(rule, state, last.start) if last else state.phase is Phase.DONE:
        return FREE
    # While it lacks what its level stands on, no price means anything; a session's start does.
    if state.basis.lack:
        return FREE
    found = _watches(rule, state, last, window, digits)
    if last is None or found is None:
        return CLOSELY
    price = last.price if newest is None else newest
    ahead = [watch for watch in found if not _reached(watch, price)]
    over = cooled_at(rule, state)
    cools = state.phase is Phase.FIRED and over is not None and over - last.start > _SOON
    return Bounds(
        max((_mark(watch, digits) for watch in ahead if not watch.up), default=None),
        min((_mark(watch, digits) for watch in ahead if watch.up), default=None),
        closely=len(ahead) < len(found) and not cools,
    )


def nearest(found: Iterable[Bounds]) -> Bounds:
    """Return between which prices nothing happens to any of several alerts."""
    several = list(found)
    belows = (each.below for each in several if each.below is not None)
    aboves = (each.above for each in several if each.above is not None)
    closely = any(each.closely for each in several)
    return Bounds(max(belows, default=None), min(aboves, default=None), closely)


def _watches(
    rule: Rule, state: State, last: Last | None, window: Window | None, digits: int
) -> list[Watch] | None:
    """Return the prices that matter to an alert; None where time or any first price does."""
    if last is None or (state.phase is Phase.PENDING and isinstance(rule.hold, timedelta)):
        return None
    if state.side is None:
        if rule.on_start is OnStart.FIRE:
            return None
        # As long as no price comes to its lines, it will begin as it would now.
        state = settled_side(rule, state, last.price, digits)
        if state.basis.gone:
            return None
    elastic = _elastic(rule, state, last.price, window, digits)
    if elastic is not None:
        return elastic
    if state.side is None:
        return None
    fired = state.phase is Phase.FIRED and rule.condition not in _BY_SIDE
    # With a cooldown over: it ends some time, and a price that is far enough back is told then.
    return _ways_back(rule, state, digits) if fired else watches(rule, state, digits, cooling=False)


def _ways_back(rule: Rule, state: State, digits: int) -> list[Watch]:
    """Return where an alert is armed again: until then it does not matter on which side it is."""
    back = backs(rule, state.basis, digits)
    up = [] if back.up is None else [Watch(back.up, up=True, strict=False)]
    down = [] if back.down is None else [Watch(back.down, up=False, strict=False)]
    return [*up, *down]


def _elastic(
    rule: Rule, state: State, price: float, window: Window | None, digits: int
) -> list[Watch] | None:
    """Return how far the price may go where lines move along with it; None where they do not."""
    if (
        isinstance(rule.level, Trail)
        and state.phase is Phase.ARMED
        and state.side is not Side.BELOW
    ):
        return _under(state.basis.peak, rule.level.percent, price, digits)
    if not isinstance(rule.level, Move) or rule.level.within is None:
        return None
    found, percent = [], rule.level.percent
    if rule.condition is not Condition.FALLS:
        found += _over(window.low.price if window else None, percent, price, digits)
    if rule.condition is not Condition.RISES:
        found += _under(window.high.price if window else None, percent, price, digits)
    return found


def _over(lowest: float | None, percent: float, price: float, digits: int) -> list[Watch]:
    """Return how far it may fall and rise without being `percent` over its lowest price."""
    share = 1 + percent / 100
    low = price / sqrt(share)
    low = rounded(low if lowest is None else min(low, lowest), digits)
    return _ends(low, rounded(low * share, digits))


def _under(highest: float | None, percent: float, price: float, digits: int) -> list[Watch]:
    """Return how far it may rise and fall without being `percent` under its highest price."""
    share = 1 - percent / 100
    high = price / sqrt(share)
    high = rounded(high if highest is None else max(high, highest), digits)
    return _ends(rounded(high * share, digits), high)


def _ends(low: float, high: float) -> list[Watch]:
    return [Watch(low, up=False, strict=False), Watch(high, up=True, strict=False)]


def _reached(watch: Watch, price: float) -> bool:
    past = price > watch.price if watch.up else price < watch.price
    return past or (price == watch.price and not watch.strict)


def _mark(watch: Watch, digits: int) -> float:
    """Return the first price that reaches a watch: one past a strict one."""
    if not watch.strict:
        return watch.price
    step = 10.0**-digits
    return rounded(watch.price + (step if watch.up else -step), digits)
