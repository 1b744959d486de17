"""How do the alerts of one symbol go through a bar?

    bar -> sessions that closed before it -> a split -> what its session fixes -> its points

A book holds a ladder for each kind of hours, and another for those alerts that watch the day's
volume: to these a bar is how far the volume has grown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alertd.core.almanac import restated
from alertd.core.bars import DIGITS, Bar, Last, rounded
from alertd.core.bounds import nearest
from alertd.core.fixing import fixed
from alertd.core.ladder import Ladder
from alertd.core.pointing import Bounds
from alertd.core.rules import Figure
from alertd.core.sessions import Hours, Session, Sessions
from alertd.core.tapes import BLANK, Memory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from alertd.core.almanac import Almanac
    from alertd.core.bars import Split
    from alertd.core.fixing import Fixed
    from alertd.core.rules import AlertId, Rule
    from alertd.core.splits import Rebase
    from alertd.core.states import Decision, Lack, State


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the state of a symbol's alerts has moved.

    `at` is the end of the last settled bar. Sessions that closed by `closed_through` are judged.
    Splits up to `split_through` are in the state.
    """

    at: datetime | None = None
    closed_through: datetime | None = None
    regular: Last | None = None
    extended: Last | None = None
    split_through: datetime | None = None
    regular_memory: Memory = BLANK
    extended_memory: Memory = BLANK

    def last(self, hours: Hours) -> Last | None:
        return self.regular if hours is Hours.REGULAR else self.extended

    def memory(self, hours: Hours) -> Memory:
        return self.regular_memory if hours is Hours.REGULAR else self.extended_memory


@dataclass(frozen=True, slots=True)
class Market:
    """What the engine must know of a listing: its sessions, its price hint and what settles a bar.

    `closes` are the official closes by their session's open, where the source has them. `delay` is
    by how much the source's prices lag. `almanac` is None where nothing has to be fixed anew.
    `splits` are those in sight. `until` is from when on bars must not be settled yet, because
    something that they are judged by is still missing.
    """

    sessions: Sessions
    digits: int
    settle: timedelta
    delay: timedelta
    closes: Mapping[datetime, float]
    almanac: Almanac | None = None
    splits: tuple[Rebase, ...] = ()
    until: datetime | None = None


