"""The engine without its ladder: every alert looks at every point.

Slow and obvious, it is what the sorted levels are held against. Windows are searched, and not
looked up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alertd.core.almanac import lacks, moves_by_session, restated
from alertd.core.bars import Bar, path
from alertd.core.fixing import fixed
from alertd.core.judge import at_bar_end, at_point, at_session_close, settled_side
from alertd.core.lines import Window
from alertd.core.openings import at_session_start, at_split
from alertd.core.points import Point
from alertd.core.rules import Figure, OnStart, SessionCount
from alertd.core.sessions import Hours
from alertd.core.states import Decision, State
from alertd.core.tapes import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alertd.core.almanac import Almanac
    from alertd.core.bars import Split
    from alertd.core.book import Market
    from alertd.core.events import Event
    from alertd.core.rules import AlertId, Rule
    from alertd.core.sessions import Session


@dataclass
class PlainLoop:
    """All rules of a symbol, judged one by one from their first bar on."""

    rules: Sequence[Rule]
    market: Market
    states: dict[AlertId, State] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    _last: Bar | None = None
    _almanac: Almanac | None = None
    _split: set[Split] = field(default_factory=set)
    _born: set[AlertId] = field(default_factory=set)
    _closes: dict[AlertId, float] = field(default_factory=dict)
    _traded: dict[AlertId, float] = field(default_factory=dict)
    _points: dict[AlertId, list[Mark]] = field(default_factory=dict)

    def judge(self, bars: Sequence[Bar], states: Mapping[AlertId, State] | None = None) -> None:
        self.states = {rule.id: (states or {}).get(rule.id, State()) for rule in self.rules}
        self._almanac = self.market.almanac
        self._points = {rule.id: [] for rule in self.rules}
        self._start(bars[0])
        for bar in bars:
            self._close(bar.start if self._last else None)
            self._rescale(bar)
            for rule in self.rules:
                session = self.market.sessions.at(bar.start, rule.session)
                if session and not self._over(rule, bar):
                    self._begin(rule, session)
                    self._feed(rule, bar, session)
            if self.market.sessions.at(bar.start, Hours.REGULAR):
                self._last = bar
        self._close(bars[-1].end)

    def _start(self, first: Bar) -> None:
        """Take what was split before the first bar as said in its shares."""
        for split in (rebase.split for rebase in self.market.splits):
            if split.at <= first.start and self._almanac:
                self._split.add(split)
                self._almanac = restated(self._almanac, split)

    def _over(self, rule: Rule, bar: Bar) -> bool:
        return rule.expires is not None and bar.start >= rule.expires

    def _rescale(self, bar: Bar) -> None:
        for split in (rebase.split for rebase in self.market.splits if rebase.at <= bar.start):
            if split in self._split or self._almanac is None:
                continue
            self._split.add(split)
            self._almanac = restated(self._almanac, split)
            self._closes = {a: round(p / split.ratio, 4) for a, p in self._closes.items()}
            for marks in self._points.values():
                marks[:] = [Mark(m.place, round(m.price / split.ratio, 4)) for m in marks]
            if self._last:
                self._last = replace(self._last, close=round(self._last.close / split.ratio, 4))
            for rule in (rule for rule in self.rules if not self._over(rule, bar)):
                state, last = self.states[rule.id], self._closes.get(rule.id)
                self._keep(at_split(rule, state, split, last, 4, late=False))

    def _begin(self, rule: Rule, session: Session) -> None:
        state = self.states[rule.id]
        if not moves_by_session(rule) or state.basis.fixed_for == session.open:
            return
        last = self._closes.get(rule.id) if rule.id in self._born else None
        if rule.of is Figure.VOLUME:
            self._traded[rule.id] = 0.0
            last = 0.0 if rule.id in self._born else None
        before = self.market.sessions.before(session)
        assert self._almanac is not None
        found = fixed(rule, session, before, self._almanac)
        self._keep(at_session_start(rule, state, session, found, last=last, digits=4))

    def _bear(self, rule: Rule, bar: Bar) -> None:
        """Let an alert begin with a bar: with the side of the last price, unless it may fire."""
        state = self.states[rule.id]
        waits = state.since is not None and bar.end <= state.since
        if rule.id in self._born or waits or lacks(rule, state.basis):
            return
        self._born.add(rule.id)
        last = self._closes.get(rule.id)
        if rule.of is Figure.VOLUME:
            last = self._traded[rule.id]
        known = state.since is not None or moves_by_session(rule)
        if known and last is not None and rule.on_start is OnStart.SILENT:
            self.states[rule.id] = settled_side(rule, state, last, self.market.digits)

    def _feed(self, rule: Rule, bar: Bar, session: Session) -> None:
        if rule.of is not Figure.VOLUME:
            self._bear(rule, bar)
            self._bar(rule, bar, session)
            self._closes[rule.id] = bar.close
        elif bar.volume:
            self._bear(rule, bar)
            before = self._traded[rule.id]
            after = self._traded[rule.id] = before + bar.volume
            self._bar(rule, Bar(bar.start, bar.length, before, after, before, after), session)

    def _bar(self, rule: Rule, bar: Bar, session: Session) -> None:
        told = set()
        for number, price in enumerate(path(bar)):
            point = Point(price, bar, number)
            self._points[rule.id].append(Mark(point.place, price))
            if rule.id not in self._born:
                continue
            state = self.states[rule.id]
            window = self._window(rule, state, bar, session)
            decision = at_point(rule, state, point, self.market.digits, window)
            if decision.event and decision.event.kind in told:
                decision = replace(decision, event=None)
            told |= {decision.event.kind} if decision.event else set()
            self._keep(decision)
        self._keep(at_bar_end(rule, self.states[rule.id], bar, self.market.digits))

    def _window(self, rule: Rule, state: State, bar: Bar, session: Session) -> Window | None:
        within, anew = rule.trailing, state.basis.anew
        if within is None or anew is None:
            return None
        if isinstance(within, SessionCount):
            days = self.market.sessions.days
            start = days[days.index(session) - within.count + 1].start(rule.session)
        else:
            start = bar.start - within
        seen = [m for m in self._points[rule.id] if m.place >= max((start, 0), anew)]
        # Of equal extremes the newest counts: from there on the window is as it was.
        low = min(reversed(seen), key=lambda mark: mark.price)
        high = max(reversed(seen), key=lambda mark: mark.price)
        return Window(low, high)

    def _close(self, by: object) -> None:
        session = self._pending_close()
        if session is None or by is None or session.close > by:  # type: ignore[operator]
            return
        assert self._last is not None
        for rule in self.rules:
            state, close = self.states[rule.id], self._last.close
            decision = at_session_close(rule, state, session, close, self.market.digits)
            if not (rule.expires and session.close >= rule.expires):
                self._keep(decision)
        self._last = None

    def _pending_close(self) -> Session | None:
        return self.market.sessions.at(self._last.start, Hours.REGULAR) if self._last else None

    def _keep(self, decision: Decision | None) -> None:
        if decision is None:
            return
        self.states[decision.alert] = decision.state
        if decision.event:
            self.events.append(decision.event)
