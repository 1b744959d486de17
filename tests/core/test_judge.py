"""Section 2 to 4 of what an alert means, a sentence each."""

from __future__ import annotations

from datetime import timedelta

from alertd.core.rules import Amount, Closes, OnStart, Percent
from alertd.core.sessions import Hours
from alertd.core.states import Phase, Reason, Side, State
from tests.support.build import at, bar, daily, flat, judged, market, rule, told


def test_a_fall_through_the_level_fires_at_the_point_that_is_beyond_it() -> None:
    bars = [bar("09:30", "150.2"), bar("09:31", "150.2 150.4 149.6 149.9")]
    assert told(rule("below 150"), bars) == ["fired 149.6 at 09:31"]


def test_a_rise_through_the_level_fires_at_the_point_that_is_beyond_it() -> None:
    bars = [bar("09:30", "191.5"), bar("09:31", "191.5 192.3 191.2 192.1")]
    assert told(rule("above 192"), bars) == ["fired 192.3 at 09:31"]


def test_a_wick_that_a_poller_of_last_prices_never_sees_fires() -> None:
    bars = [bar("09:30", "150.2"), bar("09:31", "150.3 150.5 149.99 150.4")]
    assert told(rule("below 150"), bars) == ["fired 149.99 at 09:31"]


def test_a_price_of_exactly_the_level_is_on_neither_side() -> None:
    assert told(rule("below 150"), flat("09:30", 150.5, 150, 150.5, 150)) == []
    assert told(rule("below 150"), flat("09:30", 150.5, 150, 149.99)) == [
        "fired 149.99 at 09:32 gap"
    ]


def test_the_first_price_only_says_where_a_new_alert_stands() -> None:
    assert told(rule("below 150"), flat("09:30", 149, 148, 147)) == []
    assert told(rule("touches 150"), flat("09:30", 150, 150)) == []


def test_an_alert_that_begins_beyond_its_level_fires_once_the_price_came_back_and_crosses() -> None:
    assert told(rule("below 150"), flat("09:30", 149, 150.01, 149)) == ["fired 149 at 09:32 gap"]


def test_on_start_fire_fires_at_once_when_the_price_is_already_beyond() -> None:
    alert = rule("below 150", on_start=OnStart.FIRE)
    assert told(alert, flat("09:30", 149, 148)) == ["fired 149 at 09:30"]
    assert told(alert, flat("09:30", 150, 149.5)) == ["fired 149.5 at 09:31"]
    assert told(alert, flat("09:30", 151, 152)) == []


def test_touches_fires_when_a_point_reaches_the_level_from_either_side() -> None:
    assert told(rule("touches 170"), flat("09:30", 171, 170)) == ["fired 170 at 09:31 gap"]
    assert told(rule("touches 170"), flat("09:30", 169, 170)) == ["fired 170 at 09:31 gap"]
    assert told(rule("touches 170"), flat("09:30", 169, 171)) == ["fired 171 at 09:31 gap"]


def test_a_price_that_sits_on_the_level_touches_it_once() -> None:
    alert = rule("touches 170", rearm=Amount(0.00001))
    assert told(alert, flat("09:30", 171, *[170] * 20)) == ["fired 170 at 09:31 gap"]


def test_a_crossing_between_two_bars_is_a_gap() -> None:
    bars = [bar("09:30", "151 151 150.5 150.6"), bar("09:31", "149.5 149.8 149.4 149.8")]
    assert told(rule("below 150"), bars) == ["fired 149.5 at 09:31 gap"]


def test_a_crossing_inside_a_bar_is_no_gap() -> None:
    bars = [bar("09:30", "151"), bar("09:31", "150.5 150.5 149 149.5")]
    assert told(rule("below 150"), bars) == ["fired 149 at 09:31"]


def test_a_fired_alert_is_silent_until_the_price_is_back_by_rearm() -> None:
    prices = flat("09:30", 151, 149, 151.49, 149, 151.5, 149)
    assert told(rule("below 150"), prices) == ["fired 149 at 09:31 gap", "fired 149 at 09:35 gap"]


def test_rearm_is_measured_downwards_for_above() -> None:
    prices = flat("09:30", 190, 193, 190.09, 193, 190.08, 193)
    assert told(rule("above 192"), prices) == ["fired 193 at 09:31 gap", "fired 193 at 09:35 gap"]


def test_a_touch_is_armed_again_at_the_distance_on_either_side() -> None:
    alert = rule("touches 100", rearm=Percent(1))
    up_and_back = flat("09:30", 99, 100, 100.99, 100, 101, 100)
    assert told(alert, up_and_back) == ["fired 100 at 09:31 gap", "fired 100 at 09:35 gap"]
    down_and_back = flat("09:30", 99.5, 100, 99, 100)
    assert told(alert, down_and_back) == ["fired 100 at 09:31 gap", "fired 100 at 09:33 gap"]


