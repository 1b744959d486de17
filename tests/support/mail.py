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
from asyncio import Server
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.arrivals import Arrivals

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

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
    instead of 250, a reply line, `DROP` or `STALL`: to "RCPT" or one recipient's address, to "DATA"
    before the mail is recorded, to "TAKEN" after it, or to "QUIT".
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
        self._controller = _Controller(
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
        return self._controller.port

    @property
    def mails(self) -> list[Mail]:
        return self._mails.all()

    @property
    def logins(self) -> list[Login]:
        return self._logins.all()

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
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def _judge_login(
        self, _server: SMTP, session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        found = (data.login.decode(), data.password.decode())
        self._logins.add(Login(*found, self.encrypted(session)))
        return AuthResult(success=found == self._credentials, handled=False)


class _Controller(Controller):
    def _trigger_server(self) -> None:
        # The port was chosen by the system; the parent would knock at port 0.
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class _Handler:
    """What aiosmtpd asks at each step; the names and shapes are its own."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, session: Session, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
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
        return Mail(str(envelope.mail_from), recipients, message, raw, encrypted)


async def _replied(reply: str, server: SMTP) -> str:
    if reply == DROP:
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()
        return "421 gone"
    if reply == STALL:
        await asyncio.sleep(_STALLED_FOR)
        return "451 stalled"
    return reply


def closed_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
