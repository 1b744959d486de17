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
from alertd.core.engine import Judgement, Market, judge
from alertd.core.quality import Sifted, sift
from alertd.core.rules import Closes
from alertd.core.sessions import Hours, Sessions, next_poll
from alertd.errors import RateLimited, SourceError, UnknownSymbol
from alertd.ports import Claim, Progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from alertd.core.bars import Bar, Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.notices import Notice
    from alertd.ports import Clock, QuoteSource, WatchStore

# Longer than a poll may take, so that a lease ends only when its holder is gone.
LEASE = timedelta(seconds=90)

_UNKNOWN_SYMBOL_PAUSE = timedelta(hours=1)


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
        look = _Look(self.plan, claim, alerts, now)
        try:
            series = self.source.bars(look.listing, look.since, now + timedelta(minutes=1))
            closes = self._closes(look)
        except SourceError as error:
            self._postpone(look, error)
            return 0
        sifted = sift(series, look.listing.currency, now)
        _log_refused(claim.symbol, sifted, len(series.bars))
        market = look.market(series.digits, closes)
        rules = [alert.rule for alert in alerts]
        judgement = judge(rules, claim.states, claim.cursor, sifted.good, market=market, now=now)
        return self._record(look, judgement, series, sifted)

    def _closes(self, look: _Look) -> dict[datetime, float]:
        """Return the official closes of the sessions that ended since the last one judged."""
        since = look.claim.cursor.closed_through
        waits = any(isinstance(alert.rule.hold, Closes) for alert in look.alerts)
        if not waits or since is None:
            return {}
        over = list(look.sessions.closed(since, look.now - look.listing.delay))
        if not over:
            return {}
        daily = self.source.daily(look.listing, over[0].open, over[-1].close)
        good = sift(daily, look.listing.currency, look.now).good
        return {bar.start: bar.close for bar in good}

    def _record(self, look: _Look, judgement: Judgement, series: Series, sifted: Sifted) -> int:
        newest = sifted.good[-1] if sifted.good else None
        notices = self._notices(look, judgement, series, newest) if newest else []
        progress = Progress(
            judgement.cursor, judgement.states, notices, look.due_at,
            price=newest.close if newest else None,
            price_at=newest.start if newest else None,
            currency=series.currency,
            digits=series.digits,
        )  # fmt: skip
        count = self.store.record(look.claim, progress, look.now)
        if count is None:
            logger.warning("lease lost, nothing recorded", symbol=look.claim.symbol)
            return 0
        _log_judged(look, judgement, len(sifted.good), count)
        return count

    def _notices(
        self, look: _Look, judgement: Judgement, series: Series, newest: Bar
    ) -> list[tuple[Notice, tuple[str, ...]]]:
        by_id = {alert.rule.id: alert for alert in look.alerts}
        found = []
        for event in judgement.events:
            alert = by_id[event.alert]
            late = is_late(event, look.now, look.listing.delay, self.plan.interval)
            told = notice(
                event, alert, self.plan.alerts, listing=look.listing, series=series,
                newest=newest, source=self.source.name, found_at=look.now, late=late,
            )  # fmt: skip
            found.append((told, alert.notify))
        return found

    def _postpone(self, look: _Look, error: SourceError) -> None:
        # Without a first price there is no side to come from: do not wait for the next open.
        due_at = look.due_at if look.claim.cursor.at else look.now + self.plan.interval
        if isinstance(error, RateLimited):
            due_at = max(due_at, error.retry_at)
        if isinstance(error, UnknownSymbol):
            due_at = max(due_at, look.now + _UNKNOWN_SYMBOL_PAUSE)
        self.store.postpone(look.claim, str(error), due_at)
        logger.warning("no quotes", symbol=look.claim.symbol, error=str(error), next_poll=due_at)


class _Look:
    """One look at one symbol: what is asked for, and when the next one is."""

    def __init__(self, plan: Plan, claim: Claim, alerts: Sequence[Alert], now: datetime) -> None:
        self.claim, self.alerts, self.now = claim, alerts, now
        self.listing = plan.listings[claim.symbol]
        self.sessions = self.listing.calendar.around(claim.cursor.at or now, now)
        self.since = claim.cursor.at or _first_look(self.sessions, now)
        self._settle = plan.settle
        extended = any(alert.rule.session is Hours.EXTENDED for alert in alerts)
        hours = Hours.EXTENDED if extended else Hours.REGULAR
        settling = plan.settle + self.listing.delay
        self.due_at = next_poll(self.sessions, hours, now, plan.interval, settling)

    def market(self, digits: int, closes: Mapping[datetime, float]) -> Market:
        return Market(self.sessions, digits, self._settle, self.listing.delay, closes)


def _first_look(sessions: Sessions, now: datetime) -> datetime:
    """Return where a new symbol begins: one session back, for the last price before its alerts."""
    newest = sessions.last(now, Hours.EXTENDED)
    before = sessions.last(newest.pre - timedelta(seconds=1), Hours.EXTENDED) if newest else None
    return before.pre if before else now - timedelta(days=1)


def _log_refused(symbol: Symbol, sifted: Sifted, total: int) -> None:
    for verdict, count in sorted(sifted.refused.items()):
        logger.warning("bars refused", symbol=symbol, count=count, of=total, why=verdict.value)


def _log_judged(look: _Look, judgement: Judgement, bars: int, recorded: int) -> None:
    for decision in (*judgement.decisions, *judgement.provisional):
        logger.debug(
            "judged",
            alert=decision.alert,
            at=decision.at,
            phase=decision.state.phase.value,
            why=decision.reason.value,
        )
    for event in judgement.events if recorded else ():
        logger.info(
            "event", alert=event.alert, kind=event.kind.value, symbol=event.symbol,
            level=event.level, price=event.price, at=event.at, id=str(event.id),
        )  # fmt: skip
    logger.debug(
        "polled", symbol=look.claim.symbol, bars=bars, new_events=recorded,
        next_poll=look.due_at,
    )  # fmt: skip
