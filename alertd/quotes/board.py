"""What do Yahoo's quotes and closes say of many symbols at this moment?

    quoteResponse.result[i]    regularMarketPrice/Time/DayHigh/DayLow, pre- and postMarketPrice/Time
    {"BABA": {..}, ..}         a spark: timestamp[n], close[n]; no crumb, and no highs and lows

Of the regular, the early and the late market the newest trade counts. One entry of another shape
costs its symbol only, which is then missing like one that Yahoo does not know.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from alertd.core.bars import rounded
from alertd.core.pointing import Quote
from alertd.core.sessions import Hours
from alertd.errors import NoSessions, SourceDown
from alertd.quotes.answers import HOST
from alertd.quotes.shapes import (
    Misshapen,
    currency,
    dict_at,
    digits,
    figure,
    first_at,
    list_at,
    positive,
    price,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from alertd.core.bars import Symbol
    from alertd.core.calendars import Listing

# What is asked for; Yahoo adds the price, its time, the delay and the digits by itself.
FIELDS = (
    "symbol,currency,marketState,regularMarketPrice,regularMarketTime,regularMarketDayHigh,"
    "regularMarketDayLow,preMarketPrice,preMarketTime,postMarketPrice,postMarketTime"
)

_NONE = "NONE"  # how Yahoo types a symbol that it has buried
_REGULAR = "regularMarket"
_MARKETS = (_REGULAR, "preMarket", "postMarket")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2200 = 7_258_118_400
_LONGEST_DELAY = timedelta(days=1)

_Trade = tuple[datetime, float]


def quotes(body: object, listings: Sequence[Listing]) -> dict[Symbol, Quote]:
    """Return what a quote body says of these symbols.

    raises: SourceDown where it is no quote body at all.
    """
    try:
        response = dict_at(dict_at(body, "the body").get("quoteResponse"), "quoteResponse")
        entries = list_at(response.get("result"), "quoteResponse.result")
    except Misshapen as error:
        msg = f"{HOST}: not quotes: {error}"
        raise SourceDown(msg) from None
    named = {listing.symbol.upper(): listing.symbol for listing in listings}
    told: dict[Symbol, Quote] = {}
    for entry in entries:
        with suppress(Misshapen):
            fields = dict_at(entry, "an entry")
            symbol = named.get(str(fields.get("symbol")).upper())
            if symbol is not None and fields.get("quoteType") != _NONE:
                told[symbol] = _quote(symbol, fields)
    return told


def closes(body: object, listings: Sequence[Listing]) -> dict[Symbol, Quote]:
    """Return what a spark body says of these symbols.

    `low` and `high` are of the closes in it: the day's range is at least as wide.

    raises: SourceDown where it is no spark body at all.
    """
    try:
        entries = _by_symbol(dict_at(body, "the body"))
    except Misshapen as error:
        msg = f"{HOST}: not closes: {error}"
        raise SourceDown(msg) from None
    told: dict[Symbol, Quote] = {}
    for listing in listings:
        with suppress(Misshapen):
            if listing.symbol in entries:
                told[listing.symbol] = _close(listing, dict_at(entries[listing.symbol], "an entry"))
    return told


def _quote(symbol: Symbol, fields: dict[str, object]) -> Quote:
    places = digits(fields)
    name, at = max(_times(fields), key=itemgetter(1), default=(_REGULAR, None))
    regular = name == _REGULAR
    return Quote(
        symbol,
        price=price(fields, f"{name}Price", places),
        at=at,
        low=price(fields, f"{_REGULAR}DayLow", places) if regular else None,
        high=price(fields, f"{_REGULAR}DayHigh", places) if regular else None,
        delay=_delay(fields),
        currency=currency(fields),
    )


def _times(fields: dict[str, object]) -> Iterator[tuple[str, datetime]]:
    """Yield each market that has had a trade, with the time of its last."""
    for name in _MARKETS:
        at = _moment(fields.get(f"{name}Time"))
        if at is not None and figure(fields, f"{name}Price") is not None:
            yield name, at


def _delay(fields: dict[str, object]) -> timedelta | None:
    value = fields.get("exchangeDataDelayedBy")
    if value == 0:
        return timedelta(0)
    minutes = positive(value)
    if minutes is None or minutes > _LONGEST_DELAY / timedelta(minutes=1):
        return None
    return timedelta(minutes=minutes)


def _moment(value: object) -> datetime | None:
    seconds = positive(value)
    if seconds is None or seconds > _YEAR_2200:
        return None
    return _EPOCH + timedelta(seconds=seconds)


def _by_symbol(body: dict[str, object]) -> Mapping[str, object]:
    """Return the entries of a spark, which comes in two shapes, by their symbols."""
    if "spark" not in body:
        return body
    listed = list_at(dict_at(body["spark"], "spark").get("result"), "spark.result")
    entries: dict[str, object] = {}
    for each in listed:
        with suppress(Misshapen):
            entry = dict_at(each, "an entry")
            chart = first_at(entry.get("response"), "response")
            rows = first_at(dict_at(chart.get("indicators"), "indicators").get("quote"), "quote")
            meta = dict_at(chart.get("meta") or {}, "meta")
            columns = {"timestamp": chart.get("timestamp"), "close": rows.get("close")}
            entries[str(entry.get("symbol"))] = {**meta, **columns}
    return entries


def _close(listing: Listing, fields: dict[str, object]) -> Quote:
    trades = _trades(fields)
    if not trades:
        return Quote(listing.symbol)
    at, last = trades[-1]
    opening = _opening(listing, at)
    day = [each for moment, each in trades if opening <= moment]
    return Quote(
        listing.symbol,
        price=last,
        at=at,
        low=min(day, default=None),
        high=max(day, default=None),
        currency=currency(fields),
    )


def _trades(fields: dict[str, object]) -> list[_Trade]:
    stamps = list_at(fields.get("timestamp") or [], "timestamp")
    prices = list_at(fields.get("close") or [], "close")
    if len(stamps) != len(prices):
        msg = f"expected {len(stamps)} closes, found {len(prices)}"
        raise Misshapen(msg)
    rows = ((_moment(stamp), positive(each)) for stamp, each in zip(stamps, prices, strict=True))
    places = digits(fields)
    return sorted((at, rounded(each, places)) for at, each in rows if at and each)


def _opening(listing: Listing, at: datetime) -> datetime:
    """Return when the regular session opened that holds a moment; one yet to come where none."""
    with suppress(NoSessions):
        if day := listing.calendar.around(at, at).at(at, Hours.REGULAR):
            return day.open
    return datetime.max.replace(tzinfo=UTC)
