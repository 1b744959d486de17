"""What does one of Alpaca's answers hold: bars, splits, or what trades now?

    bars        {"bars": {"BABA": [{"t": "2026-11-20T14:30:00Z", "o": .., "h": .., "l": .., "c": ..,
                 "v": ..}, ..]}, "next_page_token": ..}
    splits      {"corporate_actions": {"forward_splits": [{"symbol": "BABA", "ex_date": ..,
                 "new_rate": 8, "old_rate": 1}, ..], "reverse_splits": [..]}, "next_page_token": ..}
    snapshots   {"BABA": {"latestTrade": {"t": .., "p": ..}, "dailyBar": {..}, ..}, "GONE": null}

Times are RFC 3339, to the nanosecond; that of a day's bar is its midnight in New York.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Generic, TypeVar

from alertd.core.bars import Bar, Symbol, rounded
from alertd.core.pointing import Quote
from alertd.quotes.american import CURRENCY, digits
from alertd.quotes.days import known_by_day
from alertd.quotes.shapes import Misshapen, dict_at, list_at, number_at, positive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from zoneinfo import ZoneInfo

    from alertd.core.calendars import Listing

T = TypeVar("T")

MINUTE = timedelta(minutes=1)

_MOST_PAGES = 8
_KINDS = ("forward_splits", "reverse_splits")


@dataclass(frozen=True, slots=True)
class Ratio:
    """A split of one share as it is announced: so many new ones for old ones, from a day on."""

    ticker: str
    day: date
    new: float
    old: float


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of what was asked for, and what asks for the next one; None with the last."""

    items: tuple[T, ...]
    token: str | None


def turned(ask: Callable[[Mapping[str, str]], Page[T]]) -> list[T]:
    """Return what is on all pages, in their order, or on the first of very many.

    `ask` is given what a request holds besides.
    """
    found: list[T] = []
    more: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        page = ask(more)
        found += page.items
        if page.token is None:
            break
        more = {"page_token": page.token}
    return found


def rows(body: object, ticker: str) -> Page[Bar]:
    """Return the bars of one share as they stand, a minute long each.

    raises: Misshapen.
    """
    shares = dict_at(dict_at(body, "the body").get("bars") or {}, "bars")
    found = list_at(shares.get(ticker) or [], f"bars.{ticker}")
    bars = (_row(each, f"bars.{ticker}[{number}]") for number, each in enumerate(found))
    return Page(tuple(bars), _token(body))


def minutes(found: Iterable[Bar], *, counted: bool) -> tuple[Bar, ...]:
    """Return rows as minutes, one for each start; without volumes where not all is `counted`."""
    by_start = {row.start.replace(second=0, microsecond=0): row for row in found}
    return tuple(
        replace(row, start=start, volume=row.volume if counted else None)
        for start, row in sorted(by_start.items())
    )


def days(found: Iterable[Bar], listing: Listing) -> tuple[Bar, ...]:
    """Return rows as the sessions of their dates; a date without one has no bar.

    raises: ValueError where the calendar knows none of these days.
    """
    zone = listing.calendar.zone
    dated = {row.start.astimezone(zone).date(): row for row in found}
    sessions = known_by_day(listing.calendar, dated)
    return tuple(
        replace(dated[day], start=session.open, length=session.close - session.open)
        for day, session in sorted(sessions.items())
        if day in dated
    )


def ratios(body: object) -> Page[Ratio]:
    """Return the announced splits; one that makes no sense is left out, and costs no other.

    raises: Misshapen.
    """
    kinds = dict_at(dict_at(body, "the body").get("corporate_actions") or {}, "corporate_actions")
    listed = (list_at(kinds.get(kind) or [], f"corporate_actions.{kind}") for kind in _KINDS)
    found = (_ratio(each) for each in chain.from_iterable(listed) if isinstance(each, dict))
    return Page(tuple(ratio for ratio in found if ratio), _token(body))


def quotes(body: object, symbols: Mapping[str, Symbol], zone: ZoneInfo) -> dict[Symbol, Quote]:
    """Return what is said of each share, under our symbol for it.

    One without a trade, or of another shape, is left out, and costs no other.

    raises: Misshapen.
    """
    snapshots = dict_at(body, "the body").items()
    found = (_quote(symbols[name], each, zone) for name, each in snapshots if name in symbols)
    return {quote.symbol: quote for quote in found if quote}


def _token(body: object) -> str | None:
    found = dict_at(body, "the body").get("next_page_token")
    return found if isinstance(found, str) and found else None


def _row(entry: object, where: str) -> Bar:
    row = dict_at(entry, where)
    opened, high, low, close = (number_at(row.get(key), f"{where}.{key}") for key in "ohlc")
    volume = None if row.get("v") is None else number_at(row.get("v"), f"{where}.v")
    return Bar(_moment(row.get("t"), where), MINUTE, opened, high, low, close, volume)


def _ratio(entry: Mapping[str, object]) -> Ratio | None:
    new, old = positive(entry.get("new_rate")), positive(entry.get("old_rate"))
    name, day = entry.get("symbol"), entry.get("ex_date")
    if new is None or old is None or new == old:
        return None
    if not isinstance(name, str) or not isinstance(day, str):
        return None
    try:
        return Ratio(name, date.fromisoformat(day), new, old)
    except ValueError:
        return None


def _quote(symbol: Symbol, snapshot: object, zone: ZoneInfo) -> Quote | None:
    """Return the last trade, with the range of its day; None where that is not to be read."""
    try:
        return _traded(symbol, dict_at(snapshot, symbol), zone)
    except Misshapen:
        return None


def _traded(symbol: Symbol, snapshot: Mapping[str, object], zone: ZoneInfo) -> Quote | None:
    trade = dict_at(snapshot.get("latestTrade"), "latestTrade")
    price, at = positive(trade.get("p")), _moment(trade.get("t"), "latestTrade")
    if price is None:
        return None
    day, places = at.astimezone(zone).date(), digits([price])
    low, high = _range(snapshot.get("dailyBar"), day, zone, places)
    return Quote(symbol, rounded(price, places), at, low, high, currency=CURRENCY)


def _range(
    bar: object, day: date, zone: ZoneInfo, places: int
) -> tuple[float | None, float | None]:
    """Return the low and the high of a day, where this bar is that day's.

    raises: Misshapen.
    """
    if (
        not isinstance(bar, dict)
        or _moment(bar.get("t"), "dailyBar").astimezone(zone).date() != day
    ):
        return None, None
    return _price(bar.get("l"), places), _price(bar.get("h"), places)


def _price(value: object, places: int) -> float | None:
    price = positive(value)
    return None if price is None else rounded(price, places)


def _moment(value: object, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        msg = f"expected a time at {where}.t, found {value!r:.40}"
        raise Misshapen(msg)
    return found.astimezone(UTC)
