"""`rises`, `falls` and `moves`: section 5 of what an alert means, a sentence each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from alertd.core.book import Cursor
from alertd.core.engine import judge
from alertd.core.rules import OnStart, Rule
from alertd.core.sessions import Hours
from alertd.core.states import Origin, Phase, State
from tests.support.build import NEW_YORK, at, bar, flat, history, judged, knowing, market, rule
from tests.support.build import told as told_in

# Friday and Monday closed at 150.
PAST = knowing(history("2026-03-02", "2026-03-09"))
RISES, FALLS, MOVES = rule("rises 5%"), rule("falls 5%"), rule("moves 5%")
DAY = "2026-03-10"


def told(alert: Rule, *bars: object) -> list[str]:
    return told_in(alert, [bar("15:59", "150"), *bars], PAST)  # type: ignore[list-item]


def test_a_rise_is_measured_from_the_previous_close() -> None:
    assert told(RISES, *flat("09:30", 151, 157.49, day=DAY)) == []
    assert told(RISES, *flat("09:30", 151, 157.5, day=DAY)) == ["fired 157.5 at 09:31 gap"]


def test_a_fall_is_measured_from_the_previous_close() -> None:
    assert told(FALLS, *flat("09:30", 149, 142.51, day=DAY)) == []
    assert told(FALLS, *flat("09:30", 149, 142.5, day=DAY)) == ["fired 142.5 at 09:31 gap"]


def test_a_rise_is_no_fall_and_the_other_way_round() -> None:
    assert told(RISES, *flat("09:30", 120, day=DAY)) == []
    assert told(FALLS, *flat("09:30", 180, day=DAY)) == []


def test_a_move_fires_once_in_a_session_for_each_direction() -> None:
    prices = flat("09:30", 158, 150, 158, 142, 150, 142, day=DAY)
    assert told(MOVES, *prices) == ["fired 158 at 09:30 gap", "fired 142 at 09:33 gap"]
    assert told(RISES, *prices) == ["fired 158 at 09:30 gap"]


def test_a_session_that_opens_as_far_away_as_asked_fires_at_its_open() -> None:
    assert told(MOVES, bar("09:30", "141 142 140 141", day=DAY)) == ["fired 141 at 09:30 gap"]


def test_the_next_session_is_measured_from_its_own_previous_close() -> None:
    days = history("2026-03-02", "2026-03-10", d2026_03_10="150 160 149 160")
    bars = [
        bar("15:59", "150"), *flat("09:30", 158, 160, day=DAY),
        *flat("09:30", 161, 167.99, 168, day="2026-03-11"),
    ]  # fmt: skip
    assert told_in(RISES, bars, knowing(days)) == [
        "fired 158 at 09:30 gap", "fired 168 at 09:32 gap",
    ]  # fmt: skip


def test_an_event_says_how_far_it_had_to_go_and_from_where() -> None:
    event = judged(MOVES, [bar("15:59", "150"), *flat("09:30", 140, day=DAY)], PAST).events[0]
    assert event.level == 142.5
    assert event.origin == Origin("previous close", 150, at("09:30"))


def test_an_alert_that_is_new_in_mid_session_is_silent_about_what_has_happened() -> None:
    bars = [bar("15:59", "150"), *flat("09:30", 158, 159, 150, 160, 142, day=DAY)]
    new = {MOVES.id: State(since=at("09:32", DAY))}
    seen = judge([MOVES], new, Cursor(), bars, market=PAST, now=at("09:40", DAY))
    assert [event.price for event in seen.events] == [142]
    gone = {FALLS.id: State(since=at("09:32", DAY))}
    assert judge([FALLS], gone, Cursor(), bars, market=PAST, now=at("09:40", DAY)).events != ()


def test_on_start_fire_tells_of_a_move_that_was_there_before_the_alert() -> None:
    alert = rule("rises 5%", on_start=OnStart.FIRE)
    bars = [bar("15:59", "150"), *flat("09:30", 158, 159, 160, day=DAY)]
    new = {alert.id: State(since=at("09:31:30", DAY))}
    seen = judge([alert], new, Cursor(), bars, market=PAST, now=at("09:40", DAY))
    assert [event.price for event in seen.events] == [159]
    silent = judge([RISES], new, Cursor(), bars, market=PAST, now=at("09:40", DAY))
    assert silent.events == ()


def test_a_move_without_the_previous_days_bar_waits() -> None:
    old = knowing(history("2026-03-02", "2026-03-06"))
    bars = [bar("15:59", "150"), *flat("09:30", 190, day=DAY)]
    seen = judged(MOVES, bars, old)
    assert seen.events == ()
    lack = seen.states[MOVES.id].basis.lack
    assert lack is not None
    assert lack.words == "no daily bar for 2026-03-09 yet"


def test_a_restart_in_mid_session_tells_no_direction_twice() -> None:
    bars = [bar("15:59", "150"), *flat("09:30", 158, 159, 150, day=DAY)]
    first = judged(RISES, bars, PAST)
    # The daily bars say another close by now.
    days = history("2026-03-02", "2026-03-09", d2026_03_09="150 151 149 149.9")
    again = judge(
        [RISES], first.states, first.cursor, flat("09:40", 158, 159, day=DAY),
        market=knowing(days), now=at("09:50", DAY),
    )  # fmt: skip
    assert again.events == ()
    assert again.states[RISES.id].basis.level == 149.9


def test_a_move_that_has_fired_is_armed_again_by_the_next_session() -> None:
    days = [bar("15:59", "150"), *flat("09:30", 158, day=DAY)]
    assert judged(RISES, days, PAST).states[RISES.id].phase is Phase.FIRED
    later = [*days, *flat("09:30", 158, day="2026-03-11")]
    past = knowing(history("2026-03-02", DAY, d2026_03_10="158 158 158 158"))
    assert judged(RISES, later, past).states[RISES.id].phase is Phase.ARMED


def test_a_cooldown_of_a_move_outlasts_its_session() -> None:
    past = knowing(history("2026-03-02", DAY))
    bars = [*flat("09:30", 158, day=DAY), *flat("09:30", 158, 150, day="2026-03-11")]
    slow = rule("rises 5%", cooldown=timedelta(days=2))
    assert told_in(slow, [bar("15:59", "150"), *bars], past) == ["fired 158 at 09:30 gap"]
    assert len(told_in(RISES, [bar("15:59", "150"), *bars], past)) == 2


class TestWithin:
    """`within` a time or some sessions."""

    hour, minutes = rule("rises 5% within 1h"), rule("rises 5% within 5m")

    def test_a_rise_is_measured_from_the_lowest_point_of_its_time(self) -> None:
        prices = flat("09:30", 102, 100, 103, 104.99, 105)
        event = judged(self.hour, prices).events[0]
        assert (event.price, event.level) == (105, 105)
        assert event.origin == Origin("lowest", 100, at("09:31"))

    def test_a_fall_is_measured_from_the_highest_point_of_its_time(self) -> None:
        prices = flat("09:30", 98, 100, 97, 95.01, 95)
        event = judged(rule("falls 5% within 1h"), prices).events[0]
        assert (event.price, event.level) == (95, 95)
        assert event.origin == Origin("highest", 100, at("09:31"))

    def test_moves_looks_both_ways(self) -> None:
        alert = rule("moves 5% within 1h")
        assert len(judged(alert, flat("09:30", 100, 105)).events) == 1
        assert len(judged(alert, flat("09:30", 100, 95)).events) == 1

    def test_what_is_older_than_the_time_does_not_count(self) -> None:
        inside = flat("09:30", 100, 102, 103, 104, 104.5, 105)
        assert told_in(self.minutes, inside) == ["fired 105 at 09:35 gap"]
        over = flat("09:30", 100, 102, 103, 104, 104.5, 104.5, 105)
        assert told_in(self.minutes, over) == []

    def test_after_firing_the_time_begins_anew(self) -> None:
        prices = flat("09:30", 100, 105, 106, 110.24, 110.25)
        assert told_in(self.hour, prices) == ["fired 105 at 09:31 gap", "fired 110.25 at 09:34 gap"]

    def test_an_alert_measures_from_its_own_first_point_on(self) -> None:
        new = {self.hour.id: State(since=at("09:31"))}
        bars = flat("09:30", 100, 104, 106)
        seen = judge([self.hour], new, Cursor(), bars, market=market(), now=at("09:40"))
        assert seen.events == ()

    def test_a_time_of_sessions_reaches_back_to_the_open_of_the_first(self) -> None:
        alert = rule("rises 5% within 2 sessions")
        days = [
            *flat("09:30", 99, day="2026-03-06"),
            *flat("09:30", 101, day="2026-03-09"), *flat("09:30", 105, 106, day="2026-03-10"),
        ]  # fmt: skip
        assert told_in(alert, days) == []
        assert told_in(rule("rises 5% within 3 sessions"), days) == ["fired 105 at 09:30 gap"]

    def test_a_rise_may_lie_inside_one_bar(self) -> None:
        assert told_in(self.hour, [bar("09:30", "100 105 99.5 104")]) == ["fired 105 at 09:30"]

    def test_a_cooldown_holds_back_and_counts_a_repeat(self) -> None:
        alert = rule("rises 5% within 1h", cooldown=timedelta(minutes=10))
        seen = judged(alert, flat("09:30", 100, 105, 111))
        assert len(seen.events) == 1
        assert seen.states[alert.id].suppressed == 1

    def test_once_is_once(self) -> None:
        alert = rule("rises 5% within 1h", once=True)
        assert told_in(alert, flat("09:30", 100, 105, 111)) == ["fired 105 at 09:31 gap"]

    def test_a_restart_remembers_the_time(self) -> None:
        first = judged(self.hour, flat("09:30", 102, 100, 101))
        again = judge(
            [self.hour], first.states, first.cursor, flat("09:40", 105),
            market=market(), now=at("09:45"),
        )  # fmt: skip
        assert [event.at.astimezone(NEW_YORK).minute for event in again.events] == [40]

    def test_each_kind_of_hours_has_points_of_its_own(self) -> None:
        early = [bar("09:20", "100"), bar("09:30", "105")]
        assert told_in(self.hour, early) == []
        extended = replace(self.hour, session=Hours.EXTENDED)
        assert told_in(extended, early) == ["fired 105 at 09:30 gap"]

    def test_the_tape_keeps_only_points_that_can_become_an_extreme(self) -> None:
        seen = judged(self.hour, flat("09:30", *(100 + step for step in range(4))))
        assert [mark.price for mark in seen.cursor.regular_memory.highs] == [103]
        assert [mark.price for mark in seen.cursor.regular_memory.lows] == [100, 101, 102, 103]
        late = judge(
            [self.hour], seen.states, seen.cursor, flat("11:00", 102), market=market(),
            now=at("11:01"),
        )  # fmt: skip
        assert [mark.price for mark in late.cursor.regular_memory.lows] == [102]
