"""How does a server stand in for hosts of Yahoo, TLS and all?

client --CONNECT host--> Tunnels --TLS as that host--> Speaker.answer(host, target)
"""

from __future__ import annotations

import socket
import ssl
import struct
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Protocol, cast

from tests.support.yahoo_bodies import Answer, Ending

if TYPE_CHECKING:
    import threading

    import trustme


_DRIP = 0.05


class Speaker(Protocol):
    """Who has the answers."""

    @property
    def stopping(self) -> threading.Event:
        """Return what is set once nobody is to be answered any more."""
        ...

    def answer(self, host: str, target: str) -> Answer:
        """Return what to send for a path and query of a host."""
        ...


class Tunnels(ThreadingHTTPServer):
    """Accepts the tunnels, and can hang up on all of them; closing it waits for their threads."""

    daemon_threads = False

    def __init__(self, speaker: Speaker, authority: trustme.CA) -> None:
        self.speaker = speaker
        self.context = _context(authority)
        self.tunnels: set[_Tunnel] = set()
        self.accepted = 0
        self.flooded = 0
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
    def _here(self) -> Tunnels:
        return cast("Tunnels", self.server)

    def setup(self) -> None:
        super().setup()
        self._here.accepted += 1
        self._here.tunnels.add(self)

    def handle(self) -> None:
        if not self._here.speaker.stopping.is_set():
            super().handle()

    def finish(self) -> None:
        self._here.tunnels.discard(self)
        super().finish()
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing: the speaker has it."""

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        self.send_response_only(200)
        self.end_headers()
        self.connection = self._here.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = self._here.speaker.stopping.is_set()

    def do_GET(self) -> None:
        answer = self._here.speaker.answer(self.host, self.path)
        match answer.ending:
            case Ending.HANG:
                self._here.speaker.stopping.wait()
                self.close_connection = True
            case Ending.RESET:
                self._reset()
            case Ending.SENT:
                self._send(answer)
            case Ending.STALL:
                self._head(answer, str(len(answer.body)))
                self.wfile.write(answer.body[: len(answer.body) // 2])
                self._here.speaker.stopping.wait()
                self.close_connection = True
            case Ending.DRIP:
                self._drip(answer)
            case Ending.FLOOD:
                self._flood(answer)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def _send(self, answer: Answer) -> None:
        self._head(answer, str(len(answer.body)))
        self.wfile.write(answer.body)

    def _head(self, answer: Answer, length: str | None) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", length)
        self.end_headers()

    def _drip(self, answer: Answer) -> None:
        self._head(answer, str(len(answer.body)))
        self.close_connection = True
        for place in range(len(answer.body)):
            if self._here.speaker.stopping.wait(_DRIP):
                return
            self.wfile.write(answer.body[place : place + 1])

    def _flood(self, answer: Answer) -> None:
        """Send without saying how much, until nobody listens."""
        self._head(answer, None)
        self.close_connection = True
        with suppress(OSError):
            while not self._here.speaker.stopping.is_set():
                self.wfile.write(answer.body)
                self._here.flooded += len(answer.body)

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
