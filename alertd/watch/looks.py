"""What does one look at a symbol concern: since when, in which sessions, and when is the next?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.almanac import moves_by_session
from alertd.core.rules import Closes
from alertd.core.sessions import Hours, Session, Sessions, next_poll
from alertd.core.staleness import is_back, news_at, silent_since
from alertd.core.states import is_over

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from alertd.config.settings import Config
    from alertd.core.alerts import Alert
    from alertd.core.bars import Bar, Last, Series, Symbol
    from alertd.core.book import Cursor
    from alertd.core.calendars import Listing
    from alertd.core.claims import Claim
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import State

# So many symbols are asked for their bars at each interval: a wick is seen at once then.
FEW = 10

_STALE_AFTER = timedelta(minutes=10)
_SWEEP = timedelta(minutes=15)

# By how much less than was promised two polls lie apart, so that not everybody comes at once.
_JITTER = 0.1

# An official close comes within this time of the session's end; a bar in doubt is decided by the
# next session.
_CLOSES_COME = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is watched: the alerts, where their symbols trade, how often and how patiently.

    `stale_after` is how long each symbol may be silent in an open session, beyond its delay.
    `sweep` is how often a symbol gets its bars that no quote points at; None leaves it to how many
    there are.
    """

    alerts: Sequence[Alert]
    listings: Mapping[Symbol, Listing]
    interval: timedelta
    settle: timedelta
    stale_after: Mapping[Symbol, timedelta] = field(default_factory=dict)
    sweep: timedelta | None = None
    _by_symbol: dict[Symbol, list[Alert]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for alert in self.alerts:
            self._by_symbol.setdefault(alert.rule.symbol, []).append(alert)

    @classmethod
    def configured(cls, settings: Config) -> Plan:
        """Return what a configuration asks for."""
        poll = settings.poll
        limits = {symbol: settings.stale_limit(symbol) for symbol in settings.listings}
        return cls(
            settings.alerts, settings.listings, poll.interval, poll.settle, limits, poll.sweep
        )

    @property
    def pace(self) -> timedelta:
        """Return how often a symbol gets its bars where nothing points at it."""
        few = len(self.listings) <= FEW
        sweep = self.sweep or (self.interval if few else _SWEEP)
        return max(sweep, self.interval)

    def of(self, symbol: Symbol) -> list[Alert]:
        return self._by_symbol.get(symbol, [])

    def hours(self, symbol: Symbol) -> Hours:
        """Return the longest hours that any alert of a symbol watches."""
        extended = any(alert.rule.session is Hours.EXTENDED for alert in self.of(symbol))
        return Hours.EXTENDED if extended else Hours.REGULAR

    def turns(self, symbol: Symbol, begun: Collection[Hours]) -> bool:
        """Tell whether any level of a symbol is fixed anew as these hours begin."""
        rules = (alert.rule for alert in self.of(symbol))
        return any(rule.session in begun and moves_by_session(rule) for rule in rules)

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

    def next_poll(self, cursor: Cursor, plan: Plan, *, closely: bool, chance: float) -> datetime:
        """Return when this symbol is to be looked at again.

        closely: something may happen to its alerts that no quote would show. `chance`, in [0, 1),
                 brings it forward a little, and spreads the first sweep of a session.
        """
        swept, pace = plan.pace > plan.interval, plan.interval if closely else plan.pace
        hours, settling = plan.hours(self.claim.symbol), self.settle + self.listing.delay
        spread = pace * chance if swept else timedelta(0)
        due_at = next_poll(
            self.sessions, hours, self.now, sooner(pace, chance), settling, spread=spread
        )
        unclosed = self.unclosed(cursor)
        if unclosed and self.now < unclosed[-1].close + self.listing.delay + _CLOSES_COME:
            return min(due_at, self.now + sooner(plan.interval, chance))
        return min([due_at, *self._turns()]) if swept else due_at

    def _turns(self) -> Iterator[datetime]:
        """Yield the next moments at which a level is fixed anew, or a close counts."""
        for hours in {rule.session for rule in self.rules if moves_by_session(rule)}:
            if start := self.sessions.next_start(self.now, hours):
                yield start
        current = self.sessions.at(self.now, Hours.REGULAR)
        if current and any(isinstance(rule.hold, Closes) for rule in self.rules):
            yield current.close + self.listing.delay

    def waits(self, states: Mapping[AlertId, State]) -> bool:
        """Tell whether any alert still waits for the price: not done, and not expired."""
        return any(not is_over(rule, states.get(rule.id), self.now) for rule in self.rules)

    def silent_since(self, good_until: datetime | None) -> datetime | None:
        """Return since when no good bar has come in an open session, once that is news."""
        return silent_since(
            self.sessions, good_until, self.now, delay=self.listing.delay, limit=self.patience
        )

    def news_of_silence(self, good_until: datetime | None) -> datetime | None:
        """Return since when no good bar has come, once that is to be told and was not."""
        if self.claim.silent_since is not None or not self.waits(self.claim.states):
            return None
        return self.silent_since(good_until)

    def is_back(self, good_until: datetime) -> bool:
        """Tell whether bars that end there are an end of the silence that was told."""
        told = self.claim.silent_since
        return (told is None or good_until > told) and is_back(
            self.sessions, good_until, self.now, delay=self.listing.delay, limit=self.patience
        )

    def no_later_than_news(self, due_at: datetime, good_until: datetime | None) -> datetime:
        """Return the next poll, moved forward to when silence will have to be told by itself."""
        if self.claim.silent_since is not None or not self.waits(self.claim.states):
            return due_at
        told_at = news_at(
            self.sessions, good_until, self.now,
            delay=self.listing.delay, limit=self.patience,
        )  # fmt: skip
        return min(due_at, told_at) if told_at else due_at


def sooner(span: timedelta, chance: float) -> timedelta:
    """Return a span of time, a little shorter by chance."""
    return span * (1 - _JITTER * chance)


def look(plan: Plan, claim: Claim, alerts: Sequence[Alert], now: datetime) -> Look:
    """Return what a look at a claimed symbol concerns.

    raises: NoSessions.
    """
    listing = plan.listings[claim.symbol].lagging(claim.delay)
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
