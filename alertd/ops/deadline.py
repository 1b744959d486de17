"""How long may a call to the outside take, when it has no timeout that can be trusted?

    call --> idle worker --> result           in time: as if it had been called directly
                         --> still running    late: Overdue now; the worker is left behind
                             --> still        it hangs: counted

Workers are kept for later calls, since what they have open to the outside is their own: a client
with a connection pool for each thread would begin anew in each new one. Python cannot stop a
thread. An abandoned one ends when its call returns or with the process. Several requests, each of
them bounded, may be slow together and end by themselves; what still runs after that is counted, and
whoever looks at `abandoned` decides when there are too many.
"""

from __future__ import annotations

import weakref
from concurrent.futures import Future, wait
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from alertd.errors import AlertdError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

T = TypeVar("T")

# A call that takes this many times its limit hangs.
_HANGS = 3

_Tasks = SimpleQueue["Callable[[], object] | None"]


class Overdue(AlertdError):
    """A call did not return within its limit."""


class Bounded:
    """Runs calls, each for at most `limit` of the caller's time. Safe to use from several threads.

    There are as many workers as there were calls at once; they end when this is garbage.
    """

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit
        self._idle: list[_Worker] = []
        self._late: list[tuple[float, _Worker]] = []
        self._lock = Lock()
        weakref.finalize(self, _dismiss, self._idle)

    @property
    def abandoned(self) -> int:
        """Return how many calls hang: they run on long after their limit."""
        with self._lock:
            self._late = [late for late in self._late if late[1].is_alive()]
            return sum(hangs_at <= monotonic() for hangs_at, _ in self._late)

    def call(self, function: Callable[[], T]) -> T:
        """Return what the function returns, or raise what it raises.

        raises: Overdue when the limit passes first; what comes later is dropped.
        """
        outcome: Future[T] = Future()
        worker = self._worker()
        worker.tasks.put(lambda: _settle(outcome, function))
        wait([outcome], timeout=self._limit.total_seconds())
        if not outcome.done():
            self._abandon(worker)
            msg = f"no answer within {self._limit.total_seconds():g} s"
            raise Overdue(msg)
        with self._lock:
            self._idle.append(worker)
        return outcome.result()

    def _worker(self) -> _Worker:
        with self._lock:
            # The newest: its connections are the likeliest to be open still.
            return self._idle.pop() if self._idle else _Worker()

    def _abandon(self, worker: _Worker) -> None:
        worker.tasks.put(None)
        hangs_at = monotonic() + (_HANGS - 1) * self._limit.total_seconds()
        with self._lock:
            self._late.append((hangs_at, worker))


class _Worker(Thread):
    """A thread that does one task after another; None is its last."""

    def __init__(self) -> None:
        self.tasks: _Tasks = SimpleQueue()
        # It knows nothing of its owner, so that it does not keep it alive.
        super().__init__(target=_work, args=(self.tasks,), name="bounded", daemon=True)
        self.start()


def _work(tasks: _Tasks) -> None:
    for task in iter(tasks.get, None):
        task()
        # What it holds may be large, and the next task may be hours away.
        del task


def _dismiss(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.tasks.put(None)


def _settle(outcome: Future[T], function: Callable[[], T]) -> None:
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001  # whatever it is, it belongs to the caller
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
