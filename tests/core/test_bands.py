"""`inside` and `outside`: section 5 of what an alert means, a sentence each."""

from __future__ import annotations

from datetime import timedelta

from alertd.core.events import Kind
from alertd.core.rules import Amount, Closes, OnStart
from alertd.core.states import Phase, Side
from tests.support.build import bar, daily, flat, judged, market, rule, told

INSIDE = rule("inside 148..152")
OUTSIDE = rule("outside 148..152")


def test_inside_fires_on_entering_the_band_from_either_side() -> None:
    assert told(INSIDE, flat("09:30", 153, 151.5)) == ["fired 151.5 at 09:31 gap"]
    assert told(INSIDE, flat("09:30", 147, 149)) == ["fired 149 at 09:31 gap"]


def test_outside_fires_on_leaving_the_band_by_either_edge() -> None:
    assert told(OUTSIDE, flat("09:30", 150, 152.01)) == ["fired 152.01 at 09:31 gap"]
    assert told(OUTSIDE, flat("09:30", 150, 147.99)) == ["fired 147.99 at 09:31 gap"]


def test_both_edges_belong_to_the_band() -> None:
    assert told(INSIDE, flat("09:30", 153, 152)) == ["fired 152 at 09:31 gap"]
    assert told(INSIDE, flat("09:30", 147, 148)) == ["fired 148 at 09:31 gap"]
    assert told(INSIDE, flat("09:30", 153, 152.01, 147.99)) == []
    assert told(OUTSIDE, flat("09:30", 150, 148, 152, 148)) == []


def test_a_wick_into_a_band_or_out_of_it_fires_with_its_point() -> None:
    into = [bar("09:30", "153"), bar("09:31", "153 153.5 151 153")]
    assert told(INSIDE, into) == ["fired 151 at 09:31"]
    out = [bar("09:30", "150"), bar("09:31", "150 152.5 149 150")]
    assert told(OUTSIDE, out) == ["fired 152.5 at 09:31"]


def test_an_event_names_both_edges_and_the_one_that_was_crossed() -> None:
    by_top, by_bottom = (judged(INSIDE, flat("09:30", p, 150)).events[0] for p in (153, 147))
    assert (by_top.level, by_bottom.level) == (152, 148)
    assert [event.band for event in (by_top, by_bottom)] == [(148, 152), (148, 152)]
    up, down = (judged(OUTSIDE, flat("09:30", 150, p)).events[0] for p in (153, 147))
    assert (up.level, down.level) == (152, 148)


def test_a_new_alert_over_a_band_only_takes_its_side() -> None:
    assert told(INSIDE, flat("09:30", 150, 151)) == []
    assert told(OUTSIDE, flat("09:30", 153, 154)) == []
    assert [s.side for s in judged(OUTSIDE, flat("09:30", 153)).states.values()] == [Side.ABOVE]


def test_on_start_fire_tells_of_a_band_that_holds_the_price_already() -> None:
    assert told(rule("inside 148..152", on_start=OnStart.FIRE), flat("09:30", 150)) == [
        "fired 150 at 09:30"
    ]
    left = rule("outside 148..152", on_start=OnStart.FIRE)
    assert [e.level for e in judged(left, flat("09:30", 147)).events] == [148]
    assert [e.level for e in judged(left, flat("09:30", 153)).events] == [152]
    assert told(left, flat("09:30", 152)) == []


def test_outside_is_armed_again_back_over_the_edge_by_which_the_price_left() -> None:
    down = flat("09:30", 150, 147, 149.47, 147, 149.48, 147)
    assert told(OUTSIDE, down) == ["fired 147 at 09:31 gap", "fired 147 at 09:35 gap"]
    up = flat("09:30", 150, 153, 150.49, 153, 150.48, 153)
    assert told(OUTSIDE, up) == ["fired 153 at 09:31 gap", "fired 153 at 09:35 gap"]


def test_inside_is_armed_again_so_far_out_of_the_band_on_either_side() -> None:
    over = flat("09:30", 153, 151, 153.51, 151, 153.52, 151)
    assert told(INSIDE, over) == ["fired 151 at 09:31 gap", "fired 151 at 09:35 gap"]
    under = flat("09:30", 153, 151, 146.53, 151, 146.52, 151)
    assert told(INSIDE, under) == ["fired 151 at 09:31 gap", "fired 151 at 09:35 gap"]


