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

from alertd.core.book import Book, Cursor, Market
from alertd.core.pointing import FREE, Bounds

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

_A_BAR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of one cycle: what to keep, what to send, and every decision with its reason.

    `bounds` are by the newest bars, those that have not settled included.
    """

    cursor: Cursor
    states: Mapping[AlertId, State]
    decisions: tuple[Decision, ...]
    provisional: tuple[Decision, ...]
    bounds: Bounds = FREE

    @property
    def events(self) -> tuple[Event, ...]:
        """Return what is to be told, each id once, oldest first."""
        found = {
            decision.event.id: decision.event
            for decision in (*self.provisional, *self.decisions)
            if decision.event
        }
        return tuple(sorted(found.values(), key=in_order))


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
    until = market.until or known
    settled_by = min(known - market.settle, until)
    book = Book(rules, _born(states, now), _not_ahead(cursor, now), market)
    new = [bar for bar in bars if cursor.at is None or bar.end > cursor.at]
    count = bisect_right(new, settled_by, key=lambda bar: bar.end)
    decisions = [d for bar in new[:count] for d in book.feed(bar)]
    decisions += book.close_sessions(by=settled_by, official=True)
    decisions += book.close_sessions(by=min(known - market.settle - _STRAGGLERS, until))
    ahead = book.fork()
    provisional = [d for bar in new[count:] for d in ahead.feed(bar, whole=bar.end <= known)]
    provisional += ahead.close_sessions(by=min(known, until), official=True)
    # What is still missing may fix a level, or confirm a bar, at any time.
    bounds = replace(ahead.bounds, closely=ahead.bounds.closely or market.until is not None)
    return Judgement(book.cursor, book.states, tuple(decisions), tuple(provisional), bounds)


def _not_ahead(cursor: Cursor, now: datetime) -> Cursor:
    """Return the cursor without what a clock that ran ahead has left in it."""
    if cursor.closed_through is None or cursor.closed_through <= now:
        return cursor
    return replace(cursor, closed_through=cursor.at)


def _born(states: Mapping[AlertId, State], now: datetime) -> Mapping[AlertId, State]:
    """Return the states, none of an alert that was set up by a clock that ran ahead.

    One that its user armed begins with the next bar, and that is not ahead of its time.
    """
    return {
        alert: replace(state, since=now) if state.since and state.since > now + _A_BAR else state
        for alert, state in states.items()
    }


def in_order(event: Event) -> tuple[datetime, str, str]:
    """Return the key by which events are listed: when, which alert, what."""
    return (event.at, event.alert, event.kind)
