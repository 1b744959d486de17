"""How are prices, times and rules said?

    150.0 -> "$150.00"      2026-03-09T13:34Z -> "2026-03-09 09:34 EDT (13:34 UTC)"

Messages, `check`, `status` and the lists of events take their words from here, so that one thing
has one name.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from alertd.core.rules import Closes, Condition, OnStart
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alertd.core.rules import Rule

CUT = "… [cut]"

# Control characters, and halves of a character, which no encoding takes.
_UNPRINTABLE = frozenset({"Cc", "Cs"})

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))

# Beyond this a float's own noise begins, even for coins at a millionth of a dollar.
_MOST_DECIMALS = 10

CROSSES = {
    Condition.BELOW: "falls below",
    Condition.ABOVE: "rises above",
    Condition.TOUCHES: "touches",
}
BEYOND = {Condition.BELOW: "below", Condition.ABOVE: "above", Condition.TOUCHES: "at"}


def price(value: float, digits: int, currency: str | None) -> str:
    """Return a price as people write it; decimals that it has beyond the usual two are kept."""
    exact = Decimal(repr(round(value, _MOST_DECIMALS)))
    decimals = max(-int(exact.normalize().as_tuple().exponent), min(digits, 2))
    sign, number = "-" if exact < 0 else "", f"{abs(exact):,.{decimals}f}"
    if currency == "USD":
        return f"{sign}${number}"
    return f"{sign}{number} {currency}" if currency else f"{sign}{number}"


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


def rule(rule: Rule, digits: int, currency: str | None) -> str:
    """Return a whole alert in words, as the inside of a sentence."""
    level = price(rule.level, digits, currency)
    parts = [
        f"when {rule.symbol} {CROSSES[rule.condition]} {level}{_hold(rule)}",
        _again(rule, digits, currency),
        _recovery(rule),
        _session(rule.session),
        _on_start(rule),
        f"until {rule.expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if rule.expires else "",
    ]
    return "; ".join(part for part in parts if part)


def _hold(rule: Rule) -> str:
    beyond = f"{BEYOND[rule.condition]} it"
    match rule.hold:
        case None:
            return ""
        case Closes(1):
            return f" and the day closes {beyond}"
        case Closes(count):
            return f" and {count} daily closes in a row are {beyond}"
        case timedelta():
            return f" and stays {beyond} for {duration(rule.hold)} of trading"


def way_back(rule: Rule, digits: int, currency: str | None) -> str:
    """Return where an alert that has fired is armed again: "at $151.50 or above"."""
    upper, lower = rule.upper(digits), rule.lower(digits)
    ends = []
    if rule.condition is not Condition.ABOVE:
        ends.append(f"at {price(upper, digits, currency)} or above")
    # A price cannot fall by more than the whole of it.
    if rule.condition is not Condition.BELOW and lower > 0:
        ends.append(f"at {price(lower, digits, currency)} or below")
    return ", or ".join(ends)


def _again(rule: Rule, digits: int, currency: str | None) -> str:
    if rule.once:
        return "once only"
    wait = f", {duration(rule.cooldown)} after firing at the soonest" if rule.cooldown else ""
    return f"armed again {way_back(rule, digits, currency)}{wait}"


def _recovery(rule: Rule) -> str:
    return "" if rule.once or not rule.recovery else "a message says when it is armed again"


def _session(hours: Hours) -> str:
    return "regular session" if hours is Hours.REGULAR else "pre- and post-market too"


def _on_start(rule: Rule) -> str:
    if rule.on_start is OnStart.SILENT:
        return ""
    return f"fires at the start if it is already {BEYOND[rule.condition]} the level"
