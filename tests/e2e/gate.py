"""How does a host become unreachable, and reachable again at the same address?

client --> Gate, open --> target          Gate, shut: connection refused
"""

from __future__ import annotations

import socket
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

from tests.support.mail import closed_port


class Gate:
    """A port of loopback that leads to another one while it is open; it begins shut."""

    def __init__(self, target: int) -> None:
        self.port = closed_port()
        self._target = target
        self._server: _Server | None = None

    def open(self) -> None:
        """Let everyone through."""
        self._server = _Server(("127.0.0.1", self.port), self._target)
        Thread(target=self._server.serve_forever, args=(0.02,)).start()

    def shut(self) -> None:
        """Break what goes through, and refuse what comes."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], target: int) -> None:
        self.target = target
        self.sockets: set[socket.socket] = set()
        super().__init__(address, _Passage)

    def server_close(self) -> None:
        for each in tuple(self.sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        super().server_close()


class _Passage(BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        with socket.create_connection(("127.0.0.1", self.server.target)) as beyond:
            pair = {self.request, beyond}
            self.server.sockets |= pair
            back = Thread(target=_pour, args=(beyond, self.request))
            back.start()
            _pour(self.request, beyond)
            back.join()
            self.server.sockets -= pair


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(65536):
            sink.sendall(some)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
