"""How does a message reach an HTTP receiver?

    POST, JSON, signed as Standard Webhooks 1.0.0; only 2xx means that the receiver has it

The receiver is not trusted: it may drip, send far too much, or redirect to a place that it must not
reach. Its URL is a secret, so every outcome names the host alone.
"""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import closing, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from alertd import __version__
from alertd.channels.causes import cause
from alertd.channels.cutoff import Cutoff
from alertd.core.retry import Failed, Outcome, Rejected, Sent, wish
from alertd.core.signature import secret_problem, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from alertd.core.messages import Message

DEADLINE = timedelta(seconds=15)

_MOST_READ = 64 * 1024


class Webhook:
    """Posts messages to one URL, on a new connection each time.

    Without a secret the requests are unsigned. With `ca_file` only that authority is trusted.
    """

    def __init__(
        self,
        *,
        url: str,
        secret: str | None = None,
        ca_file: Path | None = None,
        deadline: timedelta = DEADLINE,
    ) -> None:
        self._url = _address(url)
        self._secret = _checked(secret)
        self._deadline = deadline
        # No connection is kept: an idle one breaks unseen, and a cutoff must see each one open.
        self._client = httpx.Client(
            verify=ssl.create_default_context(cafile=ca_file),
            trust_env=False,
            follow_redirects=False,
            # One address of several that is dead leaves time for the next.
            timeout=httpx.Timeout(deadline.total_seconds(), connect=deadline.total_seconds() / 3),
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"accept-encoding": "identity", "user-agent": f"alertd/{__version__}"},
        )

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `send` may take."""
        return self._deadline

    def send(self, message: Message, now: datetime) -> Outcome:
        """Post one message; `now` is the attempt's time, which the signature covers."""
        body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._headers(message.id, int(now.timestamp()), body)
        with Cutoff(self._deadline) as cutoff:
            try:
                return self._post(body, headers, now, cutoff)
            except httpx.TransportError as error:
                return Failed(self._trouble(error, cutoff))

    def _headers(self, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
        }
        if self._secret is not None:
            headers["webhook-signature"] = signature(self._secret, message_id, timestamp, body)
        return headers

    def _post(
        self, body: bytes, headers: Mapping[str, str], now: datetime, cutoff: Cutoff
    ) -> Outcome:
        request = self._client.build_request(
            "POST", self._url, content=body, headers=headers, extensions={"trace": _tracing(cutoff)}
        )
        response = self._client.send(request, stream=True)
        outcome = self._outcome(response, now)
        # The status is the receiver's word; a body that breaks off does not take it back.
        with closing(response), suppress(httpx.TransportError):
            _drain(response)
        return outcome

    def _outcome(self, response: httpx.Response, now: datetime) -> Outcome:
        if response.is_success:
            return Sent()
        reason = f"{self._url.host} answered {response.status_code}"
        if response.status_code == httpx.codes.GONE:
            return Rejected(f"{reason}: the receiver is gone for good")
        return Failed(reason, wish(response.headers.get("retry-after"), now))

    def _trouble(self, error: httpx.TransportError, cutoff: Cutoff) -> str:
        host = self._url.host
        if cutoff.passed or isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
            return f"{host} did not answer within {self._deadline.total_seconds():g} s"
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return f"no connection to {host}: {cause(error)}"
        return f"the connection to {host} broke before an answer"


def _address(url: str) -> httpx.URL:
    # The URL is a secret: what is wrong with it is said without it.
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host:
        msg = "webhook URL: expected http:// or https:// and a host"
        raise ValueError(msg)
    return address


def _checked(secret: str | None) -> str | None:
    if secret is not None and (problem := secret_problem(secret)):
        msg = f"webhook secret: {problem}"
        raise ValueError(msg)
    return secret


def _tracing(cutoff: Cutoff) -> Callable[[str, Mapping[str, object]], None]:
    def trace(event: str, info: Mapping[str, object]) -> None:
        if event == "connection.connect_tcp.complete":
            connection = getattr(info["return_value"], "get_extra_info")("socket")  # noqa: B009
            if isinstance(connection, socket.socket):
                cutoff.watch(connection)

    return trace


def _drain(response: httpx.Response) -> None:
    """Read a little of the answer, as it came, so that a polite receiver can finish it."""
    read = 0
    for chunk in response.iter_raw(chunk_size=4096):
        read += len(chunk)
        if read >= _MOST_READ:
            return
