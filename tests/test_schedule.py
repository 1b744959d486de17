"""The trigger, without a scheduler: it is given the last run and the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alertd.schedule import Every

EVERY = Every(timedelta(seconds=60))
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_the_first_run_is_at_once() -> None:
    assert EVERY.get_next_fire_time(None, NOON) == NOON


def test_the_next_run_is_one_span_later() -> None:
    ran = NOON - timedelta(seconds=10)
    assert EVERY.get_next_fire_time(ran, NOON) == ran + timedelta(seconds=60)


def test_runs_that_were_missed_count_as_one() -> None:
    due = EVERY.get_next_fire_time(NOON - timedelta(days=3650), NOON)
    assert NOON < due <= NOON + timedelta(milliseconds=1)
