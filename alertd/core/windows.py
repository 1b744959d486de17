"""What do the trailing times of the alerts of some hours hold now?

    rises 5% within 1h          from an hour before the bar at hand
    falls 8% within 5 sessions  from the start of the session four before the one that is open

The points of all of them are on one tape; none is kept where no alert has such a time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.lines import Window
from alertd.core.rules import SessionCount
from alertd.core.tapes import BLANK, Memory, Tape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from alertd.core.bars import Split
    from alertd.core.rules import Rule
    from alertd.core.states import State
    from alertd.core.tapes import Place


class Windows:
    """The trailing times of some rules, as they go with the bars."""

    def __init__(self, rules: Iterable[Rule], memory: Memory = BLANK) -> None:
        found = ((rule, rule.trailing) for rule in rules)
        self._rules = [(rule, within) for rule, within in found if within is not None]
        # However many alerts there are, few times are told apart.
        self._times = {within for _, within in self._rules}
        self._tape = Tape(memory)
        self._starts: Mapping[int, datetime] = {}
        self._now: datetime | None = None

    def copy(self) -> Windows:
        other = Windows(())
        other._rules, other._times, other._tape = self._rules, self._times, self._tape.copy()
        other._starts, other._now = self._starts, self._now
        return other

    def __bool__(self) -> bool:
        return bool(self._rules)

    @property
    def rules(self) -> list[Rule]:
        return [rule for rule, _ in self._rules]

    @property
    def memory(self) -> Memory:
        """Return what must not be forgotten."""
        return Memory(*self._tape.marks()) if self._rules else BLANK

    @property
    def session_counts(self) -> set[int]:
        """Return over how many sessions some of them reach."""
        return {within.count for _, within in self._rules if isinstance(within, SessionCount)}

    def open(self, starts: Mapping[int, datetime]) -> None:
        """Take up a session; `starts` says when the times over so many sessions began."""
        self._starts = starts

    def turn(self, now: datetime) -> bool:
        """Let all of them end at a bar that begins now; tell whether they had no place so far."""
        first, self._now = self._now is None, now
        if self._rules:
            self._tape.forget(min(self._since(now, within) for within in self._times))
        return first

    def add(self, place: Place, price: float) -> None:
        """Write down one point."""
        if self._rules:
            self._tape.add(place, price)

    def rescale(self, split: Split, digits: int) -> None:
        """Bring the points before a split into the shares after it."""
        self._tape.rescale(split, digits)

    def of(self, rule: Rule, state: State) -> Window | None:
        """Return what is in the time that a rule's move is measured in; None without a point."""
        within, anew = rule.trailing, state.basis.anew
        if within is None or anew is None or self._now is None:
            return None
        return self._between(max((self._since(self._now, within), 0), anew))

    def widest(self, rule: Rule, state: State) -> Window | None:
        """Return what may be in a rule's time: before its first bar, all that it ever was told."""
        if self._now is not None:
            return self.of(rule, state)
        anew = state.basis.anew
        return None if rule.trailing is None or anew is None else self._between(anew)

    def is_blind(self, rule: Rule, state: State) -> bool:
        """Tell whether a rule's time has no point in it; from the next one on it is known again."""
        begun = rule.trailing is not None and state.basis.anew is not None
        return begun and self._now is not None and self.of(rule, state) is None

    def _between(self, since: Place) -> Window | None:
        low, high = self._tape.lowest(since), self._tape.highest(since)
        return Window(low, high) if low and high else None

    def _since(self, now: datetime, within: timedelta | SessionCount) -> datetime:
        if isinstance(within, timedelta):
            return now - within
        return self._starts.get(within.count, now)
