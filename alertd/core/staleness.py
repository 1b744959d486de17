"""For how long has no good bar come, and which time of trading does no bar cover?

    open ====|bars|........ now - delay          silent: nobody knows the price
    open ====|bars|........|bars|==== close      a gap: nobody will know it

Only regular hours count: before and after them, and over lunch, silence is not news.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.records import Gap
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from alertd.core.bars import Bar
    from alertd.core.sessions import Session, Sessions, Stretch


def silence(
    sessions: Sessions, since: datetime | None, now: datetime, delay: timedelta
) -> timedelta:
    """Return how much of the open session has passed since the newest good bar ended.

    since: None where there never was one: the session's open counts then. Time that the source's
           `delay` still covers does not count. Zero while no session is open.
    """
    return _length(_silent(sessions, since, now - delay))


def silent_since(
    sessions: Sessions,
    good_until: datetime | None,
    now: datetime,
    *,
    delay: timedelta,
    limit: timedelta,
) -> datetime | None:
    """Return since when the open session is silent if that is longer than `limit`, else None.

    None says that there is nothing to complain of now, not that data is back: a session that
    closes ends the silence too.
    """
    silent = _silent(sessions, good_until, now - delay)
    return silent[0][0] if _length(silent) > limit else None


def gaps(
    sessions: Sessions, after: datetime | None, bars: Sequence[Bar], limit: timedelta
) -> tuple[Gap, ...]:
    """Return the times of trading that no bar covers for longer than `limit`, oldest first.

    after: the end of the last bar before these; None starts with the first of them.
    bars:  oldest first, of any lengths. Time after the last one is not a gap yet.
    """
    return tuple(
        Gap(start, end)
        for hole in _holes(after, bars, limit)
        for session in sessions.between(*hole)
        for start, end in _trading(session, *hole)
        if end - start > limit
    )


def _silent(sessions: Sessions, since: datetime | None, known: datetime) -> list[Stretch]:
    session = sessions.at(known, Hours.REGULAR)
    if session is None:
        return []
    return list(_trading(session, since or session.open, known))


def _holes(after: datetime | None, bars: Sequence[Bar], limit: timedelta) -> Iterator[Stretch]:
    """Yield the times between bars that are longer than `limit`, whatever they hold."""
    covered = after
    for bar in bars:
        if covered is not None and bar.start - covered > limit:
            yield covered, bar.start
        covered = bar.end if covered is None else max(covered, bar.end)


def _trading(session: Session, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Yield what a session trades in `[start, end)`."""
    for opened, closed in session.stretches:
        begun, over = max(opened, start), min(closed, end)
        if begun < over:
            yield begun, over


def _length(stretches: Sequence[Stretch]) -> timedelta:
    return sum((end - start for start, end in stretches), timedelta(0))
