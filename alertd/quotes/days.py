"""Which session does a date stand for?

Daily rows carry a date; alerts need moments. A session belongs to the date on which it closes in
the exchange's zone: futures open on the evening before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from alertd.core.calendars import Calendar
    from alertd.core.sessions import Session

# A calendar refuses a window without a session; no exchange rests longer than this.
_REST = timedelta(days=14)
# Where trading never stops, a session closes at the next day's midnight.
_BEFORE = timedelta(microseconds=1)


def by_day(calendar: Calendar, days: Collection[date]) -> Mapping[date, Session]:
    """Return the sessions of the time that these days span, by their dates.

    raises: ValueError when the calendar does not know this time.
    """
    if not days:
        return {}
    zone = calendar.zone
    sessions = calendar.sessions(min(days) - _REST, max(days))
    return {(day.close - _BEFORE).astimezone(zone).date(): day for day in sessions.days}
