"""Where prices come from is said in `[quotes]`, and how often they are asked for in `[poll]`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.config import AlpacaSettings, FinnhubSettings, QuotesSettings
from tests.config.builders import ENVIRON, alert, is_valid, load, problem, refusal

if TYPE_CHECKING:
    from pathlib import Path

ALPACA = """
[quotes.alpaca]
key = { env = "ALERTD_ALPACA_KEY" }
secret = { env = "ALERTD_ALPACA_SECRET" }
"""
FINNHUB = """
[quotes.finnhub]
token = { env = "ALERTD_FINNHUB_TOKEN" }
"""


def quotes(sources: str, *accounts: str) -> str:
    return "\n".join([alert(), "[quotes]", f"sources = {sources}", *accounts])


def poll(*lines: str) -> str:
    return "\n".join([alert(), "[poll]", *lines])


def test_yahoo_alone_is_asked_unless_something_else_is_said(tmp_path: Path) -> None:
    found = load(tmp_path, alert())
    assert found.quotes == QuotesSettings(sources=("yahoo",))
    assert (found.poll.sweep, found.poll.requests_per_minute) == (None, 60)


def test_sources_are_asked_in_the_order_in_which_they_stand(tmp_path: Path) -> None:
    found = load(tmp_path, quotes('["finnhub", "yahoo", "alpaca"]', ALPACA, FINNHUB)).quotes
    assert found.sources == ("finnhub", "yahoo", "alpaca")
    key, secret = ENVIRON["ALERTD_ALPACA_KEY"], ENVIRON["ALERTD_ALPACA_SECRET"]
    assert found.alpaca == AlpacaSettings(key, secret, "iex")
    assert found.finnhub == FinnhubSettings(ENVIRON["ALERTD_FINNHUB_TOKEN"])


def test_keys_are_kept_out_of_the_log_and_out_of_what_is_shown(tmp_path: Path) -> None:
    found = load(tmp_path, quotes('["yahoo", "alpaca", "finnhub"]', ALPACA, FINNHUB))
    keys = {ENVIRON[name] for name in ENVIRON if "ALPACA" in name or "FINNHUB" in name}
    assert len(keys) == 3
    assert keys <= set(found.secrets)
    assert [key for key in keys if key in repr(found)] == []


def test_a_key_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    for name in ("key", "secret", "token"):
        (tmp_path / name).write_text(f"the-{name}\n")
    files = '[quotes.alpaca]\nkey_file = "key"\nsecret_file = "secret"\nfeed = "sip"'
    token = '[quotes.finnhub]\ntoken_file = "token"'
    text = quotes('["alpaca", "finnhub"]', files, token)
    found = load(tmp_path, text).quotes
    assert found.alpaca == AlpacaSettings("the-key", "the-secret", "sip")
    assert found.finnhub == FinnhubSettings("the-token")
    assert is_valid(text)


def test_without_secrets_accounts_stand_empty(tmp_path: Path) -> None:
    text = quotes('["yahoo", "alpaca"]', ALPACA)
    found = load(tmp_path, text, environ={}, secrets=False).quotes
    assert found.alpaca == AlpacaSettings("", "")


@pytest.mark.parametrize(
    ("sources", "what"),
    [
        ('"yahoo"', 'expected a list of sources such as ["yahoo", "alpaca"], found "yahoo"'),
        ("[]", 'expected a list of sources such as ["yahoo", "alpaca"], found an empty list'),
        ('["yaho"]', 'expected "yahoo", "alpaca" or "finnhub", found "yaho"'),
        ("[1]", 'expected "yahoo", "alpaca" or "finnhub", found 1'),
        ("[[]]", 'expected "yahoo", "alpaca" or "finnhub", found an empty list'),
        ('["yahoo", "yahoo"]', '"yahoo" is there twice'),
    ],
)
def test_a_list_of_sources_that_is_none_is_told(tmp_path: Path, sources: str, what: str) -> None:
    only = problem(tmp_path, quotes(sources))
    assert (only.where, only.what) == ("quotes.sources", what)
    assert not is_valid(quotes(sources))


def test_a_misspelt_source_is_told_the_right_one(tmp_path: Path) -> None:
    assert problem(tmp_path, quotes('["alpacca"]')).hint == 'did you mean "alpaca"?'


def test_a_source_without_its_account_is_told_what_to_add(tmp_path: Path) -> None:
    only = problem(tmp_path, quotes('["yahoo", "alpaca"]'))
    assert (only.where, only.what) == (
        "quotes.alpaca",
        'missing, and quotes.sources names "alpaca"',
    )
    hint = "add [quotes.alpaca] with the key and the secret of an account, or do not name it"
    assert only.hint == hint


def test_an_account_that_is_not_used_is_told(tmp_path: Path) -> None:
    named = problem(tmp_path, quotes('["yahoo"]', FINNHUB))
    unsaid = problem(tmp_path, alert() + FINNHUB)
    assert named == unsaid
    assert named.where == "quotes.finnhub"
    assert named.hint == 'add "finnhub" to quotes.sources, or remove the table'


def test_what_an_account_lacks_is_told_at_once(tmp_path: Path) -> None:
    bare = "[quotes.alpaca]\n[quotes.finnhub]"
    found = refusal(tmp_path, quotes('["yahoo", "alpaca", "finnhub"]', bare))
    assert [(each.where, each.what) for each in found] == [
        ("quotes.alpaca.key", "missing"),
        ("quotes.alpaca.secret", "missing"),
        ("quotes.finnhub.token", "missing"),
    ]


def test_a_key_that_is_there_twice_is_told(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a")
    only = problem(tmp_path, quotes('["finnhub"]', FINNHUB, 'token_file = "token"'))
    assert (only.where, only.what) == (
        "quotes.finnhub.token_file", "a second token beside quotes.finnhub.token",
    )  # fmt: skip


@pytest.mark.parametrize("key", ["two words", "ключ", "a" * 513])
def test_a_key_that_cannot_go_along_with_a_request_is_not_repeated(
    tmp_path: Path, key: str
) -> None:
    environ = {**ENVIRON, "ALERTD_FINNHUB_TOKEN": key}
    only = problem(tmp_path, quotes('["finnhub"]', FINNHUB), environ=environ)
    assert only.where == "quotes.finnhub.token"
    assert key not in str(only)


def test_a_key_in_the_file_itself_is_not_repeated(tmp_path: Path) -> None:
    only = problem(tmp_path, quotes('["finnhub"]', '[quotes.finnhub]\ntoken = "s3cr3t"'))
    assert only.where == "quotes.finnhub.token"
    assert "s3cr3t" not in str(only)


def test_a_key_in_the_place_of_its_table_is_not_repeated(tmp_path: Path) -> None:
    only = problem(tmp_path, quotes('["finnhub"]', 'finnhub = "s3cr3t"'))
    assert (only.where, only.what) == (
        "quotes.finnhub", "expected a [quotes.finnhub] table, found a text",
    )  # fmt: skip


def test_a_feed_that_there_is_not_is_told(tmp_path: Path) -> None:
    only = problem(tmp_path, quotes('["alpaca"]', ALPACA, 'feed = "ixe"'))
    assert (only.where, only.what) == ("quotes.alpaca.feed", 'expected "iex" or "sip", found "ixe"')
    assert only.hint == 'did you mean "iex"?'


def test_an_unknown_source_s_table_is_an_unknown_key(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + '[quotes.finhub]\ntoken = "x"')
    assert (only.where, only.what) == ("quotes.finhub", "unknown key")
    assert only.hint == 'did you mean "finnhub"?'


def test_a_sweep_and_a_number_of_requests_are_taken(tmp_path: Path) -> None:
    found = load(tmp_path, poll('sweep = "5m"', "requests_per_minute = 600")).poll
    assert (found.sweep, found.requests_per_minute) == (timedelta(minutes=5), 600)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('sweep = "59s"', 'expected at least one minute, found "59s"'),
        ("sweep = 15", 'expected a duration such as "90s", "5m", "1h30m" or "2 days", found 15'),
        ("requests_per_minute = 9", "expected a number from 10 to 6000, found 9"),
        ("requests_per_minute = 6001", "expected a number from 10 to 6000, found 6001"),
        ("requests_per_minute = true", "expected a number from 10 to 6000, found true"),
        ("requests_per_minute = 60.0", "expected a number from 10 to 6000, found 60.0"),
    ],
)
def test_a_pace_that_cannot_be_kept_is_told(tmp_path: Path, line: str, what: str) -> None:
    only = problem(tmp_path, poll(line))
    assert (only.where, only.what) == (f"poll.{line.split(maxsplit=1)[0]}", what)
