"""From which bar on do prices count in new shares?

    raw:       1208.88 | 120.37   the source's old bars are in old shares; the split is at its day
    rescaled:   120.89 | 120.37   the source has rescaled them: all of its bars are in new shares

What the daemon has kept is in old shares either way, until a `Rebase` says it is not. That a split
took place is never read from prices, only from the source; which shares its old bars are in is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from alertd.core.bars import Bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from alertd.core.bars import Last, Split


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
    after = next((bar for bar in bars if bar.start >= split.at), None)
    if after is None:
        return None
    before = next((bar for bar in reversed(bars) if bar.start < split.at), None)
    if before and not _drops(before.close, after.open, split.ratio):
        return Rebase(split, bars[0].start, rescaled=True)
    return Rebase(split, split.at, rescaled=False)


def _drops(before: float, after: float, ratio: float) -> bool:
    """Tell whether a price changed as the split does, rather than hardly at all."""
    changed = log(before / after)
    return abs(changed - log(ratio)) < abs(changed)


def in_new_shares(
    days: Sequence[Bar], splits: Iterable[Split], last: Last | None
) -> tuple[Bar, ...]:
    """Return daily bars in the shares of the newest split, whichever the source left them in.

    last: the last regular price that was judged, in whatever shares it is; it tells what the days
          are in while no bar after the split does.
    """
    found = tuple(days)
    for split in sorted(splits, key=lambda split: split.at):
        found = _restated(found, split, last)
    return found


def rescaled(bar: Bar, ratio: float) -> Bar:
    """Return a bar of old shares in new ones."""
    volume = None if bar.volume is None else bar.volume * ratio
    prices = (bar.open / ratio, bar.high / ratio, bar.low / ratio, bar.close / ratio)
    return Bar(bar.start, bar.length, *prices, volume)


def _restated(days: tuple[Bar, ...], split: Split, last: Last | None) -> tuple[Bar, ...]:
    rebase = _rebase(split, days)
    if rebase is None:
        raw = last is not None and _is_in_old_shares(days, split, last)
    else:
        raw = not rebase.rescaled and any(day.start < split.at for day in days)
    return tuple(
        rescaled(day, split.ratio) if raw and day.start < split.at else day for day in days
    )


def _is_in_old_shares(days: Sequence[Bar], split: Split, last: Last) -> bool:
    """Tell whether the day of a price that was judged before a split still shows that price."""
    same = next((day for day in days if day.start <= last.start < day.end), None)
    return same is not None and abs(log(same.close / last.price)) < abs(log(split.ratio)) / 2
