"""What may the receiver of a webhook do to us?

    an alert --> a peer that bites, for some attempts --> the same peer, which behaves now

The sender is back in time, holds no more memory than before, has gone nowhere but to the peer, and
the alert arrives once the peer behaves.
"""

from __future__ import annotations

import gzip
import re
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx

from alertd.channels.webhook import Webhook
from alertd.core.retry import NOBODY, Failed, Outcome, Recipients, Sent
from tests.chaos.findings import compared
from tests.chaos.services import MINUTE, Market, Services, read
from tests.chaos.telling import counted, oddities
from tests.e2e.process import resident_mb
from tests.support.webhook import Answer, Drip, Flood, Hang, Receiver, Reply, Reset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alertd.core.messages import Message
    from alertd.ports import Channel
    from tests.chaos.findings import Finding
    from tests.support.webhook import Call

_FAULT = "a webhook's peer that bites, then behaves"

_GOOD, _FORBIDDEN = "127.0.0.1", "127.0.0.2"
_NAME, _PATH = "desk.example", "/hooks/t0ken"
_METADATA = "http://169.254.169.254/latest/meta-data"
_DEADLINE, _PATIENT = timedelta(seconds=0.6), timedelta(seconds=20)
# A busy machine may be late by that much; the peers bite for longer.
_LATE = timedelta(seconds=0.9)
_BITES = 2.0

_CONTROL = 3
_MOST_MB = 16.0
_BOMB = 64_000_000

Make = Callable[[int, timedelta, "Peer"], "Channel"]


@dataclass(frozen=True, slots=True)
class Bite:
    """What a peer does instead of answering; `takes` says that it has the message all the same."""

    name: str
    reply: Reply
    takes: bool = False
    rebinds: bool = False


def bites(port: int) -> tuple[Bite, ...]:
    """Return all that peers do. At that port of another address nobody may knock."""
    ok, forbidden = b"HTTP/1.1 200 OK\r\n", f"http://{_FORBIDDEN}:{port}/"
    endless = {"lasts": _BITES}
    return (
        Bite("redirect to another receiver", Answer(307, {"location": forbidden})),
        Bite("drip in the headers", Drip(in_headers=True, lasts=_BITES)),
        Bite(
            "gzip bomb",
            Answer(200, {"content-encoding": "gzip"}, gzip.compress(bytes(_BOMB))),
            takes=True,
        ),
        Bite("name that leads elsewhere the next time", Answer(), takes=True, rebinds=True),
        Bite("redirect to a link-local address", Answer(308, {"location": _METADATA})),
        Bite("headers without end", Flood(ok, b"x-more: 1\r\n" * 999, **endless)),
        Bite("1xx without end", Flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99, **endless)),
        Bite("body shorter than it says", Flood(ok + b"content-length: 9\r\n\r\nhalf"), takes=True),
        Bite("reset", Reset()),
        Bite("redirect to another path", Answer(307, {"location": f"http://{_NAME}:{port}/"})),
        Bite("drip in the body", Drip(lasts=_BITES), takes=True),
        Bite("silence", Hang(_BITES)),
        Bite("body without end", Flood(ok + b"\r\n", bytes(65536), **endless), takes=True),
        Bite("no HTTP at all", Flood(b"220 mail.example.com ESMTP\r\n")),
    )


@dataclass
class Peer:
    """A receiver that bites while it is told to, and whose name may lead elsewhere meanwhile."""

    bite: Bite | None = None
    taken: list[Call] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    looked_up: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, call: Call) -> Reply:
        with self._lock:
            bite = self.bite
            self.wrong["headers that the user wrote"] += "x-evil" in call.headers
            self.wrong["calls where nobody was sent"] += call.path != _PATH
            if bite is None or bite.takes:
                self.taken.append(call)
        return bite.reply if bite else Answer()

    def address(self, _host: str, port: int) -> Sequence[Any]:
        """Return where the name leads: if it rebinds, every second time elsewhere."""
        with self._lock:
            self.looked_up += 1
            elsewhere = self.bite and self.bite.rebinds and self.looked_up % 2 == 0
        return socket.getaddrinfo(_FORBIDDEN if elsewhere else _GOOD, port)


