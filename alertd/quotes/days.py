"""Which session does a date stand for, and which one holds a moment?

Daily rows carry a date; alerts need moments. A session belongs to the date on which it closes in
the exchange's zone: futures open on the evening before.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from alertd.core.calendars import Calendar
    from alertd.core.sessions import Session, Sessions

# A calendar refuses a window without a session; no exchange rests longer than this.
_REST = timedelta(days=14)
# Where trading never stops, a session closes at the next day's midnight.
_BEFORE = timedelta(microseconds=1)
_DECADE = 10
_OLDEST_YEAR = 1900


def by_day(calendar: Calendar, days: Collection[date]) -> Mapping[date, Session]:
    """Return the sessions of the time that these days span, by their dates.

    raises: ValueError when the calendar does not know all of this time.
    """
    if not days:
        return {}
    zone = calendar.zone
    sessions = _spanning(calendar, min(days), max(days))
    return {(day.close - _BEFORE).astimezone(zone).date(): day for day in sessions.days}


def known_by_day(calendar: Calendar, days: Collection[date]) -> Mapping[date, Session]:
    """Return what `by_day` does, without the years before those that the calendar knows.

    raises: ValueError when the calendar knows none of these days.
    """
    with suppress(ValueError):
        return by_day(calendar, days)
    first = _first_year(calendar, max(days).year)
    return by_day(calendar, [day for day in days if day.year >= first] or days)


@lru_cache(maxsize=1024)
def trading_from(calendar: Calendar, moment: datetime) -> datetime | None:
    """Return when the session that holds a moment begins to trade, or else the next one.

    The time before and after hours is part of a session.

    returns: None where the calendar does not know.
    """
    day = moment.date()
    for until in (day + _REST, day):
        with suppress(ValueError):
            sessions = _spanning(calendar, day, until)
            held = sessions.at(moment, Hours.EXTENDED)
            return held.pre if held else sessions.next_start(moment, Hours.EXTENDED)
    return None


def _spanning(calendar: Calendar, first: date, last: date) -> Sessions:
    """Return sessions of at least these days: of whole decades, so that symbols share them.

    To learn the sessions of fifty years takes the calendar hardly longer than those of a week.

    raises: ValueError when the calendar does not know these days.
    """
    for since in (date(first.year // _DECADE * _DECADE, 1, 1), date(first.year, 1, 1)):
        with suppress(ValueError):
            return calendar.sessions(since, date(last.year, 12, 31))
    return calendar.sessions(first - _REST, last)


@lru_cache(maxsize=64)
def _first_year(calendar: Calendar, last: int) -> int:
    """Return the first year that the calendar knows whole; one after `last` where it knows none."""
    years = range(_OLDEST_YEAR, last + 1)
    return _OLDEST_YEAR + bisect_left(years, True, key=lambda year: _knows(calendar, year))  # noqa: FBT003 -- what is looked for


def _knows(calendar: Calendar, year: int) -> bool:
    try:
        calendar.sessions(date(year, 1, 1), date(year, 12, 31))
    except ValueError:
        return False
    return True
