"""Calls that may not take longer than they are given."""

from __future__ import annotations

import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread, current_thread

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


def test_a_late_call_is_given_up_at_its_limit_and_counted_while_it_hangs() -> None:
    release, bounded = Event(), Bounded(SOON)
    begun = time.monotonic()
    with pytest.raises(Overdue, match=r"no answer within 0\.05 s"):
        bounded.call(lambda: release.wait(PATIENCE_S))
    assert time.monotonic() - begun < PATIENCE_S
    assert left(bounded, 1)
    release.set()
    assert left(bounded, 0)


def test_a_call_that_is_late_and_ends_by_itself_does_not_hang() -> None:
    release, bounded, found = Event(), Bounded(timedelta(seconds=1)), list[Thread]()

    def dawdle() -> None:
        found.append(current_thread())
        release.wait(PATIENCE_S)

    with pytest.raises(Overdue):
        bounded.call(dawdle)
    assert bounded.abandoned == 0
    release.set()
    found[0].join(PATIENCE_S)
    assert bounded.abandoned == 0


def test_the_next_call_does_not_wait_for_abandoned_ones() -> None:
    release, bounded = Event(), Bounded(SOON)
    for _ in range(3):
        with pytest.raises(Overdue):
            bounded.call(lambda: release.wait(PATIENCE_S))
    assert left(bounded, 3)
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


def test_calls_one_after_another_are_made_by_one_thread() -> None:
    bounded = Bounded(LONG)
    assert len({bounded.call(current_thread) for _ in range(100)}) == 1


def test_calls_side_by_side_have_threads_of_their_own_which_are_used_again() -> None:
    bounded, together = Bounded(LONG), Barrier(4)

    def meet() -> Thread:
        together.wait(PATIENCE_S)
        return current_thread()

    with ThreadPoolExecutor(4) as callers:
        rounds = [set(callers.map(lambda _: bounded.call(meet), range(4))) for _ in range(20)]
    assert len(rounds[0]) == 4
    assert set.union(*rounds) == rounds[0]


def test_a_call_that_raised_leaves_its_thread_for_the_next_one() -> None:
    bounded = Bounded(LONG)
    before = bounded.call(current_thread)
    with pytest.raises(ZeroDivisionError):
        bounded.call(lambda: 1 / 0)
    assert bounded.call(current_thread) is before


def test_the_thread_of_an_abandoned_call_is_never_used_again_and_ends_with_it() -> None:
    release, bounded, found = Event(), Bounded(SOON), list[Thread]()

    def hang() -> None:
        found.append(current_thread())
        release.wait(PATIENCE_S)

    with pytest.raises(Overdue):
        bounded.call(hang)
    assert bounded.call(current_thread) is not found[0]
    release.set()
    found[0].join(PATIENCE_S)
    assert not found[0].is_alive()


def test_threads_end_when_nobody_can_call_them_any_more() -> None:
    bounded = Bounded(LONG)
    worker = bounded.call(current_thread)
    assert worker.is_alive()
    del bounded
    worker.join(PATIENCE_S)
    assert not worker.is_alive()


def test_a_thread_holds_nothing_of_what_it_has_done() -> None:
    class Large:
        """Something that is not to be kept."""

    bounded, large = Bounded(LONG), Large()
    held = weakref.ref(large)
    bounded.call(lambda kept=large: kept)  # type: ignore[misc]
    del large
    end = time.monotonic() + PATIENCE_S
    while held() is not None and time.monotonic() < end:
        time.sleep(0.001)
    assert held() is None
