"""What does one value of the file mean?

Each function takes whatever TOML can hold and returns our type, or raises `Wrong` with what was
expected and what was found.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar

from alertd.config.wrong import expected, listed, meant
from alertd.core import spans
from alertd.core.bars import Symbol
from alertd.core.rules import AlertId, Amount, Closes, Percent

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum
    from zoneinfo import ZoneInfo

    from alertd.core.rules import Distance, Hold

Choice = TypeVar("Choice", bound="StrEnum")

ID = r"[a-z0-9][a-z0-9._-]{0,63}"
SYMBOL = r"[A-Z0-9.^=-]{1,32}"
CLOSES = r"([1-9][0-9]{0,2}) closes?"
PERCENT = r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ?%"
DURATION = spans.PATTERN
FOREVER = "forever"
SIZE = r"([0-9]{1,6}) ?(KB|MB|GB)"
BACKUPS = range(366)
REQUESTS = range(10, 6_001)

_BYTES = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_LONGEST = timedelta(days=3_660)
_LONGEST_LINE = 120
_LONGEST_NOTE = 2_000
_YEARS = range(1990, 2500)


def matching(pattern: str, what: str, value: object) -> str:
    """Return a text of a certain shape."""
    if not (isinstance(value, str) and re.fullmatch(pattern, value)):
        raise expected(value, what)
    return value


def price(value: object) -> float:
    """Return a level: a positive, finite number."""
    number = _number(value)
    if number is None:
        raise expected(value, "a price")
    if not 0 < number < math.inf:
        raise expected(value, "a positive price")
    return number


def distance(value: object) -> Distance:
    """Return how far a price must come back: `"1%"` of the level, or an amount of money."""
    if isinstance(value, str) and (match := re.fullmatch(PERCENT, value)):
        share = float(match[1])
        if share > 0:
            return Percent(share)
    number = _number(value)
    if number is None or not 0 < number < math.inf:
        raise expected(value, 'a share of the level such as "1%", or a positive amount')
    return Amount(number)


def hold(value: object) -> Hold:
    """Return how a crossing must last: `"2 closes"` or a duration."""
    if isinstance(value, str) and (match := re.fullmatch(CLOSES, value)):
        return Closes(int(match[1]))
    if not _span(value):
        raise expected(value, 'daily closes such as "2 closes", or a duration such as "30m"')
    return duration(value)


def duration(value: object) -> timedelta:
    """Return a length of time, which may be none: "90s", "5m", "1h30m", "400 days"."""
    span = _span(value)
    if span is None:
        raise expected(value, 'a duration such as "90s", "5m", "1h30m" or "2 days"')
    if span > _LONGEST:
        raise expected(value, "at most ten years")
    return span


def seconds(value: object) -> timedelta:
    """Return a duration that a poll can have."""
    return _at_least(timedelta(seconds=1), "one second", value)


def minutes(value: object) -> timedelta:
    """Return a duration that the shortest bars can fill."""
    return _at_least(timedelta(minutes=1), "one minute", value)


def pace(value: object) -> timedelta:
    """Return a duration after which somebody far away is called again."""
    return _at_least(timedelta(seconds=10), "ten seconds", value)


def keep(value: object) -> timedelta | None:
    """Return how long something is kept; None for ever."""
    if value == FOREVER:
        return None
    if not _span(value):
        raise expected(value, f'a duration such as "400 days", or "{FOREVER}"')
    return _at_least(timedelta(days=1), "one day", value)


def backups(value: object) -> int:
    """Return how many of something daily are kept."""
    return _whole(BACKUPS, value)


def requests(value: object) -> int:
    """Return how often somebody may be asked in a minute."""
    return _whole(REQUESTS, value)


def size(value: object) -> int:
    """Return a number of bytes."""
    if isinstance(value, str) and (match := re.fullmatch(SIZE, value)):
        return int(match[1]) * _BYTES[match[2]]
    capital = value.upper() if isinstance(value, str) else ""
    hint = f'write "{capital}"' if re.fullmatch(SIZE, capital) else None
    raise expected(value, 'a size such as "50 MB", in KB, MB or GB', hint)


def identity(value: object) -> AlertId:
    """Return an alert's id."""
    what = 'a short name of small letters, digits and ".", "_", "-", such as "support-150"'
    return AlertId(matching(ID, what, value))


def symbol(value: object) -> Symbol:
    """Return a symbol as Yahoo writes it."""
    if isinstance(value, str) and re.fullmatch(SYMBOL, value):
        return Symbol(value)
    capital = value.upper() if isinstance(value, str) else ""
    hint = f'write "{capital}"' if re.fullmatch(SYMBOL, capital) else None
    raise expected(value, 'a symbol such as "BABA" or "0700.HK"', hint)


def line(value: object) -> str:
    """Return a text of one line; it becomes part of a subject."""
    if not (isinstance(value, str) and value.strip() and value.isprintable()):
        raise expected(value, "a text of one line")
    if len(value) > _LONGEST_LINE:
        raise expected(value, f"at most {_LONGEST_LINE} characters")
    return value


def note(value: object) -> str:
    """Return a text of any number of lines."""
    if not isinstance(value, str) or not value.translate({10: " ", 9: " "}).isprintable():
        raise expected(value, "a text")
    if len(value) > _LONGEST_NOTE:
        raise expected(value, f"at most {_LONGEST_NOTE} characters")
    return value.strip()


def flag(value: object) -> bool:
    """Return true or false, and nothing that merely resembles them."""
    if not isinstance(value, bool):
        raise expected(value, "true or false")
    return value


def choice(options: type[Choice]) -> Callable[[object], Choice]:
    """Return the reader of one of a few words."""

    def read(value: object) -> Choice:
        words = [str(option) for option in options]
        if isinstance(value, str) and value in words:
            return options(value)
        hint = meant(value, words) if isinstance(value, str) else None
        raise expected(value, listed(f'"{word}"' for word in words), hint)

    return read


def expiry(value: object) -> date:
    """Return a date, or a date and time, as written; `until` says which moment it is."""
    when = _moment(value) if isinstance(value, str) else value
    if not isinstance(when, date):
        raise expected(value, "a date such as 2027-03-31, or a date and time")
    if when.year not in _YEARS:
        raise expected(value, f"a year from {_YEARS[0]} to {_YEARS[-1]}")
    return when


def until(when: date, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC at which an expiry has come; a date alone includes its whole day."""
    if not isinstance(when, datetime):
        when = datetime.combine(when + timedelta(days=1), time(), zone)
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def _moment(text: str) -> date | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _whole(allowed: range, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise expected(value, f"a number from {allowed[0]} to {allowed[-1]}")
    return value


def _at_least(shortest: timedelta, words: str, value: object) -> timedelta:
    span = duration(value)
    if span < shortest:
        raise expected(value, f"at least {words}")
    return span


def _span(value: object) -> timedelta | None:
    try:
        return spans.span(value) if isinstance(value, str) else None
    except spans.UnitTwice:
        raise expected(value, "each unit once") from None
