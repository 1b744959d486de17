"""Which calendar does a symbol follow, and what are its sessions?

Sessions, holidays and half days come from the exchange_calendars package, which knows them from
published schedules; nothing is fetched. It is imported when first asked, because it brings pandas.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core.sessions import Session, Sessions, Stretch
from alertd.errors import NoSessions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exchange_calendars import ExchangeCalendar

    from alertd.core.bars import Symbol

ALWAYS = "24/7"

# Yahoo's suffix, the exchange's calendar, and by how much Yahoo's prices lag.
SUFFIXES: dict[str, tuple[str, int]] = {
    "": ("XNYS", 0),
    "AS": ("XAMS", 15), "AX": ("XASX", 20), "BK": ("XBKK", 15), "BO": ("XBOM", 15),
    "BR": ("XBRU", 15), "CO": ("XCSE", 0), "DE": ("XETR", 15), "F": ("XFRA", 15),
    "HE": ("XHEL", 0), "HK": ("XHKG", 15), "IR": ("XDUB", 15), "IS": ("XIST", 15),
    "JK": ("XIDX", 10), "JO": ("XJSE", 15), "KL": ("XKLS", 15), "KS": ("XKRX", 20),
    "L": ("XLON", 20), "LS": ("XLIS", 15), "MC": ("XMAD", 15), "MI": ("XMIL", 15),
    "MX": ("XMEX", 20), "NZ": ("XNZE", 20), "OL": ("XOSL", 15), "PA": ("XPAR", 15),
    "SA": ("BVMF", 15), "SI": ("XSES", 20), "SN": ("XSGO", 15), "SS": ("XSHG", 30),
    "ST": ("XSTO", 0), "SW": ("XSWX", 15), "SZ": ("XSHG", 30), "T": ("XTKS", 20),
    "TO": ("XTSE", 0), "TW": ("XTAI", 20), "V": ("XTSE", 0),
    "VI": ("XWBO", 15), "WA": ("XWAR", 15),
}  # fmt: skip

_COINS_ARE_QUOTED_IN = {"USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CHF", "INR", "KRW", "BTC", "ETH"}

# The longest time that an alert looks back, 999 sessions, fits into so many years.
_YEARS_BEHIND = 5

# Where the calendar's sessions go on and trading does not: from this hour to the session's close,
# by the exchange's clock, every day or on the last day of the week only.
_RESTS = {
    "CMES": ("America/Chicago", time(16), range(5)),
    "24/5": ("America/New_York", time(17), range(4, 5)),
}

# Trading before and after hours, for the calendars that have it: from `pre` before the open
# to `post` after the close (on a half day the evening is over as much earlier).
_OUTSIDE_HOURS = {"XNYS": (timedelta(hours=5, minutes=30), timedelta(hours=4))}


@dataclass(frozen=True, slots=True)
class Listing:
    """Where and in what a symbol trades.

    `delay` is by how much the source's prices lag; `asked_delay` says that it is the user's word
    and no guess. `currency` is what the user expects; None takes what the source says.
    """

    symbol: Symbol
    calendar: Calendar
    currency: str | None = None
    delay: timedelta = timedelta(0)
    asked_delay: bool = False

    def lagging(self, said: timedelta | None) -> Listing:
        """Return it with the delay that the source says, where the user has not said another."""
        if said is None or said == self.delay or self.asked_delay:
            return self
        return replace(self, delay=said)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The sessions of one exchange; `name` is one of exchange_calendars' names."""

    name: str

    @property
    def zone(self) -> ZoneInfo:
        return _zone(self.name)

    def sessions(self, start: date, end: date) -> Sessions:
        """Return the sessions of the days from `start` to `end`, both included.

        raises: ValueError when the calendar does not know these days.
        """
        return _sessions(self.name, start, end)

    def around(self, since: datetime, now: datetime) -> Sessions:
        """Return the sessions from before `since` to well after `now`.

        They begin as long before as an alert may look back, where the calendar knows these years.
        The window moves once a year, so that a daemon asks for it at every tick at no cost.

        raises: NoSessions when the calendar does not reach this year.
        """
        if found := _around(self.name, since.year, now.year):
            return found
        msg = f"calendar {self.name} does not reach {now.year}; a newer exchange_calendars may"
        raise NoSessions(msg)


