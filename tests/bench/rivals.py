"""What would a simpler program do at each price?

    SearchingLoop   looks for the alerts that a price reaches among all of them, and judges these:
        Listed      by two comparisons for each, in a list comprehension
        Arrayed     by two comparisons of whole NumPy arrays
    JudgingLoop     judges every alert, and leaves it to the judgement to find that nothing happened

They judge by the engine's own functions and come to the ladder's decisions, but know nothing of
cooldowns, holds, expiry, named levels, windows and splits, for which the ladder pays as well.
"""

from __future__ import annotations

from math import inf, nextafter
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from alertd.core.bars import path
from alertd.core.judge import at_point, watches
from alertd.core.points import Point

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alertd.core.bars import Bar
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import Decision, State

# From above at or under the first, or from below at or over the second, an alert is reached.
Bound = tuple[float, float]


class Contender(Protocol):
    """What is measured; the ladder is one."""

    @property
    def states(self) -> Mapping[AlertId, State]: ...

    def fork(self) -> Self: ...

    def feed(self, bar: Bar, *, whole: bool) -> Sequence[Decision]: ...


class Bounds(Protocol):
    """The bounds of all alerts, by their number."""

    def __init__(self, bounds: Sequence[Bound]) -> None: ...

    def keep(self, number: int, bound: Bound) -> None: ...

    def reached(self, price: float) -> list[int]: ...


class Listed:
    """Bounds in a list, as a plain loop compares them."""

    def __init__(self, bounds: Sequence[Bound]) -> None:
        self._bounds = list(bounds)

    def keep(self, number: int, bound: Bound) -> None:
        self._bounds[number] = bound

    def reached(self, price: float) -> list[int]:
        both = enumerate(self._bounds)
        return [number for number, (down, up) in both if price <= down or price >= up]


class Arrayed:
    """Bounds in two arrays, compared at once."""

    def __init__(self, bounds: Sequence[Bound]) -> None:
        self._downs = np.array([down for down, _ in bounds])
        self._ups = np.array([up for _, up in bounds])

    def keep(self, number: int, bound: Bound) -> None:
        self._downs[number], self._ups[number] = bound

    def reached(self, price: float) -> list[int]:
        found: list[int] = np.flatnonzero((self._downs >= price) | (self._ups <= price)).tolist()
        return found


class SearchingLoop:
    """Alerts whose bounds are searched through at every price."""

    def __init__(
        self,
        rules: Sequence[Rule],
        states: Mapping[AlertId, State],
        digits: int,
        kind: type[Bounds],
    ) -> None:
        self._rules, self._digits, self._kind = rules, digits, kind
        self._states = [states[rule.id] for rule in rules]
        both = zip(rules, self._states, strict=True)
        self._bounds = kind([_bound(rule, state, digits) for rule, state in both])

    @property
    def states(self) -> Mapping[AlertId, State]:
        return {rule.id: state for rule, state in zip(self._rules, self._states, strict=True)}

    def fork(self) -> SearchingLoop:
        return SearchingLoop(self._rules, self.states, self._digits, self._kind)

    def feed(self, bar: Bar, *, whole: bool) -> list[Decision]:
        del whole
        return [
            self._visit(index, Point(price, bar, number))
            for number, price in enumerate(path(bar))
            for index in self._bounds.reached(price)
        ]

    def _visit(self, index: int, point: Point) -> Decision:
        rule = self._rules[index]
        decision = at_point(rule, self._states[index], point, self._digits)
        self._states[index] = decision.state
        self._bounds.keep(index, _bound(rule, decision.state, self._digits))
        return decision


class JudgingLoop:
    """Alerts that are all judged at every price."""

    def __init__(self, rules: Sequence[Rule], states: Mapping[AlertId, State], digits: int) -> None:
        self._rules, self._digits = rules, digits
        self.states = {rule.id: states[rule.id] for rule in rules}

    def fork(self) -> JudgingLoop:
        return JudgingLoop(self._rules, self.states, self._digits)

    def feed(self, bar: Bar, *, whole: bool) -> list[Decision]:
        del whole
        found = []
        for number, price in enumerate(path(bar)):
            point = Point(price, bar, number)
            for rule in self._rules:
                before = self.states[rule.id]
                decision = at_point(rule, before, point, self._digits)
                if decision.state != before or decision.event:
                    self.states[rule.id] = decision.state
                    found.append(decision)
        return found


def _bound(rule: Rule, state: State, digits: int) -> Bound:
    """Return the nearest prices on both sides at which something may happen to an alert."""
    down, up = -inf, inf
    for watch in watches(rule, state, digits, cooling=False):
        # What has to be passed strictly is reached at the next number there is.
        if watch.up:
            up = min(up, nextafter(watch.price, inf) if watch.strict else watch.price)
        else:
            down = max(down, nextafter(watch.price, -inf) if watch.strict else watch.price)
    return down, up
