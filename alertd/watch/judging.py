"""What do the bars of one look mean, and what is kept of that?

    series -> quality gate -> engine -> Progress, with the messages that come of it

Nothing is written here but what levels stand on: who has judged several symbols records them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import Last
from alertd.core.book import Market
from alertd.core.claims import Progress
from alertd.core.dailies import closes
from alertd.core.engine import Judgement, judge
from alertd.core.pointing import seen_after
from alertd.core.quality import Sifted, sift
from alertd.core.records import Judged
from alertd.core.sessions import Hours
from alertd.core.splits import Rebase, rebases
from alertd.core.staleness import gaps
from alertd.core.states import Reason
from alertd.watch import telling
from alertd.watch.switches import Switches
from alertd.watch.telling import Promise, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from alertd.core.bars import Bar, Series
    from alertd.core.claims import Claim
    from alertd.core.events import Event
    from alertd.core.records import Gap, Record
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import State
    from alertd.core.withdrawals import Standing
    from alertd.watch.histories import Histories
    from alertd.watch.looks import Look, Plan
    from alertd.watch.opinions import Opinions

# These come every session or every few bars, and would push out what a reader looks for.
_ROUTINE = (Reason.FIXED, Reason.NEW_SESSION, Reason.NEW_EXTREME, Reason.NOT_SO_FAR)


@dataclass(frozen=True, slots=True)
class Case:
    """The bars of a look, whose they are, and what the gate and the engine say of them."""

    look: Look
    series: Series
    source: str
    sifted: Sifted
    judgement: Judgement
    missing: tuple[Gap, ...]

    @property
    def claim(self) -> Claim:
        return self.look.claim


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a symbol has found, and what is to be kept of it."""

    case: Case
    progress: Progress


@dataclass(frozen=True, slots=True)
class Judging:
    """Judges the bars of looks; `first_source` is the name of the source that is asked first."""

    plan: Plan
    histories: Histories
    opinions: Opinions
    first_source: str
    chance: Callable[[], float]
    switches: Switches = field(default_factory=Switches)

    def found(self, look: Look, series: Series) -> Found:
        """Return what the bars since a look's cursor mean."""
        cursor = look.claim.cursor
        source = series.source or self.first_source
        through = cursor.split_through or cursor.at
        fresh = [split for split in series.splits if through is None or split.at > through]
        clean = sift(series, look.listing.currency, look.now).good if fresh else ()
        splits = rebases(fresh, clean)
        sifted = self.opinions.sifted(look, series, splits, source)
        market = self._market(look, series, splits, sifted)
        judgement = judge(
            look.rules, look.claim.states, cursor, sifted.good, market=market, now=look.now
        )
        missing = _gaps(look, judgement, sifted.good)
        case = Case(look, series, source, sifted, judgement, missing)
        return Found(case, self._progress(case))

    def _market(
        self, look: Look, series: Series, splits: tuple[Rebase, ...], sifted: Sifted
    ) -> Market:
        price = _newest_price(look, series, sifted)
        ground = self.histories.ground(look, series.splits, price)
        waiting = [sifted.waiting.start] if sifted.waiting else []
        until = min([*waiting, *([ground.until] if ground.until else [])], default=None)
        first = sifted.good[0].start if sifted.good else None
        closed = self.histories.closed(look, series.splits, price)
        official = closes(closed, splits, first, series.digits)
        return Market(
            look.sessions, series.digits, look.settle, look.listing.delay, official,
            ground.almanac, splits, until,
        )  # fmt: skip

    def _progress(self, case: Case) -> Progress:
        look, series, judgement, good = case.look, case.series, case.judgement, case.sifted.good
        claim, newest = case.claim, good[-1] if good else None
        # Where there are no bars, nobody has confirmed or denied anything.
        source = case.source if series.bars else claim.source or case.source
        outcome = self.switches.standing(look, judgement, source)
        last = Last(newest.close, newest.start) if newest else telling.nothing_seen(look)[1]
        states = _newest(judgement)
        scene = Scene(self.plan, look, series, last, states, source, self.first_source)
        silent, spoken = _spoken(scene, newest.end if newest else None)
        closely = judgement.bounds.closely
        session = look.sessions.last(look.now, Hours.REGULAR)
        return Progress(
            judgement.cursor,
            judgement.states,
            [*telling.promises(scene, _news(claim, judgement, outcome)), *spoken],
            look.next_poll(judgement.cursor, self.plan, closely=closely, chance=self.chance()),
            price=newest.close if newest else None,
            price_at=newest.start if newest else None,
            good_until=newest.end if newest else None,
            currency=series.currency,
            digits=series.digits,
            settled=outcome.settled,
            lately=_lately(judgement, look.rules),
            silent_since=silent,
            record=_recorded(claim, judgement, case.sifted, case.missing),
            seen=seen_after(claim.seen, judgement.bounds, good, session),
            source=source,
        )


def _spoken(scene: Scene, good_until: datetime | None) -> tuple[datetime | None, list[Promise]]:
    """Return since when a symbol is silent, and the messages that say so or that it is over."""
    look, claim = scene.look, scene.look.claim
    waits = look.waits(scene.states)
    if claim.silent_since is None:
        since = look.silent_since(good_until or claim.good_until) if waits else None
        return since, [telling.stale(scene, since, "")] if since else []
    if good_until is None or not look.is_back(good_until):
        return claim.silent_since, []
    return None, [telling.resumed(scene, claim.silent_since, look.now)] if waits else []


def _gaps(look: Look, judgement: Judgement, good: Sequence[Bar]) -> tuple[Gap, ...]:
    """Return the time that no bar covers among what has settled now."""
    before, after = look.claim.cursor.at, judgement.cursor.at
    if before is None or after is None or after == before:
        return ()
    settled = [bar for bar in good if bar.end <= after]
    return gaps(look.sessions, before, settled, look.patience)


def _newest_price(look: Look, series: Series, sifted: Sifted) -> Last | None:
    """Return the newest price of which it is known in which shares it is."""
    newest = sifted.good[-1] if sifted.good else None
    if newest and all(split.at <= newest.start for split in series.splits):
        return Last(newest.close, newest.start)
    return look.claim.cursor.regular


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
