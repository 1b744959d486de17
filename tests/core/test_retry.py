from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.retry import (
    CLOSED_FOR,
    LIFETIME,
    LONGEST_STEP,
    Again,
    Closed,
    Dead,
    Delivered,
    Failed,
    Recipients,
    Rejected,
    Sent,
    settle,
    step,
)

RECORDED = datetime(2026, 3, 9, 13, 34, tzinfo=UTC)
BUSY = Failed("busy")

attempts = st.integers(min_value=1, max_value=10**30)
chances = st.floats(min_value=0, max_value=1)
ages = st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400))
wishes = st.none() | st.timedeltas(min_value=timedelta(days=-10), max_value=timedelta(days=10))


def after(attempt: int, wish: timedelta | None = None, random: float = 0.5) -> timedelta:
    """Return how long after its recording the next attempt is due, when one has just failed."""
    verdict = settle(Failed("busy", wish), attempt, RECORDED, RECORDED, random)
    assert isinstance(verdict, Again)
    return verdict.at - RECORDED


def test_a_message_that_was_taken_is_delivered() -> None:
    assert settle(Sent(), 1, RECORDED, RECORDED, 0.5) == Delivered()


def test_a_message_that_was_taken_after_72_hours_is_delivered_all_the_same() -> None:
    assert settle(Sent(), 30, RECORDED, RECORDED + timedelta(days=9), 0.5) == Delivered()


def test_a_rejected_message_is_dead_at_once_and_says_why() -> None:
    assert settle(Rejected("gone"), 1, RECORDED, RECORDED, 0.5) == Dead("gone")


def test_who_is_done_with_is_kept_for_the_next_attempt_and_beyond() -> None:
    done = Recipients(frozenset({"a@example.com"}), {"b@example.com": "550 no such user"})
    again = settle(Failed("one put off", recipients=done), 1, RECORDED, RECORDED, 0.5)
    dead = settle(Rejected("one refused", done), 1, RECORDED, RECORDED, 0.5)
    over = settle(Failed("busy", recipients=done), 30, RECORDED, RECORDED + LIFETIME, 0.5)

    assert isinstance(again, Again)
    assert isinstance(dead, Dead)
    assert isinstance(over, Dead)
    assert again.recipients == dead.recipients == over.recipients == done


def test_a_receiver_that_is_gone_closes_the_channel_for_an_hour() -> None:
    verdict = settle(Closed("410"), 1, RECORDED, RECORDED, 0.5)

    assert verdict == Again(RECORDED + CLOSED_FOR, "410", closed=True)


def test_a_message_to_a_closed_channel_is_dead_after_72_hours_and_closes_it_again() -> None:
    end = RECORDED + LIFETIME
    verdict = settle(Closed("410"), 70, RECORDED, end, 0.5)

    assert verdict == Dead("given up after 72 h: 410", closed=True)


def test_the_steps_grow_from_5_seconds_to_4_hours() -> None:
    minutes = [after(attempt) / timedelta(minutes=1) for attempt in range(1, 12)]

    assert minutes == [5 / 60, 0.5, 2, 5, 15, 30, 60, 120, 240, 240, 240]


def test_the_short_steps_are_not_jittered() -> None:
    assert {after(8, random=chance) for chance in (0.0, 0.3, 1.0)} == {timedelta(hours=2)}


@pytest.mark.parametrize(("chance", "hours"), [(0.0, 3.2), (0.5, 4.0), (1.0, 4.8)])
def test_the_long_steps_are_jittered_by_a_fifth(chance: float, hours: float) -> None:
    assert after(9, random=chance) / timedelta(hours=1) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("wish", "granted"),
    [
        (timedelta(seconds=40), timedelta(seconds=40)),
        (timedelta(0), timedelta(seconds=1)),
        (timedelta(days=-1), timedelta(seconds=1)),
        (timedelta(hours=9), timedelta(hours=1)),
    ],
)
def test_the_receivers_wish_is_granted_between_a_second_and_an_hour(
    wish: timedelta, granted: timedelta
) -> None:
    assert after(1, wish) == granted


def test_the_last_attempt_is_due_when_72_hours_are_over() -> None:
    verdict = settle(BUSY, 25, RECORDED, RECORDED + timedelta(hours=71), 0.5)

    assert verdict == Again(RECORDED + timedelta(hours=72), "busy")


def test_a_failure_after_72_hours_is_the_last_and_says_why() -> None:
    verdict = settle(BUSY, 26, RECORDED, RECORDED + timedelta(hours=72), 0.5)

    assert verdict == Dead("given up after 72 h: busy")


def test_a_receiver_that_never_answers_is_tried_27_times_in_72_hours() -> None:
    now, attempt = RECORDED, 1
    while isinstance(verdict := settle(BUSY, attempt, RECORDED, now, 0.5), Again):
        now, attempt = verdict.at, attempt + 1

    assert isinstance(verdict, Dead)
    assert (now - RECORDED, attempt) == (LIFETIME, 27)


@given(attempts, ages, chances, wishes)
def test_a_failure_is_tried_later_within_72_hours_or_is_dead(
    attempt: int, age: timedelta, random: float, wish: timedelta | None
) -> None:
    now = RECORDED + age

    match settle(Failed("busy", wish), attempt, RECORDED, now, random):
        case Again(at):
            assert now < at <= RECORDED + LIFETIME
            assert at - now <= LONGEST_STEP
        case Dead():
            assert age >= LIFETIME
        case verdict:
            pytest.fail(f"a failure became {verdict}")


@given(attempts, chances)
def test_no_step_is_shorter_than_the_one_before(attempt: int, random: float) -> None:
    assert step(attempt, random) <= step(attempt + 1, random)


@given(attempts, chances)
def test_no_step_is_longer_than_the_longest(attempt: int, random: float) -> None:
    assert timedelta(0) < step(attempt, random) <= LONGEST_STEP
