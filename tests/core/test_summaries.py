"""How an alert would have behaved, in numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.core.rules import Closes, Figure, Percent
from alertd.core.sessions import Hours
from alertd.core.summaries import no_history
from alertd.replay import replay
from tests.support.build import at, bar, daily, flat, rule, series

if TYPE_CHECKING:
    from alertd.core.bars import Bar
    from alertd.core.rules import Rule
    from alertd.core.summaries import Summary

BABA = listing(Symbol("BABA"))
DAYS = ("2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13", "2026-03-16")


def summary(one: Rule, bars: list[Bar]) -> Summary:
    (found,) = replay([one], series(bars), BABA).summaries
    return found


def days(*prices: str) -> list[Bar]:
    return [
        daily(day, price if " " in price else " ".join([price] * 4))
        for day, price in zip(DAYS, prices, strict=False)
    ]


def test_firings_and_recoveries_are_counted() -> None:
    found = summary(rule("below 150", recovery=True), flat("09:30", 151, 149, 152, 148))
    assert (len(found.firings), found.recovered, found.repeats) == (2, 1, 0)


def test_every_repeat_of_the_run_counts_and_not_only_those_since_the_last_firing() -> None:
    bars = flat("09:30", 151, 149, 151, 149, 152, 149, 151, 149)
    assert summary(rule("below 150"), bars).repeats == 2


def test_a_repeat_within_the_bar_that_fired_counts() -> None:
    twice = [bar("09:30", "151"), bar("09:31", "149 153 148 149")]
    found = summary(rule("below 150", rearm=Percent(1)), twice)
    assert (len(found.firings), found.repeats) == (1, 1)


def test_a_recovery_that_is_not_told_a_second_time_is_no_repeat() -> None:
    swing = bar("09:32", "152 152.5 148 152.2")
    found = summary(rule("below 150", recovery=True), [*flat("09:30", 151, 149), swing])
    assert (len(found.firings), found.recovered, found.repeats) == (2, 1, 0)


def test_a_cooldown_suppresses_and_is_counted() -> None:
    one = rule("below 150", cooldown=timedelta(hours=1))
    assert summary(one, flat("09:30", 151, 149, 153, 149, 153)).repeats == 1


def test_what_the_price_did_is_measured_from_the_firing_to_later_regular_closes() -> None:
    calm = ["158 158 158 158"] * 3
    bars = days("151 151 149 149", "149 150 148 148", "150 160 150 158", *calm)
    (firing,) = summary(rule("below 150"), bars).firings
    assert firing.price == 149
    assert firing.after == {
        1: pytest.approx((148 / 149 - 1) * 100), 5: pytest.approx((158 / 149 - 1) * 100),
    }  # fmt: skip


def test_a_session_that_is_not_over_has_no_close_to_measure_by() -> None:
    bars = [*flat("15:58", 151, 149), *flat("09:30", 150, day="2026-03-10")]
    (firing,) = summary(rule("below 150"), bars).firings
    assert firing.after == {}


def test_the_median_says_of_how_many_firings_it_is() -> None:
    bars = days("151 151 149 149", "149 153 149 153", "153 153 147 147", "147 150 147 150")
    found = summary(rule("below 150"), bars)
    changes = [153 / 149 - 1, 150 / 147 - 1]
    assert [firing.price for firing in found.firings] == [149, 147]
    middle, count = found.median(1) or (0.0, 0)
    assert middle == pytest.approx(sum(changes) * 50)
    assert count == 2
    assert found.median(5) is None


@pytest.mark.parametrize("clock", ["08:00", "16:30"])
def test_what_fires_outside_of_regular_hours_is_measured_from_its_own_day(clock: str) -> None:
    days = [
        flat("15:59", 151, day="2026-03-06"),
        *sorted([flat(clock, 148), flat("15:59", 151)], key=lambda bars: bars[0].start),
        flat("15:59", 154, day="2026-03-10"),
    ]
    one = rule("below 150", session=Hours.EXTENDED)
    (firing,) = summary(one, [each for day in days for each in day]).firings
    assert firing.after == {1: pytest.approx((154 / 148 - 1) * 100)}


def test_a_move_that_goes_as_far_twice_in_one_bar_is_a_repeat() -> None:
    bars = [bar("09:30", "100"), bar("09:31", "100 104 95 99")]
    found = summary(rule("rises 3% within 1h"), bars)
    assert (len(found.firings), found.repeats) == (1, 1)


@pytest.mark.parametrize(
    ("prices", "minutes"),
    [((151, 151, 151, 151), 4), ((151, 149, 149, 149), 3), ((151, 149, 153, 149, 149), 2)],
    ids=["never fired", "once", "twice"],
)
def test_the_longest_silence_reaches_from_the_first_bar_to_the_last(
    prices: tuple[float, ...], minutes: int
) -> None:
    assert summary(rule("below 150"), flat("09:30", *prices)).silence == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("one", "note"),
    [
        (rule("below 100"), "never touched"),
        (rule("moves 9%"), "waits: no daily bar for 2026-03-06 yet"),
        (rule("rises 9% within 1h"), "never so far"),
        (rule("below 150", hold=Closes(1)), "crossed 1 time, never held"),
        (rule("below 150"), ""),
    ],
    ids=lambda each: getattr(each, "condition", each),
)
def test_an_alert_that_never_fired_says_why(one: Rule, note: str) -> None:
    assert summary(one, flat("09:30", 151, 149, 151)).note == note


def test_only_what_is_said_of_a_company_has_no_history() -> None:
    assert no_history(rule("above analyst high - 2%")) == "analyst high"
    assert no_history(rule("above 20", of=Figure.FORWARD_PE)) == "forward P/E"
    assert no_history(rule("above 3", of=Figure.VOLUME)) is None
    assert no_history(rule("above 52w high")) is None


def test_a_silence_counts_only_the_time_in_which_an_alert_could_act() -> None:
    bars = days(*["100"] * 6)
    waiting = summary(rule("above previous close"), bars)
    assert waiting.silence == bars[-1].end - bars[1].start
    # On the 12th nobody knows the close before it.
    thin = [*bars[:2], *bars[3:]]
    whole, out = thin[-1].end - thin[1].start, bars[4].start - bars[3].start
    assert summary(rule("above previous close"), thin).silence == whole - out
    assert summary(rule("above 52w high"), bars).silence == timedelta(0)
    assert summary(rule("above 150"), bars).silence == bars[-1].end - bars[0].start


def test_a_silence_ends_when_an_alert_does() -> None:
    bars = flat("09:30", 151, 151, 149, 149, 149, 149, 149)
    assert summary(rule("below 150"), bars).silence == timedelta(minutes=5)
    assert summary(rule("below 150", once=True), bars).silence == timedelta(minutes=2)
    expiring = rule("below 140", expires=at("09:33"))
    assert summary(expiring, bars).silence == timedelta(minutes=3)
    assert summary(rule("below 140", expires=at("09:00")), bars).silence == timedelta(0)


def test_history_that_came_later_is_said_with_its_day() -> None:
    bars = days("100 101 99 100", "100 101 99 100")
    assert summary(rule("above previous close"), bars).able_since == at("09:30", "2026-03-10")
    assert summary(rule("above 100"), bars).able_since is None
