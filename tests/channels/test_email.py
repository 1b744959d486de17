"""What a mail looks like and over which connection it goes."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from alertd.channels.email import Email
from alertd.core.retry import Failed, Sent
from tests.channels.conftest import ME, NOW, YOU, letter
from tests.channels.mailing import Mailer, mailed
from tests.support.mail import Login, MailServer
from tests.support.webhook import server_trust

if TYPE_CHECKING:
    from ssl import SSLContext

    from alertd.core.messages import Message


def test_a_mail_goes_over_starttls(tls: SSLContext, mailer: Mailer) -> None:
    (mail,) = mailed(tls, mailer, letter())

    assert mail.encrypted
    assert (mail.sender, mail.recipients) == ("alertd@example.com", (ME,))
    assert mail.text == letter().text
    assert mail.html.strip() == letter().html.strip()


def test_a_mail_goes_over_implicit_tls(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, implicit=True) as server:
        assert mailer(server, tls="implicit").send(letter(), NOW) == Sent()
        assert [mail.text for mail in server.wait(1)] == [letter().text]


def test_a_mail_to_this_machine_may_go_in_clear_when_asked_for(mailer: Mailer) -> None:
    with MailServer() as server:
        assert mailer(server, tls="none").send(letter(), NOW) == Sent()
        assert [mail.encrypted for mail in server.wait(1)] == [False]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tls": "none", "host": "mail.example.com"}, "on this machine only"),
        ({"tls": "none", "host": "10.0.0.1"}, "on this machine only"),
        ({"tls": "none", "username": "me", "password": "pw"}, "sent in clear"),
        ({"username": "me"}, "belong together"),
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


def test_a_wrong_password_may_be_corrected(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, login=("me", "secret")) as server:
        outcome = mailer(server, username="me", password="guess").send(letter(), NOW)

    assert outcome == Failed("localhost: login refused (535)")


def test_a_missing_login_may_be_added(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, login=("me", "secret")) as server:
        outcome = mailer(server).send(letter(), NOW)

    assert isinstance(outcome, Failed)
    assert "530" in outcome.reason


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


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_a_certificate_of_another_authority_or_name_is_refused(
    *, implicit: bool, name: str, authority: trustme.CA, mailer: Mailer
) -> None:
    issuer = trustme.CA() if name == "localhost" else authority
    tls = server_trust(issuer, name)
    with MailServer(tls=tls, implicit=implicit, login=("me", "secret")) as server:
        kind = "implicit" if implicit else "starttls"
        channel = mailer(server, tls=kind, username="me", password="secret")
        outcome = channel.send(letter(), NOW)

        assert isinstance(outcome, Failed)
        assert "its certificate is not trusted" in outcome.reason
        assert (server.logins, server.mails) == ([], [])


def test_two_attempts_send_the_same_bytes(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls) as server:
        channel = mailer(server)
        channel.send(letter(), NOW)
        channel.send(letter(), NOW + timedelta(hours=4))
        first, second = server.wait(2)

    assert first.raw == second.raw
    assert first.message["Message-ID"] == f"<{letter().id}@example.com>"
    assert first.message["Date"] == "Mon, 09 Mar 2026 13:36:02 +0000"


def test_a_mail_says_that_a_machine_wrote_it(tls: SSLContext, mailer: Mailer) -> None:
    (mail,) = mailed(tls, mailer, letter())

    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["List-Id"] == "alertd <alertd.example.com>"
    assert mail.message["To"] == ME
    assert mail.message.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "sender", ["a..b@example.com", '"you@home, A" <a@example.com>', "Grüße <a@example.com>"]
)
def test_any_sender_that_is_accepted_can_send(sender: str, tls: SSLContext, mailer: Mailer) -> None:
    (mail,) = mailed(tls, mailer, letter(), sender=sender)

    assert mail.message["Message-ID"].endswith("@example.com>")
    assert mail.recipients == (ME,)


def test_the_mails_of_one_alert_are_one_thread(tls: SSLContext, mailer: Mailer) -> None:
    one, two, other = mailed(
        tls, mailer, letter(number=1), letter(number=2), letter(number=3, thread="high")
    )

    assert one.message["References"] == two.message["References"] == one.message["In-Reply-To"]
    assert one.message["References"] != other.message["References"]
    assert one.message["Message-ID"] != two.message["Message-ID"]


def test_ids_of_a_long_domain_are_not_torn(tls: SSLContext, mailer: Mailer) -> None:
    domain = f"{'long-' * 11}name.example"

    (mail,) = mailed(tls, mailer, letter(), sender=f"alertd@{domain}")

    assert f"Message-ID: <{letter().id}@{domain}>\r\n".encode() in mail.raw
    assert f"References: {mail.message['In-Reply-To']}\r\n".encode() in mail.raw


@pytest.mark.parametrize(
    "hostile",
    [
        letter(subject="BABA\r\nBcc: thief@example.com\r\n\r\nbody"),
        letter(subject="BABA\x85Bcc: thief@example.com\u2028x"),
        letter(thread="support>\r\nBcc: thief@example.com"),
        letter(text="one\r\n.\r\nMAIL FROM:<thief@example.com>\r\n"),
        letter(text=f"--=_{letter().id}\nBcc: thief@example.com\n"),
    ],
    ids=["subject", "exotic line ends", "thread", "end of data", "boundary"],
)
def test_no_message_adds_a_header_a_recipient_or_a_mail(
    hostile: Message, tls: SSLContext, mailer: Mailer
) -> None:
    plain, mail = mailed(tls, mailer, letter(), hostile)

    assert mail.message.keys() == plain.message.keys()
    assert mail.recipients == (ME,)
    assert mail.text.split() == hostile.text.split()
    assert len(list(mail.message.iter_parts())) == 2
