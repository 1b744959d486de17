"""What does the played Yahoo know: which bars, quotes and figures of which symbols?

play, describe, split, quote, follow, ..   fill it, from any thread, while it is asked
chart, quotes, spark, summary              answer from it
"""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from tests.support import yahoo_bodies as bodies
from tests.support.yahoo_quotes import quoted, spark_of, sparked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alertd.core.bars import Bar
    from tests.support.yahoo_bodies import Answer
    from tests.support.yahoo_quotes import Market

# More symbols than these are refused in one request.
MOST_QUOTES, MOST_SPARKS = 99, 20

# For how long Yahoo keeps bars of an interval, and how much of them it gives in one request.
_KEPT = {
    "1m": (timedelta(days=30), timedelta(days=8)),
    "5m": (timedelta(days=60), timedelta(days=60)),
    "1h": (timedelta(days=730), timedelta(days=730)),
}


class Stock:
    """All that can be asked for. May be changed while it is asked, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._markets: dict[tuple[str, str], Market] = {}
        self._prepared: dict[tuple[str, str], Answer] = {}
        self._meta: dict[str, dict[str, object]] = {}
        self._splits: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
        self._quotes: dict[str, dict[str, object]] = {}
        self._written: dict[str, bytes] = {}
        self._clocks: dict[str, Callable[[], datetime]] = {}
        self._summaries: dict[str, dict[str, object]] = {}
        self._today: datetime | None = None

    def play(self, symbol: str, bars: Sequence[Bar] | Market, interval: str = "1m") -> None:
        """Serve these bars from now on: a list, or a function of symbol, period1 and period2.

        A bar of `nan` is served as nulls, and one that starts off the minute as the live row.
        """
        market = bars if callable(bars) else _listed(tuple(bars))
        with self._lock:
            self._markets[symbol, interval] = market

    def prepare(self, symbol: str, bars: Sequence[Bar], interval: str = "1m") -> None:
        """Serve one chart of these bars, written beforehand, whatever window is asked for."""
        meta: dict[str, object] = {"symbol": symbol, "dataGranularity": interval}
        with self._lock:
            self._prepared[symbol, interval] = bodies.chart(bars, meta)

    def describe(self, symbol: str, **meta: object) -> None:
        """Serve these values in a symbol's meta, over the usual ones."""
        with self._lock:
            self._meta[symbol] = {**self._meta.get(symbol, {}), **meta}

    def split(self, symbol: str, at: datetime, new: object, old: object = 1) -> None:
        """Announce a split in the charts whose window holds this moment."""
        entry = {"date": int(at.timestamp()), "numerator": new, "denominator": old}
        with self._lock:
            self._splits[symbol].append({**entry, "splitRatio": f"{new}:{old}"})

    def quote(self, symbol: str, **fields: object) -> None:
        """Serve these values in a symbol's quote, over those that were served so far."""
        with self._lock:
            self._quotes[symbol] = {**self._quotes.get(symbol, {}), **fields}
            self._written[symbol] = bodies.quote(symbol, self._quotes[symbol])

    def follow(self, symbol: str, now: Callable[[], datetime], **fields: object) -> None:
        """Serve in a symbol's quote and spark what its played minutes have shown by `now()`.

        `fields` are served over it, as `quote` does.
        """
        self.quote(symbol, **fields)
        with self._lock:
            self._clocks[symbol] = now

    def unlist(self, symbol: str) -> None:
        """Leave a symbol out of the quotes from now on."""
        with self._lock:
            self._quotes.pop(symbol, None)
            self._written.pop(symbol, None)
            self._clocks.pop(symbol, None)

    def summarise(self, symbol: str, **financial: object) -> None:
        """Serve these values as a symbol's `financialData`."""
        with self._lock:
            self._summaries[symbol] = financial

    def keep(self, today: datetime) -> None:
        """Refuse windows that are longer or older than Yahoo has them; it is `today`."""
        self._today = today

    def chart(self, symbol: str, params: dict[str, str]) -> Answer:
        """Return the bars of a window, whose splits it holds too."""
        interval = params["interval"]
        if prepared := self._prepared.get((symbol, interval)):
            return prepared
        with self._lock:
            known = any(name == symbol for name, _ in self._markets)
            market = self._markets.get((symbol, interval))
            meta = {"symbol": symbol, "dataGranularity": interval, **self._meta.get(symbol, {})}
            splits = list(self._splits[symbol])
        if not known:
            return bodies.not_found()
        since, until = (int(params[key]) for key in ("period1", "period2"))
        if self._refuses(interval, _moment(since), _moment(until)):
            return bodies.too_old(bodies.page(422))
        bars = market(symbol, _moment(since), _moment(until)) if market else ()
        seen = [each for each in splits if since <= cast("int", each["date"]) < until]
        return bodies.chart(bars, meta, seen)

    def quotes(self, named: Sequence[str]) -> Answer:
        """Return the quotes of those symbols that have one."""
        if len(named) > MOST_QUOTES:
            return bodies.too_many()(bodies.page(429))
        return bodies.quotes([entry for name in named if (entry := self._entry(name))])

    def spark(self, named: Sequence[str], *, outside: bool) -> Answer:
        """Return the closes of those symbols that have a quote, of all hours or regular ones."""
        if len(named) > MOST_SPARKS:
            return bodies.crowd(len(named))
        found = {name: entry for name in named if (entry := self._sparked(name, outside=outside))}
        return bodies.spark(found)

    def summary(self, symbol: str) -> Answer:
        """Return a symbol's financial data."""
        with self._lock:
            return bodies.summary(self._summaries.get(symbol))

    def _entry(self, symbol: str) -> bytes | None:
        with self._lock:
            written, fields = self._written.get(symbol), self._quotes.get(symbol)
            clock, market = self._clocks.get(symbol), self._markets.get((symbol, "1m"))
        if fields is None or clock is None or market is None:
            return written
        return bodies.quote(symbol, {**quoted(symbol, market, clock()), **fields})

    def _sparked(self, symbol: str, *, outside: bool) -> dict[str, object] | None:
        with self._lock:
            fields, clock = self._quotes.get(symbol), self._clocks.get(symbol)
            market = self._markets.get((symbol, "1m"))
        if clock is not None and market is not None:
            return sparked(symbol, market, clock(), outside=outside)
        if fields is None or "regularMarketTime" not in fields:
            return None
        stamp, price = fields["regularMarketTime"], fields["regularMarketPrice"]
        return spark_of(symbol, [cast("int", stamp)], [cast("float", price)])

    def _refuses(self, interval: str, since: datetime, until: datetime) -> bool:
        if self._today is None or interval not in _KEPT:
            return False
        kept, window = _KEPT[interval]
        return since < self._today - kept or until - since > window


def _listed(bars: tuple[Bar, ...]) -> Market:
    return lambda _symbol, since, until: [bar for bar in bars if since <= bar.start < until]


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
