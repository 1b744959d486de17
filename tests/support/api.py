"""A JSON service on loopback that wants keys, and fails as it is told.

with SomeService() as service:
    service.fail(Reply(503), times=2)
    ... Client(url=service.url) ...
    assert [each.path for each in service.asked] == ...
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived; header names are in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes out; a body that is not bytes goes as JSON."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Fault(Enum):
    """What is no answer."""

    HANG = auto()
    RESET = auto()
    DRIP = auto()
    FLOOD = auto()
    CUT = auto()


class Service:
    """What all of them have; each has its own `respond`, under its own `base`."""

    base = ""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.stopping = threading.Event()
        self._faults: deque[Reply | Fault] = deque()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.service = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{self.base}"

    @property
    def connections(self) -> int:
        """Return how many connections were made."""
        return self._server.accepted

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def fail(self, fault: Reply | Fault, times: int = 1) -> None:
        """Give this to the next requests in place of their answers."""
        self._faults.extend([fault] * times)

    def answer(self, request: Request) -> Reply | Fault:
        self.asked.append(request)
        return self._faults.popleft() if self._faults else self.respond(request)

    def respond(self, request: Request) -> Reply:
        raise NotImplementedError


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    accepted = 0
    service: Service

    def __init__(self, *args: object) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(*args)  # type: ignore[arg-type]

    def hang_up(self) -> None:
        for connection in tuple(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that hangs up in the middle is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _here(self) -> _Server:
        return cast("_Server", self.server)

    def setup(self) -> None:
        super().setup()
        self._here.accepted += 1
        self._here.open.add(self.connection)

    def finish(self) -> None:
        self._here.open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: object) -> None:
        """Say nothing: the service has it."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self._here.service.answer(
            Request(parts.path, dict(parse_qsl(parts.query)), headers)
        )
        if isinstance(answer, Reply):
            self._head(answer, len(answer.content))
            self.wfile.write(answer.content)
            return
        self.close_connection = True
        self._fail(answer)

    def _fail(self, fault: Fault) -> None:
        match fault:
            case Fault.HANG:
                self._here.service.stopping.wait()
            case Fault.RESET:
                linger_not = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
                self.connection.close()
            case Fault.CUT:
                self._head(Reply(), 1_000)
                self.wfile.write(b'{"bars": {')
            case Fault.DRIP:
                self._head(Reply(), 1_000_000)
                while not self._here.service.stopping.wait(0.05):
                    self.wfile.write(b" ")
            case Fault.FLOOD:
                self._head(Reply(), 10**12)
                while not self._here.service.stopping.is_set():
                    self.wfile.write(b" " * 65_536)

    def _head(self, answer: Reply, length: int) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
