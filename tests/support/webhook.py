"""A real HTTP receiver on loopback: it records what arrives and answers as it is told.

    with Receiver(scripted(Answer(503), Reset())) as receiver:
        ... receiver.url ...
        first, second, third = receiver.wait(3)

After its script it answers 204.
"""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from standardwebhooks import Webhook as Verifier

from tests.support.arrivals import Arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import trustme


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    arrived_at: datetime

    def verified(self, secret: str) -> dict[str, object]:
        """Return the JSON body after the standardwebhooks package has checked the signature."""
        payload: dict[str, object] = Verifier(secret).verify(self.body, dict(self.headers))
        return payload


@dataclass(frozen=True, slots=True)
class Answer:
    """An ordinary answer."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Drip:
    """A header or a drop of the body at a time, far longer than anyone should listen."""

    status: int = 200
    in_headers: bool = False
    pause: float = 0.05
    drop: bytes = b"."
    lasts: float = 5.0


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer at all, on a connection that stays open for so many seconds."""

    lasts: float = 5.0


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset after the request was read and recorded."""


@dataclass(frozen=True, slots=True)
class Flood:
    """Bytes as they are, HTTP or not, and then others again and again, as fast as they are taken.

    With no others the connection ends after the first.
    """

    begin: bytes
    again: bytes = b""
    lasts: float = 5.0


Reply = Answer | Drip | Hang | Reset | Flood


def scripted(*replies: Reply, then: Reply | None = None) -> Callable[[Call], Reply]:
    """Return what answers with these, one after the other, and from then on always with `then`."""
    left, lock = list(replies), threading.Lock()

    def answer(_call: Call) -> Reply:
        with lock:
            return left.pop(0) if left else then or Answer()

    return answer


def server_trust(
    authority: trustme.CA, *names: str, until: datetime | None = None
) -> ssl.SSLContext:
    """Return a server's side of TLS with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, not_after=until).configure_cert(context)
    return context


class Receiver:
    """Listens on a free port, or on this one, while it is entered.

    raises: OSError where the machine has no such address, or the port is taken.
    """

    def __init__(
        self,
        answer: Callable[[Call], Reply] | None = None,
        tls: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._answer = answer or scripted()
        self._calls = Arrivals[Call]("calls")
        self._stopped = threading.Event()
        server = _Server6 if ":" in address else _Server
        self._server = server((address, port), self._handler())
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"{self._scheme}://localhost:{self.port}/hooks/t0ken?key=s3cret"

    @property
    def calls(self) -> list[Call]:
        return self._calls.all()

    def wait(self, count: int, within: float = 10.0) -> list[Call]:
        """Return the calls as soon as there are `count` of them; fail when they do not come."""
        return self._calls.wait(count, within)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply_to(self, call: Call) -> Reply:
        """Record a call and return what to answer."""
        self._calls.add(call)
        return self._answer(call)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver, stopped = self, self._stopped

        class Handler(_Handler):
            def do_POST(self) -> None:
                self.perform(receiver.reply_to(self.call()), stopped)

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that breaks off is what some tests are about."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    def call(self) -> Call:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Call(self.command, self.path, headers, self.rfile.read(length), datetime.now(UTC))

    def perform(self, reply: Reply, stopped: threading.Event) -> None:
        match reply:
            case Answer():
                self._write(reply)
            case Drip():
                self._drip(reply, stopped)
            case Hang():
                stopped.wait(reply.lasts)
            case Reset():
                self._reset()
            case Flood():
                self._flood(reply, stopped)

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def _drip(self, drip: Drip, stopped: threading.Event) -> None:
        self.send_response(drip.status)
        drop = b"x-more: 1\r\n" if drip.in_headers else drip.drop
        if not drip.in_headers:
            self.send_header("content-length", str(10**12))
            self.end_headers()
        self.flush_headers()
        end = time.monotonic() + drip.lasts
        while time.monotonic() < end and not stopped.wait(drip.pause):
            self.wfile.write(drop)

    def _flood(self, flood: Flood, stopped: threading.Event) -> None:
        self.close_connection = True
        self.wfile.write(flood.begin)
        end = time.monotonic() + flood.lasts
        while flood.again and time.monotonic() < end and not stopped.is_set():
            self.wfile.write(flood.again)

    def _reset(self) -> None:
        # Closed with unsent data discarded: the peer sees a reset instead of an end.
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the parent
        """Say nothing."""
