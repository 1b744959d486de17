"""For how long a source is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertd.core.rests import LONGEST_REST, Rest, after_failure, after_limit, is_on
from tests.support.build import at

NOON = at("12:00")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def limits(count: int, chance: float = 0.0) -> list[float]:
    """Return the minutes of so many rests, each limit met as soon as the rest before is over."""
    rest, now, found = None, NOON, []
    for _ in range(count):
        rest = after_limit(rest, now, None, chance, "429")
        found.append((rest.until - now) / MINUTE)
        now = rest.until
    return found


def test_a_source_that_asks_for_quiet_rests_five_minutes_doubling_to_sixty() -> None:
    assert limits(7) == [5, 10, 20, 40, 60, 60, 60]


def test_a_source_that_does_not_answer_rests_a_minute_doubling_to_thirty() -> None:
    rest, now, found = None, NOON, []
    for _ in range(7):
        rest = after_failure(rest, now, 0.0, "timeout")
        found.append((rest.until - now) / MINUTE)
        now = rest.until
    assert found == [1, 2, 4, 8, 16, 30, 30]


def test_however_often_it_failed_a_rest_can_be_reckoned() -> None:
    before = Rest(NOON - HOUR, NOON, 10**6, "429")
    assert after_limit(before, NOON, None, 0.0, "429").until == NOON + HOUR


def test_chance_makes_a_rest_up_to_a_fifth_longer_and_never_shorter() -> None:
    assert limits(2, chance=0.5) == [5.5, 11]
    longest = after_limit(Rest(NOON, NOON, 9, ""), NOON, HOUR, 0.9999, "429").until - NOON
    assert 1.19 * HOUR < longest < LONGEST_REST == 1.2 * HOUR


@pytest.mark.parametrize(
    ("asked", "minutes"), [(-5, 5), (0, 5), (3, 5), (30, 30), (60, 60), (24 * 60, 60)]
)
def test_what_the_source_asks_for_counts_where_it_is_longer_up_to_an_hour(
    asked: float, minutes: float
) -> None:
    rest = after_limit(None, NOON, asked * MINUTE, 0.0, "429")
    assert rest.until == NOON + minutes * MINUTE


def test_what_the_source_asks_for_does_not_shorten_a_later_rest() -> None:
    before = after_limit(None, NOON, None, 0.0, "429")
    later = after_limit(before, before.until, 2 * MINUTE, 0.0, "429")
    assert later.until - later.since == 10 * MINUTE


def test_an_hour_without_a_limit_is_forgiven() -> None:
    first = after_limit(None, NOON, None, 0.0, "429")
    within = after_limit(first, first.until + HOUR, None, 0.0, "429")
    after = after_limit(first, first.until + HOUR + timedelta(seconds=1), None, 0.0, "429")
    assert (within.times, after.times) == (2, 1)
    assert after.until - after.since == 5 * MINUTE


def test_a_rest_says_since_when_how_often_and_why() -> None:
    assert after_limit(None, NOON, None, 0.0, "status 429") == Rest(
        NOON, NOON + 5 * MINUTE, 1, "status 429"
    )


def test_a_limit_met_while_the_source_rests_is_no_second_one() -> None:
    first = after_limit(None, NOON, None, 0.0, "429")
    again = after_limit(first, NOON + MINUTE, None, 0.0, "429")
    assert (again.since, again.until, again.times) == (first.since, first.until, 1)
    longer = after_limit(first, NOON + MINUTE, 30 * MINUTE, 0.0, "429")
    assert (longer.until, longer.times) == (NOON + 31 * MINUTE, 1)


def test_a_rest_is_on_until_it_ends() -> None:
    rest = after_limit(None, NOON, None, 0.0, "429")
    assert is_on(rest, NOON)
    assert is_on(rest, rest.until - timedelta(microseconds=1))
    assert not is_on(rest, rest.until)
    assert not is_on(None, NOON)


def test_a_rest_that_ends_later_than_any_can_is_none_as_the_clock_was_set_back() -> None:
    rest = after_limit(None, NOON, HOUR, 0.9, "429")
    assert is_on(rest, rest.until - LONGEST_REST)
    back = rest.until - LONGEST_REST - timedelta(seconds=1)
    assert not is_on(rest, back)
    assert after_limit(rest, back, None, 0.0, "429").times == 1
