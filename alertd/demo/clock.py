"""How does an hour of trading fit into a quarter of a minute?

Only what asks for the time is quickened. Sockets and threads live in real time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class QuickClock:
    """A clock that reads `start` when it is made, and runs `speed` times as fast as real ones."""

    start: datetime
    speed: float
    _made: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return self.start + timedelta(seconds=time.monotonic() - self._made) * self.speed

    def real(self, span: timedelta) -> timedelta:
        """Return how long this clock takes to advance by `span`."""
        return span / self.speed
