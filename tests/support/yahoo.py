"""How does a test play Yahoo to the real yfinance?

    client --CONNECT--> YahooServer --TLS for *.yahoo.com--> cookie | crumb | chart

The client is pointed here by environment alone (`YahooServer.env`): a proxy and a certificate
authority. Everything else, sockets and TLS included, is as it is against Yahoo.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from tests.support.yahoo_bodies import Answer, Ending, chart, not_found, page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from alertd.core.bars import Bar
    from tests.support.yahoo_bodies import Fault

    Market = Callable[[str, datetime, datetime], Sequence[Bar]]

CHART = "/v8/finance/chart/"
CRUMB = "/v1/test/getcrumb"
COOKIE = "fc.yahoo.com/"


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
        self._faults: defaultdict[str, deque[_Switch]] = defaultdict(deque)
        self._requests: list[Seen] = []
        self.stopping = threading.Event()
        authority = trustme.CA()
        self._bundle = folder / "yahoo-ca.pem"
        authority.cert_pem.write_to_path(self._bundle)
        self._server = _Server(self, _context(authority))
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
        if path == CRUMB:
            return Answer(200, b"abcdefghijk", (("Content-Type", "text/plain"),))
        if host + path == COOKIE:
            cookie = "A3=d=made-up; Max-Age=31557600; Domain=.yahoo.com; Path=/; Secure; HttpOnly"
            return page(404, (("Set-Cookie", cookie),))
        return page(404)

    def _chart(self, symbol: str, params: dict[str, str]) -> Answer:
        interval = params["interval"]
        with self._lock:
            known = any(name == symbol for name, _ in self._markets)
            market = self._markets.get((symbol, interval))
            meta = {"symbol": symbol, "dataGranularity": interval, **self._meta.get(symbol, {})}
        if not known:
            return not_found()
        since, until = (_moment(params[key]) for key in ("period1", "period2"))
        return chart(market(symbol, since, until) if market else (), meta)


class _Server(ThreadingHTTPServer):
    """Accepts the tunnels, and can hang up on all of them; closing it waits for their threads."""

    daemon_threads = False

    def __init__(self, yahoo: YahooServer, context: ssl.SSLContext) -> None:
        self.yahoo = yahoo
        self.context = context
        self.tunnels: set[_Tunnel] = set()
        super().__init__(("127.0.0.1", 0), _Tunnel)

    def hang_up(self) -> None:
        for tunnel in tuple(self.tunnels):
            with suppress(OSError):
                # Not the TLS socket's own shutdown, which is not for use beside a reader.
                socket.socket.shutdown(tunnel.connection, socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that hangs up in the middle is what some tests are about."""


class _Tunnel(BaseHTTPRequestHandler):
    """One connection: CONNECT in the clear, then HTTP/1.1 inside TLS."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes; waiting to join them would cost each answer 40 ms.
    disable_nagle_algorithm = True
    host = ""

    @property
    def _here(self) -> _Server:
        return cast("_Server", self.server)

    def setup(self) -> None:
        super().setup()
        self._here.tunnels.add(self)

    def handle(self) -> None:
        if not self._here.yahoo.stopping.is_set():
            super().handle()

    def finish(self) -> None:
        self._here.tunnels.discard(self)
        super().finish()
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing: `YahooServer.requests` has it."""

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        self.send_response_only(200)
        self.end_headers()
        self.connection = self._here.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = self._here.yahoo.stopping.is_set()

    def do_GET(self) -> None:
        answer = self._here.yahoo.answer(self.host, self.path)
        match answer.ending:
            case Ending.HANG:
                self._here.yahoo.stopping.wait()
                self.close_connection = True
            case Ending.RESET:
                self._reset()
            case Ending.SENT:
                self._send(answer)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _reset(self) -> None:
        """Close so that the client sees a reset, not an end."""
        self.close_connection = True
        linger_not = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
        socket.close(self.connection.detach())


def _context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("*.yahoo.com", "*.finance.yahoo.com").configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _listed(bars: tuple[Bar, ...]) -> Market:
    return lambda _symbol, since, until: [bar for bar in bars if since <= bar.start < until]


def _moment(epoch: str) -> datetime:
    return datetime.fromtimestamp(int(epoch), UTC)
