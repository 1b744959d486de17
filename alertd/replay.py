"""What would these alerts have done on past bars?

    bars + daily history -> quality gate -> the daemon's engine -> events, summaries, courses

The same engine as the daemon's, with one difference: every bar has settled.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.almanac import moves_by_session, start_of
from alertd.core.bars import rounded
from alertd.core.book import Book, Cursor, Market
from alertd.core.courses import Courses
from alertd.core.dailies import beside, by_session, is_daily, joined, shares
from alertd.core.engine import in_order
from alertd.core.quality import sift
from alertd.core.records import Gap
from alertd.core.rules import Figure
from alertd.core.sessions import Hours
from alertd.core.splits import rebases, rescaled
from alertd.core.summaries import Run, Summary, Tally, no_history, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from alertd.core.bars import Bar, Series, Split
    from alertd.core.calendars import Listing
    from alertd.core.courses import Step
    from alertd.core.events import Event, EventId
    from alertd.core.quality import Sifted, Verdict
    from alertd.core.records import Doubt
    from alertd.core.rules import AlertId, Rule
    from alertd.core.sessions import Session, Sessions
    from alertd.core.states import Decision


@dataclass(frozen=True, slots=True)
class Replay:
    """What the rules would have told, in order, and how each of them would have behaved.

    `doubts` are the bars that were suspect, with what became of them. `gaps` are the sessions
    between the first bar and the last that have none. `bars` are those that were judged; they, the
    courses of the levels and `prices`, what a share cost at each event, are in the shares after the
    last of `splits`, those that the bars go through.
    """

    events: Sequence[Event] = ()
    refused: Counter[Verdict] = field(default_factory=Counter)
    summaries: Sequence[Summary] = ()
    doubts: Sequence[Doubt] = ()
    gaps: Sequence[Gap] = ()
    bars: Sequence[Bar] = ()
    splits: Sequence[Split] = ()
    courses: Mapping[AlertId, Sequence[Step]] = field(default_factory=dict)
    prices: Mapping[EventId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the bars of a symbol are judged by."""

    market: Market
    sifted: Sifted
    begin: datetime
    end: datetime

    @property
    def splits(self) -> list[Split]:
        return [rebase.split for rebase in self.market.splits]


def counting(rules: Iterable[Rule], hours: Hours | None) -> list[Rule]:
    """Return the rules, all of them over these hours where some are given."""
    return [replace(rule, session=hours) if hours else rule for rule in rules]


def replay(
    rules: Sequence[Rule],
    series: Series,
    listing: Listing,
    *,
    daily: Series | None = None,
    whole: bool = True,
    advance: Callable[[int], None] = lambda _bars: None,
) -> Replay:
    """Return what the rules of one symbol would have told.

    `daily` is the daily history, with the official closes of its sessions; `whole` says that it
    begins with the symbol's first session. Without it the bars are their own history, and a session
    closes with its last regular bar. `advance` hears how many more bars are done.

    A rule that stands on what nobody keeps the past of is left out, and its summary says so.
    """
    own = [rule for rule in rules if rule.symbol == series.symbol]
    able = [rule for rule in own if no_history(rule) is None]
    if not series.bars:
        return Replay(summaries=[Summary(rule, note=_left_out(rule) or "no bars") for rule in own])
    ground = _ground(able, series, listing, daily, whole=whole)
    tally = Tally.of(able)
    courses = Courses(able, ground.begin, series.digits)
    found: dict[EventId, Event] = {}
    for decision in _decisions(able, ground, advance):
        tally.add(decision)
        courses.add(decision)
        if decision.event:
            found[decision.event.id] = decision.event
    return _replay(own, sorted(found.values(), key=in_order), ground, tally, courses)


