"""Between which prices nothing happens, so that nobody need ask for bars while a price is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertd.core.book import Cursor
from alertd.core.engine import judge
from alertd.core.pointing import CLOSELY, FREE, Bounds
from alertd.core.rules import AlertId, Amount, Closes, Figure, OnStart, Rule
from alertd.core.sessions import Hours
from alertd.core.states import Phase, State
from tests.support.build import at, bar, flat, judged, knowing, market, rule


def bounds(rules: Rule | list[Rule], *prices: float, clock: str = "10:00") -> Bounds:
    """Return the bounds of new alerts after minutes of these prices."""
    return judged(rules, flat(clock, *prices)).bounds


def lively(rule: Rule, *volumes: float) -> Bounds:
    """Return the bounds after minutes that traded so much; a usual day trades 1,000."""
    bars = flat("10:00", *([150.0] * len(volumes)))
    return judged(rule, [replace(b, volume=v) for b, v in zip(bars, volumes, strict=True)]).bounds


def begun(rule: Rule, price: float) -> Bounds:
    """Return the bounds of an alert that was set up after the last bar, at this price."""
    kept = judged(replace(rule, id=AlertId("other")), flat("10:00", price)).cursor
    fixed = judged(rule, flat("09:59", price)).states[rule.id].basis
    states = {rule.id: State(since=at("12:00"), basis=replace(fixed, gone=(), peak=None))}
    return judge([rule], states, kept, [], market=market(), now=at("12:00")).bounds


@pytest.mark.parametrize(
    ("condition", "prices", "found"),
    [
        # A cent of a cent past a level that is crossed only beyond it, and at one that is touched.
        ("below 150", [152], Bounds(below=149.9999)),
        ("above 150", [148], Bounds(above=150.0001)),
        ("touches 150", [148], Bounds(above=150)),
        ("touches 150", [152], Bounds(below=150)),
        ("inside 148..150", [152], Bounds(below=150)),
        ("inside 148..150", [147], Bounds(above=148)),
        ("outside 148..150", [149], Bounds(147.9999, 150.0001)),
        # Where it is armed again; on which side of its level it is does not matter before.
        ("below 150", [152, 149], Bounds(above=151.5)),
        ("below 150", [152, 149, 151], Bounds(above=151.5)),
        ("touches 150", [152, 150], Bounds(148.5, 151.5)),
        ("touches 150", [152, 149], Bounds(148.5, 151.5)),
        ("outside 148..150", [149, 151], Bounds(below=150)),
        ("falls 2%", [150], Bounds(below=147.245)),
        ("moves 2%", [150], Bounds(147.245, 153.255)),
        ("above 52w high", [150], Bounds(above=151.5001)),
    ],
)  # fmt: skip
def test_a_level_and_a_way_back_bound_the_price(
    condition: str, prices: list[float], found: Bounds
) -> None:
    assert bounds(rule(condition), *prices) == found


def test_of_several_alerts_the_nearest_levels_count() -> None:
    levels = ["below 140", "below 145", "above 160", "above 170", "touches 165"]
    rules = [rule(words, id=words) for words in levels]
    assert bounds(rules, 150) == Bounds(144.9999, 160.0001)


def test_bars_that_have_not_settled_count_for_the_bounds() -> None:
    live = replace(market(), settle=timedelta(minutes=5))
    bars = flat("10:00", 152, 149)
    seen = judge([rule("below 150")], {}, Cursor(), bars, market=live, now=bars[-1].end)
    assert seen.states[AlertId("a")].phase is Phase.ARMED
    assert seen.bounds == Bounds(above=151.5)


@pytest.mark.parametrize(
    ("condition", "prices"),
    [
        ("below 150", [152, 158]), ("trails 8%", [158, 152]),
        ("rises 5% within 1h", [152, 158]), ("falls 5% within 5 sessions", [158, 152]),
    ],
)  # fmt: skip
def test_without_new_bars_the_bounds_stay(condition: str, prices: list[float]) -> None:
    alert = rule(condition)
    first = judged(alert, flat("10:00", *prices))
    now = at("10:30")
    again = judge([alert], first.states, first.cursor, [], market=market(), now=now)
    assert again.bounds == first.bounds != FREE


def test_an_alert_that_is_over_bounds_nothing() -> None:
    assert bounds(rule("below 150", once=True), 152, 149) == FREE
    assert bounds(rule("below 150", expires=at("10:01")), 152, 153) == FREE


def test_an_alert_that_lacks_its_level_bounds_nothing() -> None:
    bars = flat("10:00", 150, 151)
    assert judged(rule("above 52w high"), bars, knowing()).bounds == FREE


def test_what_is_still_asked_for_is_waited_for_closely() -> None:
    waiting = replace(knowing(), until=at("09:30"))
    assert judged(rule("above 52w high"), flat("10:00", 150, 151), waiting).bounds.closely


def test_a_hold_of_some_time_is_watched_closely_until_it_is_decided() -> None:
    held = rule("below 150", hold=timedelta(minutes=5))
    assert not bounds(held, 152).closely
    assert bounds(held, 152, 149).closely
    assert not bounds(held, 152, 149, 151).closely
    assert not bounds(held, 152, *[149] * 7).closely


def test_a_hold_of_closes_waits_for_the_close_and_for_no_price() -> None:
    assert bounds(rule("below 150", hold=Closes(2)), 152, 149) == FREE


def test_the_volume_is_watched_closely_while_more_of_it_means_something() -> None:
    usual = rule("above 1", of=Figure.VOLUME)
    assert lively(usual, 500) == CLOSELY
    assert lively(usual, 500, 600) == FREE


def test_an_alert_that_may_fire_at_its_first_price_is_watched_closely() -> None:
    assert begun(rule("below 150", on_start=OnStart.FIRE), 152) == CLOSELY
    assert begun(rule("below 150"), 152) == Bounds(below=149.9999)


def test_an_alert_that_has_never_seen_a_price_is_watched_closely() -> None:
    found = judge([rule("below 150")], {}, Cursor(), [], market=market(), now=at("12:00"))
    assert found.bounds == CLOSELY


def test_a_first_price_at_the_level_says_nothing_of_the_side() -> None:
    assert bounds(rule("below 150"), 150) == CLOSELY
    assert bounds(rule("touches 150"), 150) == Bounds(149.9999, 150.0001)


def test_a_new_move_that_is_as_far_already_is_watched_closely() -> None:
    assert begun(rule("moves 2%"), 160) == CLOSELY


@pytest.mark.parametrize(("cooldown", "closely"), [("30m", True), ("2h", False)])
def test_the_end_of_a_cooldown_is_waited_for_closely_when_it_is_near(
    cooldown: str, *, closely: bool
) -> None:
    long = timedelta(minutes=30) if cooldown == "30m" else timedelta(hours=2)
    cooling = rule("below 150", cooldown=long)
    assert bounds(cooling, 152, 149, 151) == Bounds(above=151.5)
    assert bounds(cooling, 152, 149, 153) == Bounds(closely=closely)


def test_a_new_high_within_the_room_of_a_trail_is_none_of_its_bounds() -> None:
    found = bounds(rule("trails 8%"), 100)
    assert found == Bounds(95.9166, 104.2572)
    assert bounds(rule("trails 8%"), 100, 97) == Bounds(93.0391, 101.1295)
    assert bounds(rule("trails 8%"), 100, 95) == Bounds(92.0, 100.0)


def test_a_trailing_time_leaves_the_price_room_on_either_side() -> None:
    assert bounds(rule("rises 5% within 1h"), 100) == Bounds(97.59, 102.4695)
    assert bounds(rule("rises 5% within 1h"), 100, 103) == Bounds(100.0, 105.0)
    assert bounds(rule("falls 5% within 1h"), 100) == Bounds(97.4679, 102.5978)
    assert bounds(rule("moves 5% within 1h"), 100) == Bounds(97.59, 102.4695)


def test_a_price_before_the_open_that_is_beyond_a_regular_level_is_watched_closely() -> None:
    rules = [rule("below 150", id="r"), rule("below 140", id="x", session=Hours.EXTENDED)]
    before = flat("15:59", 152, day="2026-03-06")
    assert judged(rules, [*before, bar("08:00", "151")]).bounds == Bounds(below=149.9999)
    gap = judged(rules, [*before, bar("08:00", "145")]).bounds
    assert gap == Bounds(below=139.9999, closely=True)


def test_an_absolute_way_back_is_a_bound() -> None:
    assert bounds(rule("above 150", rearm=Amount(2.5)), 148, 151, 149) == Bounds(below=147.5)
