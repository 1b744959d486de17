from __future__ import annotations

from dataclasses import dataclass

from alertd.ops.pulse import Heart, Pulse


@dataclass
class Time:
    """Monotonic seconds that pass only when told to."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds


def test_the_first_beat_is_at_once_and_the_next_after_twenty_seconds() -> None:
    time = Time()
    heart = Heart(("a",), time)
    assert heart.pulse() is Pulse.BEAT
    time.pass_(19.9)
    heart.advanced("a")
    assert heart.pulse() is Pulse.QUIET
    time.pass_(0.1)
    assert heart.pulse() is Pulse.BEAT


def test_one_loop_that_does_not_come_round_stops_the_beat() -> None:
    time = Time()
    heart = Heart(("a", "b"), time)
    time.pass_(45)
    heart.advanced("a")
    assert heart.pulse() is Pulse.BEAT
    time.pass_(20)
    heart.advanced("a")
    assert heart.pulse() is Pulse.STALLED
    assert heart.pulse() is Pulse.QUIET


def test_a_loop_that_comes_round_again_brings_the_beat_back() -> None:
    time = Time()
    heart = Heart(("a",), time)
    time.pass_(60)
    assert heart.pulse() is Pulse.STALLED
    heart.advanced("a")
    time.pass_(20)
    assert heart.pulse() is Pulse.BEAT
