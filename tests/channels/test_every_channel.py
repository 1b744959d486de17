"""What holds for every way to reach the user."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from alertd.channels.console import Console
from alertd.channels.email import Email
from alertd.channels.webhook import Webhook
from alertd.core.retry import Failed, Sent
from tests.channels.conftest import NOW, letter
from tests.support.mail import MailServer, closed_port
from tests.support.webhook import Receiver, server_trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import trustme

    from alertd.ports import Channel


@dataclass(frozen=True, slots=True)
class Line:
    """A channel that works, and what has arrived at its other end."""

    channel: Channel
    arrived: Callable[[], str]


@contextmanager
def console(_authority: trustme.CA, _ca_file: Path) -> Iterator[Line]:
    stream = io.StringIO()
    yield Line(Console(stream), stream.getvalue)


@contextmanager
def webhook(authority: trustme.CA, ca_file: Path) -> Iterator[Line]:
    with Receiver(tls=server_trust(authority, "localhost")) as receiver:
        channel = Webhook(url=receiver.url, ca_file=ca_file, allow_hosts=("localhost",))
        yield Line(channel, lambda: _calls(receiver))


@contextmanager
def email(authority: trustme.CA, ca_file: Path) -> Iterator[Line]:
    with MailServer(tls=server_trust(authority, "localhost")) as server:
        channel = Email(
            host="localhost", port=server.port, tls="starttls", sender="alertd@example.com",
            to=("me@example.com",), ca_file=ca_file,
        )  # fmt: skip
        yield Line(
            channel, lambda: "".join(f"{m.message['Message-ID']}{m.text}" for m in server.mails)
        )


def _calls(receiver: Receiver) -> str:
    return "".join(f"{call.headers['webhook-id']} {call.body.decode()}" for call in receiver.calls)


@pytest.fixture(params=[console, webhook, email])
def line(request: pytest.FixtureRequest, authority: trustme.CA, ca_file: Path) -> Iterator[Line]:
    with request.param(authority, ca_file) as line:
        yield line


def test_a_message_arrives_with_its_id_and_its_words(line: Line) -> None:
    outcome = line.channel.send(letter(number=7), NOW)

    assert outcome == Sent()
    assert "msg_00000000-0000-0000-0000-000000000007" in line.arrived()
    assert "BABA fell below $150.00" in line.arrived()
    assert "Grüße" in line.arrived()


def test_a_message_that_is_sent_again_keeps_its_id(line: Line) -> None:
    line.channel.send(letter(number=7), NOW)
    line.channel.send(letter(number=7), NOW)

    assert line.arrived().count("msg_00000000-0000-0000-0000-000000000007") == 2


def test_line_breaks_in_a_subject_do_no_harm(line: Line) -> None:
    outcome = line.channel.send(letter(subject="BABA\r\nBcc: thief@example.com"), NOW)

    assert outcome == Sent()


def test_a_channel_says_how_long_it_may_take(line: Line) -> None:
    assert line.channel.deadline.total_seconds() > 0


@pytest.mark.parametrize(
    "channel",
    [
        Webhook(url=f"https://localhost:{closed_port()}/hooks/t0ken", allow_hosts=("localhost",)),
        Email(
            host="localhost", port=closed_port(), tls="starttls", sender="alertd@example.com",
            to=("me@example.com",),
        ),
    ],
    ids=["webhook", "email"],
)  # fmt: skip
def test_a_receiver_that_is_not_there_is_a_failure_and_no_exception(channel: Channel) -> None:
    outcome = channel.send(letter(), NOW)

    assert isinstance(outcome, Failed)
    assert "localhost" in outcome.reason
    assert "it refuses connections" in outcome.reason
    assert "t0ken" not in outcome.reason