def listing(
    symbol: Symbol,
    calendar: str | None = None,
    currency: str | None = None,
    delay: timedelta | None = None,
) -> Listing:
    """Return where a symbol trades: what is given here, else what its suffix says.

    raises: LookupError when no calendar is given and the suffix is not a known one.
    """
    name, lag = _by_suffix(symbol) or (None, 0)
    if calendar is None and name is None:
        msg = f"no calendar is known for {symbol}"
        raise LookupError(msg)
    return Listing(
        symbol,
        Calendar(calendar or str(name)),
        currency,
        timedelta(minutes=lag) if delay is None else delay,
        asked_delay=delay is not None,
    )


def _by_suffix(symbol: str) -> tuple[str, int] | None:
    if symbol.endswith("=X"):
        return "24/5", 0
    if symbol.endswith("=F"):
        return "CMES", 10
    if symbol.rpartition("-")[2] in _COINS_ARE_QUOTED_IN and "-" in symbol:
        return ALWAYS, 0
    return SUFFIXES.get(symbol.rpartition(".")[2] if "." in symbol else "")


def known(name: str) -> bool:
    """Tell whether exchange_calendars knows a calendar of this name."""
    return name in names()


def canonical(name: str) -> str:
    """Return the one name of a calendar that may go by several: "NYSE" is "XNYS"."""
    from exchange_calendars import resolve_alias

    return str(resolve_alias(name))


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Return the names of every calendar that exchange_calendars knows."""
    from exchange_calendars import get_calendar_names

    return tuple(get_calendar_names())


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    from exchange_calendars import get_calendar

    # Any window does: the zone does not depend on it.
    calendar = get_calendar(name, start="2024-01-02", end="2024-01-12")
    return ZoneInfo(str(calendar.tz))


@lru_cache(maxsize=64)
def _around(name: str, since: int, now: int) -> Sessions | None:
    """Return the sessions of some years and of those around them, as far as they are known."""
    # Some exchanges announce their holidays only for the current year, and some calendars begin
    # late.
    for last_year in (now + 1, now):
        for behind in range(_YEARS_BEHIND, -1, -1):
            start = date(since - behind, 1, 1) - timedelta(days=10)
            with suppress(ValueError):
                return _sessions(name, start, date(last_year, 12, 31))
    return None


@lru_cache(maxsize=64)
def _sessions(name: str, start: date, end: date) -> Sessions:
    from exchange_calendars import get_calendar

    calendar = get_calendar(name, start=start.isoformat(), end=end.isoformat())
    before, after = _OUTSIDE_HOURS.get(name, (timedelta(0), timedelta(0)))
    spans = zip(calendar.opens.items(), calendar.closes, strict=True)
    rests = {**dict(_rests(calendar)), **dict(_late_rests(name, calendar))}
    return Sessions(
        tuple(
            Session(opening - before, opening, closing, closing + after, rests.get(day))
            for day, opening, closing in (
                (day, o.to_pydatetime(), c.to_pydatetime()) for (day, o), c in spans
            )
        )
    )


def _rests(calendar: ExchangeCalendar) -> Iterator[tuple[object, Stretch]]:
    """Yield the lunch breaks by their day; a half day has none."""
    starts, ends = calendar.break_starts.dropna(), calendar.break_ends.dropna()
    for (day, start), end in zip(starts.items(), ends, strict=True):
        yield day, (start.to_pydatetime(), end.to_pydatetime())


def _late_rests(name: str, calendar: ExchangeCalendar) -> Iterator[tuple[object, Stretch]]:
    """Yield the rests at the end of sessions by their day; a session that ends early has none."""
    if name not in _RESTS:
        return
    zone, hour, weekdays = _RESTS[name]
    for day, closing in calendar.closes.items():
        start = datetime.combine(day.date(), hour, ZoneInfo(zone)).astimezone(UTC)
        if day.weekday() in weekdays and start < closing:
            yield day, (start, closing.to_pydatetime())