class Book:
    """The alerts of one symbol in motion."""

    def __init__(
        self, rules: Sequence[Rule], states: Mapping[AlertId, State], cursor: Cursor, market: Market
    ) -> None:
        self._cursor = replace(cursor, split_through=cursor.split_through or cursor.at)
        self._market = market
        self._almanac = self._as_of(market.almanac)
        self._begun: dict[Hours, Session] = {}
        self._traded = {hours: cursor.memory(hours) for hours in Hours}
        self._ladders: dict[Hours, Ladder] = {}
        self._volumes: dict[Hours, Ladder] = {}
        for hours in Hours:
            last, memory = cursor.last(hours), cursor.memory(hours)
            of_hours = [rule for rule in rules if rule.session is hours]
            volume = [rule for rule in of_hours if rule.of is Figure.VOLUME]
            prices = (
                [rule for rule in of_hours if rule.of is not Figure.VOLUME] if volume else of_hours
            )
            price = last.price if last else None
            self._ladders[hours] = Ladder(prices, states, market.digits, price, memory)
            if volume:
                self._volumes[hours] = Ladder(volume, states, DIGITS, memory.traded)

    @property
    def cursor(self) -> Cursor:
        """Return how far the book is, and what the next one must know."""
        return replace(
            self._cursor,
            regular_memory=self._memory(Hours.REGULAR),
            extended_memory=self._memory(Hours.EXTENDED),
        )

    @property
    def states(self) -> dict[AlertId, State]:
        return {a: s for ladder in self._all() for a, s in ladder.states.items()}

    @property
    def bounds(self) -> Bounds:
        """Return between which prices nothing happens to these alerts while the session lasts."""
        last, newest = self._cursor.last, self._cursor.extended
        price = newest.price if newest else None
        found = [ladder.bounds(last(h), price) for h, ladder in self._ladders.items()]
        return nearest([*found, *(self._of_volume(hours) for hours in self._volumes)])

    def fork(self) -> Book:
        """Return a copy that can be fed without changing this one."""
        other = object.__new__(Book)
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if isinstance(value, dict) else value)
        other._ladders = {hours: ladder.fork() for hours, ladder in self._ladders.items()}
        other._volumes = {hours: ladder.fork() for hours, ladder in self._volumes.items()}
        return other

    def feed(self, bar: Bar, *, whole: bool = True) -> list[Decision]:
        """Judge one bar, and the sessions that closed before it or with it."""
        decisions = self.close_sessions(by=bar.start)
        if self._cursor.split_through is None:
            self._cursor = replace(self._cursor, split_through=bar.start)
            self._almanac = self._as_of(self._almanac)
        for rebase in self._market.splits:
            if rebase.at <= bar.start:
                decisions += self._rescale(rebase.split, bar.start)
        seen = self._cursor.at
        reaches_back = seen is not None and bar.start < seen
        open_in = {h: self._market.sessions.at(bar.start, h) for h in Hours}
        for hours, session in open_in.items():
            if session:
                decisions += self._begin(hours, session, bar.start)
                ladder = self._ladders[hours]
                decisions += ladder.feed(bar, whole=whole, reaches_back=reaches_back)
                decisions += self._trade(hours, bar, whole=whole)
        self._advance(bar, open_in)
        regular = open_in[Hours.REGULAR]
        if whole and regular and bar.end >= regular.close:
            decisions += self.close_sessions(by=regular.close)
        return decisions

    def close_sessions(self, by: datetime, *, official: bool = False) -> list[Decision]:
        """Judge the closes up to a moment, in order; with `official`, while the source has them."""
        since = self._cursor.closed_through
        if since is None:
            self._cursor = replace(self._cursor, closed_through=by)
            return []
        decisions: list[Decision] = []
        for session in self._market.sessions.closed(since, by):
            if official and session.open not in self._market.closes:
                break
            decisions += self._close(session)
            self._cursor = replace(self._cursor, closed_through=session.close)
        return decisions

    def _close(self, session: Session) -> list[Decision]:
        price = self._market.closes.get(session.open)
        last = self._cursor.regular
        if price is None and last and session.holds(last.start, Hours.REGULAR):
            price = last.price
        if price is None:
            return []
        return [d for ladder in self._ladders.values() for d in ladder.close(session, price)]

    def _begin(self, hours: Hours, session: Session, at: datetime) -> list[Decision]:
        """Take up a session in which these hours have had no bar yet."""
        if self._begun.get(hours) == session:
            return []
        self._begun[hours] = session
        known: dict[object, Fixed | Lack | None] = {}

        def fix(rule: Rule) -> Fixed | Lack | None:
            key = (rule.level, rule.of)
            if key not in known:
                known[key] = self._fixed(rule, session)
            return known[key]

        ladder = self._ladders[hours]
        starts = {n: self._sessions_ago(session, n - 1).start(hours) for n in ladder.session_counts}
        decisions = ladder.begin(session, at, fix, starts)
        traded = self._traded[hours]
        if traded.traded_from != session.open:
            self._traded[hours] = traded = Memory(traded_from=session.open)
        if hours in self._volumes:
            decisions += self._volumes[hours].begin(session, at, fix, {}, traded.traded)
        return decisions

    def _fixed(self, rule: Rule, session: Session) -> Fixed | Lack | None:
        if self._almanac is None:
            return None
        almanac, through = self._almanac, self._cursor.split_through
        said = almanac.outlook
        # What was said in old shares is not fixed from the day of a split on.
        split = through is not None and (through == session.pre or through >= session.post)
        if split and through and said and said.at < through:
            almanac = replace(almanac, outlook=None)
        return fixed(rule, session, self._market.sessions.before(session), almanac)

    def _sessions_ago(self, session: Session, count: int) -> Session:
        for _ in range(count):
            session = self._market.sessions.before(session) or session
        return session

    def _trade(self, hours: Hours, bar: Bar, *, whole: bool) -> list[Decision]:
        """Judge how far the volume of these hours has grown with a bar."""
        ladder, traded, seen = self._volumes.get(hours), self._traded[hours], self._cursor.at
        if not bar.volume:
            return []
        # Of a bar whose beginning was counted in finer ones, only what is left.
        left = bar.end - max(bar.start, seen or bar.start)
        grown = traded.traded + bar.volume * (left / bar.length)
        # Written out, as this happens at every bar.
        self._traded[hours] = Memory(traded=grown, traded_from=traded.traded_from)
        if ladder is None:
            return []
        growth = Bar(bar.start, bar.length, traded.traded, grown, traded.traded, grown)
        return ladder.feed(growth, whole=whole)

    def _of_volume(self, hours: Hours) -> Bounds:
        """Return whether more volume may mean anything; no price does."""
        last = self._cursor.last(hours)
        traded = last and Last(self._traded[hours].traded, last.start)
        found = self._volumes[hours].bounds(traded, None)
        return Bounds(closely=found.closely or found.above is not None)

    def _rescale(self, split: Split, at: datetime) -> list[Decision]:
        """Bring everything into the shares after a split, if that was not done before."""
        cursor = self._cursor
        if cursor.split_through and split.at <= cursor.split_through:
            return []
        decisions: list[Decision] = []
        for hours in Hours:
            last, traded = cursor.last(hours), self._traded[hours]
            late = last is not None and last.start >= split.at
            for ladder in self._of(hours):
                decisions += ladder.rescale(split, at, late=late)
            if traded.traded_from and traded.traded_from < split.at:
                self._traded[hours] = replace(traded, traded=traded.traded * split.ratio)
        self._cursor = replace(
            cursor,
            split_through=split.at,
            regular=_in_new_shares(cursor.regular, split, self._market.digits),
            extended=_in_new_shares(cursor.extended, split, self._market.digits),
        )
        self._almanac = self._as_of(self._almanac)
        return decisions

    def _as_of(self, almanac: Almanac | None) -> Almanac | None:
        """Return what is known, in the shares of the cursor."""
        through = self._cursor.split_through
        if almanac is None or through is None:
            return almanac
        for split in almanac.splits:
            almanac = restated(almanac, split) if split.at <= through else almanac
        return almanac

    def _advance(self, bar: Bar, open_in: Mapping[Hours, Session | None]) -> None:
        seen = Last(bar.close, bar.start)
        cursor = self._cursor
        self._cursor = Cursor(
            bar.end,
            cursor.closed_through,
            seen if open_in[Hours.REGULAR] else cursor.regular,
            seen if open_in[Hours.EXTENDED] else cursor.extended,
            cursor.split_through,
        )

    def _memory(self, hours: Hours) -> Memory:
        marks, traded = self._ladders[hours].memory, self._traded[hours]
        return replace(marks, traded=traded.traded, traded_from=traded.traded_from)

    def _all(self) -> list[Ladder]:
        return [ladder for hours in Hours for ladder in self._of(hours)]

    def _of(self, hours: Hours) -> list[Ladder]:
        volume = self._volumes.get(hours)
        return [self._ladders[hours], *([volume] if volume else [])]


def _in_new_shares(last: Last | None, split: Split, digits: int) -> Last | None:
    if last is None or last.start >= split.at:
        return last
    return Last(rounded(last.price / split.ratio, digits), last.start)
