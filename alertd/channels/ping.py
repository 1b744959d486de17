"""How does somebody outside hear that the daemon is alive, or in trouble?

By a POST to a URL of theirs, as healthchecks and its like take it: to the URL itself while all is
well, and to "/fail" beneath it when something is not. A late one is worth nothing, so none is sent
again.
"""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.channels.http import Peer, Unanswered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alertd.channels.lookup import Resolve

DEADLINE = timedelta(seconds=10)

_LONGEST = 10_000


class Ping:
    """Posts to one URL or beneath it; its settings are those of a `Peer`."""

    def __init__(
        self,
        *,
        url: str,
        ca_file: Path | None = None,
        allow_http: bool = False,
        allow_hosts: Sequence[str] = (),
        deadline: timedelta = DEADLINE,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self._peer = Peer(
            url=url, deadline=deadline, ca_file=ca_file, allow_http=allow_http,
            allow_hosts=allow_hosts, resolve=resolve,
        )  # fmt: skip

    def __call__(self, suffix: str, body: str) -> str | None:
        """Post a text to what lies at `suffix` beneath the URL; return why it failed, or None."""
        try:
            answer = self._peer.post(
                _cut(body), {"content-type": "text/plain; charset=utf-8"}, suffix
            )
        except Unanswered as error:
            return str(error)
        return None if answer.good else f"{self._peer.host} {answer.words}"

    def reach(self) -> str | None:
        """Connect without pinging; return why that failed, or None."""
        return self._peer.reach()


def _cut(text: str) -> bytes:
    """Return as much of a text as is posted, ending with a whole letter."""
    start = text.encode(errors="replace")[:_LONGEST]
    return start.decode(errors="ignore").encode()
