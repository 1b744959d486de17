"""How is a conversation with a slow peer ended on time?

Timeouts of sockets start anew with every byte, so a peer that drips them holds the line for ever.
A cutoff has its own monotonic clock and shuts the line down from another thread; whatever waits on
it then fails at once.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from threading import Event, Lock, Timer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from datetime import timedelta


class Cutoff:
    """Ends every watched connection when `span` is over; `passed` tells whether it was."""

    def __init__(self, span: timedelta) -> None:
        self._span = span.total_seconds()
        self._end: float | None = None
        self._passed = Event()
        self._lock = Lock()
        self._watched: list[socket.socket] = []
        self._timer = Timer(self._span, self._cut)
        self._timer.daemon = True

    @property
    def passed(self) -> bool:
        return self._passed.is_set() or not self.left

    @property
    def left(self) -> float:
        """Return for how many seconds something may still be waited for."""
        if self._end is None:
            return self._span
        return max(self._end - time.monotonic(), 0.0)

    def __enter__(self) -> Self:
        self._end = time.monotonic() + self._span
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection down too when the time is over, or at once if it is."""
        with self._lock:
            # A duplicate outlives the wrapping of the original into TLS, and shuts the same line.
            self._watched.append(connection.dup())
        if self.passed:
            self._shut()

    def _cut(self) -> None:
        self._passed.set()
        self._shut()

    def _shut(self) -> None:
        with self._lock:
            for connection in self._watched:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
