"""What is drawn in a message, and what is said to who does not see it?

    the sessions before the day on which it was found   their high, low and close
    that day                                            what the message knows of it

The day itself is never taken from the history, which may have it or not from one attempt to the
next: all attempts draw the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core import words
from alertd.core.currencies import unit
from alertd.core.events import Kind
from alertd.core.phrases import PRICED
from alertd.core.rules import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from alertd.core.bars import Bar
    from alertd.core.events import Event
    from alertd.core.notices import Notice

SESSIONS = 40
_FEWEST = 2

# More lines than these cannot be told apart on a phone.
_MOST_LEVELS = 5


@dataclass(frozen=True, slots=True)
class Session:
    """One day's prices."""

    day: date
    high: float
    low: float
    close: float


@dataclass(frozen=True, slots=True)
class Level:
    """A level as a price: both edges of a band, or one price twice."""

    low: float
    high: float

    @property
    def edges(self) -> tuple[float, ...]:
        return (self.low,) if self.low == self.high else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where it happened: the place of its session, and the price."""

    place: int
    price: float


@dataclass(frozen=True, slots=True)
class Glance:
    """One small picture, as values. `taken_back` says that the crossings no longer stand."""

    title: str
    digits: int
    sessions: tuple[Session, ...]
    levels: tuple[Level, ...]
    crossings: tuple[Crossing, ...]
    taken_back: bool
    words: str


def glance(notice: Notice, days: Sequence[Bar]) -> Glance | None:
    """Return what is drawn of a notice; None where there are too few days, or no price to draw.

    days: the symbol's daily bars, oldest first, in the shares of the notice.
    """
    event = notice.event
    if event.kind not in PRICED or event.of is Figure.VOLUME or event.level <= 0:
        return None
    sessions = _sessions(notice, days)
    if len(sessions) <= _FEWEST:
        return None
    events = _events(notice)
    levels = tuple(dict.fromkeys(_level(each) for each in events))
    currency = f" in {unit(notice.currency)}" if notice.currency else ""
    return Glance(
        title=f"{event.symbol}{currency}, {len(sessions)} sessions",
        digits=notice.digits,
        sessions=sessions,
        levels=levels[:_MOST_LEVELS],
        crossings=tuple(dict.fromkeys(_crossings(events, sessions, notice))),
        taken_back=event.kind is Kind.WITHDRAWN,
        words=_words(notice, sessions, levels),
    )


def _sessions(notice: Notice, days: Sequence[Bar]) -> tuple[Session, ...]:
    """Return the sessions before the day on which the event was found, and that day."""
    today = _day(notice.detected_at, notice)
    before = [
        Session(_day(bar.start, notice), bar.high, bar.low, bar.close)
        for bar in days
        if isfinite(bar.high + bar.low + bar.close)
        and bar.end <= notice.detected_at
        and _day(bar.start, notice) < today
    ]
    return (*before, *_newest(notice, before[-1].day if before else None))[-SESSIONS:]


def _newest(notice: Notice, last: date | None) -> tuple[Session, ...]:
    """Return what the notice itself knows of a day that is not among the others yet."""
    day = _day(notice.price_at, notice)
    if not notice.price_now or (last is not None and day <= last):
        return ()
    seen = [_price(each) for each in _events(notice) if _day(each.at, notice) == day]
    prices = [notice.price_now, *seen]
    return (Session(day, max(prices), min(prices), notice.price_now),)


def _events(notice: Notice) -> tuple[Event, ...]:
    """Return what is marked: of what was found late only the newest, which the message is about."""
    if notice.late:
        return (notice.event,)
    alike = (each for each in notice.together if each.of is notice.event.of and each.level > 0)
    return (notice.event, *alike)


def _level(event: Event) -> Level:
    low, high = event.band or (event.level, event.level)
    return Level(_rounded(low * event.unit), _rounded(high * event.unit))


def _price(event: Event) -> float:
    return _rounded(event.price * event.unit)


def _rounded(price: float) -> float:
    # A P/E times the earnings is a price with a float's noise.
    return round(price, 6)


def _crossings(
    events: Iterable[Event], sessions: Sequence[Session], notice: Notice
) -> Iterable[Crossing]:
    for event in events:
        day = _day(event.at, notice)
        place = next((at for at, session in enumerate(sessions) if session.day >= day), None)
        if place is not None and sessions[0].day <= day:
            yield Crossing(place, _price(event))


def _day(moment: datetime, notice: Notice) -> date:
    return moment.astimezone(ZoneInfo(notice.zone)).date()


def _words(notice: Notice, sessions: Sequence[Session], levels: Sequence[Level]) -> str:
    first, last = (_cash(each.close, notice) for each in (sessions[0], sessions[-1]))
    return (
        f"{notice.event.symbol}, last {len(sessions)} sessions: from {first} to {last}; "
        f"{_levels(notice, levels)} {_what(notice)}"
    )


def _levels(notice: Notice, levels: Sequence[Level]) -> str:
    said = [" to ".join(_cash(edge, notice) for edge in level.edges) for level in levels]
    hidden = len(said) - _MOST_LEVELS
    name = "band" if notice.event.band else "level"
    if len(said) == 1:
        return f"{name} {said[0]}"
    if hidden > 0:
        return f"{name}s {', '.join(said[:_MOST_LEVELS])} and {hidden} more"
    return f"{name}s {', '.join(said[:-1])} and {said[-1]}"


def _what(notice: Notice) -> str:
    day = f"{_day(notice.event.at, notice):%Y-%m-%d}"
    match notice.event.kind:
        case Kind.RECOVERED:
            return f"crossed back on {day}"
        case Kind.WITHDRAWN:
            return f"not crossed on {day} after all"
        case _:
            return f"crossed on {day}"


def _cash(price: float, notice: Notice) -> str:
    return words.price(price, notice.digits, notice.currency)
