"""Which days are lived through?

walk       a seeded random walk, for whoever has no real data
regular    BABA's minutes of March 2026, nothing before the open or after the close
extended   BABA's minutes of January 2025, from 04:00 to 20:00 in New York, with holes
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from alertd.core.calendars import listing
from alertd.quotes.csv import read
from tests.bench.courses import minutes
from tests.live.courses import Course
from tests.live.days import BABA

if TYPE_CHECKING:
    from pathlib import Path

REAL = {
    "regular": "1m_regular_2026-03-09_2026-05-05.csv",
    "extended": "1m_extended_2025-01.csv",
}
_PLACE = listing(BABA, currency="USD")
_FIRST = date(2026, 3, 9)


def walk(sessions: int) -> Course:
    """Return so many sessions of a random walk."""
    whole = Course(tuple(minutes(_FIRST, sessions + 1)), _PLACE)
    return _part(whole, 1, sessions)


def real(shared: Path, name: str, first: int, sessions: int) -> Course:
    """Return so many real sessions of a file, one after the other; `first` counts from 0."""
    whole = Course(read(shared / "data" / "baba" / REAL[name], _PLACE).bars, _PLACE)
    return _part(whole, first, sessions)


def morning(course: Course, length: timedelta) -> Course:
    """Return how the first day of a course begins."""
    opened = course.sessions[0].open
    return course.part(opened, opened + length)


def _part(whole: Course, first: int, sessions: int) -> Course:
    days = whole.sessions[first : first + sessions]
    return whole.part(days[0].pre, days[-1].post)