def test_rearm_may_be_an_absolute_amount() -> None:
    prices = flat("09:30", 151, 149, 150.24, 149, 150.25, 149)
    fired = told(rule("below 150", rearm=Amount(0.25)), prices)
    assert fired == ["fired 149 at 09:31 gap", "fired 149 at 09:35 gap"]


def test_the_rearm_bound_is_rounded_as_prices_are() -> None:
    alert = rule("below 33.33", rearm=Percent(1))  # 33.6633 on paper
    prices = flat("09:30", 34, 33, 33.66, 33)
    assert told(alert, prices, market(digits=2)) == [
        "fired 33 at 09:31 gap",
        "fired 33 at 09:33 gap",
    ]
    assert told(alert, prices, market(digits=4)) == ["fired 33 at 09:31 gap"]


def test_recovery_tells_when_the_alert_is_armed_again() -> None:
    prices = flat("09:30", 151, 149, 150.5, 151.6)
    assert told(rule("below 150", recovery=True), prices) == [
        "fired 149 at 09:31 gap",
        "recovered 151.6 at 09:33 gap",
    ]


def test_a_cooldown_asks_for_its_time_and_for_the_price_to_be_back() -> None:
    alert = rule("below 150", cooldown=timedelta(minutes=5))
    early = flat("09:30", 151, 149, 152, 149, 152, 149)
    assert told(alert, early) == ["fired 149 at 09:31 gap"]
    later = flat("09:30", 151, 149, 152, 152, 152, 152, 152, 149)
    assert told(alert, later) == ["fired 149 at 09:31 gap", "fired 149 at 09:37 gap"]


def test_a_repeat_that_is_held_back_leaves_the_cooldown_as_it_is() -> None:
    alert = rule("below 150", cooldown=timedelta(minutes=5))
    prices = flat("09:30", 151, 149, 152, 149, 152, 149, 152, 149)
    assert told(alert, prices) == ["fired 149 at 09:31 gap", "fired 149 at 09:37 gap"]


def test_suppressed_repeats_are_counted_with_their_reason() -> None:
    judgement = judged(rule("below 150"), flat("09:30", 151, 149, 151, 149, 151, 149))
    assert [d.reason for d in judgement.decisions].count(Reason.NOT_BACK) == 2
    assert [state.suppressed for state in judgement.states.values()] == [2]


def test_a_firing_begins_a_new_count_of_suppressed_repeats() -> None:
    judgement = judged(rule("below 150"), flat("09:30", 151, 149, 151, 149, 152, 149))
    assert [state.suppressed for state in judgement.states.values()] == [0]


def test_once_is_done_after_the_first_firing() -> None:
    judgement = judged(rule("below 150", once=True), flat("09:30", 151, 149, 155, 149))
    assert [event.price for event in judgement.events] == [149]
    assert [state.phase for state in judgement.states.values()] == [Phase.DONE]


def test_an_expired_alert_is_not_judged() -> None:
    alert = rule("below 150", expires=at("09:32"))
    assert told(alert, flat("09:30", 151, 151, 149)) == []
    assert told(alert, flat("09:30", 151, 149, 149)) == ["fired 149 at 09:31 gap"]


def test_a_bar_tells_each_kind_once_and_still_moves_the_state() -> None:
    wild = bar("09:31", "149 153 148.9 149.5")  # fires at its open, recovers, crosses again
    judgement = judged(rule("below 150", recovery=True), [bar("09:30", "151"), wild])
    assert [event.kind.value for event in judgement.events] == ["fired", "recovered"]
    assert [d.reason for d in judgement.decisions][-1] is Reason.ALREADY_TOLD
    assert [state.phase for state in judgement.states.values()] == [Phase.FIRED]


def test_only_the_alerts_session_counts() -> None:
    early = [bar("08:00", "151"), bar("08:01", "149")]
    assert told(rule("below 150"), [*early, bar("09:30", "149.5")]) == []
    extended = rule("below 150", session=Hours.EXTENDED)
    assert told(extended, early) == ["fired 149 at 08:01 gap"]


def test_the_last_evening_and_the_open_are_neighbours_for_a_regular_alert() -> None:
    bars = [bar("15:59", "151"), bar("16:30", "149"), *flat("09:30", 149.5, day="2026-03-10")]
    assert told(rule("below 150"), bars) == ["fired 149.5 at 09:30 gap"]


