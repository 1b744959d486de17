"""What a mail is made of, byte for byte."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest

from alertd.channels.mails import mail
from alertd.core.messages import Chart, Message
from alertd.core.pages import CHART
from tests.channels.conftest import ME, letter

SENDER = "alertd <alertd@example.com>"
PICTURE = Chart(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, 'BABA, from "$162" to <$149.51>')
PAGE = f"<html><body><p>told</p>{CHART}<p>note</p></body></html>"


def told(**changes: object) -> Message:
    return replace(letter(), **{"html": PAGE, "chart": PICTURE, **changes})  # type: ignore[arg-type]


def read(message: Message) -> EmailMessage:
    """Return a mail as another program reads it."""
    found = email.message_from_bytes(mail(message, SENDER, (ME,)).as_bytes(), policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert [part.defects for part in found.walk() if part.defects] == []
    return found


def page(message: Message) -> str:
    found = read(message).get_body(("html",))
    assert found is not None
    return str(found.get_content()).strip()


def shape(part: EmailMessage) -> object:
    """Return the types of a mail's parts, one within the other."""
    if not part.is_multipart():
        return part.get_content_type()
    return part.get_content_type(), *(shape(each) for each in part.iter_parts())  # type: ignore[arg-type]


def test_a_mail_without_a_chart_is_text_and_html() -> None:
    plain = told(chart=None)
    assert shape(read(plain)) == ("multipart/alternative", "text/plain", "text/html")
    assert page(plain) == PAGE.replace(CHART, "")


def test_a_chart_belongs_to_the_html_and_is_no_attachment() -> None:
    found = read(told())
    related = ("multipart/related", "text/html", "image/png")
    assert shape(found) == ("multipart/alternative", "text/plain", related)
    assert [part.get_content_type() for part in found.iter_attachments()] == []
    # RFC 2387: the type of the part that is shown must be said.
    assert [part["Content-Type"].params.get("type") for part in found.iter_parts()][1] == (
        "text/html"
    )


def test_a_chart_is_shown_in_its_place_with_its_words() -> None:
    shown = page(told())
    (image,) = re.findall(r"<img[^>]*>", shown)
    assert f"<p>told</p>{image}<p>note</p>" in shown
    assert 'alt="BABA, from &quot;$162&quot; to &lt;$149.51&gt;"' in image
    (related,) = (part for part in read(told()).walk() if part.get_content_type() == "image/png")
    assert re.findall(r'"cid:([^"]*)"', image) == [related["Content-ID"].strip("<>")]
    assert related.get_content_disposition() == "inline"
    assert related.get_payload(decode=True) == PICTURE.png


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<body><p>own</p></body>\n", r"<body><p>own</p><img[^>]*></body>"),
        ("<p>own</p>", r"<p>own</p><img[^>]*>"),
        (f"{CHART}<p>own</p>{CHART}", r"<img[^>]*><p>own</p>"),
    ],
    ids=["no place", "no body", "two places"],
)
def test_a_page_of_the_users_own_shows_the_chart_once(html: str, shown: str) -> None:
    assert re.fullmatch(shown, page(told(html=html)))


def test_every_attempt_makes_the_same_bytes() -> None:
    first, second = (mail(told(), SENDER, (ME,)).as_bytes() for _ in "12")
    assert first == second


def test_no_boundary_begins_as_another_one() -> None:
    outer, inner = (
        part.get_boundary() or "" for part in read(told()).walk() if part.is_multipart()
    )
    assert not inner.startswith(outer)
    assert not outer.startswith(inner)
    assert max(len(outer), len(inner)) <= 70


def test_no_line_of_a_mail_is_longer_than_a_server_takes() -> None:
    long = "ü" * 5000 + " " + "x" * 5000
    raw = mail(told(text=long, html=f"<p>{long}</p>"), SENDER, (ME,)).as_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_critical_mail_asks_to_be_seen_first_and_no_other_does() -> None:
    critical = read(told(payload={"data": {"severity": "critical"}}))
    assert (critical["Importance"], critical["X-Priority"]) == ("high", "1")
    for severity in ("warning", "info", None):
        other = read(told(payload={"data": {"severity": severity}}))
        assert other["Importance"] is None
        assert other["X-Priority"] is None


def test_no_robot_answers_but_a_mailbox_that_is_gone_is_heard_of() -> None:
    found = read(told())
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert found["Precedence"] is None


def test_a_list_id_is_a_name_under_the_senders_domain() -> None:
    # RFC 2919: a phrase, then a label and a domain in angle brackets.
    assert re.fullmatch(r"alertd <alertd\.[a-z.]+>", read(told())["List-Id"])
