"""What one process leaves, the next one takes up: levels, windows, sums, what was told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.core.bars import Symbol
from alertd.core.events import Kind
from alertd.core.rules import AlertId, Condition, Name, Named, Rule
from alertd.store.reading import Reader
from tests.support.build import OUTLOOK, almanac, flat
from tests.support.strategies import bars, rules
from tests.support.world import MINUTE, World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    import pytest

    from alertd.core.bars import Bar
    from alertd.core.states import State

Told = set[tuple["AlertId", str, "datetime", float]]

SETTLED = timedelta(hours=2)


def test_a_restart_fixes_the_level_anew_from_what_is_kept_by_then(tmp_path: Path) -> None:
    high = Rule(AlertId("a"), Symbol("BABA"), Condition.ABOVE, Named(Name.YEAR_HIGH))
    world = World(tmp_path / "db", "09:30", [high], flat("09:30", *[150.0] * 60))
    world.source.official = list(almanac().days)
    world.poll("09:45")
    before = world.states()[high.id].basis.level
    kept = world.store.almanac(high.symbol)
    assert kept
    days = (*kept.days[:-1], replace(kept.days[-1], high=170.0))
    world.store.keep_almanac(high.symbol, replace(kept, days=days), world.clock.now())
    world.poll("10:00")
    assert world.states()[high.id].basis.level == before == 151.5
    world.restart()
    world.poll("10:15")
    assert world.states()[high.id].basis.level == 170


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(), bars(), st.data())
def test_polls_and_restarts_at_random_over_a_real_database_tell_what_one_poll_tells(
    tmp_path_factory: pytest.TempPathFactory,
    alerts: list[Rule],
    course: list[Bar],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("worlds")
    ends = data.draw(st.lists(st.sampled_from(course), max_size=6)).copy()
    polls = [(bar.end, data.draw(st.booleans())) for bar in sorted(ends, key=lambda b: b.start)]
    often = lived(folder / "often", alerts, course, polls)
    assert often == lived(folder / "once", alerts, course, [])


def lived(
    path: Path, alerts: list[Rule], course: list[Bar], polls: Sequence[tuple[datetime, bool]]
) -> tuple[Told, dict[AlertId, State]]:
    """Return what a daemon tells of a course that it looks at so often, restarted at times."""
    world = World(path, "04:00", alerts, course)
    world.source.official = list(almanac().days)
    world.source.outlooks = [OUTLOOK]
    world.poll_at(world.clock.now())
    for moment, restarted in polls:
        if restarted:
            world.restart()
        world.poll_at(max(moment, world.clock.now() + MINUTE))
    world.restart()
    world.poll_at(max(world.clock.now(), course[-1].end) + SETTLED)
    states = world.states()
    world.store.close()
    reader = Reader.open(path)
    assert reader
    events = [row.notice.event for row in reader.events(999) if row.standing != "withdrawn"]
    told = {(e.alert, e.kind.value, e.at, e.price) for e in events if e.kind is not Kind.HELD}
    return told, states
