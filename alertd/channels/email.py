"""How does a message reach a mailbox?

    connect -> TLS, verified -> login -> one mail to all recipients -> final dot

Nothing is said before TLS but the greeting, and no login is ever sent in clear. `tls = "none"` is
for a mail server on this machine only.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from loguru import logger

from alertd.channels.causes import cause
from alertd.channels.cutoff import Cutoff
from alertd.channels.mails import mail
from alertd.core.addresses import is_loopback, mailbox, masked
from alertd.core.retry import Failed, Outcome, Rejected, Sent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage
    from pathlib import Path

    from alertd.core.messages import Message

Tls = Literal["starttls", "implicit", "none"]

_Refused = dict[str, tuple[int, bytes]]

DEADLINE = timedelta(seconds=345)

_CONNECT, _COMMAND, _FINAL_DOT, _GOODBYE = 10.0, 30.0, 300.0, 5.0
_PERMANENT = 500
# The server wants a login, or another one: the next attempt may find the password corrected.
_LOGIN_CODES = frozenset({530, 534, 535, 538})


class Email:
    """Sends messages to all of `to` through one mail server.

    With `ca_file` only that authority is trusted.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        tls: Tls,
        sender: str,
        to: tuple[str, ...],
        username: str | None = None,
        password: str | None = None,
        ca_file: Path | None = None,
        deadline: timedelta = DEADLINE,
    ) -> None:
        _check(host, tls, username, password, to)
        self._host, self._port, self._tls = host, port, tls
        self._sender, self._to = sender, to
        self._from = mailbox(sender)
        self._recipients = tuple(mailbox(address) for address in to)
        self._login = (username, password) if username and password else None
        self._trust = ssl.create_default_context(cafile=ca_file)
        self._deadline = deadline
        self._done: dict[str, frozenset[str]] = {}

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `send` may take."""
        return self._deadline

    def send(self, message: Message, now: datetime) -> Outcome:  # noqa: ARG002 - the mail's date is frozen
        """Send one mail; it is sent when no recipient is left who may still take it."""
        letter = mail(message, self._sender, self._to)
        done = self._done.get(message.id, frozenset())
        waiting = [address for address in self._recipients if address not in done]
        with Cutoff(self._deadline) as cutoff:
            try:
                refused = self._submit(letter, waiting, cutoff)
            except (smtplib.SMTPException, OSError) as error:
                outcome = self._outcome(error, cutoff)
                # The last ones will never take it, but others have.
                if not isinstance(outcome, Rejected) or not done:
                    return outcome
                del self._done[message.id]
                return Sent()
        return self._rest(message.id, waiting, refused)

    def _rest(self, message_id: str, waiting: list[str], refused: _Refused) -> Outcome:
        """Return what is left to do when a server took the mail for some recipients."""
        for address, (code, reply) in refused.items():
            logger.warning(
                "a recipient was refused, the others have the mail",
                recipient=masked(address), reply=_said(code, reply),
            )  # fmt: skip
        put_off = [address for address, (code, _) in refused.items() if not _is_final(code)]
        # Whoever has the mail is left out of the next attempt; after a restart, one Message-ID
        # tells their client that it is the same.
        done = self._done.pop(message_id, frozenset()) | (set(waiting) - set(put_off))
        if not put_off:
            return Sent()
        self._done[message_id] = done
        reason = _said(*refused[put_off[0]])
        return Failed(f"{self._host}: {len(put_off)} of {len(self._to)} put off ({reason})")

    def _submit(self, letter: EmailMessage, recipients: Sequence[str], cutoff: Cutoff) -> _Refused:
        implicit = self._trust if self._tls == "implicit" else None
        session = _Session(self._host, self._port, cutoff, implicit)
        try:
            if self._tls == "starttls":
                session.starttls(context=self._trust)
            if self._login is not None:
                session.login(*self._login)
            refused = session.send_message(letter, self._from, recipients)
            session.leave()
        finally:
            session.close()
        return refused

    def _outcome(self, error: OSError, cutoff: Cutoff) -> Outcome:
        reason = f"{self._host}: {_trouble(error)}"
        if cutoff.passed:
            return Failed(f"{self._host}: not done within {self._deadline.total_seconds():g} s")
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            final = all(_is_final(code) for code, _ in error.recipients.values())
        elif isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
            final = _is_final(error.smtp_code)
        else:
            final = False
        return Rejected(reason) if final else Failed(reason)


class _Session(smtplib.SMTP):
    """An SMTP conversation on a watched connection, with a longer wait for the final dot."""

    def __init__(
        self, host: str, port: int, cutoff: Cutoff, implicit: ssl.SSLContext | None
    ) -> None:
        self._cutoff, self._implicit = cutoff, implicit
        # Without a name of its own smtplib asks the DNS for one, and may wait long for it.
        super().__init__(host, port, local_hostname=_own_name(), timeout=_COMMAND)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), _CONNECT)
        self._cutoff.watch(connection)
        connection.settimeout(timeout)
        if self._implicit is None:
            return connection
        return self._implicit.wrap_socket(connection, server_hostname=host)

    def data(self, msg: bytes | str) -> tuple[int, bytes]:  # type: ignore[override]
        if self.sock is not None:
            self.sock.settimeout(_FINAL_DOT)
        return super().data(msg)

    def leave(self) -> None:
        # The mail is taken: a server that stalls on the goodbye changes nothing about that.
        with suppress(OSError):
            if self.sock is not None:
                self.sock.settimeout(_GOODBYE)
            self.quit()


def _check(
    host: str, tls: Tls, username: str | None, password: str | None, to: tuple[str, ...]
) -> None:
    problem = None
    if tls == "none" and not is_loopback(host):
        problem = 'tls = "none" is for a mail server on this machine only'
    elif tls == "none" and username:
        problem = 'a login needs TLS: with tls = "none" the password would be sent in clear'
    elif bool(username) != bool(password):
        problem = "a username and a password belong together"
    elif not to:
        problem = "no recipient"
    if problem:
        raise ValueError(problem)


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _is_final(code: int) -> bool:
    return code >= _PERMANENT and code not in _LOGIN_CODES


def _trouble(error: OSError) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            words = f"login refused ({error.smtp_code})"
        case smtplib.SMTPRecipientsRefused():
            words = f"no recipient accepted ({_said(*next(iter(error.recipients.values())))})"
        case smtplib.SMTPResponseException():
            words = f"refused ({_said(error.smtp_code, error.smtp_error)})"
        case smtplib.SMTPNotSupportedError():
            words = f"not offered by this server ({error})"
        case smtplib.SMTPServerDisconnected():
            words = "the connection broke before the mail was taken"
        case smtplib.SMTPException():
            words = "no way to log in that both sides know"
        case _:
            words = cause(error)
    return words


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {masked(text)}"[:160]
