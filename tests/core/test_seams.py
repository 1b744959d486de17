"""Where bars of one length follow on bars of another, no crossing is lost and none told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from alertd.core.bars import Bar
from alertd.core.book import Cursor
from alertd.core.engine import Judgement, judge
from alertd.core.events import Kind
from alertd.core.rules import Band, Condition, Figure, Rule
from alertd.core.sessions import Hours
from alertd.core.states import Phase, Side, State
from tests.support.build import SESSIONS, at, bar, flat, market, rule
from tests.support.strategies import bars, rules

if TYPE_CHECKING:
    from collections.abc import Sequence

FROM = {
    Condition.BELOW: [Side.ABOVE],
    Condition.ABOVE: [Side.BELOW],
    Condition.TOUCHES: [Side.ABOVE, Side.BELOW],
    Condition.OUTSIDE: [Side.AT],
}
BELOW = rule("below 150")


def seen(
    alerts: Sequence[Rule], shown: Sequence[Bar], before: Judgement | None = None
) -> Judgement:
    """Judge bars, all of them settled, after what was judged before."""
    kept = before or Judgement(Cursor(), {}, (), ())
    now = shown[-1].end if shown else at("04:00")
    return judge(alerts, kept.states, kept.cursor, shown, market=market(), now=now)


def coarse(fine: Sequence[Bar]) -> Bar:
    """Return the one bar of a stretch."""
    volume = sum(bar.volume or 0 for bar in fine)
    return Bar(
        fine[0].start, fine[-1].end - fine[0].start,
        fine[0].open, max(b.high for b in fine), min(b.low for b in fine), fine[-1].close, volume,
    )  # fmt: skip


def regular(course: Sequence[Bar]) -> list[tuple[int, int]]:
    """Return where the regular minutes of each day begin and end in a course."""
    days = [SESSIONS.at(bar.start, Hours.REGULAR) for bar in course]
    found = {day: [i for i, other in enumerate(days) if other == day] for day in days if day}
    return [(places[0], places[-1] + 1) for places in found.values()]


def watching(rule: Rule, state: State | None) -> bool:
    """Tell whether an alert waits on the side from which the price would cross its own level."""
    plain = isinstance(rule.level, float | Band) and rule.of is Figure.PRICE and rule.hold is None
    return (
        plain and state is not None and state.phase is Phase.ARMED
        and state.side in FROM.get(rule.condition, [])
    )  # fmt: skip


def fired(judgement: Judgement, *, since: Bar) -> set[str]:
    found = (event for event in judgement.events if event.kind is Kind.FIRED)
    return {event.alert for event in found if event.bar_start >= since.start}


@given(rules(), bars(), st.data())
def test_a_stretch_fires_as_one_coarse_bar_what_it_fires_in_minutes(
    alerts: list[Rule], course: list[Bar], data: st.DataObject
) -> None:
    days = regular(course)
    assume(days)
    first, last = data.draw(st.sampled_from(days))
    start = data.draw(st.integers(first, last - 1))
    end = data.draw(st.integers(start + 1, last))
    before = seen(alerts, course[:start])
    waiting = {a.id for a in alerts if watching(a, before.states.get(a.id))}
    fine = seen(alerts, course[start:end], before)
    one = seen(alerts, [coarse(course[start:end])], before)
    assert fired(one, since=course[start]) & waiting == fired(fine, since=course[start]) & waiting


def cut(course: list[Bar], data: st.DataObject) -> tuple[int, int, int]:
    """Return where a coarse bar of some day begins, up to where minutes have shown it, its end."""
    days = [(first, last) for first, last in regular(course) if last - first > 1]
    assume(days)
    first, last = data.draw(st.sampled_from(days))
    start = data.draw(st.integers(first, last - 2))
    return start, data.draw(st.integers(start + 1, last - 1)), last


@given(rules(), bars(), st.data())
def test_a_coarse_bar_that_reaches_back_tells_nothing_that_its_minutes_have_told(
    alerts: list[Rule], course: list[Bar], data: st.DataObject
) -> None:
    start, until, _ = cut(course, data)
    before = seen(alerts, course[:start])
    fine = seen(alerts, course[start:until], before)
    told = {event.alert for event in fine.events if event.bar_start >= course[start].start}
    # Since the last minute the price has not moved.
    shown = coarse(course[start:until])
    shown = replace(shown, length=course[until].end - shown.start)
    again = seen(alerts, [shown], fine)
    assert {event.alert for event in again.events} & told == set()


@given(rules(), bars(), st.data())
def test_a_coarse_bar_that_reaches_back_fires_what_its_close_is_beyond(
    alerts: list[Rule], course: list[Bar], data: st.DataObject
) -> None:
    start, until, last = cut(course, data)
    fine = seen(alerts, course[:until])
    end = [replace(course[last - 1], volume=0.0)]
    waiting = {a.id for a in alerts if watching(a, fine.states.get(a.id))}
    beyond = fired(seen(alerts, flat_at(end[0]), fine), since=end[0]) & waiting
    found = seen(alerts, [coarse(course[start:last])], fine)
    assert beyond <= fired(found, since=course[start])


def flat_at(bar: Bar) -> list[Bar]:
    return [replace(bar, open=bar.close, high=bar.close, low=bar.close)]


def test_a_daily_bar_that_reaches_back_over_its_morning_fires_what_came_after() -> None:
    morning = seen([BELOW], flat("09:30", 151, 152))
    day = bar("09:30", "151 152 149 150.5", minutes=390)
    assert [e.price for e in seen([BELOW], [day], morning).events] == [149]


def test_a_low_of_the_morning_that_was_told_is_not_told_again_by_the_day() -> None:
    morning = seen([BELOW], flat("09:30", 151, 149, 152))
    day = bar("09:30", "151 153 149 151", minutes=390)
    after = seen([BELOW], [day], morning)
    assert after.events == ()
    assert after.states[BELOW.id].phase is Phase.ARMED


def test_a_day_that_closes_beyond_fires_again_after_a_morning_that_fired_and_came_back() -> None:
    morning = seen([BELOW], flat("09:30", 151, 149, 152))
    day = bar("09:30", "151 153 147 148", minutes=390)
    assert [e.price for e in seen([BELOW], [day], morning).events] == [148]


def test_the_open_of_a_bar_that_reaches_back_is_old() -> None:
    alert = rule("above 150")
    morning = seen([alert], flat("09:30", 149.5, 149))
    hour = bar("09:30", "151 152 148 149", minutes=60)
    assert [(e.price, e.gap) for e in seen([alert], [hour], morning).events] == [(152, False)]


def test_a_hold_does_not_count_a_bar_of_which_a_part_had_held_before() -> None:
    alert = rule("below 150", hold=timedelta(minutes=30))
    morning = seen([alert], flat("09:30", 151, 149, 149, 149))
    for start, left in (("09:30", 60), ("09:33", 57)):
        hour = bar(start, "149 149 148 149", minutes=left)
        after = seen([alert], [hour], morning)
        assert after.events == ()
        assert after.states[alert.id].phase is Phase.PENDING
        assert after.states[alert.id].held == timedelta(minutes=2)


def test_a_recovery_of_the_morning_is_not_told_again_by_the_day() -> None:
    alert = rule("below 150", recovery=True)
    eve = seen([alert], flat("15:58", 151, 149, day="2026-03-06"))
    morning = seen([alert], flat("09:30", 149, 152), eve)
    assert [event.kind for event in morning.events] == [Kind.RECOVERED]
    day = bar("09:30", "149 152 149 151", minutes=390)
    assert seen([alert], [day], morning).events == ()


def test_a_rise_of_the_morning_is_not_read_as_a_fall() -> None:
    alert = rule("falls 5% within 1h")
    morning = seen([alert], [*flat("09:30", 103), *flat("10:00", 100, 106)])
    hour = bar("10:00", "100 106 100 105", minutes=60)
    assert seen([alert], [hour], morning).events == ()


def test_a_move_is_not_told_twice_when_a_coarse_bar_shows_it_again() -> None:
    alert = rule("rises 5% within 1h")
    morning = seen([alert], flat("09:30", 100, 106, 105))
    assert len(morning.events) == 1
    hour = bar("09:30", "100 106 100 105", minutes=60)
    after = seen([alert], [hour], morning)
    later = seen([alert], flat("10:30", 106, 107), after)
    assert (*after.events, *later.events) == ()


def test_the_close_of_a_bar_that_reaches_back_is_the_newest_point_of_a_trailing_time() -> None:
    alert = rule("rises 5% within 1h")
    morning = seen([alert], flat("09:30", 100, 104, 103))
    after = seen([alert], [bar("09:30", "100 104 99 99", minutes=60)], morning)
    later = seen([alert], flat("10:31", 104), after)
    assert [event.price for event in later.events] == [104]


def test_a_trail_does_not_fire_on_a_low_from_before_its_peak() -> None:
    alert = rule("trails 8%")
    morning = seen([alert], flat("09:30", 100, 110))
    hour = bar("09:30", "100 110 100 109", minutes=60)
    assert seen([alert], [hour], morning).events == ()
    deep = bar("09:30", "100 110 100 101", minutes=60)
    assert [e.price for e in seen([alert], [deep], morning).events] == [101]
