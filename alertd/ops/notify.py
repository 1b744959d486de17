"""How does the service manager learn what the daemon is doing?

    READY=1   RELOADING=1 .. READY=1   WATCHDOG=1   STATUS=...   STOPPING=1

Each is one datagram to the socket that systemd names in NOTIFY_SOCKET. A daemon started by hand
has no such socket, and telling nobody is fine.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

# A manager that does not read must not hold up the daemon.
_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """Whoever started the daemon; `address` is None when that is not a service manager."""

    address: str | None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Return the service manager that an environment names."""
        return cls(environ.get("NOTIFY_SOCKET") or None)

    def ready(self) -> None:
        """Say that start-up or a reload is done."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Say that the configuration is being read again; `ready` must follow."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that the daemon is on its way out."""
        self._tell("STOPPING=1")

    def watchdog(self) -> None:
        """Say that the daemon is alive."""
        self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Show one line of text in `systemctl status`."""
        self._tell(f"STATUS={' '.join(text.split())}")

    def _tell(self, state: str) -> None:
        if self.address is None:
            return
        # A leading @ stands for the zero byte of Linux's abstract sockets.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, suppress(OSError):
            sender.settimeout(_PATIENCE_S)
            sender.sendto(state.encode(), address)
