"""How does a receiver know that a webhook is ours?

Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, keyed by a secret that both sides
hold. The timestamp is that of the attempt, so that a recorded request cannot be played again later.

While a secret is exchanged for another, a request bears the signatures of both, and a receiver that
knows either accepts it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64


def secret_problem(secret: str) -> str | None:
    """Return what is wrong with a signing secret, without quoting it, or None."""
    if not secret.startswith(_PREFIX):
        return f'expected "{_PREFIX}" and then base64'
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return f'expected base64 after "{_PREFIX}"'
    if not _SHORTEST <= len(key) <= _LONGEST:
        return f"expected {_SHORTEST} to {_LONGEST} bytes in base64, found {len(key)} bytes"
    return None


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return what one secret makes of a request.

    raises: ValueError when `secret_problem` finds one.
    """
    if problem := secret_problem(secret):
        msg = f"signing secret: {problem}"
        raise ValueError(msg)
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def signatures(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the `webhook-signature` header, with one signature a secret.

    raises: as `signature`.
    """
    return " ".join(signature(secret, message_id, timestamp, body) for secret in secrets)
