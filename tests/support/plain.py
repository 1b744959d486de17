"""The engine without its ladder: every alert looks at every point.

Slow and obvious, it is what the sorted levels are held against.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alertd.core.bars import path
from alertd.core.judge import Point, at_bar_end, at_point, at_session_close
from alertd.core.sessions import Hours
from alertd.core.states import Decision, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.bars import Bar
    from alertd.core.engine import Market
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

    def judge(self, bars: Sequence[Bar]) -> None:
        self.states = {rule.id: State() for rule in self.rules}
        for bar in bars:
            self._close(bar.start if self._last else None)
            for rule in self.rules:
                if self.market.sessions.at(bar.start, rule.session):
                    self._bar(rule, bar)
            if self.market.sessions.at(bar.start, Hours.REGULAR):
                self._last = bar
        self._close(bars[-1].end)

    def _bar(self, rule: Rule, bar: Bar) -> None:
        told = set()
        if rule.expires and bar.start >= rule.expires:
            return
        for index, price in enumerate(path(bar)):
            point = Point(price, bar, opening=index == 0)
            decision = at_point(rule, self.states[rule.id], point, self.market.digits)
            if decision.event and decision.event.kind in told:
                decision = replace(decision, event=None)
            told |= {decision.event.kind} if decision.event else set()
            self._keep(decision)
        ended = at_bar_end(rule, self.states[rule.id], bar)
        if ended:
            self._keep(ended)

    def _close(self, by: object) -> None:
        session = self._pending_close()
        if session is None or by is None or session.close > by:  # type: ignore[operator]
            return
        assert self._last is not None
        for rule in self.rules:
            decision = at_session_close(rule, self.states[rule.id], session, self._last.close)
            if decision and not (rule.expires and session.close >= rule.expires):
                self._keep(decision)
        self._last = None

    def _pending_close(self) -> Session | None:
        return self.market.sessions.at(self._last.start, Hours.REGULAR) if self._last else None

    def _keep(self, decision: Decision) -> None:
        self.states[decision.alert] = decision.state
        if decision.event:
            self.events.append(decision.event)
