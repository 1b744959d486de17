"""Messages to services that Apprise knows: its own JSON format and ntfy, on a real receiver."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from alertd.channels.apprise import Apprise
from alertd.core.retry import Failed, Outcome, Sent
from tests.channels.conftest import NOW, letter
from tests.support.mail import closed_port
from tests.support.webhook import Answer, Drip, Hang, Receiver, Reply, Reset, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alertd.core.messages import Message

SECRET = "s3cretT0ken"
HALF_A_SECOND = timedelta(seconds=0.5)


def json_url(receiver: Receiver, more: str = "") -> str:
    """Return Apprise's URL for its own JSON format, with secrets in every place."""
    return f"json://me:{SECRET}@127.0.0.1:{receiver.port}/{SECRET}/?-key={SECRET}{more}"


def arrived(*messages: Message, more: str = "") -> list[dict[str, object]]:
    """Send messages and return what came, as the receiver reads it."""
    with Receiver() as receiver:
        channel = Apprise(url=json_url(receiver, more))
        for message in messages:
            assert channel.send(message, NOW) == Sent()
        return [json.loads(call.body) for call in receiver.calls]


def answered(*replies: Reply, deadline: timedelta = timedelta(seconds=5)) -> Outcome:
    """Return what becomes of a message when the service answers so."""
    with Receiver(scripted(*replies)) as receiver:
        return Apprise(url=json_url(receiver), deadline=deadline).send(letter(), NOW)


def critical(severity: object) -> Message:
    """Return a message of this severity."""
    return replace(letter(), payload={"type": "alert.fired", "data": {"severity": severity}})


def test_a_message_is_one_notification_with_its_subject_and_its_text() -> None:
    (notification,) = arrived(letter())

    assert notification["title"] == letter().subject
    assert notification["message"] == letter().text.strip()
    assert notification["type"] == "info"


def test_ntfy_gets_title_and_text() -> None:
    with Receiver(scripted(Answer(200, body=b"{}"))) as receiver:
        channel = Apprise(url=f"ntfy://:{SECRET}@127.0.0.1:{receiver.port}/topic?auth=token")
        assert channel.send(letter(), NOW) == Sent()
        (call,) = receiver.wait(1)

    assert json.loads(call.body) == {
        "topic": "topic", "title": letter().subject, "message": letter().text.strip(),
    }  # fmt: skip
    assert "x-icon" not in call.headers


@pytest.mark.parametrize(
    ("severity", "kind"),
    [("info", "info"), ("warning", "warning"), ("critical", "failure"), (None, "info")],
)
def test_the_severity_is_the_kind_of_the_notification(severity: object, kind: str) -> None:
    (notification,) = arrived(critical(severity))

    assert notification["type"] == kind


def test_a_line_break_in_a_subject_does_no_harm() -> None:
    (notification,) = arrived(letter(subject="BABA\r\nX-Evil: 1"))

    assert notification["title"] == "BABA X-Evil: 1"


@pytest.mark.parametrize("more", ["", "&overflow=split", "&overflow=upstream"])
def test_a_text_that_is_too_long_is_cut_and_stays_one_message(more: str) -> None:
    text = "one line of many & <so> on\n" * 3000

    (notification,) = arrived(letter(text=text), more=more)

    body = str(notification["message"])
    assert len(body) <= 32768
    assert body.endswith("\n[...]")
    assert text.startswith(body.removesuffix("\n[...]"))


@pytest.mark.parametrize("more", ["", "&overflow=split", "&overflow=upstream"])
def test_a_subject_that_is_too_long_is_cut(more: str) -> None:
    (notification,) = arrived(letter(subject="BABA" * 100), more=more)

    assert notification["title"] == ("BABA" * 100)[:250]
    assert notification["message"] == letter().text.strip()


def test_a_text_for_a_service_that_wants_html_is_cut_between_its_signs() -> None:
    with Receiver(scripted(Answer(200, body=b"{}"))) as receiver:
        channel = Apprise(url=f"json://127.0.0.1:{receiver.port}/?format=html")
        assert channel.send(letter(text="a & b <c>\n" * 9000), NOW) == Sent()
        (call,) = receiver.wait(1)

    body = json.loads(call.body)["message"]
    assert len(body) <= 32768
    assert body.endswith("[...]")
    assert body.count("&") == body.count(";")


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 429, 500, 503])
def test_any_status_but_success_may_heal_and_is_told(status: int) -> None:
    assert answered(Answer(status)) == Failed(f"JSON: it answered {status}")


def test_a_reset_connection_is_a_failure() -> None:
    assert answered(Reset()) == Failed("JSON: the connection failed")


