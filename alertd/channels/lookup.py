"""Where does a name lead, and what if nobody says so in time?

The system's resolver cannot be interrupted. It runs in a thread that is left behind when the time
is over; no more than a few are at once, so that a resolver which hangs for good costs no more.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alertd.channels.cutoff import Cutoff

# Of what `socket.getaddrinfo` returns, only the address is looked at.
Resolve = Callable[[str, int], Sequence[tuple[object, object, object, object, tuple[object, ...]]]]

_AT_ONCE = 8


class Lookup:
    """Finds the addresses of names."""

    def __init__(self, resolve: Resolve = socket.getaddrinfo) -> None:
        self._resolve = resolve
        self._free = BoundedSemaphore(_AT_ONCE)

    def addresses(self, host: str, port: int, cutoff: Cutoff) -> tuple[str, ...]:
        """Return each address that a host has, in the order in which to try them.

        raises: socket.gaierror where there is none; TimeoutError when the cutoff comes first.
        """
        if not self._free.acquire(timeout=cutoff.left):
            raise TimeoutError
        found: Future[tuple[str, ...]] = Future()
        Thread(target=self._run, args=(found, host, port), name="lookup", daemon=True).start()
        return found.result(cutoff.left)

    def _run(self, found: Future[tuple[str, ...]], host: str, port: int) -> None:
        try:
            addresses = self._asked(host, port)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the caller
            found.set_exception(error)
        else:
            found.set_result(addresses)
        finally:
            self._free.release()

    def _asked(self, host: str, port: int) -> tuple[str, ...]:
        try:
            entries = self._resolve(host, port)
        except UnicodeError:
            # Too long for a name, for example: Python does not ask at all.
            entries = ()
        if not entries:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return tuple(dict.fromkeys(str(place[0]) for *_, place in entries))
