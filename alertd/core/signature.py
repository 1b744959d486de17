"""How does a receiver know that a webhook is ours?

Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, keyed by a secret that both sides
hold. The timestamp is that of the attempt, so that a recorded request cannot be played again later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

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
    """Return the value of the `webhook-signature` header.

    raises: ValueError when `secret_problem` finds one.
    """
    if problem := secret_problem(secret):
        msg = f"signing secret: {problem}"
        raise ValueError(msg)
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"
