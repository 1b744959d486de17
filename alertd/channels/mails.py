"""What does a message look like as a mail?

    alternative ── text
                └─ related ── HTML          where there is a chart; else the HTML alone
                           └─ chart, shown in the HTML by its Content-ID

Its Message-ID, date and every other byte are the same at each attempt, so that a mail which was
taken twice is shown once. All mails of one alert answer the same, never sent, root mail: mail
clients keep them in one thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID, uuid5

from alertd.channels.folding import WHOLE, as_text
from alertd.core.addresses import mailbox
from alertd.core.notices import Severity
from alertd.core.pages import CHART

if TYPE_CHECKING:
    from alertd.core.messages import Chart, Message

_THREADS = UUID("0d2b4b0e-7f0a-5d57-8a2c-3f6f8b1c9a44")

# As wide as the text; the attribute is for clients that know no other width.
_PICTURE = """\
<img src="cid:{id}" alt="{words}" width="536" style="display:block;width:100%;height:auto;\
margin:16px 0;border:0;border-radius:8px;font-size:14px">"""


def mail(message: Message, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Return the mail for a message; `sender` and `to` are what `mailbox` accepts."""
    domain = mailbox(sender).rpartition("@")[2]
    letter = EmailMessage(policy=WHOLE)
    letter["Subject"] = as_text(message.subject)
    letter["From"] = sender
    letter["To"] = ", ".join(to)
    for name, value in _origin(message, domain).items():
        letter[name] = value
    letter.set_content(message.text, cte="quoted-printable")
    if message.chart is None:
        _add_page(letter, message.html.replace(CHART, ""))
    else:
        _add_illustrated(letter, message, message.chart, f"chart.{message.id}@{domain}")
    letter.set_boundary(f"=_{message.id}")
    return letter


def _origin(message: Message, domain: str) -> dict[str, str]:
    """Return the headers that say where a mail comes from, and how much of a hurry it is in."""
    root = f"<thread-{uuid5(_THREADS, message.thread)}@{domain}>"
    headers = {
        "Date": format_datetime(message.created_at),
        "Message-ID": f"<{message.id}@{domain}>",
        "In-Reply-To": root,
        "References": root,
        "List-Id": f"alertd <alertd.{domain}>",
        "Auto-Submitted": "auto-generated",
        # Exchange goes by its own header. It is not told "All": that would suppress bounces too,
        # and with them the only news of a mailbox that is gone.
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    # Clients know the one or the other.
    return headers | ({"Importance": "high", "X-Priority": "1"} if _is_critical(message) else {})


def _is_critical(message: Message) -> bool:
    told = message.payload.get("data")
    return isinstance(told, Mapping) and told.get("severity") == Severity.CRITICAL


def _add_page(letter: EmailMessage, page: str) -> None:
    letter.add_alternative(page, subtype="html", cte="quoted-printable")


def _add_illustrated(letter: EmailMessage, message: Message, chart: Chart, cid: str) -> None:
    """Add the HTML with its picture, as one part that is shown as a whole."""
    before, after = _around_chart(message.html)
    picture = _PICTURE.format(id=quote(cid, safe="@"), words=escape(chart.words))
    _add_page(letter, f"{before}{picture}{after}")
    page = letter.get_body(("html",))
    assert isinstance(page, EmailMessage)
    page.add_related(
        chart.png, "image", "png", cid=f"<{cid}>", disposition="inline", filename="chart.png"
    )
    page.set_param("type", "text/html")
    # Neither boundary may begin as the other does.
    page.set_boundary(f"=_chart_{message.id}")


def _around_chart(html: str) -> tuple[str, str]:
    """Return what stands before and after the chart; a page without a place has it at its end."""
    before, place, after = html.partition(CHART)
    if not place:
        before, end, rest = html.rpartition("</body>")
        return (before, end + rest) if end else (html, "")
    return before, after.replace(CHART, "")
