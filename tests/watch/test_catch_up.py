"""What is told, and what is named, when the daemon comes back after a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.events import Kind
from alertd.core.records import Gap
from alertd.store.reading import Reader
from tests.support.build import at, bar, flat, rule
from tests.support.world import World

if TYPE_CHECKING:
    from pathlib import Path

TUESDAY = "2026-03-10"


def test_several_late_events_of_one_alert_become_one_message_and_all_are_in_the_history(
    tmp_path: Path,
) -> None:
    tape = [*flat("09:30", 151), *flat("11:00", 149, 152, 148, 153, 147)]
    world = World(tmp_path / "db", "09:30", [rule("below 150", recovery=True)], tape)
    world.poll("09:31")
    assert world.poll("15:00") == 5
    (notice,) = world.notices()
    assert [event.at for event in notice.together] == [at(f"11:0{n}") for n in range(4)]
    assert notice.event.at == at("11:04")
    reader = Reader.open(tmp_path / "db")
    assert reader
    rows = reader.events(99)
    assert [row.notice.event.at for row in rows] == [at(f"11:0{n}") for n in range(5)]
    assert [row.told_with for row in rows] == [notice.event.id] * 4 + [None]


def test_late_events_of_two_alerts_are_two_messages(tmp_path: Path) -> None:
    rules = [rule("below 150"), rule("below 149", id="b")]
    world = World(tmp_path / "db", "09:30", rules, [*flat("09:30", 151), *flat("11:00", 140)])
    world.poll("09:31")
    assert world.poll("15:00") == 2
    assert [notice.together for notice in world.notices()] == [(), ()]


def test_events_that_are_not_late_are_told_one_by_one(tmp_path: Path) -> None:
    tape = flat("09:30", 151, 149, 152, 148)
    world = World(tmp_path / "db", "09:30", [rule("below 150", recovery=True)], tape)
    world.poll("09:31")
    assert world.poll("09:34") == 3
    assert [notice.together for notice in world.notices()] == [(), (), ()]


def test_time_of_a_session_that_no_bar_covers_is_named_in_the_log_and_kept(tmp_path: Path) -> None:
    tape = [*flat("09:30", *[151.0] * 30), *flat("14:00", 151, day=TUESDAY)]
    patience = timedelta(minutes=10)
    world = World(tmp_path / "db", "09:30", [rule("below 150")], tape, patience)
    world.poll("10:01")
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message} {extra}", level="WARNING")
    world.poll("14:20", TUESDAY)
    logger.remove(sink)
    gaps = world.claim().record.gaps
    assert gaps == (
        Gap(at("10:00"), at("16:00")),
        Gap(at("09:30", TUESDAY), at("14:00", TUESDAY)),
    )
    assert sum("no bar covers" in line for line in lines) == 2


def test_a_minute_without_a_trade_is_no_gap(tmp_path: Path) -> None:
    tape = [*flat("09:30", 151, 151), *flat("09:36", 151, 151)]
    patience = timedelta(minutes=10)
    world = World(tmp_path / "db", "09:30", [rule("below 150")], tape, patience)
    world.poll("09:32")
    world.poll("09:45")
    assert world.claim().record.gaps == ()


def test_coarse_bars_after_fine_ones_neither_lose_nor_double_a_crossing(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 152, 152))
    world.poll("09:32")
    world.poll("09:45")
    world.source.tape = [
        bar("09:30", "151 152 149 152", minutes=5),
        bar("10:30", "152 153 148 149", minutes=60),
    ]
    world.poll("13:00")
    fired = [n.event for n in world.notices() if n.event.kind is Kind.FIRED]
    assert [event.at for event in fired] == [at("09:31"), at("10:30")]
    assert [event.resolution for event in fired] == [timedelta(minutes=1), timedelta(hours=1)]


def test_events_of_one_bar_are_told_in_the_order_in_which_they_happened(tmp_path: Path) -> None:
    tape = [*flat("09:30", 151), bar("09:31", "151 152 149 152")]
    world = World(tmp_path / "db", "09:30", [rule("below 150", recovery=True)], tape)
    world.poll("09:32")
    assert [n.event.kind for n in world.notices()] == [Kind.FIRED, Kind.RECOVERED]


def test_a_late_message_is_about_what_happened_last_even_within_one_bar(tmp_path: Path) -> None:
    tape = [*flat("09:30", 151), *flat("11:00", 149), bar("11:01", "149 152 147 148")]
    world = World(tmp_path / "db", "09:30", [rule("below 150", recovery=True)], tape)
    world.poll("09:31")
    world.poll("15:00")
    (notice,) = world.notices()
    assert notice.event.kind is Kind.FIRED
    assert [event.kind for event in notice.together] == [Kind.FIRED, Kind.RECOVERED]
    reader = Reader.open(tmp_path / "db")
    assert reader
    assert [row.notice.event.kind for row in reader.events(9)] == [
        Kind.FIRED, Kind.RECOVERED, Kind.FIRED,
    ]  # fmt: skip
