"""How does somebody else notice that the daemon is gone?

    all is well     ""        at once, then every `every`
    trouble         "/fail"   at once, then every `every`, with a line for each trouble
    nothing comes             whoever listens raises the alarm: that is what it is for

The daemon beats after good cycles, and never waits: a ping has a thread of its own.
"""

from __future__ import annotations

import time
from threading import Thread
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    Ping = Callable[[str, str], str | None]


class Heartbeat:
    """Pings while the daemon beats, one ping at a time; `monotonic` counts seconds.

    `ping` posts a text to the URL with a suffix, and returns why that failed, or None. It has a
    deadline of its own: until it is back there is no other.
    """

    def __init__(
        self, ping: Ping, every: timedelta, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._ping, self._every, self._monotonic = ping, every.total_seconds(), monotonic
        self._thread: Thread | None = None
        # What the last ping that arrived has said, and when it began.
        self._told: tuple[str, float] | None = None
        self._failed = False

    def beat(self, troubles: Sequence[str]) -> None:
        """Say that the daemon lives, and what is wrong, when it is time to; never blocks."""
        if self._thread is not None and self._thread.is_alive():
            return
        suffix, now = "/fail" if troubles else "", self._monotonic()
        if self._due(suffix, now):
            body = "\n".join(" ".join(trouble.split()) for trouble in troubles)
            # A daemon thread: one that hangs must not hold up the end of the process.
            self._thread = Thread(
                target=self._tell, args=(suffix, body, now), name="heartbeat", daemon=True
            )
            self._thread.start()

    def _due(self, suffix: str, now: float) -> bool:
        if self._failed or self._told is None:
            return True
        told, at = self._told
        return suffix != told or now - at >= self._every

    def _tell(self, suffix: str, body: str, now: float) -> None:
        why: str | None = "a bug"
        with logger.catch(message="the heartbeat goes on after a bug"):
            why = self._ping(suffix, body)
        if why is None:
            self._told = suffix, now
        if why is not None and not self._failed:
            logger.warning("nobody hears that alertd lives, trying again", why=why)
        elif why is None and self._failed:
            logger.info("the heartbeat is heard again")
        self._failed = why is not None
