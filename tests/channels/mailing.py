"""What tests of the mail channel do again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from alertd.channels.email import Email
from alertd.core.retry import Sent
from tests.channels.conftest import NOW, letter
from tests.support.mail import Mail, MailServer

if TYPE_CHECKING:
    from ssl import SSLContext

    from alertd.core.messages import Message
    from alertd.core.retry import Outcome

Mailer = Callable[..., Email]


def mailed(tls: SSLContext, mailer: Mailer, *messages: Message, **changes: object) -> list[Mail]:
    """Send messages and return the mails that arrived."""
    with MailServer(tls=tls) as server:
        channel = mailer(server, **changes)
        for message in messages:
            assert channel.send(message, NOW) == Sent()
        return server.wait(len(messages))


def refused(tls: SSLContext, mailer: Mailer, **replies: str) -> Outcome:
    """Return what becomes of a message when the server replies so, and takes none."""
    with MailServer(tls=tls, replies=replies) as server:
        outcome = mailer(server).send(letter(), NOW)
        assert server.mails == []
        return outcome
