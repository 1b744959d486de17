"""How is JSON had from a server that may refuse, hang, flood or send something else?

    Server.get -> one GET, no redirects, at most 5 MB within `timeout` -> JSON, or one of our errors

The keys go along as headers. No error says more of the address than its host, and what the server
said is repeated without the keys.
"""

from __future__ import annotations

import json
import ssl
import time
import weakref
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, TypeVar

import httpx

from alertd import __version__
from alertd.core.redaction import Redaction
from alertd.core.retry import wish
from alertd.errors import SourceDown
from alertd.quotes.dates import Dates
from alertd.quotes.shapes import Misshapen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from alertd.core.rests import Rest
    from alertd.quotes.manners import Manners

T = TypeVar("T")

TIMEOUT = 5.0

_MOST_READ = 5_000_000
_CONNECTING = 3.0
_EXCERPT = 160
_KEYS_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class Refused(SourceDown):
    """The server understood and refuses this request; `said` is what it says of it."""

    def __init__(self, message: str, said: str) -> None:
        self.said = said
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class _Reply:
    """What came back over HTTP."""

    status: int
    text: str
    retry_after: str | None


class Server:
    """Answers GET requests beneath a URL with JSON, as often as our manners allow.

    `secrets` are headers that hold our keys. `settings` is where the user has them, for when they
    are refused. `timeout` is the seconds that a request may take.

    raises: ValueError where the proxy that the environment names cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        secrets: Mapping[str, str],
        settings: str,
        manners: Manners,
        now: Callable[[], datetime],
        timeout: float = TIMEOUT,
    ) -> None:
        self._host = httpx.URL(url).host
        self._settings, self._manners, self._now = settings, manners, now
        self._timeout = timeout
        self._dates = Dates(now)
        self._redacted = Redaction.of(secrets.values())
        self._client = _client(url, secrets, timeout)
        # Its connections go with whoever used them: a reload makes new ones.
        weakref.finalize(self, self._client.close)

    @property
    def room(self) -> int:
        return self._manners.room

    @property
    def resting(self) -> Rest | None:
        return self._manners.resting

    @property
    def ahead(self) -> timedelta | None:
        """Return by how much its clock ran ahead of ours at its newest answer."""
        return self._dates.ahead

    def enter(self, requests: int = 1) -> None:
        """Begin a call that takes some requests.

        raises: RateLimited while the server asks for quiet; Crowded where there is no room now.
        """
        self._manners.enter(requests)

    def get(
        self, path: str, asked: Mapping[str, str], about: str, read: Callable[[object], T]
    ) -> T:
        """Return what `read` finds in the JSON of one request.

        about:  the symbol or so that errors name.
        raises: RateLimited; SourceDown, also where `read` finds it Misshapen; Refused where
                another request may do.
        """
        where = f"{self._host}: {about}"
        body = self._json(path, asked, where)
        try:
            return read(body)
        except Misshapen as error:
            msg = f"{where}: {error}"
            raise SourceDown(msg) from None

    def _json(self, path: str, asked: Mapping[str, str], where: str) -> object:
        self._manners.count()
        reply = self._reply(path, asked, where)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            why = f"{where}: too many requests, status {reply.status}"
            raise self._manners.refused(wish(reply.retry_after, self._now()), why)
        if reply.status != HTTPStatus.OK:
            raise self._refusal(reply, where)
        return self._parsed(reply, where)

    def _reply(self, path: str, asked: Mapping[str, str], where: str) -> _Reply:
        end = time.monotonic() + self._timeout
        try:
            with self._stream(path, asked) as response:
                self._dates.heard(response.headers)
                body = _body(response, end)
                retry_after = response.headers.get("retry-after")
                return _Reply(response.status_code, body.decode(errors="replace"), retry_after)
        except (httpx.HTTPError, OSError) as error:
            said = self._short(str(error))
            msg = f"{where}: {type(error).__name__}{f': {said}' if said else ''}"
            raise SourceDown(msg) from None
        except _TooLong as error:
            msg = f"{where}: {error}"
            raise SourceDown(msg) from None

    def _stream(
        self, path: str, asked: Mapping[str, str]
    ) -> AbstractContextManager[httpx.Response]:
        return self._client.stream("GET", path, params=dict(asked))

    def _refusal(self, reply: _Reply, where: str) -> SourceDown:
        said = self._short(_said(reply.text))
        msg = f"{where}: expected JSON, found status {reply.status}{f': {said!r}' if said else ''}"
        if reply.status in _KEYS_REFUSED:
            return SourceDown(f"{msg}; look at {self._settings}")
        if HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Refused(msg, said)
        return SourceDown(msg)

    def _parsed(self, reply: _Reply, where: str) -> object:
        try:
            body: object = json.loads(reply.text)
        except (ValueError, RecursionError):
            msg = f"{where}: expected JSON, found {self._short(reply.text)!r}"
            raise SourceDown(msg) from None
        return body

    def _short(self, text: str) -> str:
        """Return the beginning of what was said, on one line and without our keys."""
        return " ".join(self._redacted(text).split())[:_EXCERPT]


def _client(url: str, secrets: Mapping[str, str], timeout: float) -> httpx.Client:
    """Return who makes the requests, by the proxy that the environment names if it does.

    raises: ValueError where that is not one that can be used.
    """
    try:
        return httpx.Client(
            base_url=url,
            verify=ssl.create_default_context(),
            follow_redirects=False,
            timeout=httpx.Timeout(timeout, connect=min(_CONNECTING, timeout)),
            # What the server wants remembered is forgotten.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={
                "accept": "application/json",
                # What is not packed cannot be a small packet that fills the memory.
                "accept-encoding": "identity",
                "user-agent": f"alertd/{__version__}",
                **secrets,
            },
        )
    except (ImportError, ValueError):
        # What was raised may hold the proxy's password.
        msg = "the proxy that the environment names cannot be used"
        raise ValueError(msg) from None


class _TooLong(Exception):
    """An answer takes too long, or is too long; says which."""


def _body(response: httpx.Response, end: float) -> bytes:
    """Return the whole answer, as it came.

    Each read has its own timeout; a server that drips is stopped by the clock.
    """
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > _MOST_READ:
            msg = f"expected an answer of at most {_MOST_READ} bytes, found more"
            raise _TooLong(msg)
        if time.monotonic() > end:
            msg = "the answer takes too long"
            raise _TooLong(msg)
    return bytes(body)


def _said(text: str) -> str:
    """Return what a refusal says, of JSON its message alone."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text
    message = body.get("message") or body.get("error") if isinstance(body, dict) else None
    return str(message) if message else text
