"""What does one look at a symbol concern: since when, in which sessions, and when is the next?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.rules import Closes
from alertd.core.sessions import Hours, Session, Sessions, next_poll
from alertd.core.staleness import is_back, news_at, silent_since
from alertd.core.states import is_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from alertd.core.alerts import Alert
    from alertd.core.bars import Bar, Last, Series, Symbol
    from alertd.core.book import Cursor
    from alertd.core.calendars import Listing
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import State
    from alertd.ports import Claim

_STALE_AFTER = timedelta(minutes=10)

# An official close comes within this time of the session's end; a bar in doubt is decided by the
# next session.
_CLOSES_COME = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is watched: the alerts, where their symbols trade, how often and how patiently.

    `stale_after` is how long each symbol may be silent in an open session, beyond its delay.
    """

    alerts: Sequence[Alert]
    listings: Mapping[Symbol, Listing]
    interval: timedelta
    settle: timedelta
    stale_after: Mapping[Symbol, timedelta] = field(default_factory=dict)
    _by_symbol: dict[Symbol, list[Alert]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for alert in self.alerts:
            self._by_symbol.setdefault(alert.rule.symbol, []).append(alert)

    def of(self, symbol: Symbol) -> list[Alert]:
        return self._by_symbol.get(symbol, [])

    def patience(self, symbol: Symbol) -> timedelta:
        """Return how long a symbol may be silent before that is told."""
        return self.stale_after.get(symbol, _STALE_AFTER)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one symbol."""

    claim: Claim
    alerts: Sequence[Alert]
    listing: Listing
    sessions: Sessions
    settle: timedelta
    now: datetime
    patience: timedelta

    @property
    def rules(self) -> list[Rule]:
        return [alert.rule for alert in self.alerts]

    @property
    def since(self) -> datetime:
        return self.claim.cursor.at or _first_look(self.sessions, _begun(self.claim, self.now))

    @property
    def last(self) -> Last | None:
        """Return the newest bar that was judged, of any hours."""
        cursor = self.claim.cursor
        found = [last for last in (cursor.regular, cursor.extended) if last]
        return max(found, key=lambda last: last.start, default=None)

    def new(self, series: Series) -> tuple[Bar, ...]:
        """Return the bars that the cursor has not passed."""
        at = self.claim.cursor.at
        return tuple(bar for bar in series.bars if at is None or bar.end > at)

    def unclosed(self, cursor: Cursor) -> list[Session]:
        """Return the sessions that are over but not judged, where an alert holds for closes."""
        waits = any(isinstance(rule.hold, Closes) for rule in self.rules)
        if not waits or cursor.closed_through is None:
            return []
        return list(self.sessions.closed(cursor.closed_through, self.now - self.listing.delay))

    def next_poll(self, cursor: Cursor, interval: timedelta) -> datetime:
        extended = any(rule.session is Hours.EXTENDED for rule in self.rules)
        hours = Hours.EXTENDED if extended else Hours.REGULAR
        settling = self.settle + self.listing.delay
        due_at = next_poll(self.sessions, hours, self.now, interval, settling)
        unclosed = self.unclosed(cursor)
        if unclosed and self.now < unclosed[-1].close + self.listing.delay + _CLOSES_COME:
            return min(due_at, self.now + interval)
        return due_at

    def waits(self, states: Mapping[AlertId, State]) -> bool:
        """Tell whether any alert still waits for the price: not done, and not expired."""
        return any(not is_over(rule, states.get(rule.id), self.now) for rule in self.rules)

    def silent_since(self, good_until: datetime | None) -> datetime | None:
        """Return since when no good bar has come in an open session, once that is news."""
        return silent_since(
            self.sessions, good_until, self.now, delay=self.listing.delay, limit=self.patience
        )

    def is_back(self, good_until: datetime) -> bool:
        """Tell whether bars that end there are an end of the silence that was told."""
        told = self.claim.silent_since
        return (told is None or good_until > told) and is_back(
            self.sessions, good_until, self.now, delay=self.listing.delay, limit=self.patience
        )

    def no_later_than_news(self, due_at: datetime) -> datetime:
        """Return the next poll, moved forward to when silence will have to be told by itself."""
        if self.claim.silent_since is not None or not self.waits(self.claim.states):
            return due_at
        told_at = news_at(
            self.sessions, self.claim.good_until, self.now,
            delay=self.listing.delay, limit=self.patience,
        )  # fmt: skip
        return min(due_at, told_at) if told_at else due_at


def look(plan: Plan, claim: Claim, alerts: Sequence[Alert], now: datetime) -> Look:
    """Return what a look at a claimed symbol concerns.

    raises: NoSessions.
    """
    listing = plan.listings[claim.symbol]
    sessions = listing.calendar.around(claim.cursor.at or _begun(claim, now), now)
    patience = plan.patience(claim.symbol)
    return Look(claim, alerts, listing, sessions, plan.settle, now, patience)


def _begun(claim: Claim, now: datetime) -> datetime:
    """Return since when a symbol is watched: the first fetch may succeed long after that."""
    return min([now, *(state.since for state in claim.states.values() if state.since)])


def _first_look(sessions: Sessions, begun: datetime) -> datetime:
    """Return where a new symbol begins: one session back, for the last price before its alerts."""
    newest = sessions.last(begun, Hours.EXTENDED)
    before = sessions.before(newest) if newest else None
    return before.pre if before else begun - timedelta(days=1)
