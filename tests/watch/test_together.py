"""Levels that the price crosses in one cycle are one message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.crossings import TOGETHER_LIMIT
from alertd.core.events import Kind
from alertd.core.messages import message
from alertd.core.parcels import alone
from alertd.store.reading import Reader
from alertd.watch import Plan, Watch
from tests.support.build import bar, flat, rule
from tests.support.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Bar
    from alertd.core.notices import Notice
    from alertd.core.rules import Rule

THREE = [rule("below 145", id="c"), rule("below 150"), rule("below 148", id="b")]


def world(path: Path, rules: list[Rule], tape: list[Bar], **channels: str) -> World:
    """Return a world in which some alerts are told elsewhere, by their ids."""
    made = World(path / "db", "09:30", rules, tape)
    alerts = [
        replace(one, notify=(channels[one.rule.id],)) if one.rule.id in channels else one
        for one in made.plan.alerts
    ]
    plan = made.plan
    made.plan = Plan(alerts, plan.listings, plan.interval, plan.settle, plan.stale_after)
    made.watch = Watch(made.clock, made.source, made.store, made.plan)
    return made


def told(notice: Notice) -> list[tuple[str, Kind]]:
    return [(event.alert, event.kind) for event in (*notice.together, notice.event)]


def test_three_levels_that_one_gap_jumps_are_one_message_about_the_last_of_them(
    tmp_path: Path,
) -> None:
    made = world(tmp_path, THREE, flat("09:30", 151, 144))
    assert made.poll("09:32") == 3
    (notice,) = made.notices()
    assert told(notice) == [("a", Kind.FIRED), ("b", Kind.FIRED), ("c", Kind.FIRED)]
    assert message(alone(notice)).subject == (
        "BABA fell below $150.00, $148.00 and $145.00, at $144.00 (gap)"
    )


def test_each_level_of_a_message_is_in_the_history_under_its_own_name(tmp_path: Path) -> None:
    made = world(
        tmp_path, [rule("below 150"), rule("touches 148", id="b")], flat("09:30", 151, 144)
    )
    made.poll("09:32")
    reader = Reader.open(tmp_path / "db")
    assert reader
    first, second = reader.events(9)
    assert (first.notice.name, first.notice.asked, first.told_with) == (
        "a by name",
        "150",
        second.notice.event.id,
    )
    assert (second.notice.name, second.told_with) == ("b by name", None)
    assert first.notice.condition != second.notice.condition


def test_levels_crossed_minutes_apart_in_one_cycle_are_one_message(tmp_path: Path) -> None:
    made = world(tmp_path, THREE, flat("09:30", 151, 149, 147, 144))
    assert made.poll("09:34") == 3
    assert [len(notice.together) for notice in made.notices()] == [2]


def test_levels_crossed_in_two_cycles_are_two_messages_also_when_they_are_seen_again(
    tmp_path: Path,
) -> None:
    made = world(tmp_path, THREE, flat("09:30", 151, 149, 144, 144))
    assert [made.poll(f"09:3{n}:30") for n in range(5)] == [0, 1, 2, 0, 0]
    assert [told(notice) for notice in made.notices()] == [
        [("a", Kind.FIRED)],
        [("b", Kind.FIRED), ("c", Kind.FIRED)],
    ]


def test_a_wild_bar_through_levels_on_both_sides_is_one_message_in_order(tmp_path: Path) -> None:
    rules = [rule("above 160", id="high"), rule("below 150")]
    made = world(tmp_path, rules, [*flat("09:30", 151), bar("09:31", "151 161 149 161")])
    made.poll("09:32")
    (notice,) = made.notices()
    assert told(notice) == [("a", Kind.FIRED), ("high", Kind.FIRED)]


def test_levels_told_to_other_channels_are_another_message(tmp_path: Path) -> None:
    made = world(tmp_path, THREE, flat("09:30", 151, 144), b="phone")
    made.poll("09:32")
    (notice,) = made.notices()
    assert told(notice) == [("a", Kind.FIRED), ("c", Kind.FIRED)]


def test_a_recovery_of_several_levels_is_one_message(tmp_path: Path) -> None:
    rules = [replace(one, recovery=True) for one in THREE]
    made = world(tmp_path, rules, flat("09:30", 151, 144, 153))
    made.poll("09:33")
    assert [told(notice) for notice in made.notices()] == [
        [("a", Kind.FIRED), ("b", Kind.FIRED), ("c", Kind.FIRED)],
        [("c", Kind.RECOVERED), ("b", Kind.RECOVERED), ("a", Kind.RECOVERED)],
    ]


def test_no_message_tells_what_happened_on_both_sides_of_another(tmp_path: Path) -> None:
    rules = [rule("below 150", recovery=True), rule("below 148", id="b")]
    made = world(tmp_path, rules, flat("09:30", 151, 149, 152, 147))
    made.poll("09:34")
    assert [told(notice) for notice in made.notices()] == [
        [("a", Kind.FIRED)],
        [("a", Kind.RECOVERED)],
        [("a", Kind.FIRED), ("b", Kind.FIRED)],
    ]


def test_more_levels_than_one_message_tells_are_told_by_a_further_one(tmp_path: Path) -> None:
    rules = [rule(f"below {150 - n}", id=f"n{n:02}") for n in range(TOGETHER_LIMIT + 3)]
    made = world(tmp_path, rules, flat("09:30", 151, 135))
    made.poll("09:32")
    first, second = (told(notice) for notice in made.notices())
    assert (len(first), len(second)) == (1 + TOGETHER_LIMIT, 2)
    assert [alert for alert, _ in (*first, *second)] == [one.id for one in rules]


def test_what_is_taken_back_of_one_message_is_taken_back_by_one(tmp_path: Path) -> None:
    made = world(tmp_path, THREE, [*flat("09:30", 151), bar("09:31", "151 151 144 150.5")])
    made.poll("09:31:40")
    made.source.tape = flat("09:30", 151, 151, 151)
    assert made.poll("09:40") == 3
    fired, back = made.notices()
    assert [alert for alert, _ in told(back)] == [alert for alert, _ in told(fired)]
    assert message(alone(back)).subject.startswith("Taken back: BABA fell below $150.00, $148.00")
