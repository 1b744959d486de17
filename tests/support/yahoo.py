"""How does a test play Yahoo to the real yfinance?

    client --CONNECT--> YahooServer --TLS as *.yahoo.com--> cookie | crumb | chart | quote | ..

The client is pointed here by environment alone (`YahooServer.env`): a proxy and a certificate
authority. Everything else, sockets and TLS included, is as it is against Yahoo.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from tests.support import yahoo_bodies as bodies
from tests.support.yahoo_bodies import Answer
from tests.support.yahoo_tunnel import Tunnels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from alertd.core.bars import Bar
    from tests.support.yahoo_bodies import Fault

    Market = Callable[[str, datetime, datetime], Sequence[Bar]]

CHART = "/v8/finance/chart/"
QUOTE = "/v7/finance/quote"
SUMMARY = "/v10/finance/quoteSummary/"
CRUMB = "/v1/test/getcrumb"
COOKIE = "fc.yahoo.com/"

_CRUMB = "abcdefghijk"
# For how long Yahoo keeps bars of an interval, and how much of them it gives in one request.
_KEPT = {
    "1m": (timedelta(days=30), timedelta(days=8)),
    "5m": (timedelta(days=60), timedelta(days=60)),
    "1h": (timedelta(days=730), timedelta(days=730)),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that the client made."""

    host: str
    path: str
    params: dict[str, str]


@dataclass(slots=True)
class _Switch:
    """A fault that is on for the next `left` answers; None is until it is switched off."""

    fault: Fault
    left: int | None


class YahooServer:
    """Yahoo on loopback. Bars and faults may be changed while it runs, from any thread."""

    def __init__(self, folder: Path) -> None:
        """Listen on a free port; `folder` takes the authority's certificate."""
        self._lock = threading.Lock()
        self._markets: dict[tuple[str, str], Market] = {}
        self._meta: dict[str, dict[str, object]] = {}
        self._splits: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
        self._quotes: dict[str, dict[str, object]] = {}
        self._summaries: dict[str, dict[str, object]] = {}
        self._today: datetime | None = None
        self._faults: defaultdict[str, deque[_Switch]] = defaultdict(deque)
        self._requests: list[Seen] = []
        self.stopping = threading.Event()
        authority = trustme.CA()
        self._bundle = folder / "yahoo-ca.pem"
        authority.cert_pem.write_to_path(self._bundle)
        self._server = Tunnels(self, authority)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Hang up on everyone and be unreachable from now on."""
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    @property
    def env(self) -> dict[str, str]:
        """Return the environment that brings yfinance here."""
        bundle = str(self._bundle)
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": bundle, "CURL_CA_BUNDLE": bundle}

    @property
    def requests(self) -> list[Seen]:
        """Return what has been asked so far, oldest first."""
        with self._lock:
            return list(self._requests)

    @property
    def charts(self) -> list[Seen]:
        """Return the chart requests so far, oldest first."""
        return [seen for seen in self.requests if seen.path.startswith(CHART)]

    def play(self, symbol: str, bars: Sequence[Bar] | Market, interval: str = "1m") -> None:
        """Serve these bars from now on: a list, or a function of symbol, period1 and period2.

        A bar of `nan` is served as nulls, and one that starts off the minute as the live row.
        """
        market = bars if callable(bars) else _listed(tuple(bars))
        with self._lock:
            self._markets[symbol, interval] = market

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

    def summarise(self, symbol: str, **financial: object) -> None:
        """Serve these values as a symbol's `financialData`."""
        with self._lock:
            self._summaries[symbol] = financial

    def keep(self, today: datetime) -> None:
        """Refuse windows that are longer or older than Yahoo has them; it is `today`."""
        self._today = today

    def fail(self, fault: Fault, times: int | None = None, on: str = CHART) -> None:
        """Spoil the next `times` answers, or all until `recover`; faults queue up.

        yfinance repeats a request that ended in status 500 or above: such a fault needs 2 times.
        """
        with self._lock:
            self._faults[on].append(_Switch(fault, times))

    def recover(self) -> None:
        """Answer as Yahoo should from now on."""
        with self._lock:
            self._faults.clear()

    def answer(self, host: str, target: str) -> Answer:
        """Return what to send, having noted the request."""
        parts = urlsplit(target)
        params = dict(parse_qsl(parts.query))
        with self._lock:
            self._requests.append(Seen(host, parts.path, params))
            fault = self._fault(host + parts.path)
        good = self._good(host, parts.path, params)
        return fault(good) if fault else good

    def _fault(self, place: str) -> Fault | None:
        queue = next((queue for on, queue in self._faults.items() if on in place), None)
        if not queue:
            return None
        switch = queue[0]
        if switch.left is not None:
            switch.left -= 1
            if switch.left <= 0:
                queue.popleft()
        return switch.fault

    def _good(self, host: str, path: str, params: dict[str, str]) -> Answer:
        if path.startswith(CHART):
            return self._chart(unquote(path.removeprefix(CHART)), params)
        if path == QUOTE or path.startswith(SUMMARY):
            if params.get("crumb") != _CRUMB:
                return bodies.unauthorized(bodies.page(401))
            return self._figures(path, params)
        if path == CRUMB:
            return Answer(200, _CRUMB.encode(), (("Content-Type", "text/plain"),))
        if host + path == COOKIE:
            cookie = "A3=d=made-up; Max-Age=31557600; Domain=.yahoo.com; Path=/; Secure; HttpOnly"
            return bodies.page(404, (("Set-Cookie", cookie),))
        return bodies.page(404)

    def _figures(self, path: str, params: dict[str, str]) -> Answer:
        with self._lock:
            if path == QUOTE:
                named = params["symbols"].split(",")
                known = {name: self._quotes[name] for name in named if name in self._quotes}
                return bodies.quotes(known)
            return bodies.summary(self._summaries.get(unquote(path.removeprefix(SUMMARY))))

    def _chart(self, symbol: str, params: dict[str, str]) -> Answer:
        interval = params["interval"]
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

    def _refuses(self, interval: str, since: datetime, until: datetime) -> bool:
        if self._today is None or interval not in _KEPT:
            return False
        kept, window = _KEPT[interval]
        return since < self._today - kept or until - since > window


def _listed(bars: tuple[Bar, ...]) -> Market:
    return lambda _symbol, since, until: [bar for bar in bars if since <= bar.start < until]


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
