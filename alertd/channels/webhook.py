"""How does a message reach an HTTP receiver?

    POST, JSON, signed as Standard Webhooks 1.0.0; only 2xx means that the receiver has it

A receiver that says it is gone (410) closes the channel; whatever else it says may heal.
"""

from __future__ import annotations

import json
import socket
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alertd.channels.http import Peer, Unanswered
from alertd.core.retry import NOBODY, Closed, Failed, Outcome, Recipients, Sent, wish
from alertd.core.signature import secret_problem, signatures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alertd.channels.lookup import Resolve
    from alertd.core.messages import Message

DEADLINE = timedelta(seconds=15)

_GONE = 410


class Webhook:
    """Posts messages to one URL.

    Without a secret the requests are unsigned; with two, each signs. The other settings are those
    of a `Peer`.
    """

    def __init__(
        self,
        *,
        url: str,
        secret: str | None = None,
        old_secret: str | None = None,
        ca_file: Path | None = None,
        allow_http: bool = False,
        allow_hosts: Sequence[str] = (),
        deadline: timedelta = DEADLINE,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self._secrets = tuple(_checked(each) for each in (secret, old_secret) if each is not None)
        self._peer = Peer(
            url=url, deadline=deadline, ca_file=ca_file, allow_http=allow_http,
            allow_hosts=allow_hosts, resolve=resolve,
        )  # fmt: skip

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `send` may take."""
        return self._peer.deadline

    def send(self, message: Message, now: datetime, done: Recipients = NOBODY) -> Outcome:  # noqa: ARG002 - the port's shape
        """Post one message; `now` is the attempt's time, which the signature covers."""
        text = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":"))
        # Half a surrogate pair, from wherever it came, is no reason to keep an alert back.
        body = text.encode(errors="replace")
        try:
            answer = self._peer.post(body, self._headers(message.id, int(now.timestamp()), body))
        except Unanswered as error:
            return Failed(str(error))
        reason = f"{self._peer.host} {answer.words}"
        if answer.good:
            return Sent()
        if answer.status == _GONE:
            return Closed(f"{reason}: the receiver is gone")
        return Failed(reason, wish(answer.retry_after, now))

    def reach(self) -> str | None:
        """Connect without posting anything; return why that failed, or None."""
        return self._peer.reach()

    def _headers(self, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
        }
        if self._secrets:
            headers["webhook-signature"] = signatures(self._secrets, message_id, timestamp, body)
        return headers


def _checked(secret: str) -> str:
    if problem := secret_problem(secret):
        msg = f"webhook secret: {problem}"
        raise ValueError(msg)
    return secret
