from __future__ import annotations

import base64
import gzip
import time
import tracemalloc
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
import trustme

from alertd import __version__
from alertd.channels.webhook import Webhook
from alertd.core.retry import Failed, Outcome, Rejected, Sent
from tests.channels.conftest import NOW, letter
from tests.support.webhook import Answer, Drip, Hang, Receiver, Reply, Reset, scripted, server_trust

if TYPE_CHECKING:
    from pathlib import Path

SECRET = f"whsec_{base64.b64encode(b'0123456789abcdef01234567').decode()}"
HALF_A_SECOND = timedelta(seconds=0.5)


def now() -> datetime:
    """Return the real time: the independent verifier compares with it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one message, and how long it took."""

    outcome: Outcome
    seconds: float


def attempt(*replies: Reply, deadline: timedelta = timedelta(seconds=5)) -> Attempt:
    """Send one message to a receiver that answers so."""
    with Receiver(scripted(*replies)) as receiver:
        channel = Webhook(url=receiver.url, deadline=deadline)
        started = time.monotonic()
        outcome = channel.send(letter(), NOW)
        took = time.monotonic() - started
    return Attempt(outcome, took)


def test_the_signature_is_accepted_by_the_standardwebhooks_package() -> None:
    with Receiver() as receiver:
        assert Webhook(url=receiver.url, secret=SECRET).send(letter(), now()) == Sent()
        (call,) = receiver.wait(1)

    assert call.verified(SECRET) == letter().payload
    assert call.headers["webhook-id"] == letter().id


def test_the_timestamp_is_that_of_the_attempt_and_the_rest_is_the_same() -> None:
    with Receiver() as receiver:
        channel = Webhook(url=receiver.url, secret=SECRET)
        channel.send(letter(), NOW)
        channel.send(letter(), NOW + timedelta(seconds=5))
        first, second = receiver.wait(2)

    seconds = [int(call.headers["webhook-timestamp"]) for call in (first, second)]
    assert seconds == [int(NOW.timestamp()), int(NOW.timestamp()) + 5]
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_without_a_secret_a_request_is_not_signed() -> None:
    with Receiver() as receiver:
        Webhook(url=receiver.url).send(letter(), NOW)
        (call,) = receiver.wait(1)

    assert "webhook-signature" not in call.headers


def test_a_request_says_who_sends_what_and_wants_no_compression() -> None:
    with Receiver() as receiver:
        Webhook(url=receiver.url).send(letter(), NOW)
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


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 429, 500, 503])
def test_any_other_status_may_heal(status: int) -> None:
    assert attempt(Answer(status)).outcome == Failed(f"localhost answered {status}")


def test_a_receiver_that_is_gone_is_not_tried_again() -> None:
    assert isinstance(attempt(Answer(410)).outcome, Rejected)


def test_a_redirect_is_not_followed() -> None:
    with (
        Receiver() as elsewhere,
        Receiver(scripted(Answer(307, {"location": elsewhere.url}))) as receiver,
    ):
        outcome = Webhook(url=receiver.url).send(letter(), NOW)

        assert outcome == Failed("localhost answered 307")
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


@pytest.mark.parametrize("reply", [Hang(), Drip(in_headers=True)], ids=["silent", "dripping"])
def test_a_receiver_that_gives_no_status_is_cut_off_at_the_deadline(reply: Hang | Drip) -> None:
    made = attempt(reply, deadline=HALF_A_SECOND)

    assert made.outcome == Failed("localhost did not answer within 0.5 s")
    assert made.seconds < reply.lasts


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, Sent()), (503, Failed("localhost answered 503"))]
)
def test_a_body_that_drips_is_cut_off_and_the_status_counts(status: int, outcome: Outcome) -> None:
    drip = Drip(status)
    made = attempt(drip, deadline=HALF_A_SECOND)

    assert made.outcome == outcome
    assert made.seconds < drip.lasts


def test_a_reset_connection_is_a_failure() -> None:
    assert attempt(Reset()).outcome == Failed("the connection to localhost broke before an answer")


def test_a_gzip_bomb_is_not_expanded() -> None:
    bomb = Answer(200, {"content-encoding": "gzip"}, gzip.compress(bytes(50_000_000)))

    tracemalloc.start()
    outcome = attempt(bomb).outcome
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert outcome == Sent()
    assert peak < 5_000_000


def test_an_answer_that_claims_to_be_compressed_is_not_unpacked() -> None:
    assert attempt(Answer(200, {"content-encoding": "gzip"}, b"no gzip")).outcome == Sent()


def test_of_an_answer_without_end_only_the_beginning_is_read() -> None:
    made = attempt(Drip(pause=0, drop=bytes(8192)))

    assert made.outcome == Sent()
    assert made.seconds < 2


def test_tls_with_the_given_authority_is_trusted(authority: trustme.CA, ca_file: Path) -> None:
    with Receiver(tls=server_trust(authority, "localhost")) as receiver:
        assert Webhook(url=receiver.url, ca_file=ca_file).send(letter(), NOW) == Sent()


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_tls_with_another_authority_or_name_is_refused(
    name: str, authority: trustme.CA, ca_file: Path
) -> None:
    issuer = trustme.CA() if name == "localhost" else authority
    with Receiver(tls=server_trust(issuer, name)) as receiver:
        outcome = Webhook(url=receiver.url, ca_file=ca_file).send(letter(), NOW)

        assert isinstance(outcome, Failed)
        assert "its certificate is not trusted" in outcome.reason
        assert receiver.calls == []


def test_no_outcome_holds_more_of_the_url_than_the_host() -> None:
    for reply in (Answer(500), Answer(410), Reset(), Drip(in_headers=True)):
        outcome = attempt(reply, deadline=HALF_A_SECOND).outcome

        assert isinstance(outcome, Failed | Rejected)
        assert "t0ken" not in outcome.reason
        assert "s3cret" not in outcome.reason


def test_a_line_break_in_an_id_is_a_failure_and_no_header() -> None:
    with Receiver() as receiver:
        outcome = Webhook(url=receiver.url).send(replace(letter(), id="msg_1\r\nx: y"), NOW)

        assert isinstance(outcome, Failed)
        assert receiver.calls == []


@pytest.mark.parametrize("url", ["", "ftp://x/t0ken", "https:///t0ken", "https://h/\x00t0ken"])
def test_a_url_that_cannot_be_posted_to_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="expected http:// or https://") as error:
        Webhook(url=url)

    assert "t0ken" not in str(error.value)


def test_a_bad_secret_is_refused_without_being_quoted() -> None:
    with pytest.raises(ValueError, match="webhook secret: expected") as error:
        Webhook(url="https://example.com/", secret="whsec_c2hvcnQ=")

    assert "c2hvcnQ" not in str(error.value)
