"""When does an instrument trade?

    pre ---- open ======[break]====== close ---- post          all in UTC

The regular session is `[open, close)`, the extended one `[pre, post)`. Where there is no trading
before or after hours, `pre` is `open` and `post` is `close`. A lunch break belongs to the session,
and so does an hour of rest at its end: what is traded in it counts, but nobody waits for it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


# A time of trading, `[start, end)`.
Stretch = tuple["datetime", "datetime"]


class Hours(StrEnum):
    """Which part of a session counts for an alert."""

    REGULAR = "regular"
    EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day. All moments are UTC; `rest` is when nobody trades in it, if ever."""

    pre: datetime
    open: datetime
    close: datetime
    post: datetime
    rest: Stretch | None = None

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Return the times of the regular session in which there is trading."""
        if self.rest is None:
            return ((self.open, self.close),)
        halves = ((self.open, self.rest[0]), (self.rest[1], self.close))
        return tuple((start, end) for start, end in halves if start < end)

    def start(self, hours: Hours) -> datetime:
        return self.open if hours is Hours.REGULAR else self.pre

    def end(self, hours: Hours) -> datetime:
        return self.close if hours is Hours.REGULAR else self.post

    def holds(self, moment: datetime, hours: Hours) -> bool:
        return self.start(hours) <= moment < self.end(hours)


@dataclass(frozen=True)
class Sessions:
    """The trading days of one calendar, oldest first and without overlap."""

    days: tuple[Session, ...]

    @cached_property
    def _starts(self) -> list[datetime]:
        return [day.pre for day in self.days]

    def at(self, moment: datetime, hours: Hours) -> Session | None:
        """Return the session that is open at a moment, or None."""
        index = bisect_right(self._starts, moment) - 1
        if index >= 0 and self.days[index].holds(moment, hours):
            return self.days[index]
        return None

    def next_start(self, moment: datetime, hours: Hours) -> datetime | None:
        """Return the first start of a session after a moment; None past the last session."""
        index = max(bisect_right(self._starts, moment) - 1, 0)
        starts = (self.days[i].start(hours) for i in range(index, len(self.days)))
        return next((start for start in starts if start > moment), None)

    def last(self, moment: datetime, hours: Hours) -> Session | None:
        """Return the newest session that has started by a moment, open or over."""
        index = bisect_right(self._starts, moment) - 1
        if index >= 0 and self.days[index].start(hours) > moment:
            index -= 1
        return self.days[index] if index >= 0 else None

    def before(self, session: Session) -> Session | None:
        """Return the session before one; None where it is the first."""
        index = bisect_left(self._starts, session.pre) - 1
        return self.days[index] if index >= 0 else None

    def between(self, start: datetime, end: datetime) -> Iterator[Session]:
        """Yield the sessions whose regular hours meet `[start, end)`, oldest first."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        for index in range(first, len(self.days)):
            day = self.days[index]
            if day.open >= end:
                return
            if day.close > start:
                yield day

    def closed(self, after: datetime, by: datetime) -> Iterator[Session]:
        """Yield the sessions whose regular close lies in `(after, by]`, oldest first."""
        index = max(bisect_right(self._starts, after) - 1, 0)
        for day in (self.days[i] for i in range(index, len(self.days))):
            if day.close > by:
                return
            if day.close > after:
                yield day


def next_poll(
    sessions: Sessions,
    hours: Hours,
    now: datetime,
    pace: timedelta,
    settling: timedelta,
    *,
    spread: timedelta = timedelta(0),
) -> datetime:
    """Return when a symbol that was polled now is polled next.

    Inside a session that is after `pace`, and so until its last bar has settled; outside, it is at
    the next open, or by `spread` after it. A rest that lies in a session is passed over like a
    night. A calendar that ends here is asked again in a day.
    """
    current = sessions.last(now, hours)
    if current and now < current.end(hours) + settling:
        due_at = min(now + pace, current.end(hours) + settling)
        return _passing(current.rest, now, due_at, settling) if current.rest else due_at
    start = sessions.next_start(now, hours)
    return start + spread if start else now + timedelta(days=1)


def _passing(rest: Stretch, now: datetime, due_at: datetime, settling: timedelta) -> datetime:
    """Return a poll moved out of a rest, once what was traded before the rest has settled."""
    start, end = rest
    if now < start + settling:
        return min(due_at, start + settling)
    return max(due_at, end)
