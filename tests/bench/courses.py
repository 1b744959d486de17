"""Which prices and which levels are measured with?

    near   ten levels within 10 % of the first price, on both sides
    far    all further ones, where the course never comes
    dense  spread evenly over 20 % on both sides, so that every minute crosses hundreds
    mixed  ten of all kinds, as somebody has them

Everything follows from a seed, so that two runs measure the same work.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from math import exp
from random import Random
from typing import TYPE_CHECKING

from alertd.core.bars import Bar, Symbol, rounded
from alertd.core.calendars import Calendar
from alertd.core.rules import (
    AlertId,
    Band,
    Closes,
    Condition,
    Level,
    Move,
    Name,
    Named,
    Rule,
    SessionCount,
    Trail,
)
from alertd.core.states import Side, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

SYMBOL = Symbol("BABA")
DIGITS = 2
PRICE = 150.0
MINUTE = timedelta(minutes=1)
FIRST = date(2026, 3, 9)

_XNYS = Calendar("XNYS")
_SEED = 20260309
# How far a share like BABA goes in a day, in its logarithm.
_DAY = 0.025
_MINUTES = 390
_TICKS = 8
_VOLUME = 1000.0

_NEAR = (0.90, 0.94, 0.96, 0.98, 0.99, 1.01, 1.02, 1.04, 1.06, 1.10)
_FAR_BELOW = (0.05, 0.40)
_FAR_ABOVE = (2.50, 10.0)
_DENSE = (0.80, 1.20)


def minutes(first: date, sessions: int) -> list[Bar]:
    """Return the minutes of so many regular sessions, those of a seeded random walk."""
    days = islice(_XNYS.sessions(first, first + timedelta(days=2 * sessions + 10)).days, sessions)
    starts = (
        day.open + number * MINUTE
        for day in days
        for number in range(int((day.close - day.open) / MINUTE))
    )
    return list(_walk(((start, MINUTE) for start in starts), _DAY / _MINUTES**0.5))


def days(first: date, last: date) -> list[Bar]:
    """Return the daily bars of a seeded random walk."""
    sessions = _XNYS.sessions(first, last).days
    return list(_walk(((day.open, day.close - day.open) for day in sessions), _DAY))


def armed(
    count: int, price: float, *, dense: bool = False
) -> tuple[list[Rule], Mapping[AlertId, State]]:
    """Return so many alerts that are armed, the price being where it is."""
    shares = _spread(count, *_DENSE) if dense else [*_NEAR, *_far(count - len(_NEAR))]
    rules = [_rule(number, share, price) for number, share in enumerate(shares)]
    return rules, {rule.id: State(side=_side(rule)) for rule in rules}


def mixed(price: float, symbol: Symbol = SYMBOL) -> list[Rule]:
    """Return ten alerts as an investor has them: levels, bands, moves, a name, a hold."""
    asked: list[tuple[Condition, Level]] = [
        (Condition.BELOW, price * 0.95),
        (Condition.ABOVE, price * 1.1),
        (Condition.TOUCHES, price),
        (Condition.INSIDE, Band(price * 0.9, price * 0.92)),
        (Condition.OUTSIDE, Band(price * 0.97, price * 1.03)),
        (Condition.MOVES, Move(4.0)),
        (Condition.FALLS, Move(2.0, timedelta(hours=1))),
        (Condition.RISES, Move(8.0, SessionCount(5))),
        (Condition.TRAILS, Trail(8.0)),
        (Condition.ABOVE, Named(Name.YEAR_HIGH)),
    ]
    rules = [
        Rule(AlertId(f"{symbol}-{number}"), symbol, condition, level)
        for number, (condition, level) in enumerate(asked)
    ]
    return [replace(rules[0], hold=Closes(2)), *rules[1:]]


def _walk(times: Iterable[tuple[datetime, timedelta]], far: float) -> Iterator[Bar]:
    """Yield bars whose closes are `far` apart from each other on average."""
    random, price = Random(_SEED), PRICE
    for start, length in times:
        ticks = [price]
        for _ in range(_TICKS):
            ticks.append(ticks[-1] * exp(random.gauss(0, far / _TICKS**0.5)))
        first, *_, price = ticks
        prices = (first, max(ticks), min(ticks), price)
        opening, high, low, close = (rounded(number, DIGITS) for number in prices)
        yield Bar(start, length, opening, high, low, close, _VOLUME)


def _far(count: int) -> list[float]:
    below = max(count, 0) // 2
    return [*_spread(below, *_FAR_BELOW), *_spread(max(count, 0) - below, *_FAR_ABOVE)]


def _spread(count: int, low: float, high: float) -> list[float]:
    return [low + (high - low) * (number + 0.5) / count for number in range(count)]


def _rule(number: int, share: float, price: float) -> Rule:
    condition = Condition.BELOW if share < 1 else Condition.ABOVE
    return Rule(AlertId(f"alert-{number}"), SYMBOL, condition, rounded(price * share, 4))


def _side(rule: Rule) -> Side:
    return Side.ABOVE if rule.condition is Condition.BELOW else Side.BELOW
