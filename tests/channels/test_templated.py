"""Messages in a user's own words: each template is filled by a real process."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from alertd.channels import templated
from alertd.channels.templated import Templated
from alertd.core.messages import Message, message, test_message
from alertd.core.parcels import alone
from alertd.core.retry import NOBODY, Failed, Recipients, Rejected, Sent
from alertd.core.templates import Templates
from tests.channels.conftest import NOW
from tests.support.build import found, rule
from tests.support.fakes import Letterbox

if TYPE_CHECKING:
    from collections.abc import Sequence

HALF_A_SECOND = timedelta(seconds=0.5)
FIRED = message(alone(found(rule("below 150"), 149.62, "09:35")))


def said(sent: Message = FIRED, timeout: timedelta = templated.TIMEOUT, **sources: str) -> Message:
    """Return what the inner channel is given to send."""
    inner = Letterbox()
    assert Templated(inner, Templates(**sources), timeout).send(sent, NOW) == Sent()
    (given,) = inner.messages
    return given


def note(part: str, problem: str) -> str:
    """Return the last line of a message whose template has failed."""
    return (
        f"The template for the {part} of this channel failed: {problem}. "
        f"This is the built-in {part}."
    )


def test_a_template_replaces_its_part_and_leaves_the_others() -> None:
    given = said(text="{{ symbol }} at {{ price }}, {{ note }}\n")

    assert given == replace(FIRED, text="BABA at 149.62, look at it\n")


def test_all_parts_may_be_the_users_own() -> None:
    given = said(subject="{{ symbol }}!", text="{{ name }}", html="<p>{{ name }}</p>")

    assert given == replace(FIRED, subject="BABA!", text="a in words", html="<p>a in words</p>")


def test_a_template_may_use_the_built_in_words() -> None:
    given = said(subject="[home] {{ subject }}", text="{{ text }}--\n", html="{{ html }}<hr>")

    assert given.subject == f"[home] {FIRED.subject}"
    assert given.text == f"{FIRED.text}--\n"
    assert given.html == f"{FIRED.html}<hr>"


def test_values_are_escaped_in_html_alone() -> None:
    data = FIRED.payload["data"]
    assert isinstance(data, dict)
    sent = replace(FIRED, payload={**FIRED.payload, "data": {**data, "note": "<b>&"}})

    given = said(sent, text="{{ note }}", html="{{ note }}")

    assert (given.text, given.html) == ("<b>&", "&lt;b&gt;&amp;")


def test_a_field_that_does_not_apply_is_none() -> None:
    assert said(text="{{ band is none }} {{ held is none }}").text == "True True"


@pytest.mark.parametrize("subject", ["one\ntwo\r\nBcc: x", "  one  two Bcc: x"])
def test_a_subject_is_one_line(subject: str) -> None:
    assert " ".join(said(subject=subject).subject.split()) == said(subject=subject).subject
    assert said(subject=subject).subject.startswith("one two")


def test_a_subject_has_at_most_200_characters() -> None:
    assert said(subject="{{ 'x' * 1000 }}").subject == "x" * 200


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("a\nb\n{{ pricee }}", "'pricee' is undefined (line 3)"),
        ("{{ origin.price }}", "'None' has no attribute 'price' (line 1)"),
        ("{% if %}", "Expected an expression, got 'end of statement block' (line 1)"),
        ("{{ 1 / 0 }}", "division by zero (line 1)"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "it calls itself for ever (line 1)"),
        ("{{ 'x' * 10**9 }}", "it takes too much memory (line 1)"),
        ("{{ name | center(10**9) }}", "it takes too much memory (line 1)"),
        ("{{ ('x' * 10**5) * 10**5 }}", "it takes too much memory (line 1)"),
        ("{% if symbol %}{% endif %}", "it gives no text"),
        ("{{ 'x' * 10**6 }}", "it gives more than 100 kB"),
    ],
)
def test_a_text_that_cannot_be_made_is_the_built_in_one_and_says_so(
    source: str, problem: str, lines: list[str]
) -> None:
    given = said(text=source)

    assert given.text == f"{FIRED.text.rstrip()}\n\n{note('text', problem)}\n"
    assert given.subject == FIRED.subject
    (line,) = lines
    assert line.startswith("a template failed, the built-in words are sent")
    assert f"text: {problem}" in line
    assert FIRED.id in line


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 10**(10**9) }}",
    ],
    ids=["loops", "power"],
)
def test_a_template_without_end_is_ended(source: str) -> None:
    started = time.monotonic()
    given = said(timeout=HALF_A_SECOND, text=source)

    # Ended by the timeout: by itself it would take minutes.
    assert time.monotonic() - started < 20
    assert given.text.endswith(note("text", "it is not done within 0.5 s") + "\n")


def test_a_part_that_was_done_before_another_failed_is_used() -> None:
    given = said(
        timeout=timedelta(seconds=3), subject="{{ symbol }}!", text="{{ 10**(10**9) }}", html="<p>"
    )

    assert given.subject == "BABA!"
    assert given.text.splitlines()[-3:] == [
        note("text", "it is not done within 3 s"), "", note("html", "it is not done within 3 s"),
    ]  # fmt: skip


def test_a_failed_html_template_is_told_within_the_page() -> None:
    given = said(html="{{ '<' ~ pricee }}")

    told = "<p>The template for the html of this channel failed: &#x27;pricee&#x27; is undefined"
    assert told in given.html
    assert given.html.rstrip().endswith("</html>")
    assert note("html", "'pricee' is undefined (line 1)") in given.text


def test_a_failed_subject_is_told_in_the_users_own_words_too() -> None:
    given = said(subject="{{ pricee }}", text="{{ symbol }}", html="<p>{{ symbol }}</BODY>")

    told = note("subject", "'pricee' is undefined (line 1)")
    assert given.subject == FIRED.subject
    assert given.text == f"BABA\n\n{told}\n"
    assert given.html.startswith("<p>BABA<p>The template for the subject")
    assert given.html.endswith("</p>\n</BODY>")


def test_a_template_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "s3cret")
    process = (
        "import os, sys\n"
        "print(os.getcwd(), dict(os.environ), sys.argv, os.listdir('/proc/self/fd'))"
    )
    monkeypatch.setattr(templated, "_START", process)

    seen = templated._run(b"", 10).decode()  # noqa: SLF001 - what the process is handed

    assert "s3cret" not in seen
    assert seen.startswith("/ ")
    assert str(Path.cwd()) in seen, "it has to find the modules"
    # Input, output, errors, and the listing itself.
    assert seen.count("'0'") == seen.count("'1'") == seen.count("'2'") == seen.count("'3'") == 1
    assert "'4'" not in seen


def test_a_process_that_cannot_be_started_costs_only_the_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")

    given = said(text="{{ symbol }}")

    assert given.text.endswith(note("text", "no process can be started for it") + "\n")


def test_a_process_that_breaks_off_costs_only_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templated, "_START", "import os; os.abort()")

    given = said(text="{{ symbol }}")

    assert given.text.endswith(note("text", "its process broke off") + "\n")


def test_a_digest_comes_in_the_built_in_words() -> None:
    digest = replace(FIRED, payload={"type": "alert.digest", "data": {"events": []}})

    assert said(digest, text="{{ symbol }}") == digest


def test_a_test_shows_what_the_templates_make_of_an_example() -> None:
    test = test_message("mail", NOW, UUID(int=1))

    given = said(test, subject="{{ symbol }} {{ price }}", text="{{ name }}")

    assert given.subject == "[TEST] BABA 149.62"
    first, *_, last = given.text.strip().splitlines()
    assert first == "BABA below 150"
    assert last.startswith("TEST: no price crossed any level.")
    assert "TEST: no price crossed any level." in given.html


def test_a_test_of_a_template_that_fails_says_so() -> None:
    given = said(test_message("mail", NOW, UUID(int=1)), text="{{ pricee }}")

    assert note("text", "'pricee' is undefined (line 1)") in given.text


def test_the_rest_of_a_message_stays_as_it_is() -> None:
    given = said(text="{{ symbol }}")

    assert replace(given, text=FIRED.text) == FIRED


def test_outcomes_and_recipients_pass_through() -> None:
    done = Recipients(frozenset({"me@example.com"}))
    answers: Sequence[Failed | Rejected] = (Failed("503"), Rejected("gone"))
    inner = Letterbox(lambda count: answers[count - 1])
    channel = Templated(inner, Templates(text="{{ symbol }}"))

    assert channel.send(FIRED, NOW) == Failed("503")
    assert channel.send(FIRED, NOW, done) == Rejected("gone")
    assert inner.done == [NOBODY, done]


def test_the_deadline_leaves_time_for_the_templates() -> None:
    channel = Templated(Letterbox(), Templates(), HALF_A_SECOND)

    assert channel.deadline == Letterbox.deadline + HALF_A_SECOND
