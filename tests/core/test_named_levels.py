"""Levels by name: what they are in a session, what moves them, and when an alert waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.almanac import Almanac
from alertd.core.book import Cursor
from alertd.core.engine import Judgement, judge
from alertd.core.fixing import Fixed, fixed
from alertd.core.rules import OnStart, Rule
from alertd.core.sessions import Hours
from alertd.core.states import Lack, Origin, Phase, Reason, Side, State, Want
from tests.support.build import SESSIONS, XNYS, at, bar, daily, flat, history, knowing, rule
from tests.support.build import told as told_in

if TYPE_CHECKING:
    from alertd.core.bars import Bar
    from alertd.core.book import Market

Days = tuple["Bar", ...]

DAY, NEXT = "2026-03-10", "2026-03-11"
# Highest on 2025-06-02, lowest on 2025-08-01, on 2025-03-07 higher and lower than in the year.
PAST = history(
    "2025-03-03", "2026-03-09",
    d2025_03_07="150 190 100 150", d2025_06_02="150 170 149 150", d2025_08_01="150 151 130 150",
    d2026_03_05="150 151 149 146", d2026_03_06="150 151 149 147", d2026_03_09="150 152 149 148",
)  # fmt: skip


def level(words: str, day: str = DAY, past: Days = PAST, *, whole: bool = False) -> object:
    """Return the value of a named level in the session of a day, or what it waits for."""
    known = Almanac(past, whole=whole)
    around = XNYS.sessions(date(int(day[:4]) - 2, 1, 3), date(int(day[:4]), 12, 31)).days
    index = next(i for i, session in enumerate(around) if f"{session.open:%Y-%m-%d}" == day)
    found = fixed(rule(f"above {words}"), around[index], around[index - 1], known)
    return round(found.level, 6) if isinstance(found, Fixed) and found.level else found


def waits(words: str, past: Days = PAST) -> str:
    found = level(words, past=past)
    assert isinstance(found, Lack)
    assert found.want is Want.HISTORY
    return found.words


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("52w high", 170),
        ("52w low", 130),
        ("previous close", 148),
        ("sma 3", 147),
        ("sma 2", 147.5),
        ("52w high - 2%", 166.6),
        ("52w low + 10%", 143),
        ("previous close + 3%", 152.44),
        ("sma 2 - 2%", 144.55),
    ],
)
def test_a_name_stands_for_what_the_days_before_the_session_say(words: str, value: float) -> None:
    assert level(words) == value


def test_the_all_time_high_needs_the_whole_history() -> None:
    assert level("all-time high", whole=True) == 190
    assert waits("all-time high") == "the daily bars do not go back to the first session"


def test_a_year_begins_with_the_same_day_of_the_year_before() -> None:
    edge = history(
        "2025-03-03", "2026-03-09", d2025_03_10="150 180 149 150", d2025_03_07="150 190 149 150"
    )
    assert level("52w high", past=edge) == 180
    assert level("52w high", NEXT, past=(*edge, daily(DAY, "150 151 149 150"))) == 151


def test_today_does_not_count() -> None:
    today = daily(DAY, "150 199 100 199")
    for words in ("52w high", "52w low", "previous close", "sma 3", "all-time high"):
        assert level(words, past=(*PAST, today), whole=True) == level(words, whole=True)


def test_a_leap_day_looks_back_to_the_28th() -> None:
    days = history(
        "2023-02-20", "2024-02-28", d2023_02_27="150 190 149 150", d2023_02_28="150 180 149 150"
    )
    assert level("52w high", "2024-02-29", past=days) == 180


def test_summer_time_costs_the_year_no_day() -> None:
    # In New York's winter the exchange opens an hour later by UTC than in its summer.
    days = history("2026-03-02", "2027-03-11", d2026_03_12="150 180 149 150")
    assert level("52w high", "2027-03-12", past=days) == 180


def test_a_listing_younger_than_a_year_waits_for_its_52_weeks() -> None:
    young = history("2025-03-11", "2026-03-09")
    told = "less than a year of daily bars, the first of 2025-03-11"
    assert waits("52w high", past=young) == told
    assert waits("52w low - 2%", past=young) == told
    assert level("52w high", past=history("2025-03-10", "2026-03-09")) == 151


def test_an_average_waits_for_as_many_closes_as_it_has() -> None:
    days = history("2026-03-02", "2026-03-09")
    assert level("sma 6", past=days) == 150
    assert waits("sma 7", past=days) == "6 of 7 daily closes"


def test_every_level_of_the_past_waits_while_the_last_session_is_missing() -> None:
    for words in ("52w high", "previous close", "sma 3"):
        assert waits(words, past=PAST[:-1]) == "no daily bar for 2026-03-09 yet"
    assert waits("previous close", past=()) == "no daily bar for 2026-03-09 yet"


def seen(
    alert: Rule, bars: list[Bar], past: Days = PAST, kept: Judgement | None = None
) -> Judgement:
    states, cursor = (kept.states, kept.cursor) if kept else ({}, Cursor())
    now = bars[-1].end
    return judge([alert], states, cursor, bars, market=knowing(past), now=now)


HIGH = rule("above 52w high")
BELOW_CLOSE = rule("below previous close")


def test_an_alert_fires_at_its_level_by_name_and_says_where_that_comes_from() -> None:
    event = seen(HIGH, [bar("15:59", "150"), *flat("09:30", 169, 170, 170.01, day=DAY)]).events[0]
    assert (event.level, event.price, event.at) == (170, 170.01, at("09:32", DAY))
    assert event.origin == Origin("52w high", 170, at("09:30", "2025-06-02"))
    assert event.was is None


def test_a_high_of_today_leaves_todays_level_where_it_is() -> None:
    bars = [bar("15:59", "150"), *flat("09:30", 169, 175, 168, 171, day=DAY)]
    assert told_in(HIGH, bars, knowing(PAST)) == [
        "fired 175 at 09:31 gap",
        "fired 171 at 09:33 gap",
    ]


def moved(monday: float, tuesday: float) -> Days:
    """Return a past whose last two closes are these."""
    prices = {"d2026_03_09": f"150 199 100 {monday}", "d2026_03_10": f"150 199 100 {tuesday}"}
    return history("2026-03-02", DAY, **prices)


def test_a_level_that_moves_over_the_price_is_not_a_price_that_crosses() -> None:
    days = [bar("15:59", "150"), *flat("09:30", 150, 149, day=DAY)]
    alert = rule("below previous close - 2%")  # 147, and on the next day 156.80
    found = seen(alert, [*days, *flat("09:30", 150, 149, day=NEXT)], moved(150, 160))
    assert found.events == ()
    assert found.states[alert.id].side is Side.BELOW
    assert found.states[alert.id].phase is Phase.ARMED
    reasons = [decision.reason for decision in found.decisions]
    assert reasons.count(Reason.LEVEL_MOVED) == 1


def test_the_side_after_a_move_of_the_level_is_that_of_the_last_price() -> None:
    days = [bar("15:59", "150"), *flat("09:30", 150, 149, day=DAY)]
    alert = rule("above previous close")  # 150, and on the next day 140
    silent = [*days, *flat("09:30", 151, day=NEXT)]
    assert told_in(alert, silent, knowing(moved(150, 140))) == []
    crossed = [*days, *flat("09:30", 139, 141, day=NEXT)]
    assert told_in(alert, crossed, knowing(moved(150, 140))) == ["fired 141 at 09:31 gap"]


def test_a_level_that_moves_leaves_the_phase_and_is_come_back_to_as_it_is_now() -> None:
    fired = [bar("15:59", "151"), *flat("09:30", 149, day=DAY)]
    past = moved(150, 140)
    night = seen(BELOW_CLOSE, [*fired, *flat("09:30", 139, day=NEXT)], past)
    assert night.states[BELOW_CLOSE.id].phase is Phase.FIRED
    # Armed again by 141.40, 1 % over the level of the second day.
    later = flat("09:31", 141.39, 139, day=NEXT)
    assert seen(BELOW_CLOSE, later, past, night).events == ()
    back = flat("09:31", 141.4, 139, day=NEXT)
    assert [e.price for e in seen(BELOW_CLOSE, back, past, night).events] == [139]


def test_the_next_event_says_what_the_level_was_when_it_was_last_told() -> None:
    days = [bar("15:59", "151"), *flat("09:30", 149, day=DAY), *flat("09:30", 142, 139, day=NEXT)]
    events = seen(BELOW_CLOSE, days, moved(150, 140)).events
    assert [(e.level, e.was) for e in events] == [(150, None), (140, 150)]


def test_a_level_that_moved_before_it_was_ever_told_is_told_as_moved_from_its_first() -> None:
    third = "2026-03-12"
    prices = {"d2026_03_10": "150 199 100 140", "d2026_03_11": "150 199 100 130"}
    days = [
        bar("15:59", "151"), *flat("09:30", 151, day=DAY),
        *flat("09:30", 142, 139, day=NEXT), *flat("09:30", 132, 129, day=third),
    ]  # fmt: skip
    events = seen(BELOW_CLOSE, days, history("2026-03-02", NEXT, **prices)).events
    assert [(e.level, e.was) for e in events] == [(140, 150), (130, 140)]


def test_a_level_that_was_told_by_a_recovery_is_not_told_as_moved_again() -> None:
    alert = rule("below previous close", recovery=True)
    days = [bar("15:59", "151"), *flat("09:30", 149, day=DAY), *flat("09:30", 142, 139, day=NEXT)]
    events = seen(alert, days, moved(150, 140)).events
    assert [(e.kind.value, e.was) for e in events] == [
        ("fired", None), ("recovered", 150), ("fired", None),
    ]  # fmt: skip


def test_a_hold_that_a_moved_level_undoes_is_undone() -> None:
    alert = rule("below previous close", hold=timedelta(minutes=3))
    days = [bar("15:59", "151"), *flat("15:58", 149, 149, day=DAY)]
    first = seen(alert, days, moved(150, 140))
    assert first.states[alert.id].phase is Phase.PENDING
    later = seen(alert, flat("09:30", 141, day=NEXT), moved(150, 140), first)
    assert later.states[alert.id].phase is Phase.ARMED
    stays = seen(alert, flat("09:30", 148, day=NEXT), moved(150, 149.5), first)
    assert stays.states[alert.id].phase is Phase.PENDING


def test_an_alert_that_waits_fires_nothing_and_begins_silently_when_its_level_is_there() -> None:
    bars = [*flat("09:30", 150, 190, day=DAY), *flat("09:30", 190, day=NEXT)]
    young = history("2025-03-11", DAY)
    waiting = seen(HIGH, bars[:2], young)
    lack = waiting.states[HIGH.id].basis.lack
    assert lack is not None
    assert lack.words.startswith("less than a year")
    known = seen(HIGH, bars, young)
    assert known.events == ()
    assert known.states[HIGH.id].basis.lack is None
    assert known.states[HIGH.id].side is Side.ABOVE
    on_start = rule("above 52w high", on_start=OnStart.FIRE)
    assert [e.at for e in seen(on_start, bars, young).events] == [at("09:30", NEXT)]


def test_an_alert_without_its_level_may_be_set_up_before_its_bars_come() -> None:
    on_start = rule("above previous close", on_start=OnStart.FIRE)
    new = {on_start.id: State(since=at("09:31", DAY))}
    bars = flat("09:30", 160, 161, 162, day=DAY)
    found = judge([on_start], new, Cursor(), bars, market=knowing(PAST), now=at("09:40", DAY))
    assert [event.price for event in found.events] == [161]


def test_what_is_fixed_stays_for_the_session_while_nothing_is_known_anew() -> None:
    first = seen(HIGH, [bar("15:59", "150"), *flat("09:30", 150, day=DAY)])
    silent = judge(
        [HIGH], first.states, first.cursor, flat("09:31", 171, day=DAY),
        market=knowing_nothing(), now=at("09:40", DAY),
    )  # fmt: skip
    assert [event.level for event in silent.events] == [170]
    next_day = judge(
        [HIGH], first.states, first.cursor, flat("09:31", 171, day=NEXT),
        market=knowing_nothing(), now=at("09:40", NEXT),
    )  # fmt: skip
    assert next_day.events == ()
    lack = next_day.states[HIGH.id].basis.lack
    assert lack is not None
    assert lack.words == "no daily bars yet"


def test_what_an_alert_waits_for_stays_in_its_own_words() -> None:
    first = seen(HIGH, flat("09:30", 150, day=DAY), history("2025-06-02", "2026-03-09"))
    later = judge(
        [HIGH], first.states, first.cursor, flat("09:31", 150, day=DAY),
        market=knowing_nothing(), now=at("09:40", DAY),
    )  # fmt: skip
    assert later.states == first.states


def test_a_restart_in_mid_session_gives_the_level_that_it_had() -> None:
    first = seen(HIGH, [bar("15:59", "150"), *flat("09:30", 150, day=DAY)])
    again = seen(HIGH, flat("09:31", 150, day=DAY), kept=first)
    assert again.states == first.states
    assert again.decisions == ()


def test_regular_and_extended_alerts_take_up_a_session_each_at_its_own_start() -> None:
    early = replace(HIGH, session=Hours.EXTENDED)
    bars = [bar("16:30", "150"), bar("08:00", "171", day=DAY)]
    assert [e.level for e in seen(early, bars).events] == [170]
    assert seen(HIGH, bars).states[HIGH.id].basis.fixed_for is None
    opened = SESSIONS.at(at("09:30", DAY), Hours.REGULAR)
    assert opened is not None
    assert seen(early, bars).states[HIGH.id].basis.fixed_for == opened.open


def knowing_nothing() -> Market:
    """Return the market at a poll for which nothing had to be looked up."""
    return replace(knowing(), almanac=None)
