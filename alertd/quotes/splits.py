"""When do new shares begin to trade, and how many of them for an old one?

    Yahoo       {"1598880600": {"date": 1598880600, "numerator": 4, "denominator": 1, ..}}
    a file      a column that says 4.0 on that day, and 0.0 or 1.0 on any other

Old shares trade until the evening before: a split begins with the pre-market of its day.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

from alertd.core.bars import Split
from alertd.quotes.days import trading_from
from alertd.quotes.shapes import positive

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from alertd.core.calendars import Calendar

# "Stock Splits", "splitFactor" and "split_coefficient", as three vendors call it.
COLUMNS = frozenset({"stocksplits", "splitfactor", "splitcoefficient"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2200 = 7_258_118_400


def announced(events: object, calendar: Calendar, zone: ZoneInfo) -> tuple[Split, ...]:
    """Return the splits among a chart's events, oldest first and each once.

    zone: in which the chart dates its rows and events.

    A split whose date or ratio makes no sense is left out; it must not cost the bars.
    """
    entries = events.get("splits") if isinstance(events, dict) else None
    listed = entries.values() if isinstance(entries, dict) else ()
    return joined([split for each in listed if (split := _split(each, calendar, zone))])


def joined(splits: list[Split]) -> tuple[Split, ...]:
    """Return the splits oldest first and each once."""
    return tuple(sorted(set(splits), key=attrgetter("at", "ratio")))


def _split(entry: object, calendar: Calendar, zone: ZoneInfo) -> Split | None:
    if not isinstance(entry, dict):
        return None
    new, old = positive(entry.get("numerator")), positive(entry.get("denominator"))
    stamp = positive(entry.get("date"))
    if new is None or old is None or new == old or stamp is None or stamp > _YEAR_2200:
        return None
    # By its date: the stamp may be that day's open or its midnight.
    return dated((_EPOCH + timedelta(seconds=stamp)).astimezone(zone).date(), new, old, calendar)


def dated(day: date, new: float, old: float, calendar: Calendar) -> Split | None:
    """Return the split that gives `new` shares for `old` ones from a day on.

    None where that makes no sense, or the calendar does not know the day.
    """
    at = trading_from(calendar, datetime.combine(day, time.min, calendar.zone).astimezone(UTC))
    ratio = positive(new / old)
    return Split(at, ratio) if at and ratio else None
