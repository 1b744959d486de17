"""Is the daemon alive, or does it only look so?

    every loop has advanced lately  -> BEAT, every 20 seconds
    one of them has not for 45      -> STALLED: say nothing to the watchdog, and it starts us anew

A process can answer signals while the thread that polls is stuck; only progress counts.
"""

from __future__ import annotations

import time
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_EVERY_S = 20.0
_STALLED_S = 45.0


class Pulse(Enum):
    """What to tell the outside now."""

    BEAT = "alive"
    QUIET = "nothing yet"
    STALLED = "a loop has stalled"


class Heart:
    """Hears of each loop's progress; `monotonic` counts seconds."""

    def __init__(
        self, loops: Iterable[str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._advanced = dict.fromkeys(loops, monotonic())
        self._told = monotonic() - _EVERY_S

    def advanced(self, loop: str) -> None:
        """Note that a loop has come round."""
        self._advanced[loop] = self._monotonic()

    def pulse(self) -> Pulse:
        """Return what to tell the outside; each answer but QUIET comes every 20 seconds."""
        now = self._monotonic()
        if now - self._told < _EVERY_S:
            return Pulse.QUIET
        self._told = now
        stalled = now - min(self._advanced.values()) > _STALLED_S
        return Pulse.STALLED if stalled else Pulse.BEAT
