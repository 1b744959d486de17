"""Which daily bars stand beside past bars?

    bars of a session  -> the session's own daily bar, where no other history is given
    history + splits   -> the same history in the shares in which the bars begin, or a cursor is

What stands in other shares than the bars would make a split look like a crash, or like a record.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from alertd.core.almanac import Almanac
from alertd.core.bars import Bar, rounded
from alertd.core.sessions import Hours
from alertd.core.splits import is_raw, rebases, rescaled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from alertd.core.bars import Last, Split
    from alertd.core.sessions import Session, Sessions
    from alertd.core.splits import Rebase


def is_daily(bars: Iterable[Bar], sessions: Sessions) -> bool:
    """Tell whether each bar is a whole session."""
    return all(_is_session(bar, sessions) for bar in bars)


def by_session(bars: Sequence[Bar], sessions: Sessions) -> Iterator[tuple[Session, Sequence[Bar]]]:
    """Yield the sessions of some bars with their regular bars; a session may have none."""
    if not bars:
        return
    starts, last = [bar.start for bar in bars], 0
    for session in sessions.between(bars[0].start, bars[-1].end):
        first = bisect_left(starts, session.open, last)
        last = bisect_left(starts, session.close, first)
        yield session, bars[first:last]


def joined(parts: Iterable[tuple[Session, Sequence[Bar]]], by: datetime) -> Iterator[Bar]:
    """Yield one daily bar for each session that has bars and was over by then."""
    for session, bars in parts:
        if not bars or session.close > by:
            continue
        volumes = [bar.volume for bar in bars if bar.volume is not None]
        yield Bar(
            session.open,
            session.close - session.open,
            bars[0].open,
            max(bar.high for bar in bars),
            min(bar.low for bar in bars),
            bars[-1].close,
            sum(volumes) if volumes else None,
        )


def beside(
    days: Sequence[Bar], splits: Sequence[Split], bars: Sequence[Bar], *, whole: bool
) -> Almanac:
    """Return daily history as an almanac in the shares in which some bars begin.

    days, bars: oldest first, and at least one bar. What is to be restated on the way through the
    bars is named in it.
    """
    if not days:
        return Almanac(whole=whole)
    places = []
    bases = {rebase.split: rebase for rebase in rebases(splits, bars)}
    old = {rebase.split for rebase in rebases(splits, days) if not rebase.rescaled}
    for split in splits:
        base = bases.get(split)
        if base is None:
            continue
        crosses = not base.rescaled and base.at > bars[0].start
        # Days that end before a split cannot know of it.
        places.append(_Place(split, split in old or days[-1].start < split.at, crosses))
    return _standing(days, places, whole=whole)


def as_of(
    days: Sequence[Bar],
    splits: Sequence[Split],
    last: Last | None,
    through: datetime,
    *,
    whole: bool = False,
) -> Almanac:
    """Return a source's daily bars as an almanac in the shares that a cursor is in.

    last, through: a price that is known, and up to when splits are in what the cursor keeps. Those
                   that lie ahead are named in the almanac.
    """
    places = [_Place(s, is_raw(days, s, last, through), s.at > through) for s in splits]
    return _standing(days, places, whole=whole)


def closes(
    almanac: Almanac, changes: Iterable[Rebase], first: datetime | None, digits: int
) -> dict[datetime, float]:
    """Return the closes of some days by their session's open, in the shares that they meet.

    changes: where the bars change over to new shares; `first` is the start of the first one. What
             is rescaled as a whole meets with its first bar what was kept in old shares: a session
             that closed by then does so in old ones, the others in new ones.
    """
    ahead = [c.split for c in changes if c.rescaled and c.split in almanac.splits]
    found = {}
    for day in almanac.days:
        ratio = 1.0 if first is None or day.end <= first else shares(ahead, day.start)
        found[day.start] = rounded(day.close / ratio, digits)
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """A split beside some days: whether they are `raw`, in old shares, and whether it is ahead."""

    split: Split
    raw: bool
    ahead: bool


def _standing(days: Sequence[Bar], places: Iterable[_Place], *, whole: bool) -> Almanac:
    """Return days in old shares before the splits that are ahead, in new ones before the others."""
    found, ahead = tuple(days), []
    for place in places:
        split = place.split
        if place.ahead:
            ahead.append(split)
        if place.ahead is not place.raw:
            ratio = split.ratio if place.raw else 1 / split.ratio
            found = tuple(rescaled(d, ratio) if d.start < split.at else d for d in found)
    return Almanac(found, tuple(ahead), whole=whole)


def shares(splits: Iterable[Split], at: datetime) -> float:
    """Return how many shares of the newest kind stand for one of that moment."""
    return prod(split.ratio for split in splits if split.at > at)


def _is_session(bar: Bar, sessions: Sessions) -> bool:
    session = sessions.at(bar.start, Hours.REGULAR)
    return session is not None and (session.open, session.close) == (bar.start, bar.end)
