"""In whose words a channel speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alertd.core.templates import BUILT_IN, Templates
from tests.config.builders import ENVIRON, alert, channel, email, load, problem, webhook

if TYPE_CHECKING:
    from pathlib import Path

WORDS = '"{{ name }} at {{ price }}"'
MAIL = email('host = "smtp.example.com"')
PHONE = alert() + channel(
    'url = { env = "ALERTD_PHONE_URL" }', name="phone", kind="apprise"
)  # fmt: skip


def templates(folder: Path, text: str, name: str) -> Templates:
    return load(folder, text).manners[name].templates


def test_a_mail_may_have_its_own_subject_text_and_html(tmp_path: Path) -> None:
    lines = (f"subject_template = {WORDS}", 'text_template = "{{ text }}"', 'html_template = "<p>"')
    found = templates(tmp_path, MAIL + "\n".join(lines), "mail")
    assert found == Templates("{{ name }} at {{ price }}", "{{ text }}", "<p>")
    assert templates(tmp_path, MAIL, "mail") == BUILT_IN


def test_a_service_may_have_its_own_title_and_text(tmp_path: Path) -> None:
    text = PHONE + 'subject_template = "{{ subject }}"\ntext_template = "{{ note }}"'
    assert templates(tmp_path, text, "phone") == Templates("{{ subject }}", "{{ note }}")


def test_the_terminal_may_have_its_own_text(tmp_path: Path) -> None:
    text = alert() + channel('text_template = "{{ text }}"')
    assert templates(tmp_path, text, "tty") == Templates(text="{{ text }}")


@pytest.mark.parametrize("key", ["subject_template", "text_template", "html_template"])
def test_the_json_of_a_webhook_is_always_the_same(tmp_path: Path, key: str) -> None:
    only = problem(tmp_path, webhook('url = "https://h/"', f"{key} = {WORDS}"))
    assert (only.where, only.what) == (f"channel.desk.{key}", "unknown key")
    assert only.hint
    assert only.hint.startswith("a webhook's JSON is always the same")


@pytest.mark.parametrize("key", ["subject_template", "html_template"])
def test_the_terminal_has_only_a_text(tmp_path: Path, key: str) -> None:
    only = problem(tmp_path, alert() + channel(f"{key} = {WORDS}"))
    assert (only.where, only.what) == (f"channel.tty.{key}", "unknown key")
    assert only.hint == 'did you mean "text_template"?'


def test_a_template_may_lie_in_a_file_of_many_lines(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(b"{{ name }}\r\n\n{{ note }}\n")
    text = alert() + channel('text_template = { file = "words.txt" }')
    assert templates(tmp_path, text, "tty").text == "{{ name }}\n\n{{ note }}\n"


def test_without_secrets_files_are_left_alone_and_the_built_in_words_stand(tmp_path: Path) -> None:
    text = alert() + channel('text_template = { file = "none" }')
    found = load(tmp_path, text, environ=ENVIRON, secrets=False)
    assert found.manners["tty"].templates == BUILT_IN


def told(folder: Path, value: str) -> str:
    only = problem(folder, alert() + channel(f"text_template = {value}"))
    assert only.where == "channel.tty.text_template"
    return str(only)


def test_a_template_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    assert "(line 3)" in told(tmp_path, '"""\n{{ name }}\n\n{% if %}"""')
    assert "'nmae' is no field of a message" in told(tmp_path, '"{{ nmae }}"')
    (tmp_path / "words.txt").write_text("one\n{{ price")
    assert "(line 2)" in told(tmp_path, '{ file = "words.txt" }')


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ('""', "found an empty text"),
        ('" \\n"', "found an empty text"),
        ('"\\u001b[2J"', "found control characters in it"),
        ('{ file = "empty" }', "found an empty text"),
        ('{ file = "none" }', "there is no file"),
        ('{ file = "latin" }', "is not a text"),
        ('{ file = "long" }', "expected at most 20000 characters, found 20001"),
        ('{ flie = "long" }', 'did you mean "file"?'),
        ('{ credential = "words" }', "found another key"),
        ('{ file = "a", env = "b" }', "found a table"),
        ("3", 'or { file = "PATH" }, found 3'),
    ],
)
def test_anything_else_is_no_template(tmp_path: Path, value: str, what: str) -> None:
    (tmp_path / "latin").write_bytes(b"\xe9")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "long").write_text("x" * 20_001)
    assert what in told(tmp_path, value)
