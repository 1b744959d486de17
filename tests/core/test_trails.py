"""`trails`: section 5 of what an alert means, a sentence each."""

from __future__ import annotations

from datetime import timedelta

from alertd.core.book import Cursor
from alertd.core.engine import judge
from alertd.core.states import Origin, Phase, Side, State
from tests.support.build import at, bar, flat, judged, market, rule, told

EIGHT = rule("trails 8%")


def test_a_trail_fires_as_far_under_the_highest_point_as_asked() -> None:
    assert told(EIGHT, flat("09:30", 100, 110, 101.21)) == []
    assert told(EIGHT, flat("09:30", 100, 110, 101.2)) == ["fired 101.2 at 09:32 gap"]


def test_the_first_point_is_the_first_peak() -> None:
    assert told(EIGHT, flat("09:30", 100, 92)) == ["fired 92 at 09:31 gap"]
    state = next(iter(judged(EIGHT, flat("09:30", 100)).states.values()))
    assert (state.phase, state.side, state.basis.peak) == (Phase.ARMED, Side.ABOVE, 100)


def test_a_peak_and_the_fall_from_it_may_lie_in_one_bar() -> None:
    wild = bar("09:31", "109 110 101 102")
    assert told(EIGHT, [bar("09:30", "100"), wild]) == ["fired 101 at 09:31"]
    low_first = bar("09:31", "102 110 101 109")
    assert told(EIGHT, [bar("09:30", "100"), low_first]) == []


def test_a_trail_says_its_stop_and_the_peak_that_it_comes_from() -> None:
    event = judged(EIGHT, flat("09:30", 100, 110, 105, 100)).events[0]
    assert event.level == 101.2
    assert event.origin == Origin("peak", 110, at("09:31"))


def test_a_peak_that_is_reached_again_is_as_old_as_it_was() -> None:
    event = judged(EIGHT, flat("09:30", 100, 110, 110, 101)).events[0]
    assert event.origin == Origin("peak", 110, at("09:31"))


def test_a_gap_through_the_stop_fires_at_the_open() -> None:
    bars = [bar("09:30", "110"), bar("09:31", "98 99 97 98")]
    assert told(EIGHT, bars) == ["fired 98 at 09:31 gap"]


def test_a_trail_is_armed_again_over_its_stop_with_a_peak_of_its_own() -> None:
    # The stop of 110 is 101.20, the way back over it 102.212.
    prices = flat("09:30", 110, 101, 102.21, 101, 102.22, 101, 95, 94.04)
    assert told(EIGHT, prices) == ["fired 101 at 09:31 gap", "fired 94.04 at 09:37 gap"]


def test_the_peak_stays_while_a_trail_has_fired() -> None:
    state = next(iter(judged(EIGHT, flat("09:30", 110, 101, 102)).states.values()))
    assert (state.phase, state.basis.peak) == (Phase.FIRED, 110)


def test_a_trail_that_recovers_says_so_with_its_old_stop() -> None:
    events = judged(rule("trails 8%", recovery=True), flat("09:30", 110, 101, 104)).events
    assert [(e.kind.value, e.level, e.price) for e in events] == [
        ("fired", 101.2, 101), ("recovered", 101.2, 104),
    ]  # fmt: skip


def test_a_trail_cools_down_and_may_fire_only_once() -> None:
    prices = flat("09:30", 100, 91, 100, 91)
    cooling = rule("trails 8%", cooldown=timedelta(minutes=5))
    assert told(cooling, prices) == ["fired 91 at 09:31 gap"]
    assert told(rule("trails 8%", once=True), prices) == ["fired 91 at 09:31 gap"]
    assert len(told(EIGHT, prices)) == 2


def test_a_peak_from_before_an_alert_was_set_up_does_not_count() -> None:
    bars = flat("09:30", 110, 100, 100, 93, 91)
    new = {EIGHT.id: State(since=at("09:32"))}
    seen = judge([EIGHT], new, Cursor(), bars, market=market(), now=at("09:40"))
    assert [event.price for event in seen.events] == [91]
