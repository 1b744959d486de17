"""For how long is a source left alone that asked for it, or that does not answer?

    429 -> 5 min -> 10 -> 20 -> 40 -> 60      no traffic at all meanwhile; its own wish counts too
    down -> 1 min -> 2 -> .. -> 30            another one is asked meanwhile, where there is one

Each pause is a little longer than that, by chance, so that not everybody comes back at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.retry import granted

if TYPE_CHECKING:
    from datetime import datetime

_AFTER_LIMIT = (timedelta(minutes=5), timedelta(hours=1))
_AFTER_FAILURE = (timedelta(minutes=1), timedelta(minutes=30))
_JITTER = 0.2
# More doublings than this pass every longest pause.
_DOUBLINGS = 8

# A source that was well for so long after a rest begins with the shortest one again.
_FORGIVEN = timedelta(hours=1)

# No rest ends later than this from now: one that does was written before the clock was set back.
LONGEST_REST = _AFTER_LIMIT[1] * (1 + _JITTER)


@dataclass(frozen=True, slots=True)
class Rest:
    """A pause of one source, the `times`-th in a row; `why` is for the user, without secrets."""

    since: datetime
    until: datetime
    times: int
    why: str


def after_limit(
    before: Rest | None, now: datetime, asked: timedelta | None, chance: float, why: str
) -> Rest:
    """Return the rest of a source that asks for quiet.

    before: its newest rest, if it ever had one.
    asked:  what it wishes itself, as in `Retry-After`; that counts where it is longer, up to an
            hour.
    chance: in [0, 1), makes the rest up to a fifth longer.
    """
    rest = _next(before, now, _AFTER_LIMIT, chance, why)
    if asked is None:
        return rest
    return replace(rest, until=max(rest.until, _jittered(now, granted(asked), chance)))


def after_failure(before: Rest | None, now: datetime, chance: float, why: str) -> Rest:
    """Return the rest of a source that does not answer; `before` and `chance` as above."""
    return _next(before, now, _AFTER_FAILURE, chance, why)


def is_on(rest: Rest | None, now: datetime) -> bool:
    """Tell whether a source is to be left alone now."""
    return rest is not None and now < rest.until <= now + LONGEST_REST


def _next(
    before: Rest | None, now: datetime, bounds: tuple[timedelta, timedelta], chance: float, why: str
) -> Rest:
    if before is not None and is_on(before, now):
        # Asked before the rest began, by another thread: the same limit, met once more.
        return replace(before, why=why)
    times = before.times + 1 if before and _in_a_row(before, now) else 1
    shortest, longest = bounds
    pause = min(shortest * 2 ** min(times - 1, _DOUBLINGS), longest)
    return Rest(now, _jittered(now, pause, chance), times, why)


def _in_a_row(before: Rest, now: datetime) -> bool:
    """Tell whether a rest ended only just; one that a clock wrote ahead of its time did not."""
    return before.until <= now <= before.until + _FORGIVEN


def _jittered(now: datetime, pause: timedelta, chance: float) -> datetime:
    return now + pause * (1 + _JITTER * chance)
