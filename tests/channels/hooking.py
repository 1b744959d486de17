"""What tests of the webhook channel do again and again."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from alertd.channels.webhook import Webhook
from tests.channels.conftest import NOW, letter
from tests.support.webhook import Receiver, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alertd.channels.lookup import Resolve
    from alertd.core.retry import Outcome
    from tests.support.webhook import Reply

HALF_A_SECOND = timedelta(seconds=0.5)


def hook(url: str, **changes: Any) -> Webhook:  # noqa: ANN401 - keywords of `Webhook`
    """Return a channel that may post to this machine, with these settings changed."""
    settings: dict[str, Any] = {"allow_http": True, "allow_hosts": ("localhost",)}
    return Webhook(url=url, **settings | changes)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one message, and how long it took."""

    outcome: Outcome
    seconds: float


def attempt(*replies: Reply, deadline: timedelta = timedelta(seconds=5)) -> Attempt:
    """Send one message to a receiver that answers so."""
    with Receiver(scripted(*replies)) as receiver:
        return timed(hook(receiver.url, deadline=deadline))


def timed(channel: Webhook) -> Attempt:
    """Send one message."""
    started = time.monotonic()
    outcome = channel.send(letter(), NOW)
    return Attempt(outcome, time.monotonic() - started)


def leading(*addresses: str) -> Resolve:
    """Return a resolver that says of every name that it has these addresses."""

    def resolve(_host: str, port: int) -> list[Any]:
        return [entry for each in addresses for entry in socket.getaddrinfo(each, port)]

    return resolve


@contextmanager
def listening(address: str = "127.0.0.1", port: int = 0) -> Iterator[socket.socket]:
    """Yield a socket that others can connect to, and that nobody serves."""
    with socket.socket() as server:
        server.bind((address, port))
        server.listen()
        server.setblocking(False)  # noqa: FBT003 - its only argument
        yield server


@contextmanager
def deaf(address: str, port: int) -> Iterator[None]:
    """Keep a port so full of connections that it answers no further one."""
    with socket.socket() as server, socket.socket() as first, socket.socket() as second:
        server.bind((address, port))
        server.listen(0)
        for each in (first, second):
            each.setblocking(False)  # noqa: FBT003 - its only argument
            each.connect_ex((address, port))
        yield


def port_of(server: socket.socket) -> int:
    """Return the port on which a socket listens."""
    port: int = server.getsockname()[1]
    return port