def test_the_distance_back_from_an_edge_may_be_an_amount() -> None:
    alert = rule("outside 148..152", rearm=Amount(0.5))
    prices = flat("09:30", 150, 147, 148.49, 147, 148.5, 147)
    assert told(alert, prices) == ["fired 147 at 09:31 gap", "fired 147 at 09:35 gap"]


def test_a_price_that_comes_back_and_leaves_by_the_other_edge_in_one_step_fires_again() -> None:
    assert told(OUTSIDE, flat("09:30", 150, 147, 149, 153)) == [
        "fired 147 at 09:31 gap", "fired 153 at 09:33 gap",
    ]  # fmt: skip


def test_a_jump_over_a_band_neither_enters_nor_leaves_it() -> None:
    assert told(INSIDE, flat("09:30", 153, 147, 153)) == []
    assert told(OUTSIDE, flat("09:30", 150, 147, 153, 147)) == ["fired 147 at 09:31 gap"]


def test_a_band_that_recovers_says_the_edge_that_was_crossed() -> None:
    alert = rule("outside 148..152", recovery=True)
    events = judged(alert, flat("09:30", 150, 153, 150)).events
    assert [(e.kind.value, e.level) for e in events] == [("fired", 152), ("recovered", 152)]


def test_a_band_may_ask_for_closes() -> None:
    alert = rule("outside 148..152", hold=Closes(2))
    first = [daily("2026-03-09", "150 151 149 150"), daily("2026-03-10", "150 153 149 152.5")]
    assert told(alert, [*first, daily("2026-03-11", "152 156 146 155")]) == ["fired 155 at 16:00"]
    at_the_edge = daily("2026-03-11", "152.5 153 151 152")
    assert told(alert, [*first, at_the_edge]) == []
    states = judged(alert, [*first, at_the_edge]).states.values()
    assert [(s.phase, s.side) for s in states] == [(Phase.ARMED, Side.AT)]


def test_closes_inside_a_band_count_its_edges_in() -> None:
    alert = rule("inside 148..152", hold=Closes(2))
    days = [
        daily("2026-03-09", "153 154 152.5 153"),
        daily("2026-03-10", "153 153 151 152"),
        daily("2026-03-11", "152 155 147 148"),
    ]
    assert told(alert, days) == ["fired 148 at 16:00"]


def test_a_band_may_ask_for_a_time() -> None:
    alert = rule("inside 148..152", hold=timedelta(minutes=2))
    assert told(alert, flat("09:30", 153, 151, 152, 148)) == ["fired 148 at 09:34"]
    assert told(alert, flat("09:30", 153, 151, 150, 152.01, 150, 150)) == []
    left = rule("outside 148..152", hold=timedelta(minutes=2))
    assert told(left, flat("09:30", 150, 153, 152, 153)) == ["fired 153 at 09:34"]
    assert told(left, flat("09:30", 150, 153, 151.99, 153, 153)) == []


def test_a_band_is_rounded_as_prices_are() -> None:
    alert = rule("inside 148.004..152.004")
    assert told(alert, flat("09:30", 153, 152), market(digits=2)) == ["fired 152 at 09:31 gap"]
    assert [e.band for e in judged(alert, flat("09:30", 153, 152), market(digits=2)).events] == [
        (148, 152)
    ]


def test_leaving_a_band_is_over_only_inside_it_and_not_beyond_its_other_edge() -> None:
    left = rule("outside 148..156", recovery=True)
    assert told(left, flat("09:30", 151, 146, 157, 155, 158)) == [
        "fired 146 at 09:31 gap", "recovered 155 at 09:33 gap", "fired 158 at 09:34 gap",
    ]  # fmt: skip


def test_a_hold_outside_a_band_fires_of_the_edge_beyond_which_it_ends() -> None:
    left = rule("outside 148..156", hold=Closes(2))
    course = [
        daily("2026-03-09", "151 151 146 146"),
        daily("2026-03-10", "163 164 162 163"),
        daily("2026-03-11", "164 165 163 164"),
    ]
    (fired,) = judged(left, course).events
    assert (fired.level, fired.price) == (156, 163)


def test_coming_back_from_inside_a_band_is_told_of_the_edge_by_which_the_price_left() -> None:
    back = judged(rule("inside 148..152", recovery=True), flat("09:30", 147, 150, 154)).events[-1]
    assert (back.kind, back.level) == (Kind.RECOVERED, 152)
