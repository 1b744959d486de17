"""What would these alerts have done on past bars?

The same engine as the daemon's, with one difference: every bar has settled.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.engine import Book, Cursor, Market, in_order
from alertd.core.quality import sift
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from alertd.core.bars import Series
    from alertd.core.calendars import Listing
    from alertd.core.events import Event
    from alertd.core.quality import Verdict
    from alertd.core.rules import Rule
    from alertd.core.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Replay:
    """What the rules would have told, in order, and how many bars were refused for what."""

    events: Sequence[Event]
    refused: Counter[Verdict]


def counting(rules: Iterable[Rule], hours: Hours | None) -> list[Rule]:
    """Return the rules, all of them over these hours where some are given."""
    return [replace(rule, session=hours) if hours else rule for rule in rules]


def replay(
    rules: Sequence[Rule],
    series: Series,
    listing: Listing,
    *,
    closes: Mapping[datetime, float] | None = None,
    advance: Callable[[int], None] = lambda _bars: None,
) -> Replay:
    """Return what the rules of one symbol would have told.

    `closes` are official closes of sessions that are over, by their open; without them a session
    closes with its last regular bar. `advance` hears how many more bars are done.
    """
    if not series.bars:
        return Replay((), Counter())
    end = series.bars[-1].end
    sessions = listing.calendar.around(series.bars[0].start, end)
    market = Market(sessions, series.digits, timedelta(0), timedelta(0), closes or {})
    book = Book([rule for rule in rules if rule.symbol == series.symbol], {}, Cursor(), market)
    found: dict[object, Event] = {}
    sifted = sift(series, listing.currency, end)
    for bar in sifted.good:
        found |= {d.event.id: d.event for d in book.feed(bar) if d.event}
        advance(1)
    last = book.close_sessions(by=_last_close(sessions, end, market.closes))
    found |= {d.event.id: d.event for d in last if d.event}
    return Replay(sorted(found.values(), key=in_order), sifted.refused)


def _last_close(sessions: Sessions, end: datetime, closes: Mapping[datetime, float]) -> datetime:
    """Return up to when sessions are over: the last bar's end, or a later official close."""
    session = sessions.last(end, Hours.REGULAR)
    return max(end, session.close) if session and session.open in closes else end
