"""What do the alerts of one symbol make of its bars?

    bar -> its points -> the alerts whose watches a point reaches -> decisions

A point costs the same however many levels it does not reach: only alerts that have no side yet,
or whose watches lie between the last price and this one, are visited.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from alertd.core.almanac import lacks, moves_by_session
from alertd.core.bars import path, rounded
from alertd.core.bounds import bounds, nearest
from alertd.core.events import Kind
from alertd.core.heaps import Heaps
from alertd.core.judge import at_bar_end, at_point, at_session_close, settled_side, watches
from alertd.core.openings import at_session_start, at_split
from alertd.core.points import CLOSE, Point, is_news
from alertd.core.rules import AlertId, OnStart
from alertd.core.states import Decision, Phase, Reason, State, cooled_at
from alertd.core.tapes import BLANK, Memory
from alertd.core.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from alertd.core.bars import Bar, Last, Split
    from alertd.core.fixing import Fixed
    from alertd.core.pointing import Bounds
    from alertd.core.rules import Rule
    from alertd.core.sessions import Session
    from alertd.core.states import Lack

_NEVER = datetime.max.replace(tzinfo=UTC)
_ONCE_A_BAR = (Kind.FIRED, Kind.RECOVERED)


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
        memory: Memory = BLANK,
    ) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._digits = digits
        self._last_close = last_close
        self._by_session = [rule for rule in self._rules.values() if moves_by_session(rule)]
        self._windows = Windows(self._rules.values(), memory)
        self.states = {alert: states.get(alert, State()) for alert in self._rules}
        self._heaps = Heaps(self._rules)
        self._cooling: list[tuple[datetime, AlertId, int]] = []
        self._expiring = sorted((r.expires, r.id) for r in self._rules.values() if r.expires)
        self._over: set[AlertId] = set()
        self._unborn: set[AlertId] = set()
        # When the next of them may begin, if nothing else becomes of it before.
        self._born_at: datetime | None = None
        self._sideless: set[AlertId] = set()
        self._pending: set[AlertId] = set()
        self._told: set[tuple[AlertId, Kind]] = set()
        self._reaches_back = False
        for rule in self._rules.values():
            self._enter(rule)

    def fork(self) -> Ladder:
        """Return a copy that can be fed without changing this one."""
        other = object.__new__(Ladder)
        for name, value in vars(self).items():
            own = isinstance(value, (list, set, dict, Windows, Heaps))
            setattr(other, name, value.copy() if own else value)
        return other

    @property
    def memory(self) -> Memory:
        """Return what the windows of these alerts must not forget."""
        return self._windows.memory

    @property
    def session_counts(self) -> set[int]:
        """Return over how many sessions windows of these alerts reach."""
        return self._windows.session_counts

    def bounds(self, last: Last | None, newest: float | None) -> Bounds:
        """Return between which prices nothing happens; `last` is the last bar of these hours."""
        return nearest(
            bounds(
                rule, state, last, self._windows.widest(rule, state), self._digits, newest=newest
            )
            for rule, state in ((rule, self.states[rule.id]) for rule in self._rules.values())
        )

    def begin(
        self,
        session: Session,
        at: datetime,
        fix: Callable[[Rule], Fixed | Lack | None],
        starts: Mapping[int, datetime],
        last: float | None = None,
    ) -> list[Decision]:
        """Take up what is fixed for a session, before its bar that starts at `at`.

        starts: when the window over so many sessions began, for each of `session_counts`.
        last: the last price, where it is not the close of the bar fed before.
        """
        self._retire(at)
        self._windows.open(starts)
        if last is not None:
            self._last_close = last
        found = []
        for rule in self._by_session:
            if rule.id in self._over:
                continue
            state = self.states[rule.id]
            before = None if rule.id in self._unborn else self._last_close
            decision = at_session_start(
                rule, state, session, fix(rule), last=before, digits=self._digits
            )
            found += [self._keep(decision, None)] if decision else []
        return found

    def rescale(self, split: Split, at: datetime, *, late: bool) -> list[Decision]:
        """Bring everything into the shares after a split, before the bar that starts at `at`.

        late: whether the bar fed before was in new shares already.
        """
        self._retire(at)
        if self._last_close is not None and not late:
            self._last_close = rounded(self._last_close / split.ratio, self._digits)
        self._windows.rescale(split, self._digits)
        found = []
        for rule in self._rules.values():
            if rule.id in self._over:
                continue
            state = self.states[rule.id]
            decision = at_split(rule, state, split, self._last_close, self._digits, late=late)
            found += [self._keep(decision, None)] if decision else []
        return found

    def feed(self, bar: Bar, *, whole: bool, reaches_back: bool = False) -> list[Decision]:
        """Judge the points of one bar, and its end if the bar is `whole`.

        reaches_back: whether finer bars have shown the beginning of this one.
        """
        self._told.clear()
        self._reaches_back = reaches_back
        self._retire(bar.start)
        self._turn(bar.start)
        self._wake(bar)
        decisions: list[Decision] = []
        for number, price in enumerate(path(bar)):
            if reaches_back and number == 0:
                continue
            if self._windows and (number == CLOSE or not reaches_back):
                self._windows.add((bar.start, number), price)
            reached = self._reached(price)
            if reached:
                decisions += self._visit(reached, Point(price, bar, number))
        # How much of a bar that reaches back had held before is not known.
        if whole and not reaches_back:
            decisions += self._end(bar)
        self._last_close = bar.close
        return decisions

    def close(self, session: Session, price: float) -> list[Decision]:
        """Judge the close of a session."""
        found = []
        for alert in sorted(self._pending):
            rule = self._rules[alert]
            if rule.expires is None or session.close < rule.expires:
                decision = at_session_close(rule, self.states[alert], session, price, self._digits)
                found += [self._keep(decision, session.close)] if decision else []
        return found

    def _enter(self, rule: Rule) -> None:
        state = self.states[rule.id]
        waits = state.since is not None or lacks(rule, state.basis)
        if waits and state.side is None and state.phase is Phase.ARMED:
            self._unborn.add(rule.id)
        else:
            self._place(rule, state, None)

    def _wake(self, bar: Bar) -> None:
        if self._unborn and (self._born_at is None or bar.end > self._born_at):
            self._bring_in(bar)
        while self._cooling and self._cooling[0][0] <= bar.start:
            _, alert, version = heappop(self._cooling)
            if version == self._heaps.version[alert]:
                self._heaps.forget(alert)
                self._place(self._rules[alert], self.states[alert], bar.start)

    def _bring_in(self, bar: Bar) -> None:
        for alert in [a for a in self._unborn if self._begins(a, bar)]:
            self._unborn.discard(alert)
            self._begin(self._rules[alert], bar.start)
        waiting = (self.states[alert].since for alert in self._unborn)
        later = [since for since in waiting if since is not None and since >= bar.end]
        self._born_at = min(later, default=_NEVER)

    def _begins(self, alert: AlertId, bar: Bar) -> bool:
        state = self.states[alert]
        born = state.since is None or bar.end > state.since
        return born and not lacks(self._rules[alert], state.basis)

    def _begin(self, rule: Rule, at: datetime) -> None:
        state = self.states[rule.id]
        if self._last_close is not None and rule.on_start is OnStart.SILENT:
            state = settled_side(rule, state, self._last_close, self._digits)
        self.states[rule.id] = state
        self._place(rule, state, at)

    def _retire(self, by: datetime) -> None:
        while self._expiring and self._expiring[0][0] <= by:
            alert = self._expiring.pop(0)[1]
            self._over.add(alert)
            self._heaps.forget(alert)
            for group in (self._unborn, self._sideless, self._pending):
                group.discard(alert)

    def _reached(self, price: float) -> list[AlertId]:
        if not (self._sideless or self._heaps.any_at(price)):
            return []
        return list(dict.fromkeys([*sorted(self._sideless), *self._heaps.reached(price)]))

    def _visit(self, reached: list[AlertId], point: Point) -> list[Decision]:
        found = []
        for alert in reached:
            rule, state = self._rules[alert], self.states[alert]
            if self._reaches_back and not is_news(rule, state, point):
                self._heaps.forget(alert)
                self._place(rule, state, point.bar.start)
                continue
            decision = at_point(rule, state, point, self._digits, self._windows.of(rule, state))
            found.append(self._keep(decision, point.bar.start))
        return found

    def _end(self, bar: Bar) -> list[Decision]:
        found = []
        for alert in sorted(self._pending):
            decision = at_bar_end(self._rules[alert], self.states[alert], bar, self._digits)
            found += [self._keep(decision, bar.start)] if decision else []
        return found

    def _keep(self, decision: Decision, at: datetime | None) -> Decision:
        alert = decision.alert
        self.states[alert] = decision.state
        if alert in self._unborn:
            self._born_at = None
        self._heaps.forget(alert)
        self._place(self._rules[alert], decision.state, at)
        event = decision.event
        if event is None or event.kind not in _ONCE_A_BAR:
            return decision
        key = (alert, event.kind)
        if key in self._told:
            return replace(decision, reason=Reason.ALREADY_TOLD, event=None)
        self._told.add(key)
        return decision

    def _turn(self, now: datetime) -> None:
        if self._windows.turn(now):
            for rule in self._windows.rules:
                self._heaps.forget(rule.id)
                self._place(rule, self.states[rule.id], now)

    def _place(self, rule: Rule, state: State, at: datetime | None) -> None:
        """Put an alert where its next visit comes from; without `at` a cooldown still runs."""
        if rule.id in self._over or rule.id in self._unborn:
            return
        new = state.side is None and state.phase is Phase.ARMED and not lacks(rule, state.basis)
        blind = self._windows.is_blind(rule, state)
        pending = state.phase is Phase.PENDING
        for group, inside in ((self._sideless, new or blind), (self._pending, pending)):
            group.add(rule.id) if inside else group.discard(rule.id)
        if state.side is None:
            return
        over = cooled_at(rule, state)
        cooling = over is not None and (at is None or at < over)
        if over is not None and cooling:
            heappush(self._cooling, (over, rule.id, self._heaps.version[rule.id]))
        window = self._windows.of(rule, state)
        found = watches(rule, state, self._digits, cooling=cooling, window=window)
        self._heaps.add(rule.id, found)