def _ground(
    rules: Sequence[Rule], series: Series, listing: Listing, daily: Series | None, *, whole: bool
) -> _Ground:
    begin, end = series.bars[0].start, series.bars[-1].end
    sessions = listing.calendar.around(begin, end)
    splits = sorted({*series.splits, *(daily.splits if daily else ())}, key=_at)
    # What a split did to prices is read from bars that have one.
    clean = sift(series, listing.currency, end).good if splits else ()
    changes = rebases(splits, clean)
    sifted = sift(series, listing.currency, end, sessions=sessions, rebases=changes)
    almanac, closes = None, {}
    if daily and daily.bars:
        days = sift(daily, listing.currency, daily.bars[-1].end).good
        almanac = beside(days, splits, clean, whole=whole)
        closes = {day.start: day.close for day in almanac.days}
    elif any(moves_by_session(rule) for rule in rules):
        almanac = beside(_days(sifted.good, sessions, end), splits, clean, whole=True)
    # A file in today's shares throughout has levels in today's shares, too.
    crossed = tuple(change for change in changes if not change.rescaled)
    none = timedelta(0)
    market = Market(sessions, series.digits, none, none, closes, almanac, crossed)
    return _Ground(market, sifted, begin, end)


def _days(bars: Sequence[Bar], sessions: Sessions, end: datetime) -> Sequence[Bar]:
    """Return the daily bars that some bars are, or make."""
    if is_daily(bars, sessions):
        return bars
    return list(joined(by_session(bars, sessions), by=end))


def _decisions(
    rules: Sequence[Rule], ground: _Ground, advance: Callable[[int], None]
) -> Iterator[Decision]:
    book = Book(rules, {}, Cursor(), ground.market)
    for bar in ground.sifted.good:
        yield from book.feed(bar)
        advance(1)
    yield from book.close_sessions(by=_last_close(ground))


def _last_close(ground: _Ground) -> datetime:
    """Return up to when sessions are over: the last bar's end, or a later official close."""
    session = ground.market.sessions.last(ground.end, Hours.REGULAR)
    known = session is not None and session.open in ground.market.closes
    return max(ground.end, session.close) if session and known else ground.end


def _replay(
    rules: Sequence[Rule], events: Sequence[Event], ground: _Ground, tally: Tally, courses: Courses
) -> Replay:
    splits, sifted = ground.splits, ground.sifted
    bars = [_today(bar, splits) for bar in sifted.good] if splits else sifted.good
    prices = {event.id: _price(event, bars, splits) for event in events}
    parts = list(by_session(bars, ground.market.sessions))
    run = Run(ground.begin, ground.end, ground.market.sessions, _closes(ground, parts))
    return Replay(
        events,
        sifted.refused,
        [
            Summary(rule, note=why)
            if (why := _left_out(rule))
            else summary(rule, events, prices, tally, run)
            for rule in rules
        ],
        sifted.doubts,
        [Gap(session.open, session.close) for session, own in parts if not own],
        bars,
        splits,
        {rule.id: courses.of(rule.id, splits) for rule in rules},
        prices,
    )


def _closes(
    ground: _Ground, parts: Iterable[tuple[Session, Sequence[Bar]]]
) -> Mapping[datetime, float]:
    """Return the regular closes that are known, by their session's open, in today's shares.

    parts: the sessions with their regular bars, in today's shares.
    """
    by, splits = _last_close(ground), ground.splits
    found = {day.open: own[-1].close for day, own in parts if own and day.close <= by}
    official = ground.market.closes.items()
    return found | {opened: close / shares(splits, opened) for opened, close in official}


def _left_out(rule: Rule) -> str:
    what = no_history(rule)
    return f"left out: {what} has no history" if what else ""


def _price(event: Event, bars: Sequence[Bar], splits: Sequence[Split]) -> float:
    """Return what a share cost at an event, in today's shares."""
    if event.of is Figure.VOLUME:
        index = bisect_left(bars, event.bar_start, key=start_of)
        return bars[min(index, len(bars) - 1)].close
    return rounded(event.price * event.unit / shares(splits, event.bar_start))


def _today(bar: Bar, splits: Sequence[Split]) -> Bar:
    ratio = shares(splits, bar.start)
    return bar if ratio == 1 else rescaled(bar, ratio)


def _at(split: Split) -> datetime:
    return split.at
