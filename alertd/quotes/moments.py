"""When do the rows of a history file begin, and how long are their bars?

dates                  -> each from its session's open to its close
times with an offset   -> that moment
times without one      -> that time on the exchange's clock
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from alertd.quotes.days import by_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from alertd.core.calendars import Calendar

_DATE_LENGTH = len("2024-04-01")
# A year outside is a slip, and one slip must not make the whole file's calendar unknown.
_OLDEST, _NEWEST = 1900, 2100


class NotAMoment(Exception):
    """A text is neither a date nor a time; says what was found."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a row says about its time, as it is written; `dated` where it says only the day."""

    written: datetime
    dated: bool


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a bar covers, in UTC."""

    start: datetime
    length: timedelta


def moment(text: str) -> Moment:
    """Return what a row says about its time.

    raises: NotAMoment.
    """
    found = text.strip()
    # Python also reads 20240401 and longer digits as dates; here they are more likely epochs.
    written = _written(found) if found[4:5] == "-" else None
    if written is None:
        msg = f'expected a date or a time, found "{found:.40}"'
        raise NotAMoment(msg)
    if not _OLDEST <= written.year <= _NEWEST:
        msg = f"expected a year from {_OLDEST} to {_NEWEST}, found {written.year}"
        raise NotAMoment(msg)
    return Moment(written, len(found) == _DATE_LENGTH)


def _written(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def spans(moments: Sequence[Moment], calendar: Calendar) -> Sequence[Span | str]:
    """Return the span of each row's bar, or what is wrong with its time.

    Where every row is at midnight, as some programs write dates, they are dates.

    raises: ValueError when the calendar does not know these days, or nothing tells the length.
    """
    if all(each.written.time() == time.min for each in moments):
        return list(_sessions(moments, calendar))
    starts = [_start(each, calendar.zone) for each in moments]
    sound = [start for start in starts if isinstance(start, datetime)]
    # One bad time refuses the file; how long the other bars would be no longer matters.
    length = _spacing(sound) if len(sound) == len(starts) else timedelta(0)
    return [start if isinstance(start, str) else Span(start, length) for start in starts]


def _sessions(moments: Sequence[Moment], calendar: Calendar) -> Iterator[Span | str]:
    days = [each.written.date() for each in moments]
    sessions = by_day(calendar, days)
    for day in days:
        if session := sessions.get(day):
            yield Span(session.open, session.close - session.open)
        else:
            yield f"{day} is not a trading day of {calendar.name}"


def _start(found: Moment, zone: ZoneInfo) -> datetime | str:
    written = found.written
    if found.dated:
        return "expected a time, as in the other rows, found only a date"
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    local = written.replace(tzinfo=zone)
    start = local.astimezone(UTC)
    if start.astimezone(zone).replace(tzinfo=None) != written:
        return f"{written} does not exist in {zone}: clocks go forward"
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        return f"{written} exists twice in {zone}: write its offset"
    return start


def _spacing(starts: Sequence[datetime]) -> timedelta:
    """Return the smallest distance between two different starts."""
    gaps = (later - earlier for earlier, later in pairwise(sorted(set(starts))))
    spacing = min(gaps, default=None)
    if spacing is None:
        msg = "the rows have one time only, which does not tell how long a bar is"
        raise ValueError(msg)
    return spacing
