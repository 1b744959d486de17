"""What has arrived at a receiver so far, for tests that wait for more."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Arrivals(Generic[T]):
    """A list that one thread fills while another waits; `of` is what its members are called."""

    def __init__(self, of: str) -> None:
        self._of = of
        self._all: list[T] = []
        self._changed = Condition()

    def add(self, one: T) -> None:
        with self._changed:
            self._all.append(one)
            self._changed.notify_all()

    def all(self) -> list[T]:
        with self._changed:
            return list(self._all)

    def wait(self, count: int, within: float) -> list[T]:
        """Return all as soon as there are `count` of them; fail when they do not come."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self._all) >= count, within)
            assert came, f"{len(self._all)} of {count} {self._of} came within {within:g} s"
            return list(self._all)
