"""What may a condition ask for?

    below, above, touches     150 | "52w high - 2%"
    inside, outside           [148, 152]
    rises, falls, moves       "5%"     within "previous close" | "1h" | "5 sessions"
    trails                    "8%"

As in `values`, each function takes whatever TOML can hold.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alertd.config import values
from alertd.config.wrong import Wrong, expected, meant, shown
from alertd.core import levels
from alertd.core.rules import Band, SessionCount

if TYPE_CHECKING:
    from datetime import timedelta

    from alertd.core.rules import Named

PREVIOUS_CLOSE = "previous close"
SESSIONS = r"([1-9][0-9]{0,2}) sessions?"
# Editors know these two by their patterns: more than nothing, and less than the whole.
SHARE = rf"(?!0+(?:\.0+)? ?%)({levels.SHARE}) ?%"
UNDER_100 = rf"(?!0*[1-9][0-9][0-9]){SHARE}"

_EDGES = 2
_NUMBER = r" *[0-9]+(\.[0-9]+)? *"


def level(value: object) -> float | Named:
    """Return a price, or the level that a text names."""
    if not isinstance(value, str):
        return values.price(value)
    if re.fullmatch(_NUMBER, value):
        raise expected(value, "a price or a level name", "write the number without quotes")
    try:
        return levels.named(value)
    except levels.NotALevel as wrong:
        raise expected(value, wrong.expected, wrong.hint) from None


def band(value: object) -> Band:
    """Return a band from its two edges, the lower one first."""
    if not (isinstance(value, list) and len(value) == _EDGES):
        raise expected(value, "two prices such as [148, 152]", _counted(value))
    low, high = (values.price(edge) for edge in value)
    if low >= high:
        what = f"expected two prices, the lower one first, found [{low:g}, {high:g}]"
        raise Wrong(what, _other_way(low, high))
    return Band(low, high)


def share(value: object) -> float:
    """Return by how many per cent a price is to move, whichever way."""
    if isinstance(value, str) and (match := re.fullmatch(SHARE, value)):
        return float(match[1])
    raise expected(value, 'a share such as "5%", above 0 and under 1000', _share_meant(value))


def share_under_100(value: object) -> float:
    """Return by how many per cent a price is to come down."""
    found = share(value)
    if not re.fullmatch(UNDER_100, str(value)):
        raise expected(value, "less than 100%")
    return found


def within(value: object) -> timedelta | SessionCount | None:
    """Return over which time a move is measured; None from the previous close."""
    if value == PREVIOUS_CLOSE:
        return None
    if isinstance(value, str) and (match := re.fullmatch(SESSIONS, value)):
        return SessionCount(int(match[1]))
    if not (isinstance(value, str) and re.fullmatch(values.DURATION, value)):
        hint = meant(value, [PREVIOUS_CLOSE]) if isinstance(value, str) else None
        what = f'"{PREVIOUS_CLOSE}", a duration such as "1h", or sessions such as "5 sessions"'
        raise expected(value, what, hint)
    return values.minutes(value)


def _counted(value: object) -> str | None:
    return f"it holds {len(value)}" if isinstance(value, list) and value else None


def _other_way(low: float, high: float) -> str:
    if low == high:
        return "a band has some width; touches watches a single price"
    return f"write [{high:g}, {low:g}]"


def _share_meant(value: object) -> str | None:
    """Return what a share lacks or has too much, if that is all that is wrong."""
    text = value.strip().translate(levels.DASHES) if isinstance(value, str) else shown(value)
    if re.fullmatch(rf"[+-] *{SHARE}", text):
        return "without a sign: rises, falls and moves say which way"
    if re.fullmatch(levels.SHARE, text):
        return f'write "{text}%"'
    return None
