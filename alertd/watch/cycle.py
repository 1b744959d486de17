"""What happens to a symbol when it is due?

    claim -> bars since the cursor -> quality gate -> engine -> record     the promise

One cycle is one transaction: a crash before it leaves nothing, one after it leaves the events with
their deliveries. A source that fails leaves the state as it is, and the next poll catches up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.bars import Last
from alertd.core.book import Market
from alertd.core.dailies import closes
from alertd.core.engine import Judgement, judge
from alertd.core.quality import Sifted, sift
from alertd.core.records import Judged
from alertd.core.splits import Rebase, rebases
from alertd.core.staleness import gaps
from alertd.core.states import Reason
from alertd.core.withdrawals import Standing, standing
from alertd.errors import AlertdError, NoSessions, RateLimited, SourceError, UnknownSymbol
from alertd.ports import Progress
from alertd.watch import telling
from alertd.watch.histories import Histories
from alertd.watch.looks import Look, Plan, look
from alertd.watch.telling import Promise, Scene

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from alertd.core.bars import Bar, Series
    from alertd.core.events import Event, EventId
    from alertd.core.records import Gap, Record
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import State
    from alertd.ports import Claim, Clock, QuoteSource, WatchStore

# Longer than a poll may take, so that a lease ends only when its holder is gone.
LEASE = timedelta(seconds=90)

_A_MOMENT = timedelta(seconds=1)
_LONG_PAUSE = timedelta(hours=1)

# These come every session or every few bars, and would push out what a reader looks for.
_ROUTINE = (Reason.FIXED, Reason.NEW_SESSION, Reason.NEW_EXTREME, Reason.NOT_SO_FAR)


@dataclass(slots=True)
class Watch:
    """The service that turns bars into promises."""

    clock: Clock
    source: QuoteSource
    store: WatchStore
    plan: Plan
    histories: Histories = field(init=False)

    def __post_init__(self) -> None:
        self.histories = Histories(self.source, self.store)

    def step(self) -> int | None:
        """Judge one symbol that is due; return how many events it gave, None when none is due."""
        claims = self.store.claim_symbols(self.clock.now(), LEASE, limit=1)
        return self._cycle(claims[0]) if claims else None

    def _cycle(self, claim: Claim) -> int:
        now = self.clock.now()
        alerts = self.plan.of(claim.symbol)
        if claim.revisions != {alert.rule.id: alert.rule.revision for alert in alerts}:
            # A reload is under way: these are not, or no longer, the rules that are judged.
            why, due_at = "the configuration is changing", now + _A_MOMENT
            self.store.postpone(claim, why, due_at, silent_since=claim.silent_since)
            return 0
        try:
            seen = look(self.plan, claim, alerts, now)
        except NoSessions as error:
            return self._give_back(claim, error, now)
        try:
            series = self.source.bars(seen.listing, seen.since, now + timedelta(minutes=1))
        except SourceError as error:
            return self._give_back(claim, error, now, seen)
        return self._judge(seen, series)

    def _judge(self, seen: Look, series: Series) -> int:
        cursor, rules = seen.claim.cursor, seen.rules
        through = cursor.split_through or cursor.at
        fresh = [split for split in series.splits if through is None or split.at > through]
        clean = sift(series, seen.listing.currency, seen.now).good if fresh else ()
        splits = rebases(fresh, clean)
        sifted = sift(
            replace(series, bars=seen.new(series)), seen.listing.currency, seen.now,
            sessions=seen.sessions, last=seen.last, rebases=splits,
        )  # fmt: skip
        market = self._market(seen, series, splits, sifted)
        states = seen.claim.states
        judgement = judge(rules, states, cursor, sifted.good, market=market, now=seen.now)
        return self._record(seen, judgement, series, sifted)

    def _market(
        self, seen: Look, series: Series, splits: tuple[Rebase, ...], sifted: Sifted
    ) -> Market:
        price = _newest_price(seen, series, sifted)
        ground = self.histories.ground(seen, series.splits, price)
        waiting = [sifted.waiting.start] if sifted.waiting else []
        until = min([*waiting, *([ground.until] if ground.until else [])], default=None)
        first = sifted.good[0].start if sifted.good else None
        closed = self.histories.closed(seen, series.splits, price)
        official = closes(closed, splits, first, series.digits)
        return Market(
            seen.sessions, series.digits, seen.settle, seen.listing.delay, official,
            ground.almanac, splits, until,
        )  # fmt: skip

    def _record(self, seen: Look, judgement: Judgement, series: Series, sifted: Sifted) -> int:
        claim, newest = seen.claim, sifted.good[-1] if sifted.good else None
        outcome = standing(claim.open, judgement, seen.rules)
        last = Last(newest.close, newest.start) if newest else telling.nothing_seen(seen)[1]
        scene = Scene(self.plan, seen, series, last, _newest(judgement), self.source.name)
        silent, spoken = self._spoken(scene, newest.end if newest else None)
        missing = self._gaps(seen, judgement, sifted.good)
        progress = Progress(
            judgement.cursor,
            judgement.states,
            [*telling.promises(scene, _news(claim, judgement, outcome)), *spoken],
            seen.next_poll(judgement.cursor, self.plan.interval),
            price=newest.close if newest else None,
            price_at=newest.start if newest else None,
            good_until=newest.end if newest else None,
            currency=series.currency,
            digits=series.digits,
            settled=outcome.settled,
            lately=_lately(judgement, seen.rules),
            silent_since=silent,
            record=_recorded(claim, judgement, sifted, missing),
        )
        new = self.store.record(claim, progress, seen.now)
        if new is None:
            logger.warning("lease lost, nothing recorded", symbol=claim.symbol)
            return 0
        _log_judged(judgement, progress.notices, new)
        _log_refused(seen, judgement, sifted)
        _log_gaps(seen, missing)
        if not series.bars:
            due_at = progress.due_at
            logger.info("no new bars", symbol=claim.symbol, since=seen.since, next_poll=due_at)
        logger.debug(
            "polled", symbol=claim.symbol, bars=len(sifted.good), next_poll=progress.due_at
        )
        return len(new)

    def _spoken(
        self, scene: Scene, good_until: datetime | None, why: str = ""
    ) -> tuple[datetime | None, list[Promise]]:
        """Return since when a symbol is silent, and the messages that say so or that it is over."""
        seen, claim = scene.look, scene.look.claim
        waits = seen.waits(scene.states)
        if claim.silent_since is None:
            since = seen.silent_since(good_until or claim.good_until) if waits else None
            return since, [telling.stale(scene, since, why)] if since else []
        if good_until is None or not seen.is_back(good_until):
            return claim.silent_since, []
        return None, [telling.resumed(scene, claim.silent_since, seen.now)] if waits else []

    def _silence(self, seen: Look, why: str) -> list[Promise]:
        """Return the message that a symbol is silent because its source is, where that is news."""
        series, last = telling.nothing_seen(seen)
        scene = Scene(self.plan, seen, series, last, seen.claim.states, self.source.name)
        return self._spoken(scene, None, why)[1]

    def _gaps(self, seen: Look, judgement: Judgement, good: Sequence[Bar]) -> tuple[Gap, ...]:
        """Return the time that no bar covers among what has settled now."""
        before, after = seen.claim.cursor.at, judgement.cursor.at
        if before is None or after is None or after == before:
            return ()
        settled = [bar for bar in good if bar.end <= after]
        return gaps(seen.sessions, before, settled, seen.patience)

    def _give_back(
        self, claim: Claim, error: AlertdError, now: datetime, seen: Look | None = None
    ) -> int:
        """Give a symbol back; what it is owed is tried again after the interval, session or not."""
        due_at = now + self.plan.interval
        if isinstance(error, RateLimited):
            due_at = max(due_at, error.retry_at)
        if isinstance(error, UnknownSymbol | NoSessions):
            due_at = now + _LONG_PAUSE
        notices = self._silence(seen, str(error)) if seen else []
        if seen and not notices:
            due_at = seen.no_later_than_news(due_at)
        silent = notices[0][0].event.bar_start if notices else claim.silent_since
        new = self.store.postpone(claim, str(error), due_at, notices=notices, silent_since=silent)
        logger.warning("no quotes", symbol=claim.symbol, error=str(error), next_poll=due_at)
        return len(new)


def _newest_price(seen: Look, series: Series, sifted: Sifted) -> Last | None:
    """Return the newest price of which it is known in which shares it is."""
    newest = sifted.good[-1] if sifted.good else None
    if newest and all(split.at <= newest.start for split in series.splits):
        return Last(newest.close, newest.start)
    return seen.claim.cursor.regular


def _news(claim: Claim, judgement: Judgement, outcome: Standing) -> list[Event]:
    told = {event.id for event in claim.open} | outcome.again
    decisions = (*judgement.decisions, *judgement.provisional)
    found = {decision.event.id: decision.event for decision in decisions if decision.event}
    fresh = [event for event in found.values() if event.id not in told]
    return [*fresh, *outcome.withdrawn]


def _newest(judgement: Judgement) -> dict[AlertId, State]:
    """Return where alerts stand now, by the bars that have not settled too: for messages only."""
    ahead = {decision.alert: decision.state for decision in judgement.provisional}
    return {**judgement.states, **ahead}


def _lately(judgement: Judgement, rules: Sequence[Rule]) -> dict[AlertId, list[Judged]]:
    found: dict[AlertId, list[Judged]] = {}
    timed = {rule.id for rule in rules if isinstance(rule.hold, timedelta)}
    for decision in judgement.decisions:
        still = decision.reason is Reason.HOLDS and decision.alert in timed
        if decision.reason not in _ROUTINE and not still:
            judged = Judged(decision.at, decision.state.phase, decision.reason, decision.price)
            found.setdefault(decision.alert, []).append(judged)
    return found


def _recorded(
    claim: Claim, judgement: Judgement, sifted: Sifted, missing: tuple[Gap, ...]
) -> Record:
    """Return the record with what the cursor has passed now, each bar once."""
    before, after = claim.cursor.at, judgement.cursor.at
    if after is None or after == before:
        return claim.record
    doubts = [
        doubt
        for doubt in sifted.doubts
        if doubt.at < after and (before is None or doubt.at >= before)
    ]
    return claim.record.later(sifted.tally(before, after), doubts, missing)


def _log_refused(seen: Look, judgement: Judgement, sifted: Sifted) -> None:
    """Log what became of bars that were not simply good; aloud once they are behind the cursor."""
    symbol, before, after = seen.claim.symbol, seen.claim.cursor.at, judgement.cursor.at
    passed = sifted.tally(before, after) if after and sifted.good else sifted.refused
    for verdict, count in sorted(sifted.refused.items()):
        logger.debug("bars not good yet", symbol=symbol, count=count, why=verdict.value)
    for verdict, count in sorted(passed.items()):
        logger.warning("bars not good", symbol=symbol, count=count, why=verdict.value)
    for doubt in sifted.doubts:
        logger.debug(
            "bar in doubt", symbol=symbol, at=doubt.at, price=doubt.price, why=doubt.verdict.value
        )


def _log_gaps(seen: Look, missing: tuple[Gap, ...]) -> None:
    for gap in missing:
        logger.warning("no bar covers", symbol=seen.claim.symbol, start=gap.start, end=gap.end)


def _log_judged(judgement: Judgement, notices: Sequence[Promise], new: Collection[EventId]) -> None:
    for decision in (*judgement.decisions, *judgement.provisional):
        logger.debug(
            "judged",
            alert=decision.alert,
            at=decision.at,
            phase=decision.state.phase.value,
            why=decision.reason.value,
        )
    for notice, _ in notices:
        for event in (*notice.together, notice.event):
            if event.id not in new:
                continue
            logger.info(
                "event", alert=event.alert, kind=event.kind.value, symbol=event.symbol,
                level=event.level, price=event.price, at=event.at, id=str(event.id),
            )  # fmt: skip
