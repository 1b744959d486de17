"""How long is "1h30m"?

The configuration and the command line take the same lengths of time: "90s", "5m", "1 day 2h".
"""

from __future__ import annotations

import re
from datetime import timedelta

_PART = r"([0-9]{1,7}) ?(w|weeks?|d|days?|h|hours?|m|min|minutes?|s|sec|seconds?)"
PATTERN = rf"{_PART}( ?{_PART})*"

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


class UnitTwice(ValueError):
    """A length of time counts the same unit twice."""


def span(text: str) -> timedelta | None:
    """Return the length of time that a text says; None where it is none.

    raises: UnitTwice.
    """
    if not re.fullmatch(PATTERN, text):
        return None
    parts = [(int(count), unit[0]) for count, unit in re.findall(_PART, text)]
    if len({unit for _, unit in parts}) < len(parts):
        raise UnitTwice(text)
    return timedelta(seconds=sum(count * _UNITS[unit] for count, unit in parts))
