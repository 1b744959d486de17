"""How did it come about?

what was seen, and when      what the level is made of      where the level was before

Each function returns sentences of a message's body; "" where there is nothing to say.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core import words
from alertd.core.events import Kind
from alertd.core.phrases import MOVES, amount, cash, share
from alertd.core.rules import Condition, Figure

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.notices import Notice
    from alertd.core.states import Origin

_MINUTE = timedelta(minutes=1)

# A price that is rounded to its digits differs less from what was written, a split more.
_ROUNDING = 0.005
_RELATIVE = MOVES | {Condition.TRAILS}


def happened(notice: Notice) -> str:
    """Return what was seen, and when."""
    sentences = [seen(notice)]
    fired = notice.event.kind is Kind.FIRED
    if notice.event.gap and fired:
        sentences.append(f"It opened {_opened(notice)}, without a trade in between: a gap.")
    if not fired and notice.condition is Condition.BELOW:
        level = mark(notice, notice.event.level)
        sentences.append(f"{level[:1].upper()}{level[1:]} is reclaimed.")
    return " ".join(sentences)


def seen(notice: Notice) -> str:
    """Return which value was seen, and when."""
    return f"The {_what(notice)} {when(notice)}{_beside(notice)}."


def mark(notice: Notice, level: float) -> str:
    """Return a level that the price is measured by: "$150.00", "a P/E of 20"."""
    return words.mark(level, notice.event.of, notice.digits, notice.currency)


def by_closes(notice: Notice) -> bool:
    """Tell whether a notice is of something that closes decided; a recovery never is."""
    recovered = Kind.RECOVERED in (notice.event.kind, notice.event.about)
    return not recovered and notice.hold is not None and "close" in notice.hold


def _what(notice: Notice) -> str:
    event = notice.event
    name = words.FIGURES[event.of]
    if event.of is Figure.PRICE and by_closes(notice):
        name = "close"
    of = f" {words.MEAN}" if event.of is Figure.VOLUME else ""
    return f"{name} was {amount(event.price, notice)}{of}"


def _beside(notice: Notice) -> str:
    """Return the price beside another figure; the shares beside a volume."""
    event = notice.event
    match event.of:
        case Figure.PRICE:
            return ""
        case Figure.VOLUME:
            return f": {event.price * event.unit:,.0f} shares"
        case Figure.PE | Figure.FORWARD_PE:
            return f", with the price at {cash(round(event.price * event.unit, 2), notice)}"


def _opened(notice: Notice) -> str:
    exactly = notice.event.price == notice.event.level
    match notice.condition:
        case Condition.INSIDE:
            return "inside the band"
        case Condition.OUTSIDE:
            return "outside the band"
        case Condition.RISES | Condition.FALLS | Condition.MOVES:
            return "that far away already"
        case Condition.TRAILS:
            return "at the stop" if exactly else "below the stop"
        case _:
            return "at the level" if exactly else "beyond the level"


def when(notice: Notice) -> str:
    """Return the moment, or the time in which it lies."""
    event = notice.event
    at = moment(event.at, notice)
    if event.at != event.bar_start or event.resolution <= _MINUTE:
        return f"at {at}"
    # A coarse bar tells the price but not the minute.
    return f"some time in the {words.duration(event.resolution)} from {at}"


def origin(notice: Notice) -> str:
    """Return what the level is made of, and since when."""
    event, source = notice.event, notice.event.origin
    if source is None:
        return _rescaled(notice)
    day = f"{source.at.astimezone(ZoneInfo(notice.zone)):%Y-%m-%d}"
    if event.of is Figure.VOLUME:
        return f"The {words.made_of(source.what)} is {source.price:,.0f} shares, as of {day}."
    if event.of is not Figure.PRICE:
        price = cash(round(event.level * event.unit, 2), notice)
        return (
            f"Earnings per share are {cash(round(source.price, 2), notice)}, as of {day}: "
            f"a {words.FIGURES[event.of]} of {words.plain(event.level)} is a price of {price}."
        )
    return _measured(notice, source, day)


def _rescaled(notice: Notice) -> str:
    """Return the number that the file has, where a split has made another of it."""
    written = re.match(r"\[?([0-9.]+)", notice.asked)
    event = notice.event
    first = event.band[0] if event.band else event.level
    fixed = event.of is Figure.PRICE and notice.condition not in _RELATIVE
    if written is None or not fixed or abs(float(written[1]) / first - 1) < _ROUNDING:
        return ""
    now = cash(event.level, notice)
    if event.band:
        now = words.band(*event.band, event.of, notice.digits, notice.currency)
    return f"The configuration says {notice.asked}: since a split that is {now}."


def _measured(notice: Notice, source: Origin, day: str) -> str:
    price = cash(source.price, notice)
    if notice.condition is Condition.TRAILS:
        stop = cash(notice.event.level, notice)
        at = moment(source.at, notice)
        return f"The highest price since the alert was armed was {price}, at {at}; stop {stop}."
    if notice.condition not in MOVES:
        return f"The {words.made_of(source.what)} is {price}, from {day}."
    if source.what == "previous close":
        return f"The previous close was {price}, on {day}{_line(notice)}"
    within = notice.asked.partition(" within ")[2]
    what = f"{source.what.partition(' of ')[0]} price within {within}"
    return f"The {what} was {price}, at {moment(source.at, notice)}{_line(notice)}"


def _line(notice: Notice) -> str:
    """Return the price that is as far away as asked; the one that was seen may be farther."""
    return f": {share(notice)} from there is {cash(notice.event.level, notice)}."


def moved(notice: Notice) -> str:
    """Return where the level was when it was last told or first known, if it has moved since."""
    was, now = notice.event.was, notice.event.level
    if was is None:
        return ""
    way = f"from {cash(was, notice)} to {cash(now, notice)}"
    return f"The level has moved, {way}, since it was first known or last told."


def moment(at: datetime, notice: Notice) -> str:
    """Return a time on the exchange's clock and in UTC."""
    return words.moment(at, ZoneInfo(notice.zone))
