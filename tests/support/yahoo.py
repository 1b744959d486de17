"""How does a test play Yahoo to the real yfinance?

    client --CONNECT--> YahooServer --TLS as *.yahoo.com--> cookie | crumb | chart | quote | spark

The client is pointed here by environment alone (`YahooServer.env`): a proxy and a certificate
authority. Everything else, sockets and TLS included, is as it is against Yahoo.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import trustme

from tests.support import yahoo_bodies as bodies
from tests.support.yahoo_bodies import Answer
from tests.support.yahoo_stock import Stock
from tests.support.yahoo_tunnel import Tunnels

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.yahoo_bodies import Fault

CHART = "/v8/finance/chart/"
QUOTE = "/v7/finance/quote"
SPARK = "/v8/finance/spark"
SUMMARY = "/v10/finance/quoteSummary/"
CRUMB = "/v1/test/getcrumb"
COOKIE = "fc.yahoo.com/"

FIRST_CRUMB = "abcdefghijk"


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


class YahooServer(Stock):
    """Yahoo on loopback. Bars and faults may be changed while it runs, from any thread."""

    def __init__(self, folder: Path, *, remember: bool = True) -> None:
        """Listen on a free port; `folder` takes the authority's certificate.

        remember: whether requests are kept one by one, or only counted.
        """
        super().__init__()
        self._faults: defaultdict[str, deque[_Switch]] = defaultdict(deque)
        self._requests: list[Seen] = []
        self._counts: Counter[str] = Counter()
        self._remember = remember
        self._crumb = FIRST_CRUMB
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

    @property
    def counts(self) -> dict[str, int]:
        """Return how often each was asked: chart, quote, spark, summary, crumb, cookie."""
        with self._lock:
            return dict(self._counts)

    @property
    def connections(self) -> int:
        """Return how many connections have been made so far."""
        return self._server.accepted

    @property
    def flooded(self) -> int:
        """Return how many bytes of endless answers have been sent."""
        return self._server.flooded

    def rotate(self, crumb: str) -> None:
        """Give out another crumb from now on, and refuse all others."""
        self._crumb = crumb

    def fail(self, fault: Fault, times: int | None = None, on: str = CHART) -> None:
        """Spoil the next `times` answers, or all until `recover`; faults queue up.

        on: a part of host and path; `chart_of(symbol)` is the charts of one symbol.

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
            self._counts[_kind(parts.path)] += 1
            if self._remember:
                self._requests.append(Seen(host, parts.path, params))
            fault = self._fault(host + parts.path)
        good = self._good(host, parts.path, params)
        return fault(good) if fault else good

    def _fault(self, place: str) -> Fault | None:
        queue = next((q for on, q in self._faults.items() if q and _concerns(on, place)), None)
        if queue is None:
            return None
        switch = queue[0]
        if switch.left is not None:
            switch.left -= 1
            if switch.left <= 0:
                queue.popleft()
        return switch.fault

    def _good(self, host: str, path: str, params: dict[str, str]) -> Answer:
        match _kind(path):
            case "chart":
                return self.chart(unquote(path.removeprefix(CHART)), params)
            case "spark":
                outside = params.get("includePrePost") == "true"
                return self.spark(params["symbols"].split(","), outside=outside)
            case "quote" | "summary":
                return self._figures(path, params)
            case "crumb":
                return Answer(200, self._crumb.encode(), (("Content-Type", "text/plain"),))
            case _:
                return _page(host + path)

    def _figures(self, path: str, params: dict[str, str]) -> Answer:
        if params.get("crumb") != self._crumb:
            return bodies.unauthorized(bodies.page(401))
        if path == QUOTE:
            return self.quotes(params["symbols"].split(","))
        return self.summary(unquote(path.removeprefix(SUMMARY)))


def chart_of(symbol: str) -> str:
    """Return where the charts of one symbol are, for `fail`."""
    return CHART + quote(symbol, safe="")


def _page(place: str) -> Answer:
    """Return a page for people, and from the right place the cookie."""
    cookie = "A3=d=made-up; Max-Age=31557600; Domain=.yahoo.com; Path=/; Secure; HttpOnly"
    return bodies.page(404, (("Set-Cookie", cookie),) if place == COOKIE else ())


def _concerns(on: str, place: str) -> bool:
    one = on.startswith(CHART) and on != CHART
    return place.endswith(on) if one else on in place


def _kind(path: str) -> str:
    kinds = {CHART: "chart", QUOTE: "quote", SPARK: "spark", SUMMARY: "summary", CRUMB: "crumb"}
    return next((kind for start, kind in kinds.items() if path.startswith(start)), "cookie")
