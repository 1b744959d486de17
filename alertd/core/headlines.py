"""What is the one line that a locked phone shows?

    BABA fell below $150.00      BABA's P/E rose above 20      10:1 split of NVDA: ...

The subject of a mail is this line with the price, and with what must not be overlooked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

from alertd.core import crossings, words
from alertd.core.events import Event, Kind
from alertd.core.notices import Severity
from alertd.core.phrases import PRICED, amount, as_told, phrase
from alertd.core.rules import Figure

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.notices import Notice

SUBJECT_LIMIT = 199
_MINUTE = timedelta(minutes=1)


def headline(notice: Notice) -> str:
    """Return what happened, in a few words: "BABA fell below $150.00"."""
    event = notice.event
    match event.kind:
        case Kind.FIRED | Kind.RECOVERED:
            return _crossed(notice)
        case Kind.WITHDRAWN:
            return f"Taken back: {_crossed(as_told(notice))}"
        case Kind.SPLIT:
            return _split(notice)
        case Kind.HELD:
            return f"{event.symbol}: an alert is held, its level was refused"
        case Kind.STALE | Kind.RESUMED:
            return _of_symbol(notice)
        case _:
            assert_never(event.kind)


def subject(notice: Notice, reminder: int = 0) -> str:
    """Return what a mail is called: the headline, the price, and what must not be overlooked."""
    again = f"Reminder {reminder}: " if reminder else ""
    said = f"{marks((notice,))}{again}{priced(notice)}{_late(notice)}"
    return words.line(said, SUBJECT_LIMIT)


def marks(notices: tuple[Notice, ...]) -> str:
    """Return what a subject must begin with, for the sake of any of these."""
    simulated = any(notice.simulated for notice in notices)
    critical = any(notice.severity is Severity.CRITICAL for notice in notices)
    return f"{'[SIMULATED] ' if simulated else ''}{'[CRITICAL] ' if critical else ''}"


def priced(notice: Notice) -> str:
    """Return the headline with the price, where a price belongs to it."""
    if notice.event.kind not in PRICED:
        return headline(notice)
    if crossings.are_told(notice):
        return f"{headline(notice)}, {crossings.price(notice)}"
    return f"{headline(notice)}, at {amount(notice.event.price, notice)}"


def rescaled(event: Event, digits: int, currency: str | None) -> tuple[str, str, str]:
    """Return a level before a split, after it, and as it is to be written now."""
    before = event.origin.price if event.origin else event.level
    if not event.band:
        now = words.price(event.level, digits, currency)
        return words.price(before, digits, currency), now, words.plain(event.level)
    low, high = event.band
    old = before / event.level if event.level else 1.0
    return (
        words.band(low * old, high * old, Figure.PRICE, digits, currency),
        words.band(low, high, Figure.PRICE, digits, currency),
        f"[{words.plain(low)}, {words.plain(high)}]",
    )


def is_of_many(notice: Notice) -> bool:
    """Tell whether a notice is of no alert more than of another: one split, several levels."""
    return notice.event.kind is Kind.SPLIT and bool(notice.together)


def split(event: Event) -> str:
    """Return which split an event tells: "10:1 split"."""
    return f"{event.origin.what} split" if event.origin else "split"


def clock(at: datetime, notice: Notice) -> str:
    """Return a time on the exchange's clock, with its day only where that is another one."""
    zone = ZoneInfo(notice.zone)
    there, found = at.astimezone(zone), notice.detected_at.astimezone(zone)
    if there.date() != found.date():
        return words.local(at, zone)
    return f"{there:%H:%M} {there.tzname()}"


def span(length: timedelta) -> str:
    """Return a span of time in whole minutes where it has any."""
    return words.duration(length if length < _MINUTE else length // _MINUTE * _MINUTE)


def _crossed(notice: Notice) -> str:
    return crossings.headline(notice) if crossings.are_told(notice) else str(phrase(notice))


def _of_symbol(notice: Notice) -> str:
    event = notice.event
    if event.kind is Kind.RESUMED:
        return f"{event.symbol} is back after {span(event.resolution)}"
    if not event.resolution:
        return f"No price of {event.symbol} can be had"
    since = f"No good price of {event.symbol} since {clock(event.bar_start, notice)}"
    # A symbol that no source knows is told at night, too; the reason is in the body.
    return since if event.about else f"{since}; the session is open"


def _split(notice: Notice) -> str:
    event = notice.event
    what = f"{split(event)} of {event.symbol}"
    if is_of_many(notice):
        return f"{what}: {len(notice.together) + 1} levels are rescaled"
    before, now, _ = rescaled(event, notice.digits, notice.currency)
    return f"{what}: {before} is {now} now"


def _late(notice: Notice) -> str:
    if notice.event.kind not in PRICED or not notice.late:
        return ""
    count = len(notice.together)
    return f" (late, with {count} before it)" if count else " (late)"
