"""Where did an alert's level lie over time?

    decisions of a run -> steps: from this moment on, at these lines

Only what a decision tells is known: a move that is measured from a trailing time has lines that
slide with each bar, and no course; nor has a figure that is not a price.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alertd.core.bars import rounded
from alertd.core.dailies import shares
from alertd.core.lines import Lines, lines
from alertd.core.rules import Figure
from alertd.core.states import PLAIN, Basis, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from alertd.core.bars import Split
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import Decision


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on, where an alert acted; None where it did not act, or nobody knows where."""

    at: datetime
    where: Lines | None


class Courses:
    """Writes down, decision by decision, where levels lie."""

    def __init__(self, rules: Iterable[Rule], begin: datetime, digits: int) -> None:
        self._rules = {rule.id: rule for rule in rules if rule.of is Figure.PRICE}
        self._digits = digits
        self._known: dict[AlertId, tuple[Basis, bool]] = {}
        self._steps: dict[AlertId, list[Step]] = {}
        for rule in self._rules.values():
            self._known[rule.id] = (PLAIN, False)
            self._steps[rule.id] = [Step(begin, lines(rule, PLAIN, digits))]

    def add(self, decision: Decision) -> None:
        """Take up one decision, not older than those before it."""
        state = decision.state
        known = self._known.get(decision.alert)
        over = state.phase is Phase.DONE
        if known is None or (known[0] is state.basis and known[1] is over):
            return
        self._known[decision.alert] = (state.basis, over)
        rule = self._rules[decision.alert]
        steps = self._steps[decision.alert]
        where = None if over else lines(rule, state.basis, self._digits)
        if where == steps[-1].where:
            return
        # A close is judged when the next bar is there already.
        at = max(decision.at, steps[-1].at)
        steps[-1:] = [Step(at, where)] if steps[-1].at == at else [steps[-1], Step(at, where)]

    def of(self, alert: AlertId, splits: Sequence[Split] = ()) -> tuple[Step, ...]:
        """Return an alert's course in today's shares; empty where it has none."""
        rule = self._rules.get(alert)
        if rule is None:
            return ()
        steps = [_today(step, splits, self._digits) for step in self._steps[alert]]
        if rule.expires is not None:
            steps = [step for step in steps if step.at < rule.expires]
            steps.append(Step(rule.expires, None))
        return tuple(steps)


def _today(step: Step, splits: Sequence[Split], digits: int) -> Step:
    if step.where is None or not splits:
        return step
    ratio = shares(splits, step.at)
    low, high = (rounded(line / ratio, digits) for line in (step.where.low, step.where.high))
    return replace(step, where=Lines(low, high))
