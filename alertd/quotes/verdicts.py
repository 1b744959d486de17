"""Which error stands for those of several sources?

    down                       -> the next poll asks again, whatever quiet another one wants
    limited, all of them       -> the earliest moment at which one may be asked
    unknown, says the first    -> unknown; that a stand-in does not know a symbol tells nothing

Crowded is the mildest: nothing is wrong, there is room in a minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.errors import Crowded, RateLimited, SourceDown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.errors import SourceError


def verdict(errors: Sequence[SourceError]) -> SourceError:
    """Return the error that stands for these, which came in the order of the sources."""
    first = errors[0]
    limited = [error for error in errors if isinstance(error, RateLimited)]
    if isinstance(first, RateLimited):
        down = [error for error in errors if isinstance(error, SourceDown)]
        return down[0] if down else _soonest(first, limited)
    crowded = [error for error in limited if isinstance(error, Crowded)]
    return crowded[0] if crowded and isinstance(first, SourceDown) else first


def _soonest(first: RateLimited, limited: Sequence[RateLimited]) -> RateLimited:
    """Return the first error with the earliest moment of all; nothing is wrong with a Crowded."""
    soonest = min(limited, key=lambda error: error.retry_at)
    if isinstance(soonest, Crowded) or soonest is first:
        return soonest
    return RateLimited(str(first), soonest.retry_at)
