"""What happened, in sentences?

    Notice -> Story -> text and HTML

Written to be read at night on a phone: what happened first, then when and at which price, where the
price is now, and only then the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core import words
from alertd.core.events import Kind
from alertd.core.notices import Severity
from alertd.core.rules import Condition

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.notices import Notice, OtherLevel

# With these a webhook's body stays under 20 kB, whatever the user wrote.
NOTE_LIMIT = 2000
NAME_LIMIT = 100
OTHERS_LIMIT = 12

SIMULATED = "SIMULATED: these prices are made up; nothing happened on a market."

_ACCENTS = {Severity.INFO: "#3b82f6", Severity.WARNING: "#d97706", Severity.CRITICAL: "#dc2626"}

_CROSSED = {
    Condition.BELOW: "fell below",
    Condition.ABOVE: "rose above",
    Condition.TOUCHES: "touched",
}
_RETURNED = {
    Condition.BELOW: "is back above",
    Condition.ABOVE: "is back below",
    Condition.TOUCHES: "has moved away from",
}

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Row:
    """Another level, as it is listed."""

    percent: str
    price: str
    name: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the bodies of a message say, in order; an empty string is left out."""

    headline: str
    paragraphs: tuple[str, ...]
    about: str
    accent: str = _ACCENTS[Severity.INFO]
    banner: str = ""
    note: str = ""
    others: tuple[Row, ...] = ()
    more: str = ""


def story(notice: Notice) -> Story:
    """Return what a notice tells its reader."""
    nearest = near(notice.others)
    hidden = len(notice.others) - len(nearest)
    return Story(
        headline=headline(notice),
        paragraphs=tuple(filter(None, (_happened(notice), _lateness(notice), _now(notice)))),
        about=_about(notice),
        accent=_ACCENTS[notice.severity],
        banner=SIMULATED if notice.simulated else "",
        note=words.block(notice.note, NOTE_LIMIT),
        others=tuple(_row(other, notice) for other in nearest),
        more=f"and {hidden} more, farther away" if hidden else "",
    )


def headline(notice: Notice) -> str:
    """Return the one line that a locked phone shows: "BABA fell below $150.00"."""
    event, condition = notice.event, notice.condition
    level = _price(event.level, notice)
    if event.kind is Kind.RECOVERED:
        returned = "is back at" if event.price == event.level else _RETURNED[condition]
        return f"{event.symbol} {returned} {level}"
    if notice.hold:
        return f"{event.symbol} held {words.BEYOND[condition]} {level} for {notice.hold}"
    return f"{event.symbol} {_CROSSED[condition]} {level}"


def subject(notice: Notice) -> str:
    """Return what a mail is called: the headline, the price, and what must not be overlooked."""
    marks = [
        "[SIMULATED] " if notice.simulated else "",
        "[CRITICAL] " if notice.severity is Severity.CRITICAL else "",
    ]
    late = " (late)" if notice.late else ""
    price = _price(notice.event.price, notice)
    return words.line(f"{''.join(marks)}{headline(notice)}, at {price}{late}", 200)


def near(others: tuple[OtherLevel, ...]) -> tuple[OtherLevel, ...]:
    """Return the levels nearest to the price, highest first."""
    nearest = sorted(others, key=lambda other: abs(other.percent))[:OTHERS_LIMIT]
    return tuple(sorted(nearest, key=lambda other: -other.level))


def distance(notice: Notice) -> float:
    """Return by how many per cent of the level the price lies above it now; below is negative."""
    level = notice.event.level
    return round((notice.price_now - level) / level * 100, 2)


def _happened(notice: Notice) -> str:
    event = notice.event
    what = "close" if notice.hold and "close" in notice.hold else "price"
    sentences = [f"The {what} was {_price(event.price, notice)} {_when(notice)}."]
    if event.gap:
        sentences.append("It opened beyond the level, without a trade in between: a gap.")
    if event.kind is Kind.RECOVERED and notice.condition is Condition.BELOW:
        sentences.append(f"{_price(event.level, notice)} is reclaimed.")
    return " ".join(sentences)


def _when(notice: Notice) -> str:
    event = notice.event
    at = _moment(event.at, notice)
    if event.at != event.bar_start or event.resolution <= _MINUTE:
        return f"at {at}"
    # A coarse bar tells the price but not the minute.
    return f"some time in the {words.duration(event.resolution)} from {at}"


def _lateness(notice: Notice) -> str:
    if not notice.late:
        return ""
    happened, found = notice.event.at, notice.detected_at
    later = timedelta(minutes=max((found - happened) // _MINUTE, 0))
    return (
        f"This message is late. It happened at {_moment(happened, notice)} "
        f"and was found at {_moment(found, notice)}, {words.duration(later)} later."
    )


def _now(notice: Notice) -> str:
    price, at = _price(notice.price_now, notice), _moment(notice.price_at, notice)
    return f"The last price is {price}, {_whereabouts(notice)}, as of {at}."


def _whereabouts(notice: Notice) -> str:
    level, far = _price(notice.event.level, notice), distance(notice)
    if notice.price_now == notice.event.level:
        return f"exactly at {level}"
    side = "above" if notice.price_now > notice.event.level else "below"
    return f"{words.share(far) if far else 'just'} {side} {level}"


def _about(notice: Notice) -> str:
    name, alert = words.line(notice.name, NAME_LIMIT), notice.event.alert
    called = f'"{name}" ({alert})' if name and name != alert else str(alert)
    return f"Alert {called}, severity {notice.severity}. Quotes: {words.line(notice.source, 40)}."


def _row(other: OtherLevel, notice: Notice) -> Row:
    name = words.line(other.name, NAME_LIMIT) or str(other.alert)
    return Row(words.percent(other.percent), _price(other.level, notice), name)


def _price(value: float, notice: Notice) -> str:
    return words.price(value, notice.digits, notice.currency)


def _moment(at: datetime, notice: Notice) -> str:
    return words.moment(at, ZoneInfo(notice.zone))
