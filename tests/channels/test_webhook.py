from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
import trustme

from alertd import __version__
from alertd.channels.webhook import Webhook
from alertd.core.retry import Closed, Failed, Sent
from tests.channels.conftest import NOW, letter
from tests.channels.hooking import HALF_A_SECOND, attempt, hook
from tests.support.webhook import Answer, Drip, Receiver, Reset, scripted, server_trust

if TYPE_CHECKING:
    from pathlib import Path

SECRET = f"whsec_{base64.b64encode(b'0123456789abcdef01234567').decode()}"
OLD_SECRET = f"whsec_{base64.b64encode(b'76543210fedcba9876543210').decode()}"


def now() -> datetime:
    """Return the real time: the independent verifier compares with it."""
    return datetime.now(UTC)


def test_the_signature_is_accepted_by_the_standardwebhooks_package() -> None:
    with Receiver() as receiver:
        assert hook(receiver.url, secret=SECRET).send(letter(), now()) == Sent()
        (call,) = receiver.wait(1)

    assert call.verified(SECRET) == letter().payload
    assert call.headers["webhook-id"] == letter().id


def test_the_timestamp_is_that_of_the_attempt_and_the_rest_is_the_same() -> None:
    with Receiver() as receiver:
        channel = hook(receiver.url, secret=SECRET)
        channel.send(letter(), NOW)
        channel.send(letter(), NOW + timedelta(seconds=5))
        first, second = receiver.wait(2)

    seconds = [int(call.headers["webhook-timestamp"]) for call in (first, second)]
    assert seconds == [int(NOW.timestamp()), int(NOW.timestamp()) + 5]
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize("held", [SECRET, OLD_SECRET])
def test_while_secrets_are_exchanged_a_receiver_may_hold_either(held: str) -> None:
    with Receiver() as receiver:
        hook(receiver.url, secret=SECRET, old_secret=OLD_SECRET).send(letter(), now())
        (call,) = receiver.wait(1)

    assert call.verified(held) == letter().payload
    assert call.headers["webhook-signature"].count("v1,") == 2


def test_without_a_secret_a_request_is_not_signed() -> None:
    with Receiver() as receiver:
        hook(receiver.url).send(letter(), NOW)
        (call,) = receiver.wait(1)

    assert "webhook-signature" not in call.headers


def test_a_request_says_who_sends_what_and_wants_no_compression() -> None:
    with Receiver() as receiver:
        hook(receiver.url).send(letter(), NOW)
        (call,) = receiver.wait(1)

    assert (call.method, call.path) == ("POST", "/hooks/t0ken?key=s3cret")
    assert call.headers["content-type"] == "application/json"
    assert call.headers["accept-encoding"] == "identity"
    assert call.headers["user-agent"] == f"alertd/{__version__}"


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert attempt().outcome == Sent()


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_means_sent(status: int) -> None:
    assert attempt(Answer(status)).outcome == Sent()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_any_other_status_may_heal(status: int) -> None:
    assert attempt(Answer(status)).outcome == Failed(f"localhost answered {status}")


def test_a_receiver_that_is_gone_closes_the_channel() -> None:
    assert attempt(Answer(410)).outcome == Closed("localhost answered 410: the receiver is gone")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_a_failure_that_says_so(status: int) -> None:
    outcome = attempt(Answer(status, {"location": "https://example.com/t0ken"})).outcome

    assert outcome == Failed(f"localhost answered {status}: redirects are not followed")


def test_a_redirect_is_not_followed() -> None:
    with (
        Receiver() as elsewhere,
        Receiver(scripted(Answer(307, {"location": elsewhere.url}))) as receiver,
    ):
        outcome = hook(receiver.url).send(letter(), NOW)

        assert outcome == Failed("localhost answered 307: redirects are not followed")
        assert (len(receiver.calls), elsewhere.calls) == (1, [])


@pytest.mark.parametrize(
    ("header", "wish"),
    [
        ("40", timedelta(seconds=40)),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), timedelta(minutes=3, seconds=0)),
        ("9" * 5000, timedelta(seconds=999_999_999)),
        ("soon", None),
        ("-5", None),
        ("Mon, 99 Foo 2026 00:00:00 GMT", None),
        ("Mon, 1 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, wish: timedelta | None) -> None:
    outcome = attempt(Answer(503, {"retry-after": header})).outcome

    assert outcome == Failed("localhost answered 503", wish)


def test_tls_with_the_given_authority_is_trusted(authority: trustme.CA, ca_file: Path) -> None:
    with Receiver(tls=server_trust(authority, "localhost")) as receiver:
        assert hook(receiver.url, ca_file=ca_file).send(letter(), NOW) == Sent()


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_tls_with_another_authority_or_name_is_refused(
    name: str, authority: trustme.CA, ca_file: Path
) -> None:
    issuer = trustme.CA() if name == "localhost" else authority
    with Receiver(tls=server_trust(issuer, name)) as receiver:
        outcome = hook(receiver.url, ca_file=ca_file).send(letter(), NOW)

        assert isinstance(outcome, Failed)
        assert "its certificate is not trusted" in outcome.reason
        assert receiver.calls == []


def test_no_outcome_holds_more_of_the_url_than_the_host() -> None:
    for reply in (Answer(500), Answer(410), Reset(), Drip(in_headers=True)):
        outcome = attempt(reply, deadline=HALF_A_SECOND).outcome

        assert isinstance(outcome, Failed | Closed)
        assert "t0ken" not in outcome.reason
        assert "s3cret" not in outcome.reason


def test_a_line_break_in_an_id_is_a_failure_and_no_header() -> None:
    with Receiver() as receiver:
        outcome = hook(receiver.url).send(replace(letter(), id="msg_1\r\nx: y"), NOW)

        assert isinstance(outcome, Failed)
        assert receiver.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://x/t0ken", "https:///t0ken", "https://h/\x00t0ken", "https://h/\r\nx: t0ken",
        "https://h\r\nx:t0ken/", "https://h:65536/t0ken", "https://h:0/t0ken",
        "https://0177.0.0.1/t0ken", "https://[fe80::1/t0ken",
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_posted_to_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="expected http:// or https://") as error:
        Webhook(url=url)

    assert "t0ken" not in str(error.value)


def test_a_bad_secret_is_refused_without_being_quoted() -> None:
    with pytest.raises(ValueError, match="webhook secret: expected") as error:
        Webhook(url="https://example.com/", secret="whsec_c2hvcnQ=")

    assert "c2hvcnQ" not in str(error.value)


def test_a_bad_old_secret_is_refused_too() -> None:
    with pytest.raises(ValueError, match="webhook secret: expected"):
        Webhook(url="https://example.com/", secret=SECRET, old_secret="hunter2")


def test_plain_http_is_refused_unless_it_is_allowed() -> None:
    with pytest.raises(ValueError, match="expected https://; set allow_http") as error:
        Webhook(url="http://example.com/t0ken")

    assert "t0ken" not in str(error.value)


def test_a_name_and_a_password_in_the_url_log_in() -> None:
    with Receiver() as receiver:
        hook(receiver.url.replace("//", "//me:pa%20ss@")).send(letter(), NOW)
        (call,) = receiver.wait(1)

    assert call.headers["authorization"] == f"Basic {base64.b64encode(b'me:pa ss').decode()}"


def test_half_a_letter_does_not_keep_an_alert_back() -> None:
    with Receiver() as receiver:
        broken = replace(letter(), payload={"note": "\ud83d!"})

        assert hook(receiver.url).send(broken, NOW) == Sent()
        assert receiver.calls[0].body == b'{"note":"?!"}'
