"""Which alerts does a step of the price touch?

    rising:   192.0, 194.0, 198.0, ...   what matters when the price rises, lowest first
    falling:  150.0, 148.5, 120.0, ...   what matters when the price falls, highest first

Every alert has its next prices on these two heaps. A point looks at the top of each, so its cost
does not grow with the levels that it does not reach. An alert that was visited gets new entries
under a new version; its old ones are skipped when they come up.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from alertd.core.bars import path
from alertd.core.judge import (
    Point,
    at_bar_end,
    at_point,
    at_session_close,
    cooled_at,
    side,
    watches,
)
from alertd.core.rules import AlertId, OnStart
from alertd.core.states import Decision, Phase, Reason, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from alertd.core.bars import Bar
    from alertd.core.events import Kind
    from alertd.core.rules import Rule
    from alertd.core.sessions import Session

# (price when rising, minus the price when falling; strictly past it; alert; version)
_Entry = tuple[float, bool, AlertId, int]


class Ladder:
    """The alerts of one symbol that count the same hours, with their states.

    `last_close` is the close of the last bar before the next one fed, if there was one: a new alert
    takes its side from it.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        states: Mapping[AlertId, State],
        digits: int,
        last_close: float | None = None,
    ) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._digits = digits
        self._last_close = last_close
        self.states = {alert: states.get(alert, State()) for alert in self._rules}
        self._version = dict.fromkeys(self._rules, 0)
        self._rising: list[_Entry] = []
        self._falling: list[_Entry] = []
        self._cooling: list[tuple[datetime, AlertId, int]] = []
        self._expiring = sorted((r.expires, r.id) for r in self._rules.values() if r.expires)
        self._unborn: set[AlertId] = set()
        self._sideless: set[AlertId] = set()
        self._pending: set[AlertId] = set()
        self._told: set[tuple[AlertId, Kind]] = set()
        for rule in self._rules.values():
            self._enter(rule)

    def fork(self) -> Ladder:
        """Return a copy that can be fed without changing this one."""
        other = object.__new__(Ladder)
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if isinstance(value, (list, set, dict)) else value)
        return other

    def feed(self, bar: Bar, *, whole: bool) -> list[Decision]:
        """Judge the points of one bar, and its end if the bar is `whole`."""
        self._told.clear()
        self._wake(bar)
        decisions: list[Decision] = []
        for index, price in enumerate(path(bar)):
            reached = self._reached(price)
            if reached:
                decisions += self._visit(reached, Point(price, bar, opening=index == 0))
        if whole:
            decisions += self._end(bar)
        self._last_close = bar.close
        return decisions

    def close(self, session: Session, price: float) -> list[Decision]:
        """Judge the close of a session."""
        found = []
        for alert in sorted(self._pending):
            rule = self._rules[alert]
            if rule.expires is None or session.close < rule.expires:
                decision = at_session_close(rule, self.states[alert], session, price)
                found += [self._keep(decision, session.close)] if decision else []
        return found

    def _enter(self, rule: Rule) -> None:
        state = self.states[rule.id]
        if state.since is not None and state.side is None and state.phase is Phase.ARMED:
            self._unborn.add(rule.id)
        else:
            self._place(rule, state, None)

    def _wake(self, bar: Bar) -> None:
        for alert in [a for a in self._unborn if _begins(self.states[a], bar)]:
            self._unborn.discard(alert)
            self._begin(self._rules[alert], bar.start)
        while self._cooling and self._cooling[0][0] <= bar.start:
            _, alert, version = heappop(self._cooling)
            if version == self._version[alert]:
                self._version[alert] += 1
                self._place(self._rules[alert], self.states[alert], bar.start)
        while self._expiring and self._expiring[0][0] <= bar.start:
            self._retire(self._expiring.pop(0)[1])

    def _begin(self, rule: Rule, at: datetime) -> None:
        state = self.states[rule.id]
        if self._last_close is not None and rule.on_start is OnStart.SILENT:
            state = replace(state, side=side(rule, None, self._last_close))
        self.states[rule.id] = state
        self._place(rule, state, at)

    def _retire(self, alert: AlertId) -> None:
        self._version[alert] += 1
        for group in (self._unborn, self._sideless, self._pending):
            group.discard(alert)

    def _reached(self, price: float) -> list[AlertId]:
        if not (
            self._sideless
            or (self._rising and self._rising[0][0] <= price)
            or (self._falling and self._falling[0][0] <= -price)
        ):
            return []
        rising = self._pop(self._rising, price)
        falling = self._pop(self._falling, -price)
        return list(dict.fromkeys([*sorted(self._sideless), *rising, *falling]))

    def _pop(self, heap: list[_Entry], key: float) -> Iterator[AlertId]:
        while heap and (heap[0][0] < key or (heap[0][0] == key and not heap[0][1])):
            _, _, alert, version = heappop(heap)
            if version == self._version[alert]:
                yield alert

    def _visit(self, reached: list[AlertId], point: Point) -> list[Decision]:
        return [
            self._keep(
                at_point(self._rules[alert], self.states[alert], point, self._digits),
                point.bar.start,
            )
            for alert in reached
        ]

    def _end(self, bar: Bar) -> list[Decision]:
        found = []
        for alert in sorted(self._pending):
            decision = at_bar_end(self._rules[alert], self.states[alert], bar)
            found += [self._keep(decision, bar.start)] if decision else []
        return found

    def _keep(self, decision: Decision, at: datetime) -> Decision:
        alert = decision.alert
        self.states[alert] = decision.state
        self._version[alert] += 1
        self._place(self._rules[alert], decision.state, at)
        if decision.event is None:
            return decision
        key = (alert, decision.event.kind)
        if key in self._told:
            return replace(decision, reason=Reason.ALREADY_TOLD, event=None)
        self._told.add(key)
        return decision

    def _place(self, rule: Rule, state: State, at: datetime | None) -> None:
        """Put an alert where its next visit comes from; without `at` a cooldown still runs."""
        _member(self._sideless, rule.id, inside=state.side is None and state.phase is Phase.ARMED)
        _member(self._pending, rule.id, inside=state.phase is Phase.PENDING)
        if state.side is None:
            return
        over, version = cooled_at(rule, state), self._version[rule.id]
        cooling = over is not None and (at is None or at < over)
        if over is not None and cooling:
            heappush(self._cooling, (over, rule.id, version))
        for watch in watches(rule, state, self._digits, cooling=cooling):
            if watch.up:
                heappush(self._rising, (watch.price, watch.strict, rule.id, version))
            else:
                heappush(self._falling, (-watch.price, watch.strict, rule.id, version))


def _begins(state: State, bar: Bar) -> bool:
    return state.since is None or bar.end > state.since


def _member(group: set[AlertId], alert: AlertId, *, inside: bool) -> None:
    if inside:
        group.add(alert)
    else:
        group.discard(alert)
