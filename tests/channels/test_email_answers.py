"""What becomes of a mail, by what the server answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.retry import NOBODY, Failed, Recipients, Rejected, Sent
from tests.channels.conftest import ME, NOW, YOU, letter
from tests.channels.mailing import Mailer, mailed, refused
from tests.support.mail import DROP, STALL, MailServer, closed_port

if TYPE_CHECKING:
    from ssl import SSLContext

    from alertd.core.retry import Outcome

HALF = Recipients(frozenset({ME}))


@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "552 mailbox full"])
def test_5xx_for_the_only_recipient_is_final(reply: str, tls: SSLContext, mailer: Mailer) -> None:
    assert refused(tls, mailer, RCPT=reply) == Rejected(
        f"localhost: 1 of 1 refused ({reply})", Recipients(refused={ME: reply})
    )


@pytest.mark.parametrize("at", ["MAIL", "DATA"])
def test_5xx_for_the_sender_or_the_mail_is_final(at: str, tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, replies={at: "554 looks like spam"}) as server:
        outcome = mailer(server, to=(ME, YOU)).send(letter(), NOW, HALF)

    assert outcome == Rejected("localhost: refused (554 looks like spam)", HALF)


@pytest.mark.parametrize(
    "replies",
    [
        {"MAIL": "451 later"},
        {"MAIL": DROP},
        {"RCPT": "450 greylisted"},
        {"RCPT": "421 busy"},
        {"RCPT": DROP},
        {"DATA": "451 later"},
        {"DATA": "421 busy"},
        {"DATA": DROP},
    ],
    ids=str,
)
def test_4xx_and_a_dropped_connection_may_heal(
    replies: dict[str, str], tls: SSLContext, mailer: Mailer
) -> None:
    outcome = refused(tls, mailer, **replies)

    assert isinstance(outcome, Failed)
    assert outcome.recipients == NOBODY


def test_a_connection_dropped_after_the_final_dot_is_tried_again_under_the_same_id(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={"TAKEN": DROP}) as server:
        first = mailer(server).send(letter(), NOW)
        server.replies.clear()
        second = mailer(server).send(letter(), NOW)
        mails = server.wait(2)

    assert first == Failed(
        "localhost: the connection broke or fell silent before the mail was taken"
    )
    assert second == Sent()
    assert len({mail.message["Message-ID"] for mail in mails}) == 1


def test_a_connection_dropped_on_the_goodbye_takes_nothing_back(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={"QUIT": DROP}) as server:
        assert mailer(server).send(letter(), NOW) == Sent()


def test_a_deadline_that_passes_on_the_goodbye_takes_nothing_back(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={"QUIT": STALL}) as server:
        channel = mailer(server, deadline=timedelta(seconds=2))

        assert channel.send(letter(), NOW) == Sent()


def test_a_server_that_stalls_is_cut_off_at_the_deadline(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, replies={"DATA": STALL}) as server:
        outcome = mailer(server, deadline=timedelta(seconds=0.5)).send(letter(), NOW)

    assert outcome == Failed("localhost: not done within 0.5 s")


def test_the_final_dot_is_waited_for_longer_than_the_answer_to_a_command(
    tls: SSLContext, mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertd.channels.email._COMMAND", 1.0)
    monkeypatch.setattr("tests.support.mail._STALLED_FOR", 2.0)

    late = Failed("localhost: the connection broke or fell silent before the mail was taken")
    assert refused(tls, mailer, MAIL=STALL) == late
    assert refused(tls, mailer, DATA=STALL) == Failed("localhost: refused (451 stalled)")


def test_one_refused_recipient_does_not_keep_the_mail_from_the_others(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={YOU: f"550 <{YOU}> unknown"}) as server:
        outcome = mailer(server, to=(ME, YOU)).send(letter(), NOW)
        (mail,) = server.wait(1)

    reply = "550 <***@example.com> unknown"
    assert mail.recipients == (ME,)
    assert outcome == Rejected(
        f"localhost: 1 of 2 refused ({reply})", Recipients(frozenset({ME}), {YOU: reply})
    )


def test_a_recipient_who_was_put_off_gets_the_mail_later_and_the_others_get_it_once(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={YOU: f"450 <{YOU}> greylisted"}) as server:
        first = mailer(server, to=(ME, YOU)).send(letter(), NOW)
        reason = "localhost: 1 of 2 put off (450 <***@example.com> greylisted)"
        assert first == Failed(reason, recipients=HALF)
        server.replies.clear()
        # Another process, hours later, knows it from the store.
        assert mailer(server, to=(ME, YOU)).send(letter(), NOW, first.recipients) == Sent()
        mails = server.wait(2)

    assert [mail.recipients for mail in mails] == [(ME,), (YOU,)]
    assert len({mail.message["Message-ID"] for mail in mails}) == 1


def test_whoever_was_reached_at_any_attempt_stays_reached(tls: SSLContext, mailer: Mailer) -> None:
    them = "them@example.com"
    with MailServer(tls=tls, replies={them: "450 greylisted"}) as server:
        outcome = mailer(server, to=(ME, YOU, them)).send(letter(), NOW, HALF)

    assert isinstance(outcome, Failed)
    assert outcome.recipients == Recipients(frozenset({ME, YOU}))


def test_whoever_was_refused_is_not_asked_again(tls: SSLContext, mailer: Mailer) -> None:
    done = Recipients(refused={YOU: "550 unknown"})
    with MailServer(tls=tls) as server:
        outcome = mailer(server, to=(ME, YOU)).send(letter(), NOW, done)
        (mail,) = server.wait(1)

    assert mail.recipients == (ME,)
    assert outcome == Rejected(
        "localhost: 1 of 2 refused (550 unknown)", Recipients(frozenset({ME}), done.refused)
    )


def test_a_failure_keeps_who_was_reached_before(tls: SSLContext, mailer: Mailer) -> None:
    with MailServer(tls=tls, replies={"DATA": DROP}) as server:
        outcome = mailer(server, to=(ME, YOU)).send(letter(), NOW, HALF)

    assert isinstance(outcome, Failed)
    assert outcome.recipients == HALF


@pytest.mark.parametrize(
    ("done", "outcome"),
    [
        (Recipients(frozenset({ME, YOU})), Sent()),
        (
            Recipients(frozenset({ME}), {YOU: "550 unknown"}),
            Rejected(
                "localhost: 1 of 2 refused (550 unknown)",
                Recipients(frozenset({ME}), {YOU: "550 unknown"}),
            ),
        ),
    ],
    ids=["reached", "refused"],
)
def test_where_everybody_is_done_with_no_server_is_asked(
    done: Recipients, outcome: Outcome, tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls) as server:
        channel = mailer(server, to=(ME, YOU), port=closed_port())

        assert channel.send(letter(), NOW, done) == outcome


def test_a_recipient_who_is_configured_no_more_counts_no_more(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls) as server:
        channel = mailer(server, to=(ME,))

        assert channel.send(letter(), NOW, Recipients(refused={YOU: "550 unknown"})) == Sent()


def test_a_recipient_named_twice_is_one(tls: SSLContext, mailer: Mailer) -> None:
    (mail,) = mailed(tls, mailer, letter(), to=(ME, f"Me <{ME}>"))

    assert mail.recipients == (ME,)


def test_a_server_that_breaks_off_among_the_recipients_has_reached_nobody(
    tls: SSLContext, mailer: Mailer
) -> None:
    with MailServer(tls=tls, replies={YOU: "421 closing"}) as server:
        outcome = mailer(server, to=(ME, YOU)).send(letter(), NOW)

        assert outcome == Failed("localhost: 2 of 2 put off (421 closing)")
        assert server.mails == []


def test_of_recipients_who_are_all_refused_one_that_may_heal_is_tried_again(
    tls: SSLContext, mailer: Mailer
) -> None:
    replies = {ME: "550 unknown", YOU: "450 greylisted"}
    with MailServer(tls=tls, replies=replies) as server:
        outcome = mailer(server, to=(ME, YOU)).send(letter(), NOW)

    assert outcome == Failed(
        "localhost: 1 of 2 put off (450 greylisted)",
        recipients=Recipients(refused={ME: "550 unknown"}),
    )


def test_an_html_body_of_any_length_and_letter_arrives_whole(
    tls: SSLContext, mailer: Mailer
) -> None:
    html = f"<p>{'€ü🚀=' * 2000}</p>"

    (mail,) = mailed(tls, mailer, replace(letter(), html=html))

    assert mail.html.strip() == html
    assert max(map(len, mail.raw.split(b"\r\n"))) < 998