class Careless:
    """httpx as it comes: its own timeout, redirects followed, answers unpacked and read whole."""

    def __init__(self, port: int, deadline: timedelta) -> None:
        self._url, self.deadline = f"http://{_GOOD}:{port}{_PATH}", deadline

    def send(self, message: Message, now: datetime, done: Recipients = NOBODY) -> Outcome:  # noqa: ARG002 - the port's
        headers, wait = {"webhook-id": message.id}, self.deadline.total_seconds()
        try:
            answer = httpx.post(
                self._url, json=message.payload, headers=headers, follow_redirects=True,
                timeout=wait,
            )  # fmt: skip
        except httpx.HTTPError as error:
            return Failed(type(error).__name__)
        return Sent() if answer.is_success else Failed(str(answer.status_code))


def guarded(port: int, deadline: timedelta, peer: Peer) -> Webhook:
    """Return a channel to the peer, by its name."""
    return Webhook(
        url=f"http://{_NAME}:{port}{_PATH}", allow_http=True, allow_hosts=(_GOOD,),
        deadline=deadline, resolve=peer.address,
    )  # fmt: skip


def play(seed: int, rounds: int, folder: Path) -> list[Finding]:
    """Let peers bite, each way in turn; the control meets the first three."""
    return [
        _played(_FAULT, guarded, Random(seed), rounds, folder / "real"),
        _played(
            f"{_FAULT}, met by httpx as it comes",
            lambda port, deadline, _peer: Careless(port, deadline),
            Random(seed), _CONTROL, folder / "control",
        ),
    ]  # fmt: skip


def _played(fault: str, make: Make, chance: Random, count: int, folder: Path) -> Finding:
    folder.mkdir()
    peer = Peer()
    with Receiver(peer) as receiver, _listening(receiver.port) as forbidden:
        rounds = Rounds(peer, lambda deadline: make(receiver.port, deadline, peer))
        services = Services(folder / "alertd.db", rounds.channel(_PATIENT), Market())
        # What is imported and built once is no growth.
        services.market.swing()
        services.finish()
        ways = bites(receiver.port)
        with _memory(rounds.wrong):
            for number in range(count):
                rounds.play(services, ways[number % len(ways)], chance)
        rounds.wrong["connections where nobody may go"] += _connections(forbidden)
        services.close()
        return rounds.finding(fault, services, count, control=make is not guarded)


class Rounds:
    """What a peer does in all rounds, and what is wrong then."""

    def __init__(self, peer: Peer, channel: Callable[[timedelta], Channel]) -> None:
        self.channel, self._peer = channel, peer
        self.met: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()

    def play(self, services: Services, bite: Bite, chance: Random) -> None:
        """Play one round: some attempts at a peer that bites, and then one that is well."""
        services.use(self.channel(_DEADLINE))
        services.market.swing()
        self._peer.bite = bite
        for _ in range(chance.randint(1, 2)):
            begun = time.monotonic()
            self.wrong["refusals of the store"] += len(services.turn())
            services.rest()
            took = timedelta(seconds=time.monotonic() - begun)
            self.wrong["sends beyond the deadline"] += took > _DEADLINE + _LATE
            services.market.clock.to(services.market.clock.now() + MINUTE)
        self._peer.bite = None
        services.use(self.channel(_PATIENT))
        self.wrong["refusals of the store"] += len(services.finish())
        self.met[bite.name] += 1

    def finding(self, fault: str, services: Services, rounds: int, *, control: bool) -> Finding:
        """Hold what the peer took against what it must have."""
        self.wrong += self._peer.wrong
        messages = read(self._peer.taken, services.path)
        wrong = [f"{count} {what}" for what, count in self.wrong.items() if count]
        return compared(
            fault, rounds, services.market.events(), counted(messages), control=control,
            wrong=[*wrong, *oddities(messages)], counts={**self.met},
        )  # fmt: skip


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """Yield a socket of another address that must stay silent."""
    with socket.create_server((_FORBIDDEN, port), backlog=100) as silent:
        silent.setblocking(False)  # noqa: FBT003 - its only argument
        yield silent


def _connections(silent: socket.socket) -> int:
    """Return how many have connected."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            silent.accept()[0].close()
            count += 1
    return count


@contextmanager
def _memory(wrong: Counter[str]) -> Iterator[None]:
    """Look at the most that this process holds at any moment."""
    before = resident_mb()
    # From now on the peak is counted anew.
    Path("/proc/self/clear_refs").write_text("5")
    yield
    grown = _peak_mb() - before
    if grown > _MOST_MB:
        wrong[f"MB more than {_MOST_MB:g} held"] += round(grown - _MOST_MB)


def _peak_mb() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024
