"""At which prices does an alert act, as things stand?

rule (150, "52w high", [148, 152], 5%) + basis (scale, level, peak) -> lines in today's prices

lines   where it fires: one level, or two edges
backs   where it is armed again: a price to rise to, a price to fall to
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, assert_never

from alertd.core.bars import rounded
from alertd.core.rules import Amount, Band, Condition, Figure, Move, Named, Rule, Trail
from alertd.core.states import Side

if TYPE_CHECKING:
    from alertd.core.states import Basis
    from alertd.core.tapes import Mark


@dataclass(frozen=True, slots=True)
class Window:
    """The lowest and the highest point of a move's trailing time."""

    low: Mark
    high: Mark


@dataclass(frozen=True, slots=True)
class Lines:
    """The two prices at which an alert acts; the same one twice for a single level.

    A move that is watched one way only has an infinite other line.
    """

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Backs:
    """Where an alert that has fired is armed again: at `up` or higher, at `down` or lower."""

    up: float | None = None
    down: float | None = None


def lines(rule: Rule, basis: Basis, digits: int, window: Window | None = None) -> Lines | None:
    """Return where an alert acts; None while that is not known."""
    if basis.lack or (rule.of is not Figure.PRICE and basis.fixed_for is None):
        return None
    match rule.level:
        case Band(low, high):
            return Lines(rounded(low * basis.scale, digits), rounded(high * basis.scale, digits))
        case Move():
            return _ends(rule, rule.level, basis, digits, window)
        case Trail(percent):
            stop = None if basis.peak is None else basis.peak * (1 - percent / 100)
            return _one(stop, digits)
        case Named():
            return _one(basis.level, digits)
        case float(number):
            return _one(number * basis.scale, digits)
        case _:
            assert_never(rule.level)


def backs(rule: Rule, basis: Basis, digits: int) -> Backs:
    """Return where an alert that has fired is armed again; nowhere while its level is not known."""
    found = lines(rule, basis, digits)
    if found is None:
        return Backs()
    high, low = (_bounds(rule, basis, line, digits) for line in (found.high, found.low))
    left_low = rule.condition is Condition.OUTSIDE and basis.edge is Side.BELOW
    match rule.condition:
        case Condition.BELOW | Condition.TRAILS:
            ends = Backs(up=low.up)
        case Condition.TOUCHES | Condition.INSIDE:
            ends = Backs(high.up, low.down)
        case Condition.ABOVE | Condition.OUTSIDE:
            ends = Backs(up=low.up) if left_low else Backs(down=high.down)
        case _:
            ends = Backs()
    return ends


def _bounds(rule: Rule, basis: Basis, line: float, digits: int) -> Backs:
    """Return the prices that lie `rearm` over and under a line."""
    absolute = isinstance(rule.rearm, Amount)
    far = rule.rearm.value * basis.scale if absolute else rule.rearm.of(line)
    return Backs(rounded(line + far, digits), rounded(line - far, digits))


def _ends(rule: Rule, move: Move, basis: Basis, digits: int, window: Window | None) -> Lines | None:
    if window is not None:
        lowest, highest = window.low.price, window.high.price
    elif move.within is None and basis.level is not None:
        lowest = highest = basis.level
    else:
        return None
    up = rounded(lowest * (1 + move.percent / 100), digits)
    down = rounded(highest * (1 - move.percent / 100), digits)
    return Lines(
        -inf if rule.condition is Condition.RISES else down,
        inf if rule.condition is Condition.FALLS else up,
    )


def _one(level: float | None, digits: int) -> Lines | None:
    if level is None:
        return None
    price = rounded(level, digits)
    return Lines(price, price)