def test_a_service_that_is_not_there_is_a_failure() -> None:
    channel = Apprise(url=f"json://127.0.0.1:{closed_port()}/{SECRET}")

    assert channel.send(letter(), NOW) == Failed("JSON: the connection failed")


@pytest.mark.parametrize("reply", [Hang(), Drip(in_headers=True), Drip()], ids=str)
def test_a_service_that_is_silent_or_drips_is_left_at_the_deadline(reply: Hang | Drip) -> None:
    started = time.monotonic()
    outcome = answered(reply, deadline=HALF_A_SECOND)

    assert time.monotonic() - started < reply.lasts
    # Its own timeout may come first.
    assert outcome in (
        Failed("JSON: no answer within 0.5 s"),
        Failed("JSON: the connection failed"),
    )


def test_attempts_that_hang_do_not_pile_up() -> None:
    with Receiver(scripted(then=Drip(pause=0.02))) as receiver:
        channel = Apprise(url=json_url(receiver), deadline=timedelta(seconds=0.1))
        outcomes = [channel.send(letter(), NOW) for _ in range(6)]
        alive = [thread for thread in threading.enumerate() if thread.name == "apprise"]

    assert len(alive) == 4
    assert outcomes[4:] == [Failed("JSON: earlier attempts still hang")] * 2
    for thread in alive:
        thread.join(10)


@pytest.mark.parametrize("more", ["", "&redirect=yes"])
def test_a_redirect_is_not_followed(more: str) -> None:
    with (
        Receiver() as elsewhere,
        Receiver(scripted(Answer(307, {"location": elsewhere.url}))) as receiver,
    ):
        outcome = Apprise(url=json_url(receiver, more)).send(letter(), NOW)

        assert outcome == Failed("JSON: it answered 307")
        assert (len(receiver.calls), elsewhere.calls) == (1, [])


def test_a_failure_is_one_and_is_tried_once_whatever_the_url_says() -> None:
    with Receiver(scripted(Answer(500), Answer(500))) as receiver:
        channel = Apprise(url=json_url(receiver, "&optional=yes&retry=3&wait=0"))

        assert channel.send(letter(), NOW) == Failed("JSON: it answered 500")
        assert len(receiver.calls) == 1


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Return what reaches the handlers of the standard library, at any level."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    keep, root = Keep(), logging.getLogger()
    known = [logging.getLogger(name) for name in ("apprise", "urllib3", "urllib3.connectionpool")]
    before = {each: each.level for each in (root, *known)}
    for each in before:
        each.setLevel(1)
    root.addHandler(keep)
    try:
        yield lines
    finally:
        root.removeHandler(keep)
        for each, level in before.items():
            each.setLevel(level)


def test_no_secret_of_the_url_is_logged_or_in_an_outcome() -> None:
    # A header that cannot be read makes urllib3 log the whole URL as a warning.
    broken = Answer(200, {"x": "y\r\n : no name"})
    with everything_logged() as lines:
        logging.getLogger("elsewhere").debug("heard")
        outcomes = [
            answered(reply, deadline=HALF_A_SECOND)
            for reply in (Answer(500), Answer(302, {"location": f"/{SECRET}"}), Reset(), broken)
        ]
        for url in (f"json://{SECRET}:{SECRET}", f"nope://{SECRET}", f"tgram://{SECRET}/"):
            with pytest.raises(ValueError, match="Apprise") as error:
                Apprise(url=url)
            assert SECRET not in str(error.value)

    assert lines == ["heard"]
    assert SECRET not in str(outcomes)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "expected an Apprise URL, as"),
        (SECRET, "expected an Apprise URL, as"),
        (f"nope://{SECRET}", 'Apprise knows no service "nope://"'),
        (f"tgram://{SECRET}", 'Apprise cannot read what follows "tgram://"'),
        ("json://[::1", 'Apprise cannot read what follows "json://"'),
        (f"ntfy://h/{SECRET}/b", "this ntfy URL names 2 receivers; give each a channel of its own"),
    ],
)
def test_a_url_that_names_no_single_service_is_refused_without_being_quoted(
    url: str, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem) as error:
        Apprise(url=url)

    assert SECRET not in str(error.value)


def test_a_service_whose_packages_are_missing_says_which() -> None:
    if find_spec("gntp"):
        pytest.skip("gntp is installed: growl:// lacks nothing")

    with pytest.raises(ValueError, match='"growl://" needs packages that are not installed: gntp'):
        Apprise(url=f"growl://{SECRET}@localhost")


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ValueError, match=r'install "alertd\[apprise\]"'):
        Apprise(url="json://localhost")
