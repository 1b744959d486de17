"""What holds of the bounds of every alert, whatever its price did before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from alertd.core.bars import Bar, rounded
from alertd.core.book import Cursor, Market
from alertd.core.engine import Judgement, judge
from alertd.core.rules import Figure, Rule, Trail
from alertd.core.sessions import Hours
from tests.support.build import SESSIONS, almanac, at, market
from tests.support.strategies import bars, births, rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from hypothesis.strategies import DrawFn

    from alertd.core.pointing import Bounds
    from alertd.core.rules import AlertId
    from alertd.core.states import State

MINUTE = timedelta(minutes=1)
DAY = "2026-03-12"
SETTLED = market()
LIVE = Market(SESSIONS, 4, timedelta(minutes=5), timedelta(0), {}, almanac())
PLACES = st.sampled_from(["05:00", "10:00", "17:00"])


def minute(start: datetime, ticks: Sequence[int]) -> Bar:
    first, second, third, last = (rounded(150 + tick * 0.25) for tick in ticks)
    prices = (first, second, third, last)
    return Bar(start, MINUTE, first, max(prices), min(prices), last, 300.0)


@st.composite
def minutes(draw: DrawFn, start: datetime, ticks: st.SearchStrategy[int], most: int) -> list[Bar]:
    """Return minutes of one stretch, some missing, each of its prices one of the ticks."""
    found = sorted(draw(st.sets(st.integers(0, 30), min_size=1, max_size=most)))
    path = st.lists(ticks, min_size=4, max_size=4)
    return [minute(start + number * MINUTE, draw(path)) for number in found]


@st.composite
def courses(draw: DrawFn) -> list[Bar]:
    """Return three days around their closes, and then some minutes of a fourth."""
    day = minutes(at(draw(PLACES), DAY), st.integers(-12, 12), 5)
    return [*draw(bars()), *draw(day)]


def between(bounds: Bounds) -> list[int]:
    """Return the ticks whose prices lie strictly between two bounds."""
    return [
        tick
        for tick in range(-40, 41)
        if (bounds.below is None or 150 + tick * 0.25 > bounds.below)
        and (bounds.above is None or 150 + tick * 0.25 < bounds.above)
    ]


def judged(
    rule: Rule, course: Sequence[Bar], states: Mapping[AlertId, State], place: Market
) -> Judgement:
    return judge([rule], states, Cursor(), course, market=place, now=course[-1].end)


def plain(rule: Rule) -> bool:
    """Tell whether a rule is measured from a price that does not move along."""
    return rule.trailing is None and not isinstance(rule.level, Trail)


@given(rules(), courses(), st.data())
def test_prices_between_the_bounds_give_no_event_and_change_no_phase(
    alerts: list[Rule], course: list[Bar], data: st.DataObject
) -> None:
    states = data.draw(births(alerts, course))
    end = course[-1].end
    for rule in alerts:
        kept = judged(rule, course, states, SETTLED)
        found = kept.bounds
        if data.draw(st.booleans()):
            found = judge([rule], kept.states, kept.cursor, [], market=SETTLED, now=end).bounds
        ticks = between(found)
        if found.closely or not ticks:
            continue
        more = data.draw(minutes(end, st.sampled_from(ticks), 6))
        now = more[-1].end
        after = judge([rule], kept.states, kept.cursor, more, market=SETTLED, now=now)
        assert after.events == ()
        assert after.states[rule.id].phase is kept.states[rule.id].phase


@given(rules(), courses(), st.data())
def test_prices_between_the_bounds_give_no_event_after_bars_that_have_not_settled(
    alerts: list[Rule], course: list[Bar], data: st.DataObject
) -> None:
    for rule in alerts:
        kept = judged(rule, course, {}, LIVE)
        ticks = between(kept.bounds)
        if kept.bounds.closely or not ticks:
            continue
        more = data.draw(minutes(course[-1].end, st.sampled_from(ticks), 6))
        whole = judged(rule, [*course, *more], {}, LIVE)
        assert {event.id for event in whole.events} == {event.id for event in kept.events}


@given(rules(), courses())
def test_a_price_at_a_bound_means_something_to_an_alert_that_is_not_measured_from_an_extreme(
    alerts: list[Rule], course: list[Bar]
) -> None:
    # Before and after hours a regular alert is not asked.
    hours = Hours.REGULAR if course[-1].start >= at("09:30", DAY) else Hours.EXTENDED
    hours = Hours.EXTENDED if course[-1].start >= at("16:00", DAY) else hours
    for rule in alerts:
        kept = judged(rule, course, {}, SETTLED)
        asked = rule.session is hours or rule.session is Hours.EXTENDED
        if not plain(rule) or not asked or rule.cooldown or rule.of is Figure.VOLUME:
            continue
        for price in (kept.bounds.below, kept.bounds.above):
            if price is not None:
                more = [Bar(course[-1].end, MINUTE, price, price, price, price)]
                now = more[0].end
                after = judge([rule], kept.states, kept.cursor, more, market=SETTLED, now=now)
                assert after.decisions


@given(rules(), courses())
def test_the_newest_price_lies_between_the_bounds(alerts: list[Rule], course: list[Bar]) -> None:
    found = judge(alerts, {}, Cursor(), course, market=SETTLED, now=course[-1].end).bounds
    assert found.below is None or found.below < course[-1].close
    assert found.above is None or course[-1].close < found.above


@given(rules(), courses())
def test_levels_and_bands_are_not_watched_closely(alerts: list[Rule], course: list[Bar]) -> None:
    for rule in alerts:
        timed = isinstance(rule.hold, timedelta)
        own = rule.of is not Figure.VOLUME and not timed and not rule.cooldown
        regular = course[-1].start >= at("09:30", DAY) and course[-1].start < at("16:00", DAY)
        if plain(rule) and own and regular:
            found = judged(rule, course, {}, SETTLED)
            sideless = found.states[rule.id].side is None
            assert not found.bounds.closely or sideless
