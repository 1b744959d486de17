"""An alert that its user has armed tells the next crossing, and none twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Split
from alertd.core.openings import at_split
from alertd.core.states import Basis, Phase, Side, State
from alertd.store.desk import Desk
from alertd.watch import LEASE
from tests.store.written import BELOW, NOW, desk_of, recorded
from tests.support.build import at, flat
from tests.support.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.store.database import Database

DAY = timedelta(days=1)
# It falls below 150, comes back by less than 1 %, and falls below it again.
TAPE = flat("09:30", 151, 149, 149.5, 150.5, 149.2, 149.2, 149.2)
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "db", "09:30", [BELOW], TAPE)


def arm(world: World) -> bool:
    desk = Desk.open(world.path)
    assert desk is not None
    return desk.arm(BELOW.id, world.clock.now())


def told(world: World) -> list[str]:
    return [f"{notice.event.at:%H:%M}" for notice in world.notices()]


def test_without_a_word_it_waits_until_the_price_is_back_far_enough(world: World) -> None:
    world.poll("09:32")
    world.poll("09:45")
    assert told(world) == ["13:31"]


def test_a_word_is_enough_while_the_bar_in_which_it_fired_may_still_change(world: World) -> None:
    world.poll_at(at("09:31") + 20 * SECOND)
    assert world.states()[BELOW.id].phase is Phase.ARMED
    assert arm(world)
    world.poll_at(at("09:31") + 40 * SECOND)
    world.poll("09:33")
    assert told(world) == ["13:31"]
    world.poll("09:45")
    assert told(world) == ["13:31", "13:34"]


def test_a_word_is_enough_when_that_is_long_settled(world: World) -> None:
    world.poll("09:32")
    world.poll_at(at("09:39"))
    assert world.states()[BELOW.id].phase is Phase.FIRED
    world.source.tape += flat("09:39", 149.2, 150.5, 149.4, 149.4)
    assert arm(world)
    assert not arm(world)
    world.poll("09:50")
    assert told(world) == ["13:31", "13:41"]


FIRED = State(Phase.FIRED, Side.BELOW, at("09:31"), fired_at=at("09:31"))


def armed(database: Database, state: State) -> State:
    recorded(database, states={BELOW.id: state})
    assert desk_of(database).arm(BELOW.id, NOW + DAY)
    (claim,) = database.claim_symbols(NOW + DAY, LEASE, 1)
    return claim.states[BELOW.id]


def test_it_keeps_what_its_level_stands_on_and_forgets_the_rest(sqlite: Database) -> None:
    stands_on = Basis(scale=0.1, level=15.0, fixed_for=at("09:30"), told_level=15.0)
    state = replace(FIRED, basis=replace(stands_on, peak=17.0, peak_at=NOW, edge=Side.ABOVE))
    kept = armed(sqlite, state)
    assert replace(kept.basis, anew=None) == stands_on
    assert (kept.fired_at, kept.suppressed, kept.since) == (None, 0, NOW + DAY)


def test_a_split_that_came_before_the_word_and_is_seen_after_it_rescales_the_level(
    sqlite: Database,
) -> None:
    split = Split(NOW + DAY / 2, 10.0)
    decision = at_split(BELOW, armed(sqlite, FIRED), split, 15.0, 2, late=False)
    assert decision is not None
    assert decision.state.basis.scale == pytest.approx(0.1)


def test_a_split_from_before_the_alert_was_written_does_not(sqlite: Database) -> None:
    split = Split(at("09:31") - DAY, 10.0)
    assert at_split(BELOW, armed(sqlite, FIRED), split, 15.0, 2, late=False) is None
