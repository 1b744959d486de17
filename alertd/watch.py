"""What happens to a symbol when it is due?

    claim -> bars since the cursor -> quality gate -> engine -> record     the promise

One cycle is one transaction: a crash before it leaves nothing, one after it leaves the events with
their deliveries. A source that fails leaves the state as it is, and the next poll catches up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.alerts import Alert, is_late, notice
from alertd.core.engine import Cursor, Judgement, Last, Market, judge
from alertd.core.quality import Sifted, sift
from alertd.core.rules import Closes
from alertd.core.sessions import Hours, Session, Sessions, next_poll
from alertd.errors import AlertdError, NoSessions, RateLimited, SourceError, UnknownSymbol
from alertd.ports import Claim, Progress

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from alertd.core.bars import Bar, Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.events import EventId
    from alertd.core.notices import Notice
    from alertd.ports import Clock, QuoteSource, WatchStore

# Longer than a poll may take, so that a lease ends only when its holder is gone.
LEASE = timedelta(seconds=90)

_A_MOMENT = timedelta(seconds=1)
_LONG_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is watched: the alerts, where their symbols trade, how often and how patiently."""

    alerts: Sequence[Alert]
    listings: Mapping[Symbol, Listing]
    interval: timedelta
    settle: timedelta

    def of(self, symbol: Symbol) -> list[Alert]:
        return [alert for alert in self.alerts if alert.rule.symbol == symbol]


