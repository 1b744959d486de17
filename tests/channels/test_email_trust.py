"""Over which connection a mail goes, and over which it does not."""

from __future__ import annotations

import smtplib
import socket
import ssl
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from alertd.channels.email import Email
from alertd.core.retry import Closed, Failed, Sent
from tests.channels.conftest import ME, NOW, YOU, letter
from tests.support.mail import Login, MailServer, middleman
from tests.support.webhook import server_trust

if TYPE_CHECKING:
    from ssl import SSLContext

    from tests.channels.mailing import Mailer


HALF_A_SECOND = timedelta(seconds=0.5)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tls": "none", "host": "mail.example.com"}, "on this machine only"),
        ({"tls": "none", "host": "10.0.0.1"}, "on this machine only"),
        ({"tls": "none", "username": "me", "password": "pw"}, "sent in clear"),
        ({"username": "me"}, "belong together"),
        ({"username": "me", "password": "pä55"}, "has other letters"),
        ({"to": ()}, "no recipient"),
        ({"to": ("me@example.com\r\nBcc: you@example.com",)}, "one mail address"),
        ({"sender": "alertd@example.com\nBcc: you@example.com"}, "one mail address"),
    ],
)
def test_settings_that_are_unsafe_or_incomplete_are_refused(
    changes: dict[str, Any], problem: str
) -> None:
    settings: dict[str, Any] = {"host": "localhost", "port": 25, "tls": "starttls", "to": (ME,)}

    with pytest.raises(ValueError, match=problem):
        Email(**{"sender": YOU} | settings | changes)


def test_a_login_is_made_over_tls(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, login=("me", "secret")) as server:
        channel = mailer(server, username="me", password="secret")

        assert channel.send(letter(), NOW) == Sent()
        assert server.logins == [Login("me", "secret", encrypted=True)]


@pytest.mark.parametrize("reply", ["", "534 5.7.9 an app password is needed", "550 blocked"])
def test_a_refused_login_closes_the_channel(reply: str, tls: SSLContext, mailer: Mailer) -> None:
    replies = {"AUTH": reply} if reply else {}
    with MailServer(tls=tls, login=("me", "secret"), replies=replies) as server:
        outcome = mailer(server, username="me", password="guess").send(letter(), NOW)

    assert outcome == Closed(f"localhost: login refused ({reply[:3] or 535})")


def test_a_login_that_is_put_off_closes_nothing(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, login=("me", "secret"), replies={"AUTH": "454 later"}) as server:
        outcome = mailer(server, username="me", password="guess").send(letter(), NOW)

    assert outcome == Failed("localhost: login refused (454)")


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
def test_a_missing_login_closes_the_channel(at: str, tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, replies={at: "530 5.7.0 Authentication required"}) as server:
        outcome = mailer(server).send(letter(), NOW)

    assert outcome == Closed("localhost: refused (530 5.7.0 Authentication required)")


def test_no_login_is_sent_to_a_server_without_tls(mailer: Mailer) -> None:
    with MailServer(login=("me", "secret")) as server:
        outcome = mailer(server, username="me", password="secret").send(letter(), NOW)

        assert isinstance(outcome, Failed)
        assert "STARTTLS" in outcome.reason
        assert (server.logins, server.mails) == ([], [])


def test_the_server_of_these_tests_would_take_a_login_in_clear() -> None:
    with MailServer(login=("me", "secret")) as server:
        with smtplib.SMTP("127.0.0.1", server.port, local_hostname="test", timeout=5) as careless:
            careless.login("me", "secret")

        assert Login("me", "secret", encrypted=False) in server.logins


def test_no_login_is_sent_where_a_middleman_hides_that_tls_is_offered(
    tls: SSLContext, mailer: Mailer
) -> None:
    with (
        MailServer(tls=tls, login=("me", "secret")) as server,
        middleman(server, hidden=b"STARTTLS") as port,
    ):
        channel = mailer(server, port=port, username="me", password="secret")
        outcome = channel.send(letter(), NOW)

        assert isinstance(outcome, Failed)
        assert "STARTTLS" in outcome.reason
        assert (server.logins, server.mails) == ([], [])


def test_a_middleman_who_hides_nothing_does_no_harm(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer() as server, middleman(server, hidden=b"nothing") as port:
        assert mailer(server, port=port, tls="none").send(letter(), NOW) == Sent()


def expired(authority: trustme.CA) -> SSLContext:
    """Return a server's side of TLS with a certificate that was good once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    end = datetime(2020, 1, 1, tzinfo=UTC)
    authority.issue_cert("localhost", not_after=end).configure_cert(context)
    return context


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", "certificate has expired"),
        ("name", "Hostname mismatch, certificate is not valid for 'localhost'"),
        ("authority", "unable to get local issuer certificate"),
    ],
)
def test_a_certificate_that_cannot_be_trusted_is_refused_and_the_reason_says_why(
    kind: str, fault: str, words: str, authority: trustme.CA, mailer: Mailer
) -> None:
    tls = {
        "expired": lambda: expired(authority),
        "name": lambda: server_trust(authority, "elsewhere.example"),
        "authority": lambda: server_trust(trustme.CA(), "localhost"),
    }[fault]()
    with MailServer(tls=tls, implicit=kind == "implicit", login=("me", "secret")) as server:
        channel = mailer(server, tls=kind, username="me", password="secret")
        outcome = channel.send(letter(), NOW)

        assert outcome == Failed(f"localhost: its certificate is not trusted ({words})")
        assert (server.logins, server.mails) == ([], [])


def slow(answer: Event) -> Any:  # noqa: ANN401 - in place of `socket.getaddrinfo`
    """Return a resolver that answers when it is told to."""

    def resolve(host: str, port: int) -> list[Any]:
        answer.wait(10)
        return socket.getaddrinfo(host, port)

    return resolve


def test_a_name_that_nobody_looks_up_in_time_is_a_failure(tls: SSLContext, mailer: Mailer) -> None:
    answer = Event()
    with MailServer(tls=tls) as server:
        channel = mailer(server, deadline=HALF_A_SECOND, resolve=slow(answer))
        outcome = channel.send(letter(), NOW)

        assert outcome == Failed("localhost: not done within 0.5 s")
        assert server.mails == []
    answer.set()


@pytest.mark.parametrize("last", ["127.0.0.2", "127.0.0.1"])
def test_of_several_addresses_each_is_tried(last: str, tls: SSLContext, mailer: Mailer) -> None:
    def resolve(_host: str, port: int) -> list[Any]:
        addresses = sorted(["127.0.0.1", "127.0.0.2"], key=last.__eq__)
        return [(2, 1, 6, "", (address, port)) for address in addresses]

    with MailServer(tls=tls) as server:
        assert mailer(server, resolve=resolve).send(letter(), NOW) == Sent()


def test_a_name_that_nobody_knows_is_a_failure(mailer: Mailer) -> None:
    def resolve(_host: str, _port: int) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with MailServer() as server:
        outcome = mailer(server, resolve=resolve).send(letter(), NOW)

    assert outcome == Failed("localhost: its name is not known")
