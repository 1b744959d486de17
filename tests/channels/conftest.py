"""Authorities and messages for the channels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import trustme

from alertd.channels.email import Email
from alertd.core.messages import Message
from tests.support.webhook import server_trust

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from ssl import SSLContext

    from tests.support.mail import MailServer

ME, YOU = "me@example.com", "you@example.com"
NOW = datetime(2026, 3, 9, 13, 36, 2, tzinfo=UTC)


def letter(
    subject: str = "BABA fell below $150.00, at $149.62",
    text: str = "BABA fell below $150.00.\n\nGrüße.\n",
    thread: str = "baba-support",
    number: int = 1,
    created_at: datetime = NOW,
) -> Message:
    """Return a message whose id ends in `number`."""
    return Message(
        id=f"msg_{UUID(int=number)}",
        thread=thread,
        created_at=created_at,
        subject=subject,
        text=text,
        html=f"<p>{text}</p>",
        payload={"type": "alert.fired", "data": {"subject": subject, "text": text}},
    )


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Return a certificate authority of these tests."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file by which a channel trusts that authority."""
    path = tmp_path_factory.mktemp("trust") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def mailer(ca_file: Path) -> Callable[..., Email]:
    """Return what makes a mail channel to a server, with these settings changed."""

    def make(server: MailServer, **changes: Any) -> Email:  # noqa: ANN401 - keywords of `Email`
        settings: dict[str, Any] = {
            "host": "localhost", "port": server.port, "tls": "starttls",
            "sender": "alertd <alertd@example.com>", "to": (ME,), "ca_file": ca_file,
        }  # fmt: skip
        return Email(**settings | changes)

    return make


@pytest.fixture(scope="session")
def tls(authority: trustme.CA) -> SSLContext:
    """Return the server's side of TLS that the channels trust."""
    return server_trust(authority, "localhost")
