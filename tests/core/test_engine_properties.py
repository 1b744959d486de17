"""What holds for every set of alerts and every course of the price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from alertd.core.bars import path
from alertd.core.book import Cursor, Market
from alertd.core.engine import Judgement, in_order, judge
from alertd.core.events import Kind
from alertd.core.judge import at_point, watches
from alertd.core.lines import backs
from alertd.core.points import Point
from alertd.core.rules import AlertId, Figure
from alertd.core.states import Phase, State
from tests.support.build import SESSIONS, almanac, judged, market
from tests.support.plain import PlainLoop
from tests.support.strategies import bars, births, grown, rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alertd.core.bars import Bar
    from alertd.core.events import Event
    from alertd.core.rules import Rule

LATER = timedelta(hours=1)
SETTLE = timedelta(minutes=5)
States = Mapping[AlertId, State]
NEW: States = {}
LIVE = Market(SESSIONS, 4, SETTLE, timedelta(0), {}, almanac())


def one_pass(alerts: Sequence[Rule], course: Sequence[Bar], states: States = NEW) -> Judgement:
    return judge(alerts, states, Cursor(), course, market=LIVE, now=course[-1].end + LATER)


def polled(
    alerts: Sequence[Rule],
    polls: Sequence[tuple[datetime, Sequence[Bar]]],
    states: States = NEW,
) -> tuple[Judgement, dict[object, Event]]:
    """Judge what each poll shows from the cursor and the states that the last one kept."""
    kept = Judgement(Cursor(), states, (), ())
    sent: dict[object, Event] = {}
    for now, shown in polls:
        kept = judge(alerts, kept.states, kept.cursor, shown, market=LIVE, now=now)
        for event in kept.events:
            sent.setdefault(event.id, event)
    return kept, sent


@given(rules(), bars(), st.data())
def test_the_sorted_levels_fire_exactly_what_a_plain_loop_over_all_alerts_fires(
    alerts: list[Rule], course: list[Bar], data: st.DataObject
) -> None:
    states = data.draw(births(alerts, course))
    plain = PlainLoop(alerts, market())
    plain.judge(course, states)
    ladder = judge(alerts, states, Cursor(), course, market=market(), now=course[-1].end)
    assert list(ladder.events) == sorted(plain.events, key=in_order)
    assert ladder.states == plain.states


@given(rules(), bars(), st.integers(-12, 12))
def test_a_point_that_reaches_no_watch_changes_nothing(
    alerts: list[Rule], course: list[Bar], tick: int
) -> None:
    price = 150 + tick * 0.25
    for rule in (rule for rule in alerts if rule.trailing is None):
        state = judged(rule, course).states[rule.id]
        seen = watches(rule, state, 4, cooling=False)
        reached = any(
            (price > w.price if w.up else price < w.price) or (price == w.price and not w.strict)
            for w in seen
        )
        if state.side is not None and not reached:
            later = Point(price, course[-1], 4)
            after = at_point(rule, state, later, 4)
            assert after.state == state
            assert after.event is None


@given(rules(), bars())
def test_judging_a_bar_twice_equals_judging_it_once(alerts: list[Rule], course: list[Bar]) -> None:
    once = one_pass(alerts, course)
    now = course[-1].end + LATER
    again = judge(alerts, once.states, once.cursor, course, market=LIVE, now=now)
    assert again.states == once.states
    assert again.cursor == once.cursor
    assert again.events == ()


@given(rules(), bars(), st.data())
def test_any_cutting_into_polls_and_overlaps_gives_the_states_and_events_of_one_pass(
    alerts: list[Rule], course: list[Bar], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(1, len(course)), max_size=8)))
    states = data.draw(births(alerts, course[: cuts[0]] if cuts else course))
    overlap = data.draw(st.integers(0, 5))
    polls: list[tuple[datetime, Sequence[Bar]]] = []
    done = 0
    for cut in cuts:
        polls.append((course[cut - 1].end, course[max(0, done - overlap) : cut]))
        settled_by = course[cut - 1].end - SETTLE
        done = sum(bar.end <= settled_by for bar in course)
    polls.append((course[-1].end + LATER, course[max(0, done - overlap) :]))
    kept, sent = polled(alerts, polls, states)
    whole = one_pass(alerts, course, states)
    assert kept.states == whole.states
    assert sorted(sent.values(), key=in_order) == list(whole.events)


@given(rules(), bars(), st.data())
def test_bars_that_grow_between_polls_lose_no_event_and_leave_the_states_of_one_pass(
    alerts: list[Rule], course: list[Bar], data: st.DataObject
) -> None:
    polls: list[tuple[datetime, Sequence[Bar]]] = []
    for number in data.draw(st.lists(st.integers(0, len(course) - 1), max_size=8).map(sorted)):
        share = data.draw(st.sampled_from([0.0, 0.4, 0.7, 1.0]))
        forming = course[number]
        now = forming.start + share * forming.length
        polls.append((now, [*course[:number], grown(forming, share)]))
    polls.append((course[-1].end + LATER, course))
    kept, sent = polled(alerts, polls)
    whole = one_pass(alerts, course)
    assert kept.states == whole.states
    for event in whole.events:
        assert sent[event.id].bar_start == event.bar_start


@given(rules(), bars())
def test_between_two_firings_of_one_alert_lies_a_retreat(
    alerts: list[Rule], course: list[Bar]
) -> None:
    own = (a for a in alerts if isinstance(a.level, float) and a.of is Figure.PRICE)
    for rule in own:
        judgement = judged(rule, course)
        fired = [e for e in judgement.events if e.kind is Kind.FIRED]
        for first, second in pairwise(fired):
            between = [b for b in course if first.bar_start <= b.start <= second.at]
            points = [price for b in between for price in path(b)]
            back = backs(rule, judgement.states[rule.id].basis, 4)
            above = back.up is not None and max(points) >= back.up
            below = back.down is not None and min(points) <= back.down
            assert above or below


@given(rules(), bars())
def test_a_bar_sends_at_most_one_event_of_each_kind_for_an_alert(
    alerts: list[Rule], course: list[Bar]
) -> None:
    seen = [(e.alert, e.kind, e.bar_start, e.resolution) for e in judged(alerts, course).events]
    assert len(seen) == len(set(seen))


@given(rules(), bars())
def test_an_alert_that_is_done_says_nothing_more(alerts: list[Rule], course: list[Bar]) -> None:
    judgement = judged(alerts, course)
    for rule in alerts:
        fired = [e for e in judgement.events if e.alert == rule.id and e.kind is Kind.FIRED]
        if rule.once:
            assert len(fired) <= 1
            assert bool(fired) == (judgement.states[rule.id].phase is Phase.DONE)
