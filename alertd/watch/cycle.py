"""What happens to the symbols that are due?

    quotes point at some -> claim a batch -> bars, 4 at a time -> judge, one by one -> record

What a symbol's events promise is one transaction, and quiet symbols share one. A crash before it
leaves nothing, one after it leaves the events with their deliveries. A source that fails leaves
the state as it is, and the next poll catches up.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from loguru import logger

from alertd.errors import Crowded, NoSessions, RateLimited, SourceError, StoreError
from alertd.watch import journal, refusals
from alertd.watch.fetching import Fetching
from alertd.watch.glances import Glances
from alertd.watch.histories import Histories
from alertd.watch.judging import Judging
from alertd.watch.looks import Look, look
from alertd.watch.opinions import Opinions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alertd.core.claims import Claim
    from alertd.ports import Board, Clock, QuoteSource, WatchStore
    from alertd.watch.fetching import Answer
    from alertd.watch.judging import Found
    from alertd.watch.looks import Plan
    from alertd.watch.refusals import Delay

_BATCH = 16
# What of a batch has not been judged by then is given back.
_PATIENCE = timedelta(seconds=60)
# Longer than a batch may take, so that a lease ends only when its holder is gone: a symbol that is
# fetched at the end of that patience may hang with its bars, days, outlook and closes, 20 s each.
LEASE = _PATIENCE + timedelta(seconds=120)

# Where quotes point at more symbols than there is room for, the others get one turn in so many.
_TURNS = 4

_A_MOMENT = timedelta(seconds=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Watch:
    """The service that turns bars into promises.

    board:  where the source has one, quotes tell which of many symbols to look at first.
    chance: draws from [0, 1) how much earlier than promised polls come; by default never.
    alive:  is called whenever something has been done, within a step too.
    retired: another one has taken over; what this one claims from then on it gives back.
    """

    clock: Clock
    source: QuoteSource
    store: WatchStore
    plan: Plan
    board: Board | None = None
    chance: Callable[[], float] = lambda: 0.0
    alive: Callable[[], object] = lambda: None
    retired: bool = False
    histories: Histories = field(init=False)
    _judging: Judging = field(init=False)
    _fetching: Fetching = field(init=False)
    _glances: Glances | None = field(init=False, default=None)
    _bars_first: bool = field(init=False, default=False)
    _turn: int = field(init=False, default=0)
    _rests_until: datetime = field(init=False, default=_LONG_AGO)
    _crowded_until: datetime = field(init=False, default=_LONG_AGO)

    def __post_init__(self) -> None:
        if self.board is None:
            # Nothing would point at a symbol between two sweeps.
            self.plan = replace(self.plan, sweep=self.plan.interval)
        elif self.plan.pace > self.plan.interval:
            self._glances = Glances(self.board, self.store, self.plan, self.chance)
        self.histories = Histories(self.source, self.store)
        opinions = Opinions(self.board, self.plan.interval)
        name = self.source.name
        self._judging = Judging(self.plan, self.histories, opinions, name, self.chance)
        self._fetching = Fetching(self.clock, self.source)

    def step(self) -> int | None:
        """Read some quotes and judge some symbols, as far as they are due.

        returns: how many events that gave; None when nothing was to be done.
        """
        now = self.clock.now()
        glanced = self._glance(now)
        room = self.board.room if self.board else _BATCH
        limit = min(room, _BATCH) or (0 if glanced else self._probe(now))
        claims = self._claims(now, limit) if limit else ()
        # Where room is short, quotes and bars take turns.
        self._bars_first = self._bars_first and not room
        if self.retired:
            # It has waited for the store while the configuration changed.
            for claim in claims:
                self._give_back(claim)
            return None
        if claims:
            return self._batch(claims)
        return 0 if glanced else None

    def _glance(self, now: datetime) -> bool:
        """Read some quotes where it is time; tell whether any were asked for."""
        if self._glances is None or self._bars_first or not self._glances.waits(now):
            return False
        self._glances.part(now)
        self.alive()
        self._bars_first = True
        return True

    def _claims(self, now: datetime, limit: int) -> Sequence[Claim]:
        self._turn = (self._turn + 1) % _TURNS
        return self.store.claim_symbols(now, LEASE, limit, in_turn=not self._turn)

    def _probe(self, now: datetime) -> int:
        """Return how many symbols to claim although there is no room.

        One finds out why. While the source rests all of them come up as ever: they cost no request,
        and the silence of each has to be told.
        """
        if now < self._crowded_until:
            return 0
        return _BATCH if now < self._rests_until else 1

    def _batch(self, claims: Sequence[Claim]) -> int:
        """Judge what is claimed; what there is no time for is given back. Return the new events."""
        until = self.clock.now() + _PATIENCE
        looks = [one for one in map(self._look, claims) if one]
        left = {one.claim.symbol: one.claim for one in looks}
        quiet: list[Found] = []
        bugs: dict[str, Exception] = {}
        count = 0
        with closing(self._fetching.answers(looks)) as answers:
            for one, answer in answers:
                del left[one.claim.symbol]
                try:
                    count += self._judge(one, answer, quiet)
                except StoreError:
                    raise
                except Exception as bug:  # noqa: BLE001 - the others of the batch come first
                    bugs[one.claim.symbol] = bug
                self.alive()
                if self.clock.now() >= until:
                    break
        self._keep(quiet)
        for claim in left.values():
            self._give_back(claim)
        if bugs:
            _raise(bugs)
        return count

    def _look(self, claim: Claim) -> Look | None:
        """Return what is to be fetched and judged of a symbol; None where that cannot be yet."""
        now = self.clock.now()
        alerts = self.plan.of(claim.symbol)
        if claim.revisions != {alert.rule.id: alert.rule.revision for alert in alerts}:
            # A reload is under way: these are not, or no longer, the rules that are judged.
            self._give_back(claim, "the configuration is changing", now + _A_MOMENT)
            return None
        try:
            return look(self.plan, claim, alerts, now)
        except NoSessions as error:
            self._put_off(claim, refusals.uncalendared(claim, error, now), error)
            return None

    def _judge(self, one: Look, answer: Answer, quiet: list[Found]) -> int:
        """Judge a symbol's bars; what tells nobody anything is left to be kept with others."""
        try:
            current, series = answer()
        except SourceError as error:
            traded_at = self._glances.traded_at.get(one.claim.symbol) if self._glances else None
            delay = refusals.delayed(one, self.plan, error, self.source.name, traded_at)
            return self._put_off(one.claim, delay, error)
        found = self._judging.found(current, series)
        if found.progress.notices:
            return self._keep([found])
        quiet.append(found)
        return 0

    def _keep(self, found: Sequence[Found]) -> int:
        """Record what was found; return how many events are new."""
        if not found:
            return 0
        if len(found) == 1:
            (one,) = found
            kept = [self.store.record(one.case.claim, one.progress, one.case.look.now)]
        else:
            now = max(one.case.look.now for one in found)
            done = [(one.case.claim, one.progress) for one in found]
            kept = [*self.store.record_all(done, now)]
        for one, new in zip(found, kept, strict=True):
            if new is None:
                journal.lost(one)
            else:
                journal.kept(one, new)
        return sum(len(new) for new in kept if new)

    def _give_back(self, claim: Claim, why: str = "", due_at: datetime | None = None) -> None:
        """Give a symbol back that was not asked for."""
        self.store.postpone(
            claim, why, due_at,
            silent_since=claim.silent_since, unknown_since=claim.unknown_since,
        )  # fmt: skip

    def _put_off(self, claim: Claim, delay: Delay, error: Exception) -> int:
        """Give a symbol back that could not be judged; return how many events are new."""
        crowded = isinstance(error, Crowded) and self.board is not None and not self.board.room
        new = self.store.postpone(
            # Nobody is claimed until there is room, and who found that out must not lose by it.
            claim, delay.error, None if crowded else delay.due_at, notices=delay.notices,
            silent_since=delay.silent_since, unknown_since=delay.unknown_since,
        )  # fmt: skip
        aloud = self._is_news(claim, error)
        logger.log(
            "WARNING" if aloud else "DEBUG", "no quotes",
            symbol=claim.symbol, error=str(error), next_poll=delay.due_at,
        )  # fmt: skip
        return len(new)

    def _is_news(self, claim: Claim, error: Exception) -> bool:
        """Tell whether an error is worth a line: the first of a symbol's, or of a source's rest."""
        now = self.clock.now()
        match error:
            case Crowded():
                self._crowded_until = error.retry_at
                return False
            case RateLimited():
                begun = now >= self._rests_until
                self._rests_until = max(self._rests_until, error.retry_at)
                return begun
            case _:
                return claim.failures == 0


def _raise(bugs: dict[str, Exception]) -> None:
    """Raise the first bug, now that it does no harm to other symbols."""
    first = next(iter(bugs.values()))
    first.add_note(f"not judged: {', '.join(bugs)}")
    raise first
