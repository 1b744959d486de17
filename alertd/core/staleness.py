"""For how long has no good bar come, and which time of trading does no bar cover?

    open ====|bars|........ now - delay          silent: nobody knows the price
    open ====|bars|........|bars|==== close      a gap: nobody will know it

Only regular hours count: before and after them, and over lunch, silence is not news. Sessions that
abut are one: where trading goes on over midnight, so does silence.
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

_A_MOMENT = timedelta(seconds=1)


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


def is_back(
    sessions: Sessions, good_until: datetime, now: datetime, *, delay: timedelta, limit: timedelta
) -> bool:
    """Tell whether bars reach near enough to now, or to the close where the session is over."""
    session = sessions.last(now - delay, Hours.REGULAR)
    over = session.close + delay - timedelta.resolution if session else now
    seen_at = min(now, over)
    return silent_since(sessions, good_until, seen_at, delay=delay, limit=limit) is None


def news_at(
    sessions: Sessions,
    good_until: datetime | None,
    now: datetime,
    *,
    delay: timedelta,
    limit: timedelta,
) -> datetime | None:
    """Return when `silent_since` will first complain if no bar comes.

    That is in the session that is open, or else in the next one; None where it will not.
    """
    known, regular = now - delay, Hours.REGULAR
    opened = known if sessions.at(known, regular) else sessions.next_start(known, regular)
    session = sessions.at(opened, regular) if opened else None
    if session is None:
        return None
    after = sessions.at(session.close, regular) or session
    left = limit
    for start, end in _trading(sessions, _begun(sessions, session, good_until), after.close):
        if end - start > left:
            return start + left + delay + _A_MOMENT
        left -= end - start
    return None


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
        for start, end in _trading(sessions, *hole)
        if end - start > limit
    )


def _silent(sessions: Sessions, since: datetime | None, known: datetime) -> list[Stretch]:
    session = sessions.at(known, Hours.REGULAR)
    if session is None:
        return []
    return list(_trading(sessions, _begun(sessions, session, since), known))


def _begun(sessions: Sessions, session: Session, since: datetime | None) -> datetime:
    """Return since when a session waits for a bar: its open, or before it where sessions abut."""
    opened = session.open
    if since is None or since >= opened:
        return since or opened
    while since < opened and (before := sessions.at(opened - timedelta.resolution, Hours.REGULAR)):
        opened = before.open
    return max(since, opened)


def _holes(after: datetime | None, bars: Sequence[Bar], limit: timedelta) -> Iterator[Stretch]:
    """Yield the times between bars that are longer than `limit`, whatever they hold."""
    covered = after
    for bar in bars:
        if covered is not None and bar.start - covered > limit:
            yield covered, bar.start
        covered = bar.end if covered is None else max(covered, bar.end)


def _trading(sessions: Sessions, start: datetime, end: datetime) -> list[Stretch]:
    """Return the trading in `[start, end)`, oldest first; what abuts is one stretch."""
    found: list[Stretch] = []
    for session in sessions.between(start, end):
        for opened, closed in session.stretches:
            begun, over = max(opened, start), min(closed, end)
            if found and found[-1][1] == begun:
                found[-1] = (found[-1][0], over)
            elif begun < over:
                found.append((begun, over))
    return found


def _length(stretches: Sequence[Stretch]) -> timedelta:
    return sum((end - start for start, end in stretches), timedelta(0))
