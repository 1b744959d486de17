"""What the service manager hears, over a real datagram socket."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from alertd.ops.notify import ServiceManager

if TYPE_CHECKING:
    from collections.abc import Iterator


class Manager:
    """A service manager that only listens."""

    def __init__(self, address: str) -> None:
        self.told = ServiceManager.of({"NOTIFY_SOCKET": address})
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(5)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)

    def heard(self) -> str:
        return self._socket.recv(4096).decode()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest) -> Iterator[Manager]:
    # A socket's path may have 107 bytes, which pytest's own folders can exceed.
    with TemporaryDirectory() as folder:
        paths = {"path": str(Path(folder) / "notify"), "abstract": f"@alertd-{uuid4()}"}
        with closing(Manager(paths[request.param])) as listening:
            yield listening


def test_the_manager_hears_that_the_daemon_is_ready(manager: Manager) -> None:
    manager.told.ready()
    assert manager.heard() == "READY=1"


def test_the_manager_hears_that_the_daemon_lives(manager: Manager) -> None:
    manager.told.watchdog()
    assert manager.heard() == "WATCHDOG=1"


def test_the_manager_hears_that_the_daemon_stops(manager: Manager) -> None:
    manager.told.stopping()
    assert manager.heard() == "STOPPING=1"


def test_a_reload_carries_the_monotonic_time_in_microseconds(manager: Manager) -> None:
    before = time.monotonic_ns() // 1000
    manager.told.reloading()
    state, _, moment = manager.heard().partition("\nMONOTONIC_USEC=")
    assert state == "RELOADING=1"
    assert before <= int(moment) <= time.monotonic_ns() // 1000


def test_a_status_is_shown_as_it_is(manager: Manager) -> None:
    manager.told.status("3 alerts, BABA 150.25 €")
    assert manager.heard() == "STATUS=3 alerts, BABA 150.25 €"


def test_a_status_cannot_say_anything_else_on_a_second_line(manager: Manager) -> None:
    manager.told.status("all well\nREADY=1")
    assert manager.heard() == "STATUS=all well READY=1"


def test_a_daemon_started_by_hand_tells_nobody() -> None:
    assert ServiceManager.of({}).address is None
    assert ServiceManager.of({"NOTIFY_SOCKET": ""}).address is None
    ServiceManager.of({}).ready()


def test_a_manager_that_is_gone_does_not_hurt_the_daemon(manager: Manager) -> None:
    manager.close()
    manager.told.ready()


def test_a_manager_that_does_not_read_does_not_hold_up_the_daemon(manager: Manager) -> None:
    begun = time.monotonic()
    told = 0
    while time.monotonic() - begun < 0.5 and told < 10_000:
        manager.told.watchdog()
        told += 1
    # The kernel queues a few datagrams; one more would wait for ever if it were not given up.
    assert manager.heard() == "WATCHDOG=1"
