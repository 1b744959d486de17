"""A real mail server on loopback: it records what it takes and refuses as it is told.

    with MailServer(tls=server_trust(authority, "localhost")) as server:
        ... server.port ...
        (mail,) = server.wait(1)

Connections are answered in a thread of the server's own.
"""

from __future__ import annotations

import asyncio
import email
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, AnyStr, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from alertd.demo.inbox import Listener
from tests.support.arrivals import Arrivals

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping

# Replies that are no text: the connection is dropped, or nothing is said for a long while.
DROP = "drop"
STALL = "stall"
_STALLED_FOR = 5.0

logging.getLogger("mail.log").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes
    encrypted: bool
    acknowledged: bool = True

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        assert part is not None, f"the mail has no {subtype} part"
        content = part.get_content()
        assert isinstance(content, str)
        return content.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Login:
    """One attempt to log in."""

    username: str
    password: str
    encrypted: bool


class MailServer:
    """Listens on a free port while it is entered.

    `tls` is offered by STARTTLS, or spoken from the first byte if `implicit`. `login` is what AUTH
    accepts; AUTH is offered in clear too, as careless servers do. `replies` says what is answered
    instead of 250, a reply line, `DROP` or `STALL`: to "MAIL", to "RCPT" or one recipient's
    address, to "DATA" before the mail is recorded, to "TAKEN" after it, or to "QUIT"; to "AUTH", a
    reply line to a login that is wrong. To "BODY", `DROP` in the midst of the mail. A mail that was
    recorded and answered with anything but 250 is not `acknowledged`.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        login: tuple[str, str] | None = None,
        replies: Mapping[str, str] | None = None,
    ) -> None:
        self._mails = Arrivals[Mail]("mails")
        self._logins = Arrivals[Login]("logins")
        self._credentials = login
        self.implicit = implicit
        self.replies = dict(replies or {})
        self._listener = _Listener(
            _Handler(self),
            hostname="127.0.0.1",
            port=0,
            server_hostname="mail.test",
            ssl_context=tls if implicit else None,
            tls_context=None if implicit else tls,
            authenticator=self._judge_login,
            auth_require_tls=False,
        )

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def mails(self) -> list[Mail]:
        return self._mails.all()

    @property
    def logins(self) -> list[Login]:
        return self._logins.all()

    def offer(self, tls: ssl.SSLContext | None) -> None:
        """Offer this by STARTTLS, or nothing at all, to whoever connects from now on."""
        self._listener.SMTP_kwargs["tls_context"] = tls

    def accept(self, login: tuple[str, str]) -> None:
        """Accept this login alone from now on."""
        self._credentials = login

    def wait(self, count: int, within: float = 10.0) -> list[Mail]:
        """Return the mails as soon as there are `count` of them; fail when they do not come."""
        return self._mails.wait(count, within)

    @property
    def asks_for_login(self) -> bool:
        return self._credentials is not None

    def take(self, mail: Mail) -> None:
        """Record a mail."""
        self._mails.add(mail)

    def encrypted(self, session: Session) -> bool:
        """Tell whether a client talks over TLS."""
        return self.implicit or session.ssl is not None

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.stop()

    def _judge_login(
        self, _server: SMTP, session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        found = (data.login.decode(), data.password.decode())
        self._logins.add(Login(*found, self.encrypted(session)))
        return AuthResult(
            success=found == self._credentials, handled=False, message=self.replies.get("AUTH")
        )


class _Conversation(SMTP):
    async def push(self, status: AnyStr) -> None:
        assert isinstance(self.event_handler, _Handler)
        if str(status).startswith("354") and self.event_handler.drops_body:
            await _replied(DROP, self)
        await super().push(status)


class _Listener(Listener):
    def factory(self) -> SMTP:
        return _Conversation(self.handler, **self.SMTP_kwargs)


class _Handler:
    """What aiosmtpd asks at each step; the names and shapes are its own."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    @property
    def drops_body(self) -> bool:
        return self._server.replies.get("BODY") == DROP

    async def handle_MAIL(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
        if reply := self._server.replies.get("MAIL"):
            return await _replied(reply, server)
        if self._server.asks_for_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from, envelope.mail_options = sender, options
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        replies = self._server.replies
        if reply := replies.get(address) or replies.get("RCPT"):
            return await _replied(reply, server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if reply := self._server.replies.get("DATA"):
            return await _replied(reply, server)
        self._server.take(self._mail(session, envelope))
        if reply := self._server.replies.get("TAKEN"):
            return await _replied(reply, server)
        return "250 taken"

    async def handle_QUIT(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        return await _replied(self._server.replies.get("QUIT", "221 bye"), server)

    def _mail(self, session: Session, envelope: Envelope) -> Mail:
        raw = envelope.original_content
        assert raw is not None
        message = email.message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        recipients = tuple(str(each) for each in envelope.rcpt_tos)
        encrypted = self._server.encrypted(session)
        acknowledged = "TAKEN" not in self._server.replies
        return Mail(str(envelope.mail_from), recipients, message, raw, encrypted, acknowledged)


async def _replied(reply: str, server: SMTP) -> str:
    if reply == DROP:
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()
        return "421 gone"
    if reply == STALL:
        await asyncio.sleep(_STALLED_FOR)
        return "451 stalled"
    return reply


@contextmanager
def middleman(server: MailServer, hidden: bytes) -> Iterator[int]:
    """Return the port of one who passes lines on, but keeps those of the server that hold this.

    He takes one connection.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(2) as threads:
        passing = threads.submit(_pass_on, listening, server.port, hidden, threads)
        yield listening.getsockname()[1]
        passing.result(10)


def _pass_on(
    listening: socket.socket, port: int, hidden: bytes, threads: ThreadPoolExecutor
) -> None:
    listening.settimeout(10)
    near, _ = listening.accept()
    with near, socket.create_connection(("127.0.0.1", port), 10) as far:
        near.settimeout(10)
        asking = threads.submit(_copy, near, far, None)
        _copy(far, near, hidden)
        with suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)
        asking.result(10)


def _copy(source: socket.socket, target: socket.socket, hidden: bytes | None) -> None:
    with suppress(OSError), source.makefile("rb") as lines:
        for line in lines:
            if hidden is None or hidden not in line:
                target.sendall(line)
        target.shutdown(socket.SHUT_WR)


def closed_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
