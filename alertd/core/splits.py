"""From which bar on do prices count in new shares?

    raw:       1208.88 | 120.37   the source's old bars are in old shares; the split is at its day
    rescaled:   120.89 | 120.37   the source has rescaled them: all of its bars are in new shares

What the daemon has kept is in old shares either way, until a `Rebase` says it is not. That a split
took place is never read from prices, only from the source; which shares its old bars are in is.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from math import log
from typing import TYPE_CHECKING

from alertd.core.bars import Bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from alertd.core.bars import Last, Split

# How far a price may go within one bar, as a difference of logarithms.
_COURSE = log(1.15)
# Ratios that are no larger than what a price does by itself.
_NEAR_ONE = (0.8, 1.25)
# A source rescales its daily bars within this time.
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rebase:
    """A split as some bars show it: those that start at `at` or later are in new shares.

    `rescaled` says that the bars before the split's day are, too.
    """

    split: Split
    at: datetime
    rescaled: bool


def rebases(splits: Iterable[Split], bars: Sequence[Bar]) -> tuple[Rebase, ...]:
    """Return where prices change over to new shares, oldest first.

    bars: oldest first. A split that none of them has reached is left out.
    """
    found = (_rebase(split, bars) for split in sorted(splits, key=lambda split: split.at))
    return tuple(rebase for rebase in found if rebase)


def _rebase(split: Split, bars: Sequence[Bar]) -> Rebase | None:
    count = bisect_left(bars, split.at, key=_start)
    if count == len(bars):
        return None
    before = next((bar for bar in reversed(bars[:count]) if not _mixes(bar, split.ratio)), None)
    if before and not _drops(before.close, _opening(bars[count:], split.ratio), split.ratio):
        return Rebase(split, bars[0].start, rescaled=True)
    return Rebase(split, split.at, rescaled=False)


def _opening(bars: Sequence[Bar], ratio: float) -> float:
    """Return the first price in new shares; of a bar that mixes both, the end where those are."""
    clean = next((bar.open for bar in bars if not _mixes(bar, ratio)), None)
    if clean is not None:
        return clean
    return bars[0].low if ratio > 1 else bars[0].high


def _mixes(bar: Bar, ratio: float) -> bool:
    """Tell whether a bar spans the split rather than a course of prices."""
    return log(bar.high / bar.low) > max(abs(log(ratio)) / 2, _COURSE)


def _drops(before: float, after: float, ratio: float) -> bool:
    """Tell whether a price changed as the split does, rather than hardly at all."""
    changed = log(before / after)
    return abs(changed - log(ratio)) < abs(changed)


def is_raw(days: Sequence[Bar], split: Split, last: Last | None, through: datetime) -> bool:
    """Tell whether a source has left its daily bars before a split in old shares.

    It does so for a few days at most. The first bar after the split tells, or the last price that
    is known, which is in new shares by its time or where splits up to `through` are in it. Where
    neither does, or where a day's course may look like the split, the source has rescaled them.
    """
    long_ago = not days or days[-1].start - split.at > _WEEK
    if long_ago or _NEAR_ONE[0] < split.ratio < _NEAR_ONE[1]:
        return False
    rebase = _rebase(split, days)
    if rebase is not None:
        return not rebase.rescaled
    if last is None:
        return False
    newer = last.start >= split.at or split.at <= through
    same = min(days, key=lambda day: abs(day.start - last.start))
    return _drops(same.close, last.price if newer else last.price / split.ratio, split.ratio)


def rescaled(bar: Bar, ratio: float) -> Bar:
    """Return a bar of old shares in new ones."""
    volume = None if bar.volume is None else bar.volume * ratio
    prices = (bar.open / ratio, bar.high / ratio, bar.low / ratio, bar.close / ratio)
    return Bar(bar.start, bar.length, *prices, volume)


def _start(bar: Bar) -> datetime:
    return bar.start
