"""How long may a call to the outside take, when it has no timeout that can be trusted?

    call --> thread --> result           in time: as if it had been called directly
                    --> still running    late: Overdue now; the thread is left behind and counted

Python cannot stop a thread. An abandoned one ends by itself or with the process; whoever looks at
`abandoned` decides when there are too many.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from threading import Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from alertd.errors import AlertdError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

T = TypeVar("T")


class Overdue(AlertdError):
    """A call did not return within its limit."""


class Bounded:
    """Runs calls, each for at most `limit` of the caller's time."""

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit
        self._late: list[Thread] = []
        self._lock = Lock()

    @property
    def abandoned(self) -> int:
        """Return how many calls are still running past their limit."""
        with self._lock:
            self._late = [thread for thread in self._late if thread.is_alive()]
            return len(self._late)

    def call(self, function: Callable[[], T]) -> T:
        """Return what the function returns, or raise what it raises.

        raises: Overdue when the limit passes first; what comes later is dropped.
        """
        outcome: Future[T] = Future()
        thread = Thread(target=_settle, args=(outcome, function), name="bounded", daemon=True)
        thread.start()
        wait([outcome], timeout=self._limit.total_seconds())
        if not outcome.done():
            self._abandon(thread)
            msg = f"no answer within {self._limit.total_seconds():g} s"
            raise Overdue(msg)
        return outcome.result()

    def _abandon(self, thread: Thread) -> None:
        with self._lock:
            self._late.append(thread)


def _settle(outcome: Future[T], function: Callable[[], T]) -> None:
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001  # whatever it is, it belongs to the caller
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
