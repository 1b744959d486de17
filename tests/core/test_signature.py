from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from alertd.core.signature import secret_problem, signature, signatures


def secret(length: int) -> str:
    return f"whsec_{base64.b64encode(bytes(range(length))).decode()}"


def headers(body: bytes) -> dict[str, str]:
    # The verifier compares with its own clock.
    timestamp = int(datetime.now(UTC).timestamp())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret(32), "msg_1", timestamp, body),
    }


def test_the_standardwebhooks_package_accepts_the_signature() -> None:
    body = '{"note":"Grüße"}'.encode()

    assert Webhook(secret(32)).verify(body, headers(body)) == {"note": "Grüße"}


@pytest.mark.parametrize("key", [secret(32)[:-4] + "AAA=", secret(40)])
def test_another_secret_does_not_verify(key: str) -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(b"{}", headers(b"{}"))


def test_a_changed_body_does_not_verify() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(32)).verify(b"[]", headers(b"{}"))


@pytest.mark.parametrize("key", [secret(32), secret(40)])
def test_of_two_secrets_the_receiver_may_hold_either(key: str) -> None:
    signed = headers(b"{}")
    timestamp = int(signed["webhook-timestamp"])
    both = signatures((secret(32), secret(40)), "msg_1", timestamp, b"{}")

    assert Webhook(key).verify(b"{}", signed | {"webhook-signature": both}) == {}
    assert [each[:3] for each in both.split(" ")] == ["v1,", "v1,"]


@pytest.mark.parametrize("length", [24, 32, 64])
def test_a_secret_of_24_to_64_bytes_is_accepted(length: int) -> None:
    assert secret_problem(secret(length)) is None


@pytest.mark.parametrize(
    "bad", ["", "hunter2", "whsec_", "whsec_!!!", "whsec_Grüße", secret(23), secret(65)]
)
def test_any_other_secret_is_refused_without_being_quoted(bad: str) -> None:
    problem = secret_problem(bad)

    assert problem is not None
    assert not bad.removeprefix("whsec_") or bad.removeprefix("whsec_") not in problem
    with pytest.raises(ValueError, match="signing secret"):
        signature(bad, "msg_1", 0, b"")
