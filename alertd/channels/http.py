"""How is something posted to a URL that the user gave?

    Peer.post --> Guarded --> an address that may be gone to

The peer is not trusted: it may drip, flood, send far too much, want things remembered, or redirect
to a place that must not be reached. Its URL is a secret, so every error names the host alone.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpx

from alertd import __version__
from alertd.channels.causes import cause
from alertd.channels.cutoff import Cutoff
from alertd.channels.guarded import PORTS, Barred, Guarded
from alertd.channels.lookup import Lookup
from alertd.core.guard import Allowed
from alertd.errors import AlertdError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from alertd.channels.lookup import Resolve

_MOST_READ = 64 * 1024
# A URL may leave it to the scheme.
_NUMBERS = {None, *range(1, 65_536)}


class Unanswered(AlertdError):
    """No answer came, or nothing was asked at all; the words say why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer said; its body is nobody's business."""

    status: int
    retry_after: str | None

    @property
    def good(self) -> bool:
        return httpx.codes.is_success(self.status)

    @property
    def words(self) -> str:
        """Return the status as the end of a sentence about the peer."""
        if httpx.codes.is_redirect(self.status):
            return f"answered {self.status}: redirects are not followed"
        return f"answered {self.status}"


class Peer:
    """Takes posts at one URL, on a new connection each time.

    With `ca_file` only that authority is trusted. `allow_hosts` are the names, addresses and
    networks that it may lead to although they are not public.
    """

    def __init__(
        self,
        *,
        url: str,
        deadline: timedelta,
        ca_file: Path | None = None,
        allow_http: bool = False,
        allow_hosts: Sequence[str] = (),
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self._url = _address(url, plain_http=allow_http)
        self._deadline = deadline
        trust = ssl.create_default_context(cafile=ca_file)
        self._guarded = Guarded(trust, Allowed.of(allow_hosts), Lookup(resolve))
        self._client = httpx.Client(
            transport=self._guarded,
            trust_env=False,
            follow_redirects=False,
            timeout=deadline.total_seconds(),
            # What a peer wants remembered is forgotten.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"accept-encoding": "identity", "user-agent": f"alertd/{__version__}"},
        )

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `post` may take."""
        return self._deadline

    @property
    def host(self) -> str:
        return self._url.host

    def post(self, body: bytes, headers: Mapping[str, str], beneath: str = "") -> Answer:
        """Post to the URL, or to what lies `beneath` its path; any status is an answer.

        raises: Unanswered.
        """
        with Cutoff(self._deadline) as cutoff:
            request = self._client.build_request(
                "POST", _beneath(self._url, beneath), content=body, headers=headers,
                extensions={"cutoff": cutoff, "trace": _tracing(cutoff)},
            )  # fmt: skip
            try:
                return self._answer(request)
            except Barred as error:
                raise Unanswered(str(error)) from error
            except (httpx.TransportError, OSError) as error:
                raise Unanswered(self._trouble(error, cutoff)) from error

    def reach(self) -> str | None:
        """Connect without asking for anything; return why that failed, or None."""
        with Cutoff(self._deadline) as cutoff:
            try:
                self._guarded.reach(self._url, cutoff)
            except Barred as error:
                return str(error)
            except (httpx.TransportError, OSError) as error:
                return self._trouble(error, cutoff)
        return None

    def _answer(self, request: httpx.Request) -> Answer:
        response = self._client.send(request, stream=True)
        # The status is the peer's word; a body that breaks off does not take it back.
        with closing(response), suppress(httpx.TransportError):
            _drain(response)
        return Answer(response.status_code, response.headers.get("retry-after"))

    def _trouble(self, error: Exception, cutoff: Cutoff) -> str:
        limit = f"within {self._deadline.total_seconds():g} s"
        if isinstance(error, TimeoutError):
            return f"the address of {self.host} was not found {limit}"
        if cutoff.passed or isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
            return f"{self.host} did not answer {limit}"
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | OSError):
            return f"no connection to {self.host}: {cause(error)}"
        return f"the connection to {self.host} broke before an answer"


def _address(text: str, *, plain_http: bool) -> httpx.URL:
    # The URL is a secret: what is wrong with it is said without it.
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in PORTS or not url.host or url.port not in _NUMBERS:
        msg = "URL: expected http:// or https:// and a host"
        raise ValueError(msg)
    if url.scheme == "http" and not plain_http:
        msg = "URL: expected https://; set allow_http = true if the way there is private"
        raise ValueError(msg)
    return url


def _beneath(url: httpx.URL, suffix: str) -> httpx.URL:
    if not suffix:
        return url
    path, mark, query = url.raw_path.partition(b"?")
    return url.copy_with(raw_path=path.rstrip(b"/") + suffix.encode() + mark + query)


def _tracing(cutoff: Cutoff) -> Callable[[str, Mapping[str, object]], None]:
    def trace(event: str, info: Mapping[str, object]) -> None:
        if event == "connection.connect_tcp.complete":
            connection = getattr(info["return_value"], "get_extra_info")("socket")  # noqa: B009
            if isinstance(connection, socket.socket):
                cutoff.watch(connection)

    return trace


def _drain(response: httpx.Response) -> None:
    """Read a little of the answer, as it came, so that a polite peer can finish it."""
    read = 0
    for chunk in response.iter_raw(chunk_size=4096):
        read += len(chunk)
        if read >= _MOST_READ:
            return
