"""What a mail looks like when it arrives."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.retry import Sent
from tests.channels.conftest import ME, NOW, letter
from tests.channels.mailing import Mailer, mailed
from tests.support.mail import MailServer

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