@dataclass(frozen=True, slots=True)
class Watch:
    """The service that turns bars into promises."""

    clock: Clock
    source: QuoteSource
    store: WatchStore
    plan: Plan

    def step(self) -> int | None:
        """Judge one symbol that is due; return how many events it gave, None when none is due."""
        claims = self.store.claim_symbols(self.clock.now(), LEASE, limit=1)
        return self._cycle(claims[0]) if claims else None

    def _cycle(self, claim: Claim) -> int:
        now = self.clock.now()
        alerts = self.plan.of(claim.symbol)
        if claim.revisions != {alert.rule.id: alert.rule.revision for alert in alerts}:
            # A reload is under way: these are not, or no longer, the rules that are judged.
            self.store.postpone(claim, "the configuration is changing", now + _A_MOMENT)
            return 0
        try:
            look = _look(self.plan, claim, alerts, now)
            series = self.source.bars(look.listing, look.since, now + timedelta(minutes=1))
        except (SourceError, NoSessions) as error:
            self._postpone(claim, now, error)
            return 0
        sifted = sift(series, look.listing.currency, now)
        _log_refused(claim.symbol, sifted, len(series.bars))
        market = look.market(series.digits, self._closes(look))
        rules = [alert.rule for alert in alerts]
        judgement = judge(rules, claim.states, claim.cursor, sifted.good, market=market, now=now)
        return self._record(look, judgement, series, sifted)

    def _closes(self, look: _Look) -> dict[datetime, float]:
        """Return the official closes of the sessions that ended since the last one judged."""
        over = look.unclosed(look.claim.cursor)
        if not over:
            return {}
        try:
            daily = self.source.daily(look.listing, over[0].open, over[-1].close)
        except SourceError as error:
            # The minutes are judged all the same; the closes wait for the next poll.
            logger.warning("no official closes", symbol=look.listing.symbol, error=str(error))
            return {}
        good = sift(daily, look.listing.currency, look.now).good
        return {bar.start: bar.close for bar in good}

    def _record(self, look: _Look, judgement: Judgement, series: Series, sifted: Sifted) -> int:
        newest = sifted.good[-1] if sifted.good else None
        due_at = look.next_poll(judgement.cursor, self.plan.interval)
        progress = Progress(
            judgement.cursor,
            judgement.states,
            self._notices(look, judgement, series, newest),
            due_at,
            price=newest.close if newest else None,
            price_at=newest.start if newest else None,
            currency=series.currency,
            digits=series.digits,
        )
        new = self.store.record(look.claim, progress, look.now)
        if new is None:
            logger.warning("lease lost, nothing recorded", symbol=look.claim.symbol)
            return 0
        _log_judged(judgement, new)
        if not series.bars:
            logger.info("no new bars", symbol=look.claim.symbol, since=look.since, next_poll=due_at)
        logger.debug("polled", symbol=look.claim.symbol, bars=len(sifted.good), next_poll=due_at)
        return len(new)

    def _notices(
        self, look: _Look, judgement: Judgement, series: Series, newest: Bar | None
    ) -> list[tuple[Notice, tuple[str, ...]]]:
        by_id = {alert.rule.id: alert for alert in look.alerts}
        found = []
        for event in judgement.events:
            alert = by_id[event.alert]
            late = is_late(event, look.now, look.listing.delay, self.plan.interval)
            # A close can complete a hold at a poll that brings no bar: then its price is the last.
            last = Last(newest.close, newest.start) if newest else Last(event.price, event.at)
            told = notice(
                event, alert, self.plan.alerts, listing=look.listing, series=series,
                last=last, source=self.source.name, found_at=look.now, late=late,
            )  # fmt: skip
            found.append((told, alert.notify))
        return found

    def _postpone(self, claim: Claim, now: datetime, error: AlertdError) -> None:
        """Give a symbol back; what it is owed is tried again after the interval, session or not."""
        due_at = now + self.plan.interval
        if isinstance(error, RateLimited):
            due_at = max(due_at, error.retry_at)
        if isinstance(error, UnknownSymbol | NoSessions):
            due_at = now + _LONG_PAUSE
        self.store.postpone(claim, str(error), due_at)
        logger.warning("no quotes", symbol=claim.symbol, error=str(error), next_poll=due_at)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at one symbol: since when, in which sessions, and when the next one is."""

    claim: Claim
    alerts: Sequence[Alert]
    listing: Listing
    sessions: Sessions
    settle: timedelta
    now: datetime

    @property
    def since(self) -> datetime:
        return self.claim.cursor.at or _first_look(self.sessions, self.now)

    def market(self, digits: int, closes: Mapping[datetime, float]) -> Market:
        return Market(self.sessions, digits, self.settle, self.listing.delay, closes)

    def unclosed(self, cursor: Cursor) -> list[Session]:
        """Return the sessions that are over but not judged, where an alert holds for closes."""
        waits = any(isinstance(alert.rule.hold, Closes) for alert in self.alerts)
        if not waits or cursor.closed_through is None:
            return []
        return list(self.sessions.closed(cursor.closed_through, self.now - self.listing.delay))

    def next_poll(self, cursor: Cursor, interval: timedelta) -> datetime:
        extended = any(alert.rule.session is Hours.EXTENDED for alert in self.alerts)
        hours = Hours.EXTENDED if extended else Hours.REGULAR
        settling = self.settle + self.listing.delay
        due_at = next_poll(self.sessions, hours, self.now, interval, settling)
        return min(due_at, self.now + interval) if self.unclosed(cursor) else due_at


def _look(plan: Plan, claim: Claim, alerts: Sequence[Alert], now: datetime) -> _Look:
    listing = plan.listings[claim.symbol]
    sessions = listing.calendar.around(claim.cursor.at or now, now)
    return _Look(claim, alerts, listing, sessions, plan.settle, now)


def _first_look(sessions: Sessions, now: datetime) -> datetime:
    """Return where a new symbol begins: one session back, for the last price before its alerts."""
    newest = sessions.last(now, Hours.EXTENDED)
    before = sessions.last(newest.pre - timedelta(seconds=1), Hours.EXTENDED) if newest else None
    return before.pre if before else now - timedelta(days=1)


def _log_refused(symbol: Symbol, sifted: Sifted, total: int) -> None:
    for verdict, count in sorted(sifted.refused.items()):
        logger.warning("bars refused", symbol=symbol, count=count, of=total, why=verdict.value)


def _log_judged(judgement: Judgement, new: Collection[EventId]) -> None:
    for decision in (*judgement.decisions, *judgement.provisional):
        logger.debug(
            "judged",
            alert=decision.alert,
            at=decision.at,
            phase=decision.state.phase.value,
            why=decision.reason.value,
        )
    for event in judgement.events:
        if event.id not in new:
            continue
        logger.info(
            "event", alert=event.alert, kind=event.kind.value, symbol=event.symbol,
            level=event.level, price=event.price, at=event.at, id=str(event.id),
        )  # fmt: skip
