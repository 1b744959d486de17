"""What is the one line that a locked phone shows?

    BABA fell below $150.00      BABA's P/E rose above 20      10:1 split of NVDA: ...

The subject of a mail is this line with the price, and with what must not be overlooked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

from alertd.core import terms, words
from alertd.core.events import Event, Kind
from alertd.core.notices import Severity
from alertd.core.rules import Condition, Figure

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.notices import Notice

# Of these a price is told.
PRICED = frozenset({Kind.FIRED, Kind.RECOVERED, Kind.WITHDRAWN})

MOVES = frozenset({Condition.RISES, Condition.FALLS, Condition.MOVES})

_SUBJECT_LIMIT = 199
_MINUTE = timedelta(minutes=1)

_CROSSED = {
    Condition.BELOW: "fell below",
    Condition.ABOVE: "rose above",
    Condition.TOUCHES: "touched",
    Condition.INSIDE: "entered",
    Condition.OUTSIDE: "left",
}
_RETURNED = {
    Condition.BELOW: "is back above",
    Condition.ABOVE: "is back below",
    Condition.TOUCHES: "has moved away from",
    Condition.INSIDE: "is back outside",
    Condition.OUTSIDE: "is back inside",
    Condition.TRAILS: "is back above its stop of",
}


def headline(notice: Notice) -> str:
    """Return what happened, in a few words: "BABA fell below $150.00"."""
    event = notice.event
    match event.kind:
        case Kind.FIRED:
            return _fired(notice)
        case Kind.RECOVERED:
            return _recovered(notice)
        case Kind.WITHDRAWN:
            return f"Taken back: {headline(as_told(notice))}"
        case Kind.SPLIT:
            return _split(notice)
        case Kind.HELD:
            return f"{event.symbol}: an alert is held, its level was refused"
        case Kind.STALE | Kind.RESUMED:
            return _of_symbol(notice)
        case _:
            assert_never(event.kind)


def subject(notice: Notice) -> str:
    """Return what a mail is called: the headline, the price, and what must not be overlooked."""
    marks = [
        "[SIMULATED] " if notice.simulated else "",
        "[CRITICAL] " if notice.severity is Severity.CRITICAL else "",
    ]
    return words.line(f"{''.join(marks)}{priced(notice)}{_late(notice)}", _SUBJECT_LIMIT)


def priced(notice: Notice) -> str:
    """Return the headline with the price, where a price belongs to it."""
    if notice.event.kind not in PRICED:
        return headline(notice)
    return f"{headline(notice)}, at {amount(notice.event.price, notice)}"


def as_told(notice: Notice) -> Notice:
    """Return the notice that is taken back by this one."""
    kind = Kind.RECOVERED if notice.event.about == Kind.RECOVERED else Kind.FIRED
    return replace(notice, event=replace(notice.event, kind=kind, about=""))


def amount(value: float, notice: Notice) -> str:
    """Return a value of the figure that the alert watches."""
    return words.number(value, notice.event.of, notice.digits, notice.currency)


def cash(value: float, notice: Notice) -> str:
    """Return a price, whatever the alert watches."""
    return words.price(value, notice.digits, notice.currency)


def level(notice: Notice) -> str:
    """Return the level as it is now: "$150.00", "its 52-week high of $192.67"."""
    event, name = notice.event, words.by_name(notice.asked)
    if event.band:
        return words.band(*event.band, event.of, notice.digits, notice.currency)
    shown = words.level(event.level, event.of, notice.digits, notice.currency)
    if name is None:
        return shown
    return (
        f"its {words.named(name)} ({shown})"
        if name.offset
        else f"its {words.named(name)} of {shown}"
    )


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


def fell(notice: Notice) -> bool:
    """Tell whether a move or a trail went down."""
    event = notice.event
    if notice.condition in (Condition.FALLS, Condition.TRAILS):
        return True
    since = event.origin.price if event.origin else event.price
    return notice.condition is Condition.MOVES and event.level < since


def share(notice: Notice) -> str:
    """Return how far a move or a trail is asked to go: "5 %"."""
    return f"{notice.asked.partition('%')[0]} %"


def far(notice: Notice) -> str:
    """Return how far a move or a trail went: "17.0 %"; "5 % or more" where its start is unknown."""
    event = notice.event
    if event.origin is None or not event.origin.price:
        return f"{share(notice)} or more"
    return words.share((event.price / event.origin.price - 1) * 100)


def _fired(notice: Notice) -> str:
    event, condition = notice.event, notice.condition
    who = words.whose(event.symbol, event.of)
    match condition:
        case None:
            return who
        case Condition.RISES | Condition.FALLS | Condition.MOVES:
            return f"{who} {'fell' if fell(notice) else 'rose'} {far(notice)} {_within(notice)}"
        case Condition.TRAILS:
            peak = f" of {cash(event.origin.price, notice)}" if event.origin else ""
            return f"{who} fell {far(notice)} under its peak{peak}"
        case _ if notice.hold:
            return f"{who} held {terms.BEYOND[condition]} {level(notice)} for {notice.hold}"
        case _:
            return f"{who} {_crossed(condition, event)} {level(notice)}"


def _crossed(condition: Condition, event: Event) -> str:
    if event.about:
        return f"is {terms.BEYOND[condition]}"
    if event.of is Figure.VOLUME and condition is Condition.ABOVE:
        return "exceeded"
    return _CROSSED[condition]


def _recovered(notice: Notice) -> str:
    event, condition = notice.event, notice.condition
    who = words.whose(event.symbol, event.of)
    if event.price == event.level and not event.band:
        return f"{who} is back at {level(notice)}"
    returned = _RETURNED.get(condition, "is back from") if condition else "is back from"
    return f"{who} {returned} {level(notice)}"


def _of_symbol(notice: Notice) -> str:
    event = notice.event
    if event.kind is Kind.RESUMED:
        return f"{event.symbol} is back after {span(event.resolution)}"
    since = clock(event.bar_start, notice)
    return f"No good price of {event.symbol} since {since}; the session is open"


def _split(notice: Notice) -> str:
    event = notice.event
    what = f"{split(event)} of {event.symbol}"
    if is_of_many(notice):
        return f"{what}: {len(notice.together) + 1} levels are rescaled"
    before, now, _ = rescaled(event, notice.digits, notice.currency)
    return f"{what}: {before} is {now} now"


def _within(notice: Notice) -> str:
    within = notice.asked.partition(" within ")[2]
    return f"within {within}" if within else "from its previous close"


def _late(notice: Notice) -> str:
    if notice.event.kind not in PRICED:
        return ""
    count = len(notice.together)
    if not notice.late:
        return f" (and {count} more)" if count else ""
    return f" (late, with {count} before it)" if count else " (late)"
