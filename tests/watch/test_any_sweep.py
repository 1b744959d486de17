"""Polls, glances, sweeps and restarts at any time tell what one poll tells, if perhaps later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.core.events import Kind
from alertd.core.pointing import Quote
from alertd.core.rules import Closes
from alertd.core.sessions import Hours
from alertd.store.reading import Reader
from alertd.watch import Watch
from tests.support.build import OUTLOOK, SESSIONS, almanac, at, rule
from tests.support.fakes import Tape
from tests.support.strategies import bars, rules
from tests.support.world import MINUTE, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import pytest

    from alertd.core.bars import Bar, Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.notices import Notice
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import State
    from alertd.store.answers import EventRow

SWEEP = timedelta(minutes=15)
SETTLED = timedelta(hours=2)
DAYS = ("2026-03-09", "2026-03-10", "2026-03-11")

Told = set[tuple["AlertId", str, "datetime", float]]


class Quoted(Tape):
    """A tape that says, too, what its newest bar has shown of the day."""

    room = 100

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        return {each.symbol: self._quote(each.symbol) for each in listings}

    def second(self, *_asked: object) -> Series | None:
        return None

    def _quote(self, symbol: Symbol) -> Quote:
        seen = [each for each in self.tape if each.start < self.clock.now()]
        if not seen:
            return Quote(symbol)
        newest = seen[-1]
        session = SESSIONS.last(newest.start, Hours.REGULAR)
        if session is None or not session.holds(newest.start, Hours.REGULAR):
            return Quote(symbol, newest.close, newest.start)
        of_day = [each for each in seen if session.holds(each.start, Hours.REGULAR)]
        low, high = min(each.low for each in of_day), max(each.high for each in of_day)
        return Quote(symbol, newest.close, newest.start, low, high)


class Swept(World):
    """A world whose symbol is swept, and looked at sooner only where a quote points at it."""

    def __init__(self, path: Path, alerts: list[Rule], course: list[Bar], chance: float) -> None:
        super().__init__(path, "04:00", alerts, course)
        self.chance = chance
        self.source = self.quoted = Quoted(self.clock, course)
        self.source.official, self.source.outlooks = [*almanac().days], [OUTLOOK]
        self.plan = replace(self.plan, sweep=SWEEP)
        self.watch = self._watch()

    def _watch(self) -> Watch:
        chance, board = self.chance, self.quoted
        return Watch(self.clock, board, self.store, self.plan, board, lambda: chance)

    def restart(self) -> None:
        super().restart()
        self.watch = self._watch()

    def turn(self, moment: datetime) -> None:
        self.clock.to(max(moment, self.clock.now()))
        while self.watch.step() is not None:
            pass

    def events(self) -> list[EventRow]:
        reader = Reader.open(self.path)
        assert reader
        return [row for row in reader.events(999) if row.standing != "withdrawn"]

    def left(self) -> tuple[Told, dict[AlertId, State]]:
        """Catch up, end, and return what was told and where the alerts stand."""
        self.restart()
        self.turn(max(self.clock.now(), self.source.tape[-1].end) + SETTLED)
        states = self.states()
        self.store.close()
        events = [row.notice.event for row in self.events()]
        return {
            (e.alert, e.kind.value, e.at, e.price) for e in events if e.kind is not Kind.HELD
        }, states


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(), bars(), st.floats(0, 0.99), st.data())
def test_glances_and_sweeps_at_random_tell_what_one_poll_tells(
    tmp_path_factory: pytest.TempPathFactory,
    alerts: list[Rule],
    course: list[Bar],
    chance: float,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("worlds")
    swept = Swept(folder / "swept", alerts, course, chance)
    swept.turn(swept.clock.now())
    seconds = st.integers(-90, 600)
    after = data.draw(st.lists(st.tuples(st.sampled_from(course), seconds), max_size=12))
    for moment in sorted(one.end + timedelta(seconds=seconds) for one, seconds in after):
        if data.draw(st.booleans()):
            swept.restart()
        swept.turn(moment)
    once = Swept(folder / "once", alerts, course, 0.0)
    once.turn(once.clock.now())
    assert swept.left() == once.left()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(), bars(), st.floats(0, 0.99))
def test_nothing_is_found_later_than_by_the_next_sweep(
    tmp_path_factory: pytest.TempPathFactory,
    alerts: list[Rule],
    course: list[Bar],
    chance: float,
) -> None:
    held = {one.id for one in alerts if isinstance(one.hold, Closes)}
    for notice in lived(tmp_path_factory, alerts, course, chance):
        if notice.event.kind in (Kind.FIRED, Kind.RECOVERED) and notice.event.alert not in held:
            assert notice.detected_at - notice.event.bar_end <= SWEEP + MINUTE


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sets(st.integers(-12, 12), min_size=1, max_size=5), bars(), st.floats(0, 0.99))
def test_a_level_that_the_newest_price_is_at_is_found_at_the_next_glance(
    tmp_path_factory: pytest.TempPathFactory,
    ticks: set[int],
    course: list[Bar],
    chance: float,
) -> None:
    alerts = [rule(f"touches {150 + tick / 4}", id=f"n{tick}", once=True) for tick in ticks]
    closes = {one.start: one.close for one in course}
    for notice in lived(tmp_path_factory, alerts, course, chance):
        if notice.event.kind is Kind.FIRED and notice.event.price == closes[notice.event.bar_start]:
            assert notice.detected_at - notice.event.bar_end <= MINUTE


def lived(
    folders: pytest.TempPathFactory, alerts: list[Rule], course: list[Bar], chance: float
) -> list[Notice]:
    """Return what is told of a course that is looked at each minute, until all of it is swept."""
    swept = Swept(folders.mktemp("worlds") / "db", alerts, course, chance)
    swept.turn(swept.clock.now())
    for day in DAYS:
        for minute in range(36):
            swept.turn(at("15:48:30", day) + minute * MINUTE)
    told = [row.notice for row in swept.events()]
    swept.store.close()
    return told
