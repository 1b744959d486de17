"""What does alertd tell of some days that it lives through, and when?

replay over the same bars   which events there are
lived                       which of them the real watch has recorded in a real database
glimpsed                    which of them somebody finds who looks at the last price alone
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from alertd.core.alerts import Alert
from alertd.core.bars import Bar, Series, Symbol
from alertd.core.events import Kind
from alertd.core.rules import AlertId, Amount, Closes, Condition, Level, Move, Percent, Rule, Trail
from alertd.core.sessions import Hours
from alertd.ports import Board, QuoteSource
from alertd.replay import replay
from alertd.store.database import Database
from alertd.store.reading import Reader
from alertd.watch import Plan, Watch
from tests.live.courses import Course, Live, hours
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from alertd.core.events import Event, EventId

BABA = Symbol("BABA")
SETTLE = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_AT_ONCE = timedelta(0)
_NEVER = datetime.max.replace(tzinfo=UTC)
_OVER = timedelta(hours=2)
# Nobody polls on the full minute.
_PHASE = timedelta(seconds=7)
_KINDS = (Kind.FIRED, Kind.RECOVERED)
_ENOUGH = 99_999


@dataclass(frozen=True, slots=True)
class Way:
    """How a day is lived: how often it is looked at, and how bars are served."""

    interval: timedelta
    sweep: timedelta
    growing: bool = False

    def __str__(self) -> str:
        shape = "growing" if self.growing else "whole"
        return f"{self.interval.seconds}s-{self.sweep.seconds}s-{shape}"


@dataclass(frozen=True, slots=True)
class Lived:
    """What was told by the end and when, what of it was taken back, and how often was asked."""

    told: Mapping[EventId, Event]
    withdrawn: Mapping[EventId, Event]
    told_at: Mapping[EventId, datetime]
    bars_asked: int = 0
    quotes_asked: int = 0


class Source(QuoteSource, Board, Protocol):
    """What gives bars and quotes."""


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder in memory where there is one: no power fails here, a disk only takes time."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        yield Path(place)


def alerts(price: float, session: Hours = Hours.REGULAR) -> list[Rule]:
    """Return alerts that have much to tell: a level at each dollar around a price, and others."""
    asked: list[tuple[Condition, Level]] = [
        (condition, float(round(price) + far))
        for far in range(-6, 7)
        for condition in (Condition.BELOW, Condition.ABOVE, Condition.TOUCHES)
    ]
    levels = [
        Rule(
            AlertId(f"{condition.value}-{level}"), BABA, condition, level,
            rearm=Amount(0.25), recovery=condition is not Condition.TOUCHES, session=session,
        )
        for condition, level in asked
    ]  # fmt: skip
    near = float(round(price))
    return [
        *levels,
        Rule(AlertId("hold"), BABA, Condition.BELOW, near, timedelta(minutes=15), Percent(0.2)),
        Rule(AlertId("closes"), BABA, Condition.ABOVE, near, Closes(2)),
        Rule(AlertId("trail"), BABA, Condition.TRAILS, Trail(1.0)),
        Rule(AlertId("hour"), BABA, Condition.MOVES, Move(1.0, timedelta(hours=1))),
        Rule(AlertId("day"), BABA, Condition.MOVES, Move(1.5)),
    ]


def replayed(course: Course, rules: Sequence[Rule]) -> Mapping[EventId, Event]:
    """Return what a replay of the whole bars tells."""
    return _replayed(course, rules, course.bars)


def lived(course: Course, rules: Sequence[Rule], way: Way, path: Path) -> Lived:
    """Return what alertd tells of a course that it lives through."""
    clock = HandClock(before(course))
    source = Live(course, clock, way.growing)
    told = lived_by(source, clock, course, rules, way=way, path=path)
    return replace(told, bars_asked=source.bars_asked, quotes_asked=source.quotes_asked)


def before(course: Course) -> datetime:
    """Return when alerts are made that are to see the whole course."""
    return course.bars[0].start - _MINUTE


def lived_by(
    source: Source, clock: HandClock, course: Course, rules: Sequence[Rule], *, way: Way, path: Path
) -> Lived:
    """Return what alertd tells of a course that a source shows as the clock goes on."""
    place, store = course.listing, Database.own(path)
    plan = Plan(
        [Alert(rule, rule.id, notify=("desk",)) for rule in rules], {place.symbol: place},
        way.interval, SETTLE, sweep=way.sweep,
    )  # fmt: skip
    store.adopt(rules, clock.now())
    watch = Watch(clock, source, store, plan, source)
    for moment in moments(course, rules, way.interval):
        clock.to(moment)
        while watch.step() is not None:
            pass
    store.close()
    return _found(path)


def waited(
    course: Course, events: Mapping[EventId, Event], found: Lived, way: Way
) -> list[timedelta]:
    """Return how long after it could first be seen each event was told, shortest first.

    events: those of the replay that were told.
    """
    return sorted(
        # On its way to the next of the four prices, a bar that grows may pass a level before.
        max(found.told_at[key] - _seen_at(course, event, way), _AT_ONCE)
        for key, event in events.items()
    )


def _seen_at(course: Course, event: Event, way: Way) -> datetime:
    if not way.growing or event.at > event.bar_start:
        return max(event.at, event.bar_end)
    return course.reached_at(event.bar_start, event.price)


def glimpsed(course: Course, rules: Sequence[Rule], interval: timedelta) -> int:
    """Return how many events of the replay somebody finds who looks at the last price alone.

    He judges it by the same engine. An event that he sees later than it happened, but before the
    same alert's next one, counts as found.
    """
    looks = [
        Bar(moment, interval, *([found[0]] * 4))
        for moment in moments(course, rules, interval)
        if (found := course.price(moment)) and moment - found[1] < interval
    ]
    seen = _by_alert(_replayed(course, rules, looks))
    happened = _by_alert(replayed(course, rules))
    return sum(
        any(start <= at < end for at in seen.get(which, ()))
        for which, starts in happened.items()
        for start, end in pairwise([*starts, _NEVER])
    )


def moments(course: Course, rules: Sequence[Rule], interval: timedelta) -> Iterator[datetime]:
    """Yield when the days are looked at, and once when all has settled."""
    extended = any(rule.session is Hours.EXTENDED for rule in rules)
    for session in course.sessions:
        start, end = hours(session, extended=extended)
        moment, end = start + _PHASE, min(end, course.bars[-1].end)
        while moment < end + SETTLE + interval:
            yield moment
            moment += interval
        yield end + _OVER


def _replayed(
    course: Course, rules: Sequence[Rule], bars: Sequence[Bar]
) -> Mapping[EventId, Event]:
    symbol = course.listing.symbol
    official = Series(symbol, course.official, currency="USD")
    series = Series(symbol, tuple(bars), currency="USD")
    events = replay(rules, series, course.listing, daily=official, whole=False).events
    return {event.id: event for event in events if event.kind in _KINDS}


def _found(path: Path) -> Lived:
    reader = Reader.open(path)
    assert reader
    rows = [row for row in reader.events(_ENOUGH) if row.notice.event.kind in _KINDS]
    events = {row.notice.event.id: (row.notice.event, row.standing) for row in rows}
    return Lived(
        {key: event for key, (event, standing) in events.items() if standing != "withdrawn"},
        {key: event for key, (event, standing) in events.items() if standing == "withdrawn"},
        {row.notice.event.id: row.notice.detected_at for row in rows},
    )


def _by_alert(events: Mapping[EventId, Event]) -> dict[tuple[AlertId, Kind], list[datetime]]:
    found: dict[tuple[AlertId, Kind], list[datetime]] = {}
    for event in sorted(events.values(), key=lambda event: event.at):
        found.setdefault((event.alert, event.kind), []).append(event.at)
    return found
