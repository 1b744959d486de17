"""Which bars does one of Yahoo's chart bodies hold?

    chart.result[0]: meta, timestamp[n], indicators.quote[0]: open[n] high[n] low[n] close[n],
                     events.splits

Rows may hold null, and the last one may be stamped with its latest trade instead of its start.
A body of any other shape is an outage, told with what was found.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core.bars import Bar, Range, Series, rounded
from alertd.errors import SourceDown
from alertd.quotes.answers import HOST
from alertd.quotes.days import known_by_day
from alertd.quotes.shapes import (
    Misshapen,
    currency,
    dict_at,
    digits,
    list_at,
    number_at,
    positive,
)
from alertd.quotes.splits import announced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.calendars import Listing

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2200 = 7_258_118_400
# Hours are counted from the session's open, which lies on a quarter of an hour everywhere.
_QUARTER = timedelta(minutes=15)
_LENGTHS = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "60m": timedelta(hours=1),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
}


def series(body: object, listing: Listing, length: timedelta) -> Series:
    """Return the intraday bars of a chart body; rows without prices are bars of `nan`.

    raises: SourceDown with what was found where the shape is broken.
    """
    try:
        result = _result(body)
        meta = _meta(result, length, listing)
        bars = _on_grid(_rows(result, length, digits(meta)), length)
    except Misshapen as error:
        raise _down(listing, str(error)) from None
    return _described(result, meta, listing, bars)


def daily(body: object, listing: Listing) -> Series:
    """Return the daily bars of a chart body, each from its session's open to its close.

    Rows are mapped by their date in the exchange's zone. A date without a session has no bar, nor
    has one from before the calendar begins.

    raises: SourceDown with what was found where the shape is broken.
    """
    try:
        result = _result(body)
        meta = _meta(result, _LENGTHS["1d"], listing)
        rows = _rows(result, _LENGTHS["1d"], digits(meta))
        bars = _by_session(rows, listing, _zone(meta, listing))
    except (Misshapen, ValueError) as error:
        raise _down(listing, str(error)) from None
    return _described(result, meta, listing, bars)


def _described(
    result: dict[str, object], meta: dict[str, object], listing: Listing, bars: tuple[Bar, ...]
) -> Series:
    """Return the bars with what else the chart says."""
    splits = announced(result.get("events"), listing.calendar, _zone(meta, listing))
    return Series(listing.symbol, bars, digits(meta), currency(meta), splits, _year(meta))


def _year(meta: dict[str, object]) -> Range | None:
    high, low = positive(meta.get("fiftyTwoWeekHigh")), positive(meta.get("fiftyTwoWeekLow"))
    if high is None or low is None or high < low:
        return None
    return Range(rounded(high, digits(meta)), rounded(low, digits(meta)))


def _down(listing: Listing, found: str) -> SourceDown:
    return SourceDown(f"{HOST}: {listing.symbol}: not a chart: {found}")


def _on_grid(rows: Sequence[Bar], length: timedelta) -> tuple[Bar, ...]:
    """Return the rows as bars that start on the grid, one for each start, without overlap."""
    step = min(length, _QUARTER)
    bars: list[Bar] = []
    for row in sorted(rows, key=lambda row: row.start):
        start = row.start - (row.start - _EPOCH) % step
        floored = start != row.start
        if bars and (start == bars[-1].start or (floored and row.start < bars[-1].end)):
            bars[-1] = _merged(bars[-1], row)
        else:
            bars.append(replace(row, start=start))
    return _cut(bars)


def _by_session(rows: Sequence[Bar], listing: Listing, zone: ZoneInfo) -> tuple[Bar, ...]:
    dates = [row.start.astimezone(zone).date() for row in rows]
    sessions = known_by_day(listing.calendar, dates)
    bars: dict[datetime, Bar] = {}
    for day, row in sorted(zip(dates, rows, strict=True), key=lambda pair: pair[1].start):
        if session := sessions.get(day):
            bar = replace(row, start=session.open, length=session.close - session.open)
            known = bars.get(session.open)
            bars[session.open] = _merged(known, bar) if known else bar
    return tuple(bars.values())


def _merged(one: Bar, later: Bar) -> Bar:
    """Return one bar of two rows that share it; a row that lacks a price gives way."""
    if not _whole(later):
        return one
    if not _whole(one):
        return replace(later, start=one.start, length=one.length)
    return Bar(
        start=one.start,
        length=one.length,
        open=one.open,
        high=max(one.high, later.high),
        low=min(one.low, later.low),
        close=later.close,
        # The row of the latest trade repeats what its minute has counted, or says 0.
        volume=max((v for v in (one.volume, later.volume) if v is not None), default=None),
    )


def _whole(bar: Bar) -> bool:
    return not any(math.isnan(price) for price in (bar.open, bar.high, bar.low, bar.close))


def _cut(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """Return the bars, each ending by the next one's start: the hour before the open is short."""
    if not bars:
        return ()
    short = (replace(a, length=min(a.length, b.start - a.start)) for a, b in pairwise(bars))
    return (*short, bars[-1])


