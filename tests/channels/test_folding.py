"""Headers as another program reads them, whatever is in them."""

from __future__ import annotations

import email
import re
from email import policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from alertd.channels.mails import mail
from tests.channels.conftest import ME, letter

SUBJECTS = [
    "BABA fell below $150.00, at $149.62",
    "plain words " * 16,
    "x" * 199,
    "ü" * 199,
    "🚀" * 199,
    "Kurs für Grüße: " * 12,
    "=?utf-8?q?BABA_=0D=0ABcc:_thief@example.com?= fell",
    'a "quoted, word" ' * 11,
]
NAMES = [
    "",
    "alertd ",
    '"you@home, A" ',
    "Grüße ",
    '"Grüße, an: alle; (und) <mehr> noch ein sehr langer Name, der nicht in eine Zeile passt" ',
    f'"{"a long name, with commas; " * 4}" ',
    f"{'🚀' * 60} ",
    '"a\\"b\\\\c, d ü" ',
    '"thief@example.com" ',
]


def head(subject: str = "told", sender: str = ME, to: tuple[str, ...] = (ME,)) -> bytes:
    return mail(letter(subject=subject), sender, to).as_bytes().partition(b"\r\n\r\n")[0]


def header(raw: bytes, name: str) -> str:
    """Return one header as it was sent, its lines joined as a reader does."""
    (found,) = re.findall(rf"^{name}: ([^\r]*(?:\r\n[ \t][^\r]*)*)".encode(), raw, re.MULTILINE)
    return str(found.decode("ascii").replace("\r\n", "").strip())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    raw = head(subject)
    said = " ".join(subject.split())
    assert email.message_from_bytes(raw, policy=policy.default)["Subject"] == said
    # Python's older reader is another program, and must agree.
    assert str(make_header(decode_header(header(raw, "Subject")))) == said


@pytest.mark.parametrize("name", NAMES)
def test_a_name_neither_adds_an_address_nor_loses_a_letter(name: str) -> None:
    one = f"{name}<me@example.com>" if name else ME
    raw = head(sender=one, to=(one, "you@example.com", one))
    found = email.message_from_bytes(raw, policy=policy.default)
    assert [each.addr_spec for each in found["From"].addresses] == [ME]
    assert [each.addr_spec for each in found["To"].addresses] == [ME, "you@example.com", ME]
    shown = parseaddr(header(raw, "From"))[0]
    assert str(make_header(decode_header(shown))) == parseaddr(one)[0]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("name", NAMES)
def test_lines_and_encoded_words_are_as_short_as_readers_may_expect(
    subject: str, name: str
) -> None:
    sender = f"{name}<me@example.com>" if name else ME
    raw = head(subject, sender, tuple(f"reader-{n}@example-{n}.com" for n in range(30)))
    for line in raw.split(b"\r\n"):
        assert len(line) <= 998
        # RFC 2047: 75 for an encoded word, 76 for a line that has one.
        assert len(line) <= 76 or b"=?" not in line
        assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?.\?[^? ]*\?=", line))
        assert line.isascii()


def test_many_recipients_are_folded_between_them() -> None:
    readers = tuple(f"reader-{n}@example-{n}.com" for n in range(100))
    raw = head(to=readers)
    assert header(raw, "To") == ", ".join(readers)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
