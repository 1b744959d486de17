"""The cursor: what is kept, what is sent and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from alertd.core.bars import Last
from alertd.core.book import Cursor, Market
from alertd.core.calendars import Calendar
from alertd.core.engine import Judgement, judge
from alertd.core.rules import AlertId, Closes, OnStart, Rule
from alertd.core.states import Phase, Side, State
from tests.support.build import SESSIONS, at, bar, flat, rule

SETTLE = timedelta(minutes=5)
LIVE = Market(SESSIONS, 4, SETTLE, timedelta(0), {})
BELOW = rule("below 150")
HELD = rule("below 150", hold=Closes(1))


def poll(
    rules: Rule, before: Judgement | None, clock: str, *bars: object, market: Market = LIVE
) -> Judgement:
    states, cursor = (before.states, before.cursor) if before else ({}, Cursor())
    return judge([rules], states, cursor, bars, market=market, now=at(clock))  # type: ignore[arg-type]


def test_a_bar_that_has_not_settled_fires_at_once_and_leaves_the_state_alone() -> None:
    seen = poll(BELOW, None, "09:32", *flat("09:30", 151, 149))
    assert [event.price for event in seen.events] == [149]
    assert seen.states == {BELOW.id: State()}
    assert seen.cursor.at is None


def test_the_forming_bar_is_judged() -> None:
    seen = poll(BELOW, None, "09:31:10", bar("09:30", "151"), bar("09:31", "150.5 150.6 149.9 150"))
    assert [event.price for event in seen.events] == [149.9]


def test_when_the_bar_settles_the_same_event_comes_up_again_under_its_id() -> None:
    bars = flat("09:30", 151, 149)
    early = poll(BELOW, None, "09:32", *bars)
    late = poll(BELOW, early, "09:40", *bars)
    assert [e.id for e in late.events] == [e.id for e in early.events]
    assert late.states[BELOW.id].phase is Phase.FIRED


def test_the_cursor_is_the_end_of_the_last_settled_bar() -> None:
    seen = poll(BELOW, None, "09:40", *flat("09:30", 151, 151, 151, 151, 151, 151, 151))
    assert seen.cursor.at == at("09:35")
    assert seen.cursor.regular == Last(151, at("09:34"))


def test_bars_that_the_cursor_has_passed_are_skipped() -> None:
    first = poll(BELOW, None, "09:40", *flat("09:30", 151, 151))
    again = poll(BELOW, first, "09:41", bar("09:31", "140"), bar("09:32", "151"))
    assert again.events == ()


def test_a_bar_that_settles_in_another_shape_counts_in_its_last_one() -> None:
    first = poll(BELOW, None, "09:31", bar("09:30", "151 151 149 150.5"))
    assert len(first.events) == 1
    revised = poll(BELOW, first, "09:40", bar("09:30", "151 151 150.2 150.5"))
    assert revised.events == ()
    assert revised.states[BELOW.id].phase is Phase.ARMED


def test_a_new_alert_takes_its_side_from_the_last_price_before_it_was_set_up() -> None:
    since = {BELOW.id: State(since=at("09:45"))}
    bars = [*flat("09:40", 149, 151), bar("09:45", "149.5")]
    seen = judge([BELOW], since, Cursor(), bars, market=LIVE, now=at("09:55"))
    assert [event.price for event in seen.events] == [149.5]


def test_a_crossing_from_before_an_alert_was_set_up_is_not_told() -> None:
    since = {BELOW.id: State(since=at("09:45"))}
    seen = judge([BELOW], since, Cursor(), flat("09:40", 151, 149), market=LIVE, now=at("09:55"))
    assert seen.events == ()
    later = judge(
        [BELOW],
        seen.states,
        seen.cursor,
        flat("09:50", 149, 151, 149),
        market=LIVE,
        now=at("10:00"),
    )
    assert [event.at for event in later.events] == [at("09:52")]


def test_the_minute_in_which_an_alert_is_set_up_counts_whole() -> None:
    since = {BELOW.id: State(since=at("09:41:40"))}
    bars = [bar("09:40", "151"), bar("09:41", "151 151 149 150.5")]
    seen = judge([BELOW], since, Cursor(), bars, market=LIVE, now=at("09:42"))
    assert [event.price for event in seen.events] == [149]


def test_on_start_fire_counts_from_the_minute_in_which_the_alert_is_set_up() -> None:
    alert = rule("below 150", on_start=OnStart.FIRE)
    since = {alert.id: State(since=at("09:45:20"))}
    bars = flat("09:43", 149, 148, 147)
    seen = judge([alert], since, Cursor(), bars, market=LIVE, now=at("09:55"))
    assert [(event.price, event.at) for event in seen.events] == [(147, at("09:45"))]


def test_a_coarse_bar_that_reaches_past_the_cursor_is_judged() -> None:
    first = poll(BELOW, None, "09:40", *flat("09:30", 151, 151))
    coarse = bar("09:30", "151 151 149 151", minutes=5)
    assert [event.price for event in poll(BELOW, first, "09:41", coarse).events] == [149]


def test_a_restart_between_the_last_minute_and_the_close_loses_no_close() -> None:
    bars = flat("15:58", 151, 149)
    first = poll(HELD, None, "16:04", *bars)
    assert first.states[BELOW.id].phase is Phase.ARMED
    second = poll(HELD, first, "16:05", *bars)
    assert second.states[BELOW.id].phase is Phase.FIRED
    assert [(e.price, e.at) for e in second.events] == [(149, at("16:00"))]


def test_an_official_close_moves_the_state_once_it_has_settled() -> None:
    official = replace(LIVE, closes={at("09:30"): 148.8})
    bars = flat("15:50", 151, 149)
    early = poll(HELD, None, "16:04", *bars, market=official)
    assert early.states[BELOW.id].phase is Phase.PENDING
    settled = poll(HELD, early, "16:05", market=official)
    assert settled.states[BELOW.id].phase is Phase.FIRED
    assert settled.cursor.closed_through == at("16:00")


def test_a_session_is_not_closed_with_an_old_bar_while_its_last_ones_may_still_come() -> None:
    first = poll(HELD, None, "16:06", *flat("15:56", 151, 149))
    assert first.states[BELOW.id].phase is Phase.PENDING
    late = poll(HELD, first, "16:07", *flat("15:58", 151, 151))
    assert late.events == ()
    assert late.states[BELOW.id].phase is Phase.ARMED


def test_an_hour_after_settling_a_session_closes_with_the_last_bar_there_is() -> None:
    first = poll(HELD, None, "16:06", *flat("15:56", 151, 149))
    assert poll(HELD, first, "17:04").events == ()
    assert [e.price for e in poll(HELD, first, "17:05").events] == [149]


def test_a_session_without_its_last_bar_closes_when_the_next_one_begins() -> None:
    first = poll(HELD, None, "16:06", *flat("15:56", 151, 149))
    assert [e.price for e in poll(HELD, first, "16:12", bar("16:10", "152")).events] == [149]


def test_a_clock_that_ran_ahead_costs_no_close_and_no_alert() -> None:
    week = timedelta(days=7)
    ahead = judge([HELD], {}, Cursor(), flat("15:57", 151), market=LIVE, now=at("16:30") + week)
    back = poll(HELD, ahead, "16:06", *flat("15:58", 149, 149))
    assert [(e.price, e.at) for e in back.events] == [(149, at("16:00"))]
    unborn = {BELOW.id: State(since=at("09:00") + week)}
    bars = [*flat("09:30", 151, 151), *flat("09:40", 149)]
    seen = judge([BELOW], unborn, Cursor(), bars, market=LIVE, now=at("09:32"))
    assert seen.states[BELOW.id].since == at("09:32")
    later = judge([BELOW], seen.states, seen.cursor, bars, market=LIVE, now=at("09:50"))
    assert [event.price for event in later.events] == [149]


def test_a_close_is_judged_at_once_when_the_last_minute_is_there() -> None:
    seen = poll(HELD, None, "16:00:10", *flat("15:58", 151, 149))
    assert [(e.price, e.at) for e in seen.events] == [(149, at("16:00"))]
    assert seen.states == {BELOW.id: State()}


def test_a_close_waits_for_the_end_of_its_session() -> None:
    assert poll(HELD, None, "15:59:50", *flat("15:58", 151, 149)).events == ()


def test_an_official_close_is_judged_at_once_though_the_last_minute_is_missing() -> None:
    official = replace(LIVE, closes={at("09:30"): 148.8})
    seen = poll(HELD, None, "16:00:10", *flat("15:55", 151, 149), market=official)
    assert [(e.price, e.at) for e in seen.events] == [(148.8, at("16:00"))]
    without = poll(HELD, None, "16:00:10", *flat("15:55", 151, 149))
    assert without.events == ()


def test_where_one_session_opens_as_the_last_one_closes_each_may_complete_a_hold() -> None:
    always = replace(LIVE, sessions=Calendar("24/7").sessions(date(2026, 3, 1), date(2026, 3, 31)))
    prices = ["151", "149", "149 152 148 149"]
    days = [bar("20:00", p, f"2026-03-{9 + n:02}", 1440) for n, p in enumerate(prices)]
    seen = judge([HELD], {}, Cursor(), days, market=always, now=days[-1].end + SETTLE)
    assert [event.at for event in seen.events] == [days[1].end, days[2].end]


def test_a_delayed_listing_settles_later_by_its_delay() -> None:
    delayed = replace(LIVE, delay=timedelta(minutes=15))
    bars = flat("09:30", 151, 149)
    assert poll(BELOW, None, "09:40", *bars, market=delayed).cursor.at is None
    assert poll(BELOW, None, "09:51", *bars, market=delayed).cursor.at == at("09:31")


def test_the_bars_of_a_delayed_listing_hold_only_once_they_cannot_grow() -> None:
    delayed = replace(LIVE, delay=timedelta(minutes=15))
    alert = rule("below 150", hold=timedelta(minutes=1))
    bars = flat("09:30", 151, 149, 149)
    assert poll(alert, None, "09:40", *bars, market=delayed).events == ()
    assert len(poll(alert, None, "09:48", *bars, market=delayed).events) == 1


def test_alerts_over_regular_and_extended_hours_keep_their_own_sides() -> None:
    from alertd.core.sessions import Hours

    rules = [rule("below 150", id="r"), rule("below 150", id="x", session=Hours.EXTENDED)]
    bars = [*flat("09:30", 151), *flat("16:10", 149)]
    seen = judge(rules, {}, Cursor(), bars, market=LIVE, now=at("17:00"))
    assert [event.alert for event in seen.events] == ["x"]
    assert seen.states[AlertId("r")].side is Side.ABOVE
    assert seen.cursor.regular == Last(151, at("09:30"))
    assert seen.cursor.extended == Last(149, at("16:10"))
