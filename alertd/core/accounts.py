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
from alertd.core.headlines import MOVES, amount, cash
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
    sentences = [f"The {_what(notice)} {when(notice)}{_beside(notice)}."]
    if notice.event.gap:
        sentences.append(f"It opened {_opened(notice)}, without a trade in between: a gap.")
    if notice.event.kind is Kind.RECOVERED and notice.condition is Condition.BELOW:
        level = words.level(notice.event.level, notice.event.of, notice.digits, notice.currency)
        sentences.append(f"{level} is reclaimed.")
    return " ".join(sentences)


def _what(notice: Notice) -> str:
    event = notice.event
    name = words.FIGURES[event.of]
    if event.of is Figure.PRICE and notice.hold and "close" in notice.hold:
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
    back = notice.event.kind is Kind.RECOVERED
    match notice.condition:
        case Condition.INSIDE | Condition.OUTSIDE:
            inside = (notice.condition is Condition.INSIDE) is not back
            return f"{'inside' if inside else 'outside'} the band"
        case Condition.RISES | Condition.FALLS | Condition.MOVES:
            return "that far away already"
        case Condition.TRAILS:
            return "above the stop" if back else "below the stop"
        case _:
            return "beyond the level"


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
        return f"The previous close was {price}, on {day}."
    within = notice.asked.partition(" within ")[2]
    what = f"{source.what.partition(' of ')[0]} price within {within}"
    return f"The {what} was {price}, at {moment(source.at, notice)}."


def moved(notice: Notice) -> str:
    """Return what the level was when the user last heard of it, where it has moved since."""
    was, event = notice.event.was, notice.event
    if was is None:
        return ""
    told = f"it was {cash(was, notice)} when last told"
    return f"The level moved: {told} and is {cash(event.level, notice)} now."


def moment(at: datetime, notice: Notice) -> str:
    """Return a time on the exchange's clock and in UTC."""
    return words.moment(at, ZoneInfo(notice.zone))
