"""A split somewhere on the way changes the numbers, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from alertd.core.almanac import needs_outlook
from alertd.core.book import Cursor, Market
from alertd.core.engine import Judgement, in_order, judge
from alertd.core.events import Kind
from alertd.core.splits import rebases, rescaled
from tests.support.build import almanac, market
from tests.support.plain import PlainLoop
from tests.support.strategies import bars, births, in_old_and_new_shares, rules, splits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alertd.core.bars import Bar, Split
    from alertd.core.events import Event
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import State

LATER = timedelta(hours=1)
States = dict["AlertId", "State"]


def place(split: Split, shown: Sequence[Bar], settle: timedelta = timedelta(0)) -> Market:
    """Return the market as the bars of one poll show it, with a history in old shares."""
    book = almanac()
    days = tuple(in_old_and_new_shares(list(book.days), split))
    known = replace(book, days=days, splits=(split,))
    return replace(market(), almanac=known, splits=rebases([split], shown), settle=settle)


def polled(
    alerts: Sequence[Rule], states: States, split: Split, polls: Sequence[Sequence[Bar]]
) -> tuple[Judgement, dict[object, Event]]:
    """Judge what is shown at each poll of the bars that the cursor has not passed."""
    kept = Judgement(Cursor(), states, (), ())
    sent: dict[object, Event] = {}
    for bars_of_poll in polls:
        at = kept.cursor.at
        shown = [bar for bar in bars_of_poll if at is None or bar.end > at]
        now = bars_of_poll[-1].end
        last = bars_of_poll is polls[-1]
        here = place(split, shown, timedelta(0) if last else timedelta(minutes=3))
        kept = judge(alerts, kept.states, kept.cursor, shown, market=here, now=now)
        sent |= {event.id: event for event in kept.events if event.id not in sent}
    return kept, sent


def told(found: Mapping[object, Event]) -> list[Event]:
    return sorted(found.values(), key=in_order)


@given(rules(), bars(), splits(), st.data())
def test_the_sorted_levels_go_through_a_split_as_a_plain_loop_does(
    alerts: list[Rule], course: list[Bar], split: Split, data: st.DataObject
) -> None:
    raw = in_old_and_new_shares(course, split)
    states = data.draw(births(alerts, course))
    here = place(split, raw)
    plain = PlainLoop(alerts, here)
    plain.judge(raw, states)
    ladder = judge(alerts, states, Cursor(), raw, market=here, now=raw[-1].end)
    assert list(ladder.events) == sorted(plain.events, key=in_order)
    assert ladder.states == plain.states


@given(rules(), bars(), splits(), st.data())
def test_a_course_with_a_split_is_judged_the_same_however_it_is_cut_into_polls(
    alerts: list[Rule], course: list[Bar], split: Split, data: st.DataObject
) -> None:
    raw = in_old_and_new_shares(course, split)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(raw)), max_size=6)))
    states = data.draw(births(alerts, course[: cuts[0]] if cuts else course))
    whole, events = polled(alerts, states, split, [raw])
    kept, sent = polled(alerts, states, split, [*(raw[:cut] for cut in cuts), raw])
    assert kept.states == whole.states
    assert told(sent) == told(events)


def numbers_aside(states: Mapping[AlertId, State]) -> list[State]:
    """Return states without their levels by name, which round in another way in other shares."""
    blank = {"origin": None, "lack": None, "level": None, "told_level": None}
    return [replace(s, basis=replace(s.basis, **blank)) for s in states.values()]  # type: ignore[arg-type]


@given(rules(), bars(), splits(), st.data())
def test_a_source_that_rescales_the_bars_before_a_split_changes_no_state_and_tells_the_same(
    alerts: list[Rule], course: list[Bar], split: Split, data: st.DataObject
) -> None:
    # What a company earns is said again after the split, so here it is said in new shares; and
    # what an alert that is over would have become does not matter.
    alerts = [replace(rule, expires=None) for rule in alerts if not needs_outlook(rule)]
    raw = in_old_and_new_shares(course, split)
    anew = [rescaled(bar, split.ratio) for bar in course]
    after = next((i for i, bar in enumerate(course) if bar.start >= split.at), len(course))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(raw)), max_size=6)))
    states = data.draw(births(alerts, course[: cuts[0]] if cuts else course))
    seen = [raw[:cut] if cut <= after else anew[:cut] for cut in [*cuts, len(raw)]]
    whole, events = polled(alerts, states, split, [raw])
    kept, sent = polled(alerts, states, split, seen)
    assert numbers_aside(kept.states) == numbers_aside(whole.states)
    assert fired(told(sent)) == fired(told(events))
    # Who has rescaled a level early says so, though the alert be done before the split's day.
    assert split_of(told(sent)) >= split_of(told(events))


def fired(events: Sequence[Event]) -> set[object]:
    return {(event.id, event.at) for event in events if event.kind is not Kind.SPLIT}


def split_of(events: Sequence[Event]) -> set[object]:
    return {event.id for event in events if event.kind is Kind.SPLIT}


@given(rules(), bars(), splits())
def test_a_split_is_told_once_an_alert_and_fires_nothing(
    alerts: list[Rule], course: list[Bar], split: Split
) -> None:
    assume(course[0].start < split.at)
    raw = in_old_and_new_shares(course, split)
    with_split = judge(alerts, {}, Cursor(), raw, market=place(split, raw), now=raw[-1].end)
    without = judge(alerts, {}, Cursor(), course, market=market(), now=course[-1].end)
    seen = [e.alert for e in with_split.events if e.kind is Kind.SPLIT]
    assert len(seen) == len(set(seen))
    alike = {rule.id for rule in alerts if not needs_outlook(rule)}
    others = fired([event for event in with_split.events if event.alert in alike])
    assert others == fired([event for event in without.events if event.alert in alike])
