"""How does a message reach a mailbox?

    look up -> connect -> TLS, verified -> login -> one mail to all recipients -> final dot

Nothing is said before TLS but the greeting, and no login is ever sent in clear. `tls = "none"` is
for a mail server on this machine only.

A server answers for each recipient: who was taken has the mail once the final dot is taken, 5xx is
final, anything else is put off. Whoever is done with is left out of the next attempt.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from alertd.channels.causes import cause
from alertd.channels.cutoff import Cutoff
from alertd.channels.lookup import Lookup, Resolve
from alertd.channels.mails import mail
from alertd.core.addresses import is_loopback, mailbox, masked
from alertd.core.redaction import Redaction
from alertd.core.retry import NOBODY, Closed, Failed, Outcome, Recipients, Rejected, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from email.message import EmailMessage
    from pathlib import Path

    from alertd.core.messages import Message

Tls = Literal["starttls", "implicit", "none"]

# What the server answered for the recipients whom it did not take.
_Answers = dict[str, tuple[int, bytes]]

DEADLINE = timedelta(seconds=345)
# Somebody waits to hear if the server can be reached at all.
_REACHED = timedelta(seconds=15)

_CONNECT, _COMMAND, _FINAL_DOT, _GOODBYE = 10.0, 30.0, 300.0, 5.0
_PERMANENT = 500
# The server wants a login, or another one: whatever is sent fails until somebody corrects it.
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
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        _check(host, tls, username, password, to)
        self._host, self._port, self._tls = host, port, tls
        self._sender, self._to = sender, to
        self._from = mailbox(sender)
        self._recipients = tuple(dict.fromkeys(mailbox(address) for address in to))
        self._login = (username, password) if username and password else None
        self._redact = Redaction.of([password or ""])
        self._trust = ssl.create_default_context(cafile=ca_file)
        self._deadline = deadline
        self._lookup = Lookup(resolve)

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `send` may take."""
        return self._deadline

    def send(
        self,
        message: Message,
        now: datetime,  # noqa: ARG002 - the mail's date is frozen
        done: Recipients = NOBODY,
    ) -> Outcome:
        """Send one mail to whom it has not reached; it is sent when it has reached all."""
        waiting = [
            each
            for each in self._recipients
            if each not in done.reached and each not in done.refused
        ]
        if not waiting:
            return self._verdict(done, {})
        letter = mail(message, self._sender, self._to)
        with Cutoff(self._deadline) as cutoff:
            try:
                answers = self._submit(letter, waiting, cutoff)
            except smtplib.SMTPRecipientsRefused as error:
                answers = _for_each(waiting, error.recipients)
            except (smtplib.SMTPException, OSError) as error:
                return self._failure(error, cutoff, done)
        return self._rest(waiting, answers, done)

    def reach(self) -> str | None:
        """Connect, log in and leave; return why that failed, or None. No mail is begun."""
        span = min(self._deadline, _REACHED)
        with Cutoff(span) as cutoff:
            try:
                session = self._session(cutoff)
            except (smtplib.SMTPException, OSError) as error:
                late = f"not done within {span.total_seconds():g} s"
                return f"{self._host}: {late if cutoff.passed else self._trouble(error)}"
            session.leave()
            session.close()
        return None

    def _rest(self, waiting: Sequence[str], answers: _Answers, done: Recipients) -> Outcome:
        """Return what is left to do, by what the server answered for whom it did not take."""
        if len(answers) == len(waiting) and all(
            code in _LOGIN_CODES for code, _ in answers.values()
        ):
            return Closed(f"{self._host}: refused ({self._said(*answers[waiting[0]])})")
        replies = {address: self._said(*answer) for address, answer in answers.items()}
        final = {address for address, (code, _) in answers.items() if _is_final(code)}
        recipients = Recipients(
            done.reached | (set(waiting) - answers.keys()),
            {**done.refused, **{address: replies[address] for address in final}},
        )
        return self._verdict(
            recipients, {each: reply for each, reply in replies.items() if each not in final}
        )

    def _verdict(self, recipients: Recipients, put_off: Mapping[str, str]) -> Outcome:
        of = len(self._recipients)
        refused = [each for each in self._recipients if each in recipients.refused]
        if put_off:
            reason = f"{len(put_off)} of {of} put off ({next(iter(put_off.values()))})"
            return Failed(f"{self._host}: {reason}", recipients=recipients)
        if refused:
            reason = f"{len(refused)} of {of} refused ({recipients.refused[refused[0]]})"
            return Rejected(f"{self._host}: {reason}", recipients)
        return Sent()

    def _submit(self, letter: EmailMessage, recipients: Sequence[str], cutoff: Cutoff) -> _Answers:
        session = self._session(cutoff)
        try:
            answers = session.send_message(letter, self._from, recipients)
            session.leave()
        finally:
            session.close()
        return answers

    def _session(self, cutoff: Cutoff) -> _Session:
        """Return a conversation that is encrypted and logged in, as far as it has to be."""
        addresses = self._lookup.addresses(self._host, self._port, cutoff)
        implicit = self._trust if self._tls == "implicit" else None
        session = _Session(self._host, self._port, addresses, cutoff, implicit)
        try:
            if self._tls == "starttls":
                session.starttls(context=self._trust)
            if self._login is not None:
                session.login(*self._login)
        except BaseException:
            session.close()
            raise
        return session

    def _failure(self, error: OSError, cutoff: Cutoff, done: Recipients) -> Outcome:
        reason = f"{self._host}: {self._trouble(error)}"
        match error:
            case _ if cutoff.passed:
                late = f"{self._host}: not done within {self._deadline.total_seconds():g} s"
                return Failed(late, recipients=done)
            case smtplib.SMTPAuthenticationError(smtp_code=code) if code >= _PERMANENT:
                return Closed(reason)
            case smtplib.SMTPResponseException(smtp_code=code) if code in _LOGIN_CODES:
                return Closed(reason)
            case (
                smtplib.SMTPSenderRefused(smtp_code=code) | smtplib.SMTPDataError(smtp_code=code)
            ) if _is_final(code):
                return Rejected(reason, done)
            case _:
                return Failed(reason, recipients=done)

    def _trouble(self, error: OSError) -> str:
        match error:
            case smtplib.SMTPAuthenticationError():
                words = f"login refused ({error.smtp_code})"
            case smtplib.SMTPResponseException():
                words = f"refused ({self._said(error.smtp_code, error.smtp_error)})"
            case smtplib.SMTPNotSupportedError():
                words = f"not offered by this server ({error})"
            case smtplib.SMTPServerDisconnected():
                words = "the connection broke or fell silent before the mail was taken"
            case smtplib.SMTPException():
                words = "no way to log in that both sides know"
            case _:
                words = cause(error)
        return words

    def _said(self, code: int, reply: bytes | str) -> str:
        """Return a reply in short; a server may say again what it was told, the password too."""
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        return f"{code} {masked(self._redact(text))}"[:160]


