"""What becomes of a mail, by what the server answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from alertd.core.retry import Failed, Rejected, Sent
from tests.channels.conftest import ME, NOW, YOU, letter
from tests.channels.mailing import Mailer, mailed, refused
from tests.support.mail import DROP, STALL, MailServer

if TYPE_CHECKING:
    from ssl import SSLContext


@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "552 mailbox full"])
def test_5xx_for_the_only_recipient_is_final(reply: str, tls: SSLContext, mailer: Mailer) -> None:
    assert refused(tls, mailer, RCPT=reply) == Rejected(
        f"localhost: no recipient accepted ({reply})"
    )


def test_5xx_for_the_mail_is_final(tls: SSLContext, mailer: Mailer) -> None:
    outcome = refused(tls, mailer, DATA="554 looks like spam")

    assert outcome == Rejected("localhost: refused (554 looks like spam)")


@pytest.mark.parametrize(
    "replies",
    [{"RCPT": "450 greylisted"}, {"RCPT": "421 busy"}, {"DATA": "451 later"}, {"DATA": DROP}],
    ids=str,
)
def test_4xx_and_a_dropped_connection_may_heal(
    replies: dict[str, str], tls: SSLContext, mailer: Mailer
) -> None:
    assert isinstance(refused(tls, mailer, **replies), Failed)


def test_a_connection_dropped_after_the_final_dot_is_tried_again_under_the_same_id(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={"TAKEN": DROP}) as server:
        first = mailer(server).send(letter(), NOW)
        server.replies.clear()
        second = mailer(server).send(letter(), NOW)
        mails = server.wait(2)

    assert first == Failed("localhost: the connection broke before the mail was taken")
    assert second == Sent()
    assert len({mail.message["Message-ID"] for mail in mails}) == 1


def test_a_connection_dropped_on_the_goodbye_takes_nothing_back(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={"QUIT": DROP}) as server:
        assert mailer(server).send(letter(), NOW) == Sent()


def test_a_server_that_stalls_is_cut_off_at_the_deadline(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, replies={"DATA": STALL}) as server:
        outcome = mailer(server, deadline=timedelta(seconds=0.5)).send(letter(), NOW)

    assert outcome == Failed("localhost: not done within 0.5 s")


def test_one_refused_recipient_does_not_keep_the_mail_from_the_others(
    tls: SSLContext, mailer: Mailer
) -> None:
    lines: list[str] = []
    sink = logger.add(lines.append, format="{level} {message} {extra}")
    with MailServer(tls=tls, replies={YOU: f"550 <{YOU}> unknown"}) as server:
        outcome = mailer(server, to=(ME, YOU)).send(letter(), NOW)
        (mail,) = server.wait(1)
    logger.remove(sink)

    assert (outcome, mail.recipients) == (Sent(), (ME,))
    (line,) = lines
    assert line.startswith("WARNING a recipient was refused")
    assert "***@example.com" in line
    assert YOU not in line


def test_a_recipient_who_was_put_off_gets_the_mail_later_and_the_others_get_it_once(
    tls: SSLContext, mailer: Mailer
) -> None:
    greylisted = {YOU: f"450 <{YOU}> greylisted"}
    with MailServer(tls=tls, replies=greylisted) as server:
        channel = mailer(server, to=(ME, YOU))
        first = channel.send(letter(), NOW)
        assert first == Failed("localhost: 1 of 2 put off (450 <***@example.com> greylisted)")
        server.replies.clear()
        assert channel.send(letter(), NOW) == Sent()
        mails = server.wait(2)

    assert [mail.recipients for mail in mails] == [(ME,), (YOU,)]
    assert len({mail.message["Message-ID"] for mail in mails}) == 1


def test_a_recipient_who_was_put_off_and_then_refused_leaves_the_mail_sent(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={YOU: "450 greylisted"}) as server:
        channel = mailer(server, to=(ME, YOU))
        assert isinstance(channel.send(letter(), NOW), Failed)
        server.replies[YOU] = "550 unknown"
        assert channel.send(letter(), NOW) == Sent()
        assert [mail.recipients for mail in server.wait(1)] == [(ME,)]


def test_when_all_recipients_are_refused_one_that_may_heal_is_enough_to_try_again(
    tls: SSLContext, mailer: Mailer
) -> None:
    replies = {ME: "550 unknown", YOU: "450 greylisted"}
    with MailServer(tls=tls, replies=replies) as server:
        assert isinstance(mailer(server, to=(ME, YOU)).send(letter(), NOW), Failed)


def test_an_html_body_of_any_length_and_letter_arrives_whole(
    tls: SSLContext, mailer: Mailer
) -> None:
    html = f"<p>{'€ü🚀=' * 2000}</p>"

    (mail,) = mailed(tls, mailer, replace(letter(), html=html))

    assert mail.html.strip() == html
    assert max(map(len, mail.raw.split(b"\r\n"))) < 998
