"""What time is it, and has somebody moved the clock?

    wall clock   ----------|=====>   set by people, NTP and sleeping laptops
    monotonic    ---------------->   only ever runs on

The two run side by side. When the distance between them jumps, the wall clock has stepped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The system's own time."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)

    def real(self, span: timedelta) -> timedelta:
        """Return how long this clock takes to advance by `span`: just that."""
        return span


class ClockGuard:
    """Watches the wall clock against the monotonic one; both count seconds."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        tolerance: float = 1.0,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._tolerance = tolerance
        self._distance = wall() - monotonic()

    def stepped(self) -> float:
        """Return by how many seconds the wall clock jumped since the last call.

        returns: negative for a jump back; 0.0 within the tolerance, as when NTP slews.
        """
        before, self._distance = self._distance, self._wall() - self._monotonic()
        step = self._distance - before
        return step if abs(step) > self._tolerance else 0.0