class _Session(smtplib.SMTP):
    """An SMTP conversation on a watched connection, with a longer wait for the final dot."""

    def __init__(
        self,
        host: str,
        port: int,
        addresses: Sequence[str],
        cutoff: Cutoff,
        implicit: ssl.SSLContext | None,
    ) -> None:
        self._addresses, self._cutoff, self._implicit = addresses, cutoff, implicit
        # Without a name of its own smtplib asks the DNS for one, and may wait long for it.
        super().__init__(host, port, local_hostname=_own_name(), timeout=_COMMAND)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = self._connected(port)
        self._cutoff.watch(connection)
        connection.settimeout(timeout)
        if self._implicit is None:
            return connection
        return self._implicit.wrap_socket(connection, server_hostname=host)

    def _connected(self, port: int) -> socket.socket:
        *others, last = self._addresses
        for address in others:
            with suppress(OSError):
                return socket.create_connection((address, port), self._wait())
        return socket.create_connection((last, port), self._wait())

    def _wait(self) -> float:
        if not (left := self._cutoff.left):
            raise TimeoutError
        return min(_CONNECT, left)

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
    elif not f"{username or ''}{password or ''}".isascii():
        problem = "a login goes to the server as ASCII, and this one has other letters"
    elif not to:
        problem = "no recipient"
    if problem:
        raise ValueError(problem)


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _for_each(waiting: Sequence[str], answers: _Answers) -> _Answers:
    # A server that breaks off with 421 has not answered for all; nobody has the mail.
    last = list(answers.values())[-1]
    return {address: answers.get(address, last) for address in waiting}


def _is_final(code: int) -> bool:
    return code >= _PERMANENT and code not in _LOGIN_CODES
