"""What becomes of a crossing when its bar cannot be believed at once, or takes another shape."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.events import Kind
from alertd.core.quality import Verdict
from alertd.core.rules import Closes
from tests.support.build import at, bar, flat, rule
from tests.support.world import World

if TYPE_CHECKING:
    from pathlib import Path


def test_a_crossing_in_a_suspect_bar_is_held_back_until_the_next_bar_and_then_told(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 151, 120, 121))
    world.poll("09:31")
    assert world.poll("09:32:30") == 0
    assert world.poll("09:33:30") == 1
    (notice,) = world.notices()
    assert (notice.event.at, notice.event.price) == (at("09:32"), 120)


def test_a_glitch_that_the_next_bar_does_not_confirm_tells_nothing_and_is_counted_once(
    tmp_path: Path,
) -> None:
    tape = flat("09:30", 151, 151, 1.51, 151, 151)
    world = World(tmp_path / "db", "09:30", [rule("below 150")], tape)
    assert sum(world.poll(f"09:{minute}") or 0 for minute in range(31, 50)) == 0
    record = world.claim().record
    assert record.verdicts == {Verdict.DROPPED: 1}
    assert [(doubt.at, doubt.price) for doubt in record.doubts] == [(at("09:32"), 1.51)]


def test_the_last_bar_of_a_session_waits_in_doubt_for_the_next_session_without_being_lost(
    tmp_path: Path,
) -> None:
    tape = [*flat("15:58", 151, 120), *flat("09:30", 121, day="2026-03-10")]
    world = World(tmp_path / "db", "15:50", [rule("below 150")], tape)
    world.poll("16:00")
    world.poll("16:30")
    assert world.notices() == []
    world.restart()
    assert world.poll("09:31", "2026-03-10") == 1
    (notice,) = world.notices()
    assert (notice.event.at, notice.late) == (at("15:59"), True)


def test_a_session_with_its_last_bar_in_doubt_does_not_close_without_it(tmp_path: Path) -> None:
    tape = [*flat("15:57", 151, 151, 120), *flat("09:30", 121, day="2026-03-10")]
    world = World(tmp_path / "db", "15:50", [rule("below 150", hold=Closes(1))], tape)
    world.poll("16:00")
    world.poll("18:00")
    assert world.notices() == []
    world.poll("09:31", "2026-03-10")
    world.poll("09:40", "2026-03-10")
    (notice,) = world.notices()
    assert (notice.event.at, notice.event.price) == (at("16:00"), 120)


def test_a_session_that_cannot_close_is_asked_after_for_two_hours_and_then_at_the_next_open(
    tmp_path: Path,
) -> None:
    tape = flat("15:57", 151, 151, 120)
    world = World(tmp_path / "db", "15:50", [rule("below 150", hold=Closes(1))], tape)
    world.poll("15:58")
    world.poll("16:00")
    assert world.poll("17:59:30") == 0
    assert world.poll("18:00:30") == 0
    assert world.poll("18:01:30") is None
    assert world.poll("09:29:59", "2026-03-10") is None
    assert world.poll("09:30", "2026-03-10") == 0


def test_what_was_told_of_a_bar_that_settles_in_another_shape_is_withdrawn_and_told_once(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 151, 151))
    assert world.poll("09:32") == 1
    world.source.tape[1] = bar("09:31", "151 151 150.2 151")
    told = [world.poll(f"09:{minute}") for minute in range(33, 50)]
    assert told.count(1) == 1
    fired, taken_back = (notice.event for notice in world.notices())
    assert (taken_back.kind, taken_back.about) == (Kind.WITHDRAWN, "fired")
    assert (taken_back.alert, taken_back.bar_start) == (fired.alert, fired.bar_start)
    assert world.claim().open == ()


def test_what_settles_as_it_was_told_is_not_withdrawn(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 149, 149))
    assert sum(world.poll(f"09:{minute}") or 0 for minute in range(31, 50)) == 1
    assert world.claim().open == ()
    assert [notice.event.kind for notice in world.notices()] == [Kind.FIRED]


def test_a_bar_that_never_comes_back_withdraws_what_it_told_even_after_a_restart(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 151, 151))
    assert world.poll("09:32") == 1
    del world.source.tape[1]
    world.restart()
    assert world.poll("09:45") == 1
    assert [notice.event.kind for notice in world.notices()] == [Kind.FIRED, Kind.WITHDRAWN]


def test_an_event_told_of_a_minute_is_the_same_when_only_a_coarser_bar_shows_it_later(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 151, 149))
    assert world.poll("09:33") == 1
    world.source.tape[1:] = [bar("09:30", "151 151 149 149", minutes=5)]
    world.source.tape[0] = replace(world.source.tape[0], start=at("09:29"))
    assert world.poll("09:50") == 0
    assert len(world.notices()) == 1


def test_what_is_found_late_in_settled_bars_is_not_withdrawn_afterwards(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 149, 149))
    world.poll("09:31")
    assert world.poll("10:30") == 1
    world.source.tape += flat("10:30", 149, 149)
    assert [world.poll("10:32"), world.poll("10:40")] == [0, 0]
