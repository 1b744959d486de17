"""In which spellings a secret is hidden, and what is left readable."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.redaction import Redaction

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "p4ss/wörd 'x' \"y\" <z>&\\+"
URL = "https://me:pa55@desk.example.com:8443/hooks/T0KEN-of-11?key=s3cret-key&x=1#part"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "Python": repr,
    "Python's bytes": lambda text: repr(text.encode()),
    "JSON": json.dumps,
    "JSON with letters": lambda text: json.dumps(text, ensure_ascii=False),
    "HTML": html.escape,
    "a URL": lambda text: quote(text, safe=""),
    "a path": quote,
    "a form": quote_plus,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 of a login": lambda text: b64encode(f"\0me\0{text}".encode()).decode(),
    "base64 of a longer login": lambda text: b64encode(f"\0you\0{text}\n".encode()).decode(),
    "base64 of basic authorization": lambda text: b64encode(f"alert:{text}".encode()).decode(),
    "base64 for URLs": lambda text: urlsafe_b64encode(text.encode()).decode(),
}


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_is_hidden_in_whatever_spelling_it_stands(spelled: Callable[[str], str]) -> None:
    text = spelled(SECRET)
    hidden = Redaction.of([SECRET])(f"({text})")
    assert "***" in hidden
    # Of base64, letters at the ends hold bits of what stands beside the secret.
    assert sum(1 for sign in hidden.replace("***", "") if sign in text) <= 12


@given(st.text(min_size=8), st.text(), st.text())
def test_base64_is_hidden_wherever_it_begins(secret: str, before: str, behind: str) -> None:
    def bare(data: str) -> bytes:
        return data.encode(errors="replace")

    whole = b64encode(bare(before) + bare(secret) + bare(behind)).decode()
    assert len(Redaction.of([secret])(whole)) < len(whole)


@pytest.mark.parametrize(
    "part",
    [
        "/hooks/T0KEN-of-11?key=s3cret-key&x=1#part",
        "GET /hooks/T0KEN-of-11",
        "T0KEN-of-11",
        "key=s3cret-key",
        "s3cret-key",
        "me:pa55@desk",
    ],
)
def test_of_a_url_each_part_that_can_be_told_from_a_word_is_hidden(part: str) -> None:
    hidden = Redaction.of([URL])(part)
    assert "***" in hidden
    assert not any(secret in hidden for secret in ("T0KEN", "s3cret", "pa55"))


def test_of_a_url_its_host_and_ordinary_words_can_still_be_read() -> None:
    words = "desk.example.com answered 503, hooks and services"
    assert Redaction.of([URL, "https://x.example/services/T0000000"])(words) == words


def test_a_token_that_a_service_has_in_the_place_of_the_host_is_hidden() -> None:
    redact = Redaction.of(["tgram://123456789:AAbb-Cc/4711", "ntfys://T0ken-9999@ntfy.sh/topic"])
    assert redact("chat of 123456789:AAbb-Cc, T0ken-9999 at ntfy.sh") == (
        "chat of ***, *** at ntfy.sh"
    )


def test_of_a_signing_secret_the_key_is_hidden_without_its_mark_too() -> None:
    assert Redaction.of(["whsec_MfKQ9r8GKYqr"])("key MfKQ9r8GKYqr") == "key ***"


def test_a_part_that_a_url_spells_with_signs_of_percent_is_hidden_as_it_is_meant() -> None:
    assert Redaction.of(["https://x.example/a%2Fb%20c%C3%A4d"])("a/b cäd") == "***"


def test_a_secret_inside_another_is_hidden_with_it() -> None:
    assert Redaction.of(["abc", "abcdef"])("abcdef abc") == "*** ***"


def test_an_empty_secret_hides_nothing() -> None:
    assert Redaction.of([""])("words") == "words"