class TestHoldForCloses:
    """`hold = "2 closes"`."""

    two = rule("below 150", hold=Closes(2))

    def test_fires_at_the_close_that_completes_it_and_counts_the_day_of_the_crossing(self) -> None:
        days = [
            daily("2026-03-09", "151 152 150.5 151"),
            daily("2026-03-10", "150.5 151 148 149"),
            daily("2026-03-11", "149 149.9 147 148.5"),
        ]
        assert told(self.two, days) == ["fired 148.5 at 16:00"]

    def test_a_close_that_is_not_beyond_cancels(self) -> None:
        days = [
            daily("2026-03-09", "151 152 150.5 151"),
            daily("2026-03-10", "150.5 151 148 149"),
            daily("2026-03-11", "149 150.5 147 150"),
            daily("2026-03-12", "150 150.2 149 149.5"),
        ]
        assert told(self.two, days) == []
        assert [s.closes for s in judged(self.two, days).states.values()] == [1]

    def test_after_a_cancel_the_alert_is_armed_on_its_original_side(self) -> None:
        days = [
            daily("2026-03-09", "151 152 150.5 151"),
            daily("2026-03-10", "150.5 151 148 150"),
        ]
        assert list(judged(self.two, days).states.values()) == [State(Phase.ARMED, Side.ABOVE)]

    def test_a_wick_back_over_the_level_inside_the_day_does_not_cancel(self) -> None:
        days = [
            daily("2026-03-09", "151 152 150.5 151"),
            daily("2026-03-10", "150.5 151 148 149"),
            daily("2026-03-11", "149 153 147 148.5"),
        ]
        assert told(self.two, days) == ["fired 148.5 at 16:00"]

    def test_a_session_closes_with_its_last_regular_minute(self) -> None:
        bars = [
            bar("15:58", "151"), bar("15:59", "149"), bar("16:01", "155"),
            bar("15:59", "148", day="2026-03-10"), bar("16:00", "156", day="2026-03-10"),
        ]  # fmt: skip
        assert told(self.two, bars) == ["fired 148 at 16:00"]

    def test_a_session_whose_last_minute_is_missing_closes_with_the_minute_before(self) -> None:
        bars = [
            bar("15:58", "151"), bar("15:59", "149"),
            bar("15:57", "148", day="2026-03-10"), bar("16:05", "156", day="2026-03-10"),
        ]  # fmt: skip
        assert told(self.two, bars) == ["fired 148 at 16:00"]

    def test_the_official_close_counts_where_the_source_has_one(self) -> None:
        bars = [
            bar("15:58", "151"), bar("15:59", "149"),
            bar("15:59", "148", day="2026-03-10"),
        ]  # fmt: skip
        assert told(self.two, bars, market(d2026_03_10=147.9)) == ["fired 147.9 at 16:00"]
        assert told(self.two, bars, market(d2026_03_10=150.1)) == []

    def test_a_session_without_data_counts_towards_nothing_and_changes_nothing(self) -> None:
        bars = [
            bar("15:58", "151"), bar("15:59", "149"),
            bar("15:59", "148", day="2026-03-11"),
        ]  # fmt: skip
        assert told(self.two, bars) == ["fired 148 at 16:00"]

    def test_a_half_day_closes_at_its_own_hour(self) -> None:
        bars = [
            bar("15:58", "151", day="2026-11-25"), bar("15:59", "149", day="2026-11-25"),
            bar("12:59", "148", day="2026-11-27"),
        ]  # fmt: skip
        assert told(self.two, bars) == ["fired 148 at 13:00"]

    def test_a_close_exactly_at_the_level_is_not_beyond(self) -> None:
        bars = [bar("15:58", "151"), bar("15:59", "150.5 150.5 149 150")]
        assert told(rule("below 150", hold=Closes(1)), bars) == []


class TestHoldForATime:
    """`hold = "3m"`."""

    three = rule("below 150", hold=timedelta(minutes=3))

    def test_fires_at_the_end_of_the_bar_that_completes_it_with_its_close(self) -> None:
        bars = flat("09:30", 151, 149, 149.1, 149.2, 149.3)
        assert told(self.three, bars) == ["fired 149.3 at 09:35"]

    def test_the_crossing_bar_does_not_count(self) -> None:
        assert told(self.three, flat("09:30", 151, 149, 149, 149)) == []

    def test_a_point_back_across_the_level_cancels(self) -> None:
        bars = [*flat("09:30", 151, 149, 149), bar("09:33", "149 150.01 149 149")]
        assert told(self.three, [*bars, *flat("09:34", 149, 149)]) == []

    def test_a_point_at_exactly_the_level_does_not_cancel(self) -> None:
        bars = [*flat("09:30", 151, 149, 149), bar("09:33", "149 150 149 149")]
        assert told(self.three, [*bars, *flat("09:34", 148)]) == ["fired 148 at 09:35"]

    def test_a_cancel_and_a_new_crossing_in_one_bar_begin_the_hold_anew(self) -> None:
        bars = [*flat("09:30", 151, 149, 149), bar("09:33", "149 150.01 148 149")]
        assert told(self.three, [*bars, *flat("09:34", 149, 149, 148)]) == ["fired 148 at 09:37"]

    def test_missing_minutes_count_towards_nothing(self) -> None:
        bars = [*flat("09:30", 151, 149), *flat("09:50", 149, 149), *flat("10:30", 148)]
        assert told(self.three, bars) == ["fired 148 at 10:31"]

    def test_only_minutes_of_the_alerts_session_add_up(self) -> None:
        bars = [*flat("15:57", 151, 149, 149), *flat("16:00", 149, 149, 149)]
        assert told(self.three, bars) == []