def _result(body: object) -> dict[str, object]:
    chart = dict_at(dict_at(body, "the body").get("chart"), "chart")
    results = list_at(chart.get("result"), "chart.result")
    if not results:
        msg = "expected one chart.result, found none"
        raise Misshapen(msg)
    return dict_at(results[0], "chart.result[0]")


def _meta(result: dict[str, object], length: timedelta, listing: Listing) -> dict[str, object]:
    """Return the chart's meta, having seen that the bars are those that were asked for."""
    meta = dict_at(result.get("meta", {}), "meta")
    symbol = meta.get("symbol")
    if symbol is not None and str(symbol).upper() != listing.symbol.upper():
        # Another share's prices may lie as near as to pass for this one's.
        msg = f"expected bars of {listing.symbol}, found symbol {symbol!r:.40}"
        raise Misshapen(msg)
    granularity = meta.get("dataGranularity")
    if granularity is not None and _LENGTHS.get(str(granularity)) != length:
        msg = f"expected bars of {length}, found dataGranularity {granularity!r}"
        raise Misshapen(msg)
    return meta


def _rows(result: dict[str, object], length: timedelta, places: int) -> list[Bar]:
    indicators = dict_at(result.get("indicators"), "indicators")
    quotes = list_at(indicators.get("quote"), "indicators.quote")
    quote = dict_at(quotes[0] if quotes else {}, "indicators.quote[0]")
    starts = [_moment(stamp) for stamp in list_at(result.get("timestamp") or [], "timestamp")]
    columns = [_column(quote, name, len(starts)) for name in ("open", "high", "low", "close")]
    volumes = _column(
        {"volume": quote.get("volume") or [None] * len(starts)}, "volume", len(starts)
    )
    return [
        Bar(start, length, *_priced(prices, places), None if math.isnan(volume) else volume)
        for start, prices, volume in zip(starts, zip(*columns, strict=True), volumes, strict=True)
    ]


def _priced(prices: Sequence[float], places: int) -> tuple[float, float, float, float]:
    opened, high, low, close = (rounded(price, places) for price in prices)
    return opened, high, low, close


def _column(quote: dict[str, object], name: str, count: int) -> list[float]:
    where = f"quote.{name}"
    values = list_at(quote.get(name, [] if count == 0 else None), where)
    if len(values) != count:
        msg = f"expected {count} values at {where}, found {len(values)}"
        raise Misshapen(msg)
    return [number_at(value, where) for value in values]


def _moment(stamp: object) -> datetime:
    if isinstance(stamp, int) and not isinstance(stamp, bool) and abs(stamp) < _YEAR_2200:
        return _EPOCH + timedelta(seconds=stamp)
    msg = f"expected epoch seconds at timestamp, found {stamp!r:.40}"
    raise Misshapen(msg)


def _zone(meta: dict[str, object], listing: Listing) -> ZoneInfo:
    """Return the zone in which the rows are dated: currencies are dated in London, not in UTC."""
    try:
        return ZoneInfo(str(meta["exchangeTimezoneName"]))
    except (KeyError, ValueError, OSError):  # absent, or a name that no zone has
        return listing.calendar.zone
