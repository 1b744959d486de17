"""Which source fails so often that another one is asked instead?

    three failures in a row, whatever the symbols -> left alone for 1 min -> 2 -> .. -> 30
    one answer -> trusted as before

The way back is one question at the end of each pause. Where a source asks for quiet itself, that
is a matter of `manners`.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.rests import after_failure, is_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from alertd.core.rests import Rest

_PATIENCE = 3


@dataclass(slots=True)
class _Course:
    """How it went with one source of late."""

    failures: int = 0
    rest: Rest | None = None


class Trust:
    """What is thought of each source; `chance` in [0, 1) makes each pause a little longer."""

    def __init__(self, now: Callable[[], datetime], chance: Callable[[], float]) -> None:
        self._now, self._chance = now, chance
        self._courses: dict[str, _Course] = {}
        self._lock = Lock()

    def pause(self, source: str) -> Rest | None:
        """Return the pause in which a source is not asked, where another one can be."""
        with self._lock:
            rest = self._of(source).rest
            return rest if is_on(rest, self._now()) else None

    def answered(self, source: str) -> None:
        """Take note that a source does what it should."""
        with self._lock:
            course = self._of(source)
            was_left, course.rest, course.failures = course.rest, None, 0
        if was_left:
            logger.info("a source answers again", source=source)

    def failed(self, source: str, why: str) -> None:
        """Take note that a source is down."""
        with self._lock:
            course, now = self._of(source), self._now()
            course.failures += 1
            if course.failures < _PATIENCE:
                return
            before = course.rest
            course.rest = after_failure(before, now, self._chance(), why)
            until, anew = course.rest.until, before is None or before.until != course.rest.until
        if anew:
            logger.warning("a source is left alone", source=source, until=until, error=why)

    def _of(self, source: str) -> _Course:
        return self._courses.setdefault(source, _Course())
