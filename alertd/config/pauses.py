"""When, and how much, may a channel speak?

    quiet     "22:00-07:00"                        over midnight too
    digest    "18:00"
    rate      "10/h" | "1/min" | "20/30m"

As in `values`, each function takes whatever TOML can hold.
"""

from __future__ import annotations

import re
from datetime import time, timedelta

from alertd.config import values
from alertd.config.wrong import expected
from alertd.core.calm import Quiet, Rate

CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
HOURS = rf"({CLOCK}) ?- ?({CLOCK})"
_UNIT = r"(d|day|h|hour|m|min|minute|s|sec|second)"
RATE = rf"([1-9][0-9]{{0,3}}) ?/ ?({values.DURATION}|{_UNIT})"

# No message waits for longer than a day and an hour: see `alertd.core.calm`.
_LONGEST = timedelta(days=1)


def clock(value: object) -> time:
    """Return a time of day."""
    if not (isinstance(value, str) and re.fullmatch(CLOCK, value)):
        raise expected(value, 'a time of day such as "18:00"')
    return _time(value)


def quiet(value: object) -> Quiet:
    """Return the hours in which a channel is silent."""
    if not (isinstance(value, str) and (match := re.fullmatch(HOURS, value))):
        raise expected(value, 'hours such as "22:00-07:00"')
    start, end = _time(match[1]), _time(match[3])
    if start == end:
        raise expected(
            value, "an end other than the start", 'one message a day is digest = "18:00"'
        )
    return Quiet(start, end)


def rate(value: object) -> Rate:
    """Return how many messages may go out in which time."""
    if not (isinstance(value, str) and re.fullmatch(RATE, value)):
        raise expected(value, 'a rate such as "10/h", "1/min" or "20/30m"')
    count, _, span = (part.strip() for part in value.partition("/"))
    length = values.duration(span if span[0].isdigit() else f"1 {span}")
    if not timedelta(0) < length <= _LONGEST:
        raise expected(span, 'some time, at most a day, behind the "/"')
    return Rate(int(count), length)


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
