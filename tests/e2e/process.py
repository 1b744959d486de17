"""How is `alertd run` started, watched and ended as a process of its own?"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

ROOT = Path(__file__).parents[2]

# How long a test waits for what should come at once; only a failing one waits that long.
PATIENCE = 20.0
_PAUSE = 0.02


def until(what: str, condition: Callable[[], T | None], within: float = PATIENCE) -> T:
    """Return what a condition gives as soon as that is true; fail when it takes too long."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"within {within:g} s it did not come: {what}"
        time.sleep(_PAUSE)
    return found


def resident_mb(pid: int | str = "self") -> float:
    """Return how much memory a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found, f"process {pid} has gone"
    return int(found[1]) / 1024


def command(config: Path, program: str = "alertd") -> list[str]:
    return [sys.executable, "-m", program, "run", "--config", str(config)]


def run(config: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a daemon that is expected to leave by itself."""
    return subprocess.run(
        command(config), cwd=ROOT, env=environ,
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


class Notifications:
    """A service manager's socket: what a daemon says to it, in order."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # Without a name the system chooses an abstract one that is free.
        self._socket.bind("")
        self.heard: list[str] = []

    @property
    def address(self) -> str:
        name: bytes = self._socket.getsockname()
        return "@" + name[1:].decode()

    def next(self, words: str, within: float = PATIENCE) -> str:
        """Return the next datagram that starts with these words; those before it are heard too."""
        return until(f"{words} after {self.heard}", lambda: self._take(words), within)

    def close(self) -> None:
        self._socket.close()

    def _take(self, words: str) -> str | None:
        while True:
            try:
                said = self._socket.recv(4096, socket.MSG_DONTWAIT).decode()
            except BlockingIOError:
                return None
            self.heard.append(said)
            if said.startswith(words):
                return said


class Process:
    """A daemon that runs on a configuration file and adds to a log file."""

    def __init__(
        self, config: Path, environ: Mapping[str, str], log: Path, program: str = "alertd"
    ) -> None:
        self.told = Notifications()
        with log.open("ab") as stream:
            self._process = subprocess.Popen(
                command(config, program), cwd=ROOT, stdout=stream, stderr=stream,
                env={**environ, "NOTIFY_SOCKET": self.told.address},
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Return the exit status; None while the daemon runs."""
        return self._process.poll()

    def hup(self) -> None:
        self._process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def terminate(self) -> tuple[int, float]:
        """Ask it to stop; return the exit status and how many seconds that took."""
        begun = time.monotonic()
        self._process.terminate()
        status = self._process.wait(PATIENCE)
        return status, time.monotonic() - begun

    def close(self) -> None:
        """End it if it still runs, and hear nothing more of it."""
        self.kill()
        self.told.close()
