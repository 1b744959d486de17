"""The clock and the guard that notices when somebody moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.ops.clock import ClockGuard, SystemClock

if TYPE_CHECKING:
    from alertd.ports import Clock


@dataclass
class Hands:
    """Two clocks that a test moves: `run` moves both, `step` only the wall clock."""

    wall: float = 1_800_000_000.0
    monotonic: float = 5_000.0

    def run(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def step(self, seconds: float) -> None:
        self.wall += seconds

    def guard(self) -> ClockGuard:
        return ClockGuard(lambda: self.wall, lambda: self.monotonic)


def test_the_system_clock_tells_the_time_in_utc() -> None:
    clock: Clock = SystemClock()
    before = datetime.now(UTC)
    now = clock.now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_the_system_clock_runs_as_fast_as_the_world() -> None:
    assert SystemClock().real(timedelta(minutes=5)) == timedelta(minutes=5)


def test_a_clock_that_only_runs_has_not_stepped() -> None:
    hands = Hands()
    guard = hands.guard()
    hands.run(86_400)
    assert guard.stepped() == 0.0


@pytest.mark.parametrize("seconds", [-3_600.0, -864_000.0, 3_600.0, 315_576_000.0])
def test_a_step_is_told_once_with_its_length(seconds: float) -> None:
    hands = Hands()
    guard = hands.guard()
    hands.run(10)
    hands.step(seconds)
    assert [guard.stepped(), guard.stepped()] == [seconds, 0.0]


def test_two_steps_between_calls_are_told_as_their_sum() -> None:
    hands = Hands()
    guard = hands.guard()
    hands.step(-60)
    hands.step(100)
    assert guard.stepped() == 40.0


def test_a_slow_correction_never_adds_up_to_a_step() -> None:
    hands = Hands()
    guard = hands.guard()
    steps = []
    for _ in range(100):
        hands.run(1)
        hands.step(0.5)
        steps.append(guard.stepped())
    assert steps == [0.0] * 100


@given(st.floats(-1e9, 1e9), st.floats(0, 1e6))
def test_a_step_counts_whatever_time_passes_beside_it(step: float, passed: float) -> None:
    hands = Hands()
    guard = hands.guard()
    hands.run(passed)
    hands.step(step)
    told = guard.stepped()
    assert told == pytest.approx(step, abs=1e-5) if abs(step) > 1.001 else abs(told) <= 1.001


def test_the_guard_watches_the_systems_clocks_by_default() -> None:
    assert ClockGuard().stepped() == 0.0
