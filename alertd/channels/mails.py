"""What does a message look like as a mail?

Its Message-ID, date and every other byte are the same at each attempt, so that a mail which was
taken twice is shown once. All mails of one alert answer the same, never sent, root mail: mail
clients keep them in one thread.
"""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from alertd.core.addresses import mailbox

if TYPE_CHECKING:
    from alertd.core.messages import Message

_THREADS = UUID("0d2b4b0e-7f0a-5d57-8a2c-3f6f8b1c9a44")

# Ids must not be folded: some readers then take half of one.
_POLICY = SMTP.clone(max_line_length=998)


def mail(message: Message, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Return the mail for a message; `sender` and `to` are what `mailbox` accepts."""
    domain = mailbox(sender).rpartition("@")[2]
    root = f"<thread-{uuid5(_THREADS, message.thread)}@{domain}>"
    letter = EmailMessage(policy=_POLICY)
    letter["Subject"] = " ".join(message.subject.split())
    letter["From"] = sender
    letter["To"] = ", ".join(to)
    letter["Date"] = format_datetime(message.created_at)
    letter["Message-ID"] = f"<{message.id}@{domain}>"
    letter["In-Reply-To"] = root
    letter["References"] = root
    letter["List-Id"] = f"alertd <alertd.{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text, cte="quoted-printable")
    letter.add_alternative(message.html, subtype="html", cte="quoted-printable")
    letter.set_boundary(f"=_{message.id}")
    return letter
