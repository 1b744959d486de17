"""Calls that may not take longer than they are given."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event, current_thread

import pytest

from alertd.ops.deadline import Bounded, Overdue

SOON = timedelta(milliseconds=50)
LONG = timedelta(seconds=20)
PATIENCE_S = 10.0


def left(bounded: Bounded, count: int) -> bool:
    """Wait until that many abandoned calls are left; tell whether it came to that."""
    end = time.monotonic() + PATIENCE_S
    while bounded.abandoned != count and time.monotonic() < end:
        time.sleep(0.001)
    return bounded.abandoned == count


def test_a_call_in_time_returns_its_result() -> None:
    assert Bounded(LONG).call(lambda: 6 * 7) == 42


def test_a_call_in_time_leaves_nothing_behind() -> None:
    bounded = Bounded(LONG)
    bounded.call(lambda: None)
    assert bounded.abandoned == 0


def test_a_call_raises_what_its_function_raises() -> None:
    def fail() -> None:
        raise KeyError("BABA")

    with pytest.raises(KeyError, match="BABA"):
        Bounded(LONG).call(fail)


def test_a_timeout_of_the_function_itself_is_not_an_overdue_call() -> None:
    def fail() -> None:
        raise TimeoutError("its own")

    bounded = Bounded(LONG)
    with pytest.raises(TimeoutError, match="its own"):
        bounded.call(fail)
    assert bounded.abandoned == 0


def test_a_late_call_is_given_up_at_its_limit_and_counted_while_it_runs() -> None:
    release, bounded = Event(), Bounded(SOON)
    begun = time.monotonic()
    with pytest.raises(Overdue, match=r"no answer within 0\.05 s"):
        bounded.call(lambda: release.wait(PATIENCE_S))
    assert time.monotonic() - begun < PATIENCE_S
    assert bounded.abandoned == 1
    release.set()
    assert left(bounded, 0)


def test_the_next_call_does_not_wait_for_abandoned_ones() -> None:
    release, bounded = Event(), Bounded(SOON)
    for _ in range(3):
        with pytest.raises(Overdue):
            bounded.call(lambda: release.wait(PATIENCE_S))
    assert bounded.abandoned == 3
    assert Bounded(LONG).call(lambda: "here") == "here"
    release.set()
    assert left(bounded, 0)


def test_what_an_abandoned_call_raises_later_is_dropped() -> None:
    release, bounded = Event(), Bounded(SOON)

    def fail_late() -> None:
        release.wait(PATIENCE_S)
        raise ValueError("too late for anybody")

    with pytest.raises(Overdue):
        bounded.call(fail_late)
    release.set()
    assert left(bounded, 0)


def test_an_abandoned_call_does_not_keep_the_process_alive() -> None:
    assert Bounded(LONG).call(lambda: current_thread().daemon)
