"""How are prices, figures, levels and times said?

    150.0 -> "$150.00"      2026-03-09T13:34Z -> "2026-03-09 09:34 EDT (13:34 UTC)"

Messages, `check`, `status` and the lists of events take their words from here, so that one thing
has one name.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from alertd.core.currencies import amount
from alertd.core.levels import NotALevel
from alertd.core.levels import named as level_named
from alertd.core.rules import Figure, Name, Named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alertd.core.bars import Symbol

# With these a webhook's body stays under 20 kB, whatever the user wrote.
NOTE_LIMIT = 2000
NAME_LIMIT = 100
ABOUT_LIMIT = 200

CUT = "… [cut]"

# Control characters, and halves of a character, which no encoding takes.
_UNPRINTABLE = frozenset({"Cc", "Cs"})

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))

# Beyond this a float's own noise begins, even for coins at a millionth of a dollar.
_MOST_DECIMALS = 10

FIGURES = {
    Figure.PRICE: "price",
    Figure.PE: "P/E",
    Figure.FORWARD_PE: "forward P/E",
    Figure.VOLUME: "volume today",
}
MEAN = "its 20-session mean"

_NAMES = {
    Name.YEAR_HIGH: "52-week high",
    Name.YEAR_LOW: "52-week low",
    Name.PREVIOUS_CLOSE: "previous close",
    Name.ALL_TIME_HIGH: "all-time high",
    Name.ANALYST_TARGET: "mean analyst target",
    Name.ANALYST_HIGH: "highest analyst target",
    Name.ANALYST_LOW: "lowest analyst target",
}


def price(value: float, digits: int, currency: str | None) -> str:
    """Return a price as people write it; decimals that it has beyond the usual two are kept."""
    exact = Decimal(repr(round(value, _MOST_DECIMALS)))
    decimals = max(-int(exact.normalize().as_tuple().exponent), min(digits, 2))
    sign, number = "-" if exact < 0 else "", f"{abs(exact):,.{decimals}f}"
    return f"{sign}{amount(number, currency) if currency else number}"


def percent(value: float) -> str:
    """Return a signed percentage: "+1.3 %"."""
    return f"{value:+.{_percent_decimals(value)}f} %" if round(value, 2) else "0.0 %"


def share(value: float) -> str:
    """Return a percentage without its sign: "1.3 %"."""
    return percent(value).lstrip("+-")


def _percent_decimals(value: float) -> int:
    return 1 if round(abs(value), 1) >= 0.1 else 2  # noqa: PLR2004 - one decimal shows nothing below


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a time on the exchange's clock and in UTC: "2026-03-09 09:34 EDT (13:34 UTC)"."""
    there, utc = at.astimezone(zone), at.astimezone(UTC)
    if there.tzname() == "UTC":
        return local(at, zone)
    shown = "%H:%M" if there.date() == utc.date() else "%Y-%m-%d %H:%M"
    return f"{local(at, zone)} ({utc:{shown}} UTC)"


def local(at: datetime, zone: ZoneInfo) -> str:
    """Return a time on the exchange's clock, for where there is little room."""
    there = at.astimezone(zone)
    return f"{there:%Y-%m-%d %H:%M} {there.tzname()}"


def duration(span: timedelta) -> str:
    """Return a span of time as it is written in the configuration: "30m", "1d 4h"."""
    left, parts = int(abs(span).total_seconds()), []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{unit}")
    text = " ".join(parts) or "0s"
    return f"-{text}" if span < -timedelta(seconds=1) else text


def stamp(at: datetime) -> str:
    """Return a time as machines read it: "2026-03-09T13:34:00Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def line(text: str, limit: int) -> str:
    """Return any text as one printable line of at most `limit` characters."""
    return _cut(" ".join(_printable(text).split()), limit)


def block(text: str, limit: int) -> str:
    """Return any text as printable lines, at most `limit` characters in all."""
    lines = (_printable(each).strip() for each in text.splitlines())
    return _cut("\n".join(lines).strip(), limit)


def _printable(text: str) -> str:
    return "".join(" " if unicodedata.category(each) in _UNPRINTABLE else each for each in text)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - len(CUT), 0)].rstrip() + CUT


def joined(parts: Sequence[str]) -> str:
    """Return several things as one: "a, b and c"."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def plain(value: float) -> str:
    """Return a number as it is written in the configuration: "150", "148.5"."""
    return f"{Decimal(repr(round(value, _MOST_DECIMALS))).normalize():f}"


def number(value: float, of: Figure, digits: int, currency: str | None) -> str:
    """Return a value in a sentence that names its figure: "$149.62", "20.13", "3.1 times"."""
    if of is Figure.PRICE:
        return price(value, digits, currency)
    short = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{short} times" if of is Figure.VOLUME else short


def figure(value: float, of: Figure, digits: int, currency: str | None) -> str:
    """Return a value that stands alone: "$149.62", "P/E 20.13", "3.1 times the usual volume"."""
    said = number(value, of, digits, currency)
    match of:
        case Figure.PRICE:
            return said
        case Figure.VOLUME:
            return f"{said} the usual volume"
        case Figure.PE | Figure.FORWARD_PE:
            return f"{FIGURES[of]} {said}"
        case _:
            assert_never(of)


def level(value: float, of: Figure, digits: int, currency: str | None) -> str:
    """Return a level in a sentence: "$150.00", "20", "3 times its 20-session mean"."""
    if of is Figure.PRICE:
        return price(value, digits, currency)
    return f"{plain(value)} times {MEAN}" if of is Figure.VOLUME else plain(value)


def mark(value: float, of: Figure, digits: int, currency: str | None) -> str:
    """Return a level that prices are measured by: "$150.00", "a P/E of 20"."""
    said = level(value, of, digits, currency)
    return f"a {FIGURES[of]} of {said}" if of in (Figure.PE, Figure.FORWARD_PE) else said


def band(low: float, high: float, of: Figure, digits: int, currency: str | None) -> str:
    """Return a band in a sentence: "$148.00 to $152.00"."""
    first = price(low, digits, currency) if of is Figure.PRICE else plain(low)
    return f"{first} to {level(high, of, digits, currency)}"


def named(level: Named) -> str:
    """Return a named level: "52-week high", "200-day average less 2 %"."""
    name = f"{level.count}-day average" if level.name is Name.SMA else _NAMES[level.name]
    if not level.offset:
        return name
    return f"{name} {'plus' if level.offset > 0 else 'less'} {abs(level.offset):g} %"


def by_name(asked: str) -> Named | None:
    """Return the level that users name like this; None where it is no name."""
    try:
        return level_named(asked)
    except NotALevel:
        return None


def made_of(what: str) -> str:
    """Return what a level comes from: "52-week high" for "52w high"."""
    level = by_name(what)
    return named(level) if level else what


def whose(symbol: Symbol, of: Figure) -> str:
    """Return what is watched: "BABA", "BABA's P/E"."""
    return str(symbol) if of is Figure.PRICE else f"{symbol}'s {FIGURES[of]}"
