"""What do Yahoo's quote and spark say of a market that is being played?

    bars so far -> {regularMarketPrice, regularMarketTime, regularMarketDayHigh, ..}    v7 quote
                -> {timestamp: [..], close: [..]}                                       v8 spark

Minutes of the newest session that has begun are read, and of the one before while it has none.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from alertd.core.calendars import Calendar
    from alertd.core.sessions import Session

_SECOND = timedelta(seconds=1)
_STEP = timedelta(minutes=5)
Fields = dict[str, object]

# The bars of a symbol that start in a window.
Market = Callable[[str, datetime, datetime], Sequence[Bar]]


def quoted(symbol: str, market: Market, now: datetime) -> Fields:
    """Return the fields of a quote that the market fills."""
    day = _newest(symbol, now)
    parts = _parts(symbol, market, day, now)
    state = _state(day, now)
    fields: Fields = {"marketState": state, **_regular(parts["regular"], now)}
    if not parts["regular"]:
        fields |= _regular(_parts(symbol, market, _before(symbol, day), now)["regular"], now)
    if state == "PRE":
        fields |= _outside("pre", parts["pre"], now)
    if state in {"POST", "POSTPOST", "CLOSED"}:
        fields |= _outside("post", parts["post"], now)
    return fields


def sparked(symbol: str, market: Market, now: datetime, *, outside: bool) -> Fields:
    """Return a symbol's closes of five minutes each, the newest stamped with its latest trade."""
    parts = _parts(symbol, market, _newest(symbol, now), now)
    names = ("pre", "regular", "post") if outside else ("regular",)
    bars = [bar for name in names for bar in parts[name]]
    rows = {bar.start - (bar.start - bars[0].start) % _STEP: bar.close for bar in bars}
    stamps = [int(start.timestamp()) for start in rows]
    if bars:
        stamps[-1] = _stamp(bars[-1], now)
    return spark_of(symbol, stamps, list(rows.values()))


def spark_of(symbol: str, stamps: list[int], closes: list[float]) -> Fields:
    """Return a spark entry of these rows."""
    return {
        "symbol": symbol, "timestamp": stamps, "close": [_float32(close) for close in closes],
        "end": None, "start": None, "previousClose": None, "chartPreviousClose": 100.0,
        "dataGranularity": 300,
    }  # fmt: skip


def _regular(bars: Sequence[Bar], now: datetime) -> Fields:
    if not bars:
        return {}
    return {
        "regularMarketPrice": _float32(bars[-1].close),
        "regularMarketTime": _stamp(bars[-1], now),
        "regularMarketDayHigh": _float32(max(bar.high for bar in bars)),
        "regularMarketDayLow": _float32(min(bar.low for bar in bars)),
    }


def _outside(name: str, bars: Sequence[Bar], now: datetime) -> Fields:
    if not bars:
        return {}
    return {
        f"{name}MarketPrice": _float32(bars[-1].close),
        f"{name}MarketTime": _stamp(bars[-1], now),
    }


def _stamp(bar: Bar, now: datetime) -> int:
    """Return when the last trade of a bar was: in its last second, or now while it grows."""
    return int(min(bar.end - _SECOND, now).timestamp())


def _parts(symbol: str, market: Market, day: Session, now: datetime) -> dict[str, list[Bar]]:
    seen = [bar for bar in market(symbol, day.pre, day.post) if bar.start <= now and bar.length]
    return {
        "pre": [bar for bar in seen if bar.start < day.open],
        "regular": [bar for bar in seen if day.open <= bar.start < day.close],
        "post": [bar for bar in seen if day.close <= bar.start],
    }


def _state(day: Session, now: datetime) -> str:
    if now < day.open:
        return "PRE"
    if now < day.close:
        return "REGULAR"
    return "POST" if now < day.post else "CLOSED"


def _newest(symbol: str, now: datetime) -> Session:
    found = _calendar(symbol).around(now, now).last(now, Hours.EXTENDED)
    assert found, f"no session of {symbol} has begun by {now}"
    return found


def _before(symbol: str, day: Session) -> Session:
    found = _calendar(symbol).around(day.open, day.open).before(day)
    assert found, f"no session of {symbol} lies before {day.open}"
    return found


@cache
def _calendar(symbol: str) -> Calendar:
    return listing(Symbol(symbol)).calendar


def _float32(price: float) -> float:
    """Return the price as Yahoo's 32 bits have it."""
    found: float = struct.unpack("f", struct.pack("f", price))[0]
    return found
