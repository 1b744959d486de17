"""What do these bars mean to the alerts of one symbol?

    state at the cursor --settled bars--> state at the new cursor          kept
                                          `--bars after it--> events only  not kept

Settled bars move the state, each once and in order. Newer bars are judged on a copy, so that news
is told without waiting; the copy is thrown away, and once those bars have settled their events
turn up a second time under ids that the store has already.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.ladder import Ladder
from alertd.core.sessions import Hours, Session, Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from alertd.core.bars import Bar
    from alertd.core.events import Event
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import Decision, State


# A session whose last minute and official close are both missing closes this much later with the
# last bar there is: a source that lags must not close it with an old one.
_STRAGGLERS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Last:
    """The newest settled bar of some hours: its close and its start."""

    price: float
    start: datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the state of a symbol's alerts has moved.

    `at` is the end of the last settled bar. Sessions that closed by `closed_through` are judged.
    """

    at: datetime | None = None
    closed_through: datetime | None = None
    regular: Last | None = None
    extended: Last | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """What the engine must know of a listing: its sessions, its price hint and what settles a bar.

    `closes` are the official closes by their session's open, where the source has them. `delay` is
    by how much the source's prices lag.
    """

    sessions: Sessions
    digits: int
    settle: timedelta
    delay: timedelta
    closes: Mapping[datetime, float]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of one cycle: what to keep, what to send, and every decision with its reason."""

    cursor: Cursor
    states: Mapping[AlertId, State]
    decisions: tuple[Decision, ...]
    provisional: tuple[Decision, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """Return what is to be told, each id once, oldest first."""
        found = {
            decision.event.id: decision.event
            for decision in (*self.provisional, *self.decisions)
            if decision.event
        }
        return tuple(sorted(found.values(), key=in_order))


class Book:
    """The alerts of one symbol in motion."""

    def __init__(
        self, rules: Sequence[Rule], states: Mapping[AlertId, State], cursor: Cursor, market: Market
    ) -> None:
        self.cursor = cursor
        self._market = market
        last = {Hours.REGULAR: cursor.regular, Hours.EXTENDED: cursor.extended}
        self._ladders = {
            hours: Ladder(
                [rule for rule in rules if rule.session is hours],
                states,
                market.digits,
                seen.price if seen else None,
            )
            for hours, seen in last.items()
        }

    @property
    def states(self) -> dict[AlertId, State]:
        return {a: s for ladder in self._ladders.values() for a, s in ladder.states.items()}

    def fork(self) -> Book:
        """Return a copy that can be fed without changing this one."""
        other = object.__new__(Book)
        other.cursor, other._market = self.cursor, self._market
        other._ladders = {hours: ladder.fork() for hours, ladder in self._ladders.items()}
        return other

    def feed(self, bar: Bar, *, whole: bool = True) -> list[Decision]:
        """Judge one bar, and the sessions that closed before it or with it."""
        decisions = self.close_sessions(by=bar.start)
        open_in = {h: self._market.sessions.at(bar.start, h) for h in Hours}
        for hours, session in open_in.items():
            if session:
                decisions += self._ladders[hours].feed(bar, whole=whole)
        self._advance(bar, open_in)
        regular = open_in[Hours.REGULAR]
        if whole and regular and bar.end >= regular.close:
            decisions += self.close_sessions(by=regular.close)
        return decisions

    def close_sessions(self, by: datetime, *, official: bool = False) -> list[Decision]:
        """Judge the closes up to a moment, in order; with `official`, while the source has them."""
        since = self.cursor.closed_through
        if since is None:
            self.cursor = replace(self.cursor, closed_through=by)
            return []
        decisions: list[Decision] = []
        for session in self._market.sessions.closed(since, by):
            if official and session.open not in self._market.closes:
                break
            decisions += self._close(session)
            self.cursor = replace(self.cursor, closed_through=session.close)
        return decisions

    def _close(self, session: Session) -> list[Decision]:
        price = self._market.closes.get(session.open)
        last = self.cursor.regular
        if price is None and last and session.holds(last.start, Hours.REGULAR):
            price = last.price
        if price is None:
            return []
        return [d for ladder in self._ladders.values() for d in ladder.close(session, price)]

    def _advance(self, bar: Bar, open_in: Mapping[Hours, Session | None]) -> None:
        seen = Last(bar.close, bar.start)
        self.cursor = replace(
            self.cursor,
            at=bar.end,
            regular=seen if open_in[Hours.REGULAR] else self.cursor.regular,
            extended=seen if open_in[Hours.EXTENDED] else self.cursor.extended,
        )


def judge(
    rules: Sequence[Rule],
    states: Mapping[AlertId, State],
    cursor: Cursor,
    bars: Iterable[Bar],
    *,
    market: Market,
    now: datetime,
) -> Judgement:
    """Return what the bars since the cursor do to the alerts of one symbol.

    bars: oldest first; those that the cursor has passed whole are skipped.
    """
    known = now - market.delay
    settled_by = known - market.settle
    book = Book(rules, _born(states, now), _not_ahead(cursor, now), market)
    new = [bar for bar in bars if cursor.at is None or bar.end > cursor.at]
    count = bisect_right(new, settled_by, key=lambda bar: bar.end)
    decisions = [d for bar in new[:count] for d in book.feed(bar)]
    decisions += book.close_sessions(by=settled_by, official=True)
    decisions += book.close_sessions(by=settled_by - _STRAGGLERS)
    ahead = book.fork()
    provisional = [d for bar in new[count:] for d in ahead.feed(bar, whole=bar.end <= known)]
    provisional += ahead.close_sessions(by=known, official=True)
    return Judgement(book.cursor, book.states, tuple(decisions), tuple(provisional))


def _not_ahead(cursor: Cursor, now: datetime) -> Cursor:
    """Return the cursor without what a clock that ran ahead has left in it."""
    if cursor.closed_through is None or cursor.closed_through <= now:
        return cursor
    return replace(cursor, closed_through=cursor.at)


def _born(states: Mapping[AlertId, State], now: datetime) -> Mapping[AlertId, State]:
    """Return the states, none of an alert that was set up by a clock that ran ahead."""
    return {
        alert: replace(state, since=now) if state.since and state.since > now else state
        for alert, state in states.items()
    }


def in_order(event: Event) -> tuple[datetime, str, str]:
    """Return the key by which events are listed: when, which alert, what."""
    return (event.at, event.alert, event.kind)
