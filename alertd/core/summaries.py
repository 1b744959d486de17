"""How would an alert have behaved?

    decisions -> Tally ---.
    events ---------------+-> Summary: how often, how far apart, and what the price did next
    closes ---------------'

Sessions are counted on the exchange's calendar. What a price did is measured from the price at
which the alert fired to the regular close so many sessions later, both in today's shares.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from alertd.core.almanac import needs_outlook
from alertd.core.events import Kind
from alertd.core.rules import Move, Named, Rule
from alertd.core.sessions import Hours
from alertd.core.states import Phase, Reason
from alertd.core.words import FIGURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from alertd.core.events import Event, EventId
    from alertd.core.rules import AlertId
    from alertd.core.sessions import Sessions, Stretch
    from alertd.core.states import Decision

# So many sessions after a firing the price is looked at.
AFTER = (1, 5, 20)

_NONE = timedelta(0)

_REPEATS = (Reason.NOT_BACK, Reason.COOLING_DOWN)


@dataclass(frozen=True, slots=True)
class Firing:
    """One firing and what came of it: by the number of sessions, the change in per cent.

    `price` is that of a share, in today's shares; a session whose close is not known is absent.
    """

    at: datetime
    price: float
    after: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run says of one alert.

    `silence` is the longest time without a firing in which it could have fired. `able_since` is
    when the alert had what its level is made of, where that was not so from the start. `note` says
    why it never fired.
    """

    rule: Rule
    firings: tuple[Firing, ...] = ()
    recovered: int = 0
    repeats: int = 0
    silence: timedelta = timedelta(0)
    able_since: datetime | None = None
    note: str = ""

    def median(self, sessions: int) -> tuple[float, int] | None:
        """Return the median change after so many sessions, and of how many firings it is."""
        known = [f.after[sessions] for f in self.firings if sessions in f.after]
        return (median(known), len(known)) if known else None


@dataclass(frozen=True, slots=True)
class Run:
    """The time that a summary is of, and the regular closes in it.

    `closes` are by their session's open, in today's shares.
    """

    begin: datetime
    end: datetime
    sessions: Sessions
    closes: Mapping[datetime, float]

    def after(self, start: datetime, price: float) -> dict[int, float]:
        """Return how far the price went after a bar, in per cent by the number of sessions."""
        session = self.sessions.last(start, Hours.EXTENDED)
        if session is None:
            return {}
        days = self.sessions.days
        index = bisect_left(days, session.pre, key=lambda day: day.pre)
        later = {count: days[index + count : index + count + 1] for count in AFTER}
        closes = {c: self.closes.get(day.open) for c, found in later.items() for day in found}
        return {c: (close / price - 1) * 100 for c, close in closes.items() if close is not None}


@dataclass(slots=True)
class Tally:
    """Counts what the events do not tell, decision by decision.

    `waits` are the times in which an alert had no level; `lacking` is since when it has none now.
    """

    moves: frozenset[AlertId]
    repeats: Counter[AlertId] = field(default_factory=Counter)
    pending: Counter[AlertId] = field(default_factory=Counter)
    lacks: dict[AlertId, str] = field(default_factory=dict)
    able: dict[AlertId, datetime] = field(default_factory=dict)
    waits: defaultdict[AlertId, list[Stretch]] = field(default_factory=lambda: defaultdict(list))
    lacking: dict[AlertId, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Tally:
        return cls(frozenset(rule.id for rule in rules if isinstance(rule.level, Move)))

    def add(self, decision: Decision) -> None:
        """Count one decision."""
        alert, lack = decision.alert, decision.state.basis.lack
        if self._is_repeat(decision):
            self.repeats[alert] += 1
        if decision.reason is Reason.HOLD_BEGAN:
            self.pending[alert] += 1
        if lack is not None:
            self.lacks[alert] = lack.words
            self.lacking.setdefault(alert, decision.at)
        elif self.lacks.pop(alert, None):
            self.able[alert] = decision.at
            self.waits[alert].append((self.lacking.pop(alert), decision.at))

    def waited(self, alert: AlertId, end: datetime) -> list[Stretch]:
        """Return the times up to `end` in which an alert had no level, and could not act."""
        since = self.lacking.get(alert)
        return [*self.waits.get(alert, ()), *([(since, end)] if since else [])]

    def _is_repeat(self, decision: Decision) -> bool:
        if decision.reason is not Reason.ALREADY_TOLD:
            return decision.reason in _REPEATS
        # The other thing that a bar tells once is a recovery, after which the alert is armed.
        return decision.state.phase is not Phase.ARMED or decision.alert in self.moves


def summary(
    rule: Rule, events: Iterable[Event], prices: Mapping[EventId, float], tally: Tally, run: Run
) -> Summary:
    """Return what a run says of one alert.

    events: those of all alerts may be among them, oldest first.
    prices: what a share cost at each event, by its id, in today's shares.
    """
    own = [event for event in events if event.alert == rule.id]
    fired = [event for event in own if event.kind is Kind.FIRED]
    firings = tuple(Firing(e.at, prices[e.id], run.after(e.bar_start, prices[e.id])) for e in fired)
    return Summary(
        rule,
        firings,
        recovered=sum(event.kind is Kind.RECOVERED for event in own),
        repeats=tally.repeats[rule.id],
        silence=_silence(rule, run, [event.at for event in fired], tally.waited(rule.id, run.end)),
        able_since=tally.able.get(rule.id),
        note=_note(rule, tally, fired),
    )


def no_history(rule: Rule) -> str | None:
    """Return what a rule stands on that nobody keeps the past of; None for most."""
    if not needs_outlook(rule):
        return None
    return str(rule.level.name) if isinstance(rule.level, Named) else FIGURES[rule.of]


def _silence(
    rule: Rule, run: Run, fired_at: Sequence[datetime], waits: Sequence[Stretch]
) -> timedelta:
    """Return the longest time without a firing, before the first and after the last included.

    It ends with the alert: when it expires, or has fired once and is done.
    """
    end = min(run.end, rule.expires or run.end)
    over = [] if rule.once and fired_at else [max([run.begin, end, *fired_at])]
    moments = [run.begin, *fired_at, *over]
    return max(_acting(earlier, later, waits) for earlier, later in pairwise(moments))


def _acting(start: datetime, end: datetime, waits: Sequence[Stretch]) -> timedelta:
    """Return how long an alert could act between two moments."""
    waited = (min(until, end) - max(since, start) for since, until in waits)
    return end - start - sum((max(each, _NONE) for each in waited), _NONE)


def _note(rule: Rule, tally: Tally, fired: Sequence[Event]) -> str:
    if lack := tally.lacks.get(rule.id):
        return f"waits: {lack}"
    if fired:
        return ""
    if crossed := tally.pending[rule.id]:
        return f"crossed {crossed} time{'s' if crossed != 1 else ''}, never held"
    return "never so far" if isinstance(rule.level, Move) else "never touched"
