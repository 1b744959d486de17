"""One cycle over one symbol: fetch, judge, record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core.rules import AlertId, Closes
from alertd.core.sessions import Hours
from alertd.core.states import Phase
from tests.support.build import at, daily, flat, rule
from tests.support.world import World

if TYPE_CHECKING:
    from pathlib import Path


TUESDAY = "2026-03-10"


def test_a_crossing_is_recorded_with_a_delivery_to_each_channel(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149.5))
    assert world.poll("09:30") == 0
    assert world.poll("09:31:30") == 1
    (notice,) = world.notices()
    assert (notice.event.price, notice.event.at) == (149.5, at("09:31"))
    assert (notice.name, notice.zone, notice.currency) == ("a by name", "America/New_York", "USD")
    assert (notice.price_now, notice.price_at) == (149.5, at("09:31"))
    assert not notice.late


def test_nothing_is_due_between_two_polls(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151))
    assert world.poll("09:30") == 0
    assert world.poll("09:30:59") is None
    assert world.poll("09:31") == 0


def test_a_crossing_seen_again_at_every_poll_is_told_once(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 149))
    found = [world.poll(f"09:{minute}") for minute in range(31, 45)]
    assert found.count(1) == 1
    assert len(world.notices()) == 1


def test_the_state_moves_once_a_bar_has_settled(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 149))
    world.poll("09:33")
    assert world.states()[AlertId("a")].phase is Phase.ARMED
    world.poll("09:38")
    assert world.states()[AlertId("a")].phase is Phase.FIRED


def test_only_the_bars_since_the_cursor_are_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", *[151] * 20))
    world.poll("09:40")
    world.poll("09:41")
    assert world.source.asked[-1][0] == at("09:35")


def test_a_new_symbol_begins_a_session_back_so_that_a_gap_at_the_next_open_is_seen(
    tmp_path: Path,
) -> None:
    tape = [*flat("15:55", 151, 151), *flat("09:30", 148, day=TUESDAY)]
    world = World(tmp_path / "db", "18:00", [rule("below 150")], tape)
    assert world.poll("18:00") == 0
    assert world.poll("09:30:30", TUESDAY) == 1
    (notice,) = world.notices()
    assert notice.event.gap


def test_what_happened_while_the_daemon_was_down_is_caught_up_and_marked_late(
    tmp_path: Path,
) -> None:
    tape = [*flat("09:30", 151, 151), *flat("10:30", 149, 152, 153)]
    world = World(tmp_path / "db", "09:30", [rule("below 150", recovery=True)], tape)
    world.poll("09:40")
    assert world.poll("12:00") == 2
    (notice,) = world.notices()
    assert [(e.kind.value, e.at) for e in (*notice.together, notice.event)] == [
        ("fired", at("10:30")),
        ("recovered", at("10:31")),
    ]
    assert notice.late
    assert notice.price_now == 153
    assert notice.detected_at == at("12:00")


def test_downtime_over_a_weekend_loses_nothing(tmp_path: Path) -> None:
    tape = [
        *flat("15:58", 151, 151, day="2026-03-06"), *flat("09:30", 148, 152),
        *flat("09:30", 147, day=TUESDAY),
    ]  # fmt: skip
    world = World(tmp_path / "db", "12:00", [rule("below 150")], tape)
    world.clock.to(at("15:00", "2026-03-06"))
    world.store.adopt([], world.clock.now())
    world.store.adopt([rule("below 150")], world.clock.now())
    world.poll("16:06", "2026-03-06")
    assert world.poll("12:00", TUESDAY) == 2


def test_a_close_that_completes_a_hold_at_a_poll_without_bars_is_told(tmp_path: Path) -> None:
    tape = flat("15:28", 151, 149)
    world = World(tmp_path / "db", "15:00", [rule("below 150", hold=Closes(1))], tape)
    world.poll("15:00")
    world.poll("15:40")
    world.source.official = [daily("2026-03-09", "151 152 148 149")]
    assert world.poll("16:00:30") == 1
    (notice,) = world.notices()
    assert (notice.event.price, notice.price_now, notice.price_at) == (149, 149, at("16:00"))


def test_a_close_that_is_missing_is_asked_for_until_an_hour_after_it_settled(
    tmp_path: Path,
) -> None:
    tape = flat("15:28", 151, 149)
    world = World(tmp_path / "db", "15:00", [rule("below 150", hold=Closes(1))], tape)
    world.poll("15:00")
    assert world.poll("16:05") == 0
    assert world.poll("16:06") == 0
    assert world.poll("17:05") == 1
    assert world.poll("17:06") is None


def test_a_symbol_is_polled_only_in_the_sessions_its_alerts_watch(tmp_path: Path) -> None:
    regular = World(tmp_path / "r", "08:00", [rule("below 150")], [])
    assert regular.poll("08:00") == 0  # the first look, for the last price
    assert regular.poll("09:29:59") is None
    assert regular.poll("09:30") == 0
    extended = rule("below 150", session=Hours.EXTENDED)
    evening = World(tmp_path / "x", "17:00", [extended, rule("above 192", id="b")], [])
    assert evening.poll("17:00") == 0
    assert evening.poll("17:01") == 0


def test_the_official_close_is_asked_for_once_a_session_is_over(tmp_path: Path) -> None:
    tape = [*flat("15:57", 151, 149, 149.2)]
    world = World(tmp_path / "db", "15:50", [rule("below 150", hold=Closes(1))], tape)
    world.source.official = [daily("2026-03-09", "151 152 148 149.17")]
    world.poll("15:50")
    assert world.poll("15:59:30") == 0
    assert world.poll("16:00:30") == 1
    (notice,) = world.notices()
    assert (notice.event.price, notice.event.at, notice.late) == (149.17, at("16:00"), False)


def test_the_official_close_is_not_asked_for_without_need(tmp_path: Path) -> None:
    other = World(tmp_path / "o", "15:50", [rule("below 150")], flat("15:57", 151, 149))
    other.poll("15:50")
    other.poll("16:00:30")
    assert other.source.asked_daily == []
    held = [rule("below 150", hold=Closes(1))]
    world = World(tmp_path / "h", "15:50", held, flat("15:57", 151, 149))
    world.poll("15:50")
    assert world.source.asked_daily == []
    world.poll("16:00:30")
    assert world.source.asked_daily == [(at("09:30"), at("16:00"))]


def test_other_levels_of_the_symbol_are_told_with_their_distance(tmp_path: Path) -> None:
    rules = [rule("below 150"), rule("above 192", id="high"), rule("touches 120", id="low")]
    world = World(tmp_path / "db", "09:30", rules, flat("09:30", 151, 149))
    world.poll("09:32")
    (notice,) = world.notices()
    assert [(o.alert, round(o.percent, 1)) for o in notice.others] == [
        ("high", 28.9),
        ("low", -19.5),
    ]


def test_an_event_is_logged_when_it_is_new_and_not_again(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 155, 149))
    world.poll("09:31:30")
    world.poll("09:33:30")
    told = [line for line in lines if line.startswith("event ")]
    assert [line.count("'price': 149") for line in told] == [1, 1]
    assert len(set(told)) == 2


def test_each_decision_is_logged_with_its_reason(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))
    world.poll("09:32")
    assert [line for line in lines if line.startswith("judged") and "crossed the level" in line]
