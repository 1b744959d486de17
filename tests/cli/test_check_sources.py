"""`alertd check` says who is asked for prices, how often, and whether that is allowed."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import islice, product
from string import ascii_uppercase
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.cli.asking import Need
from alertd.core.spans import span

if TYPE_CHECKING:
    from tests.cli.typed import Home

MINUTE = timedelta(minutes=1)
INLINE = "allow_inline_secrets = true"
ACCOUNTS = """
[quotes.alpaca]
key = "the-key-of-alpaca"
secret = "the-secret-of-alpaca"

[quotes.finnhub]
token = "the-token-of-finnhub"
"""


def symbols(count: int, *lines: str) -> str:
    names = ["".join(letters) for letters in islice(product(ascii_uppercase, repeat=3), count)]
    alerts = [f'[[alert]]\nid = "{n.lower()}"\nsymbol = "{n}"\nbelow = 150\n' for n in names]
    return "\n".join([*lines, *alerts])


def told(home: Home, config: str) -> list[str]:
    """Return what is said of the sources, each paragraph on a line."""
    answer = home.alertd("check", "--config", home.config(config))
    assert (answer.status, answer.err) == (0, "")
    said = answer.out.partition("\nquotes: ")[2].partition("\n\n")[0]
    return [line.strip() for line in f"quotes: {said}".splitlines()]


def test_a_few_symbols_get_their_bars_at_each_interval(home: Home) -> None:
    first, often, *more = told(home, symbols(3))
    assert first == "quotes: yahoo"
    assert often == "bars of 3 symbols every 1m: about 3 requests a minute, 60 are allowed"
    assert more == []


def test_many_symbols_are_quoted_together_and_swept(home: Home) -> None:
    text = " ".join(told(home, symbols(600)))
    assert "quotes of 600 symbols every 1m, bars every 15m or when one points at it" in text
    assert "about 47 requests a minute, 60 are allowed" in text
    assert "too many" not in text


def test_more_than_is_allowed_is_said_with_what_to_change(home: Home) -> None:
    text = " ".join(told(home, symbols(900, "poll.interval = '30s'")))
    assert "about 80 requests a minute, 60 are allowed" in text
    assert 'in [poll], set requests_per_minute = 80 or sweep = "23m"' in text


def test_symbols_that_are_asked_for_too_often_are_said_how_often_is_enough(home: Home) -> None:
    text = " ".join(told(home, symbols(10, "poll.interval = '5s'")))
    assert "about 120 requests a minute, 60 are allowed" in text
    assert 'set requests_per_minute = 120 or interval = "1m"' in text


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ('["yahoo", "alpaca", "finnhub"]', "alpaca and finnhub stand in for American shares"),
        ('["alpaca", "yahoo", "finnhub"]', "yahoo and finnhub stand in"),
    ],
)
def test_those_who_stand_in_are_named_without_their_keys(
    home: Home, sources: str, said: str
) -> None:
    first, *more = told(home, symbols(1, INLINE, f"quotes.sources = {sources}") + ACCOUNTS)
    assert first.partition("; ")[2] == said
    assert [line for line in more if "of-alpaca" in line or "of-finnhub" in line] == []


def test_symbols_that_no_source_knows_are_named(home: Home) -> None:
    abroad = '[[alert]]\nid = "hk"\nsymbol = "9988.HK"\nbelow = 120\n'
    alpaca = symbols(1, INLINE, 'quotes.sources = ["alpaca"]') + abroad
    alpaca += ACCOUNTS.partition("[quotes.finnhub]")[0]
    said = "no prices of 9988.HK: only yahoo knows more than American shares"
    assert told(home, alpaca)[2:] == [said]
    assert said not in told(home, symbols(1) + abroad)


def test_a_source_s_own_limit_counts_where_it_is_the_first(home: Home) -> None:
    config = symbols(100, INLINE, 'quotes.sources = ["finnhub", "alpaca"]') + ACCOUNTS
    text = " ".join(told(home, config))
    # It quotes each symbol by a request of its own.
    assert "about 107 requests a minute, 60 are allowed" in text
    assert 'in [poll], set interval = "4m" and sweep = "4m"' in text


@given(
    st.integers(1, 20_000), st.integers(1, 600), st.integers(1, 120), st.integers(10, 6_000),
    st.sampled_from([1, 99]),
)  # fmt: skip
def test_what_is_proposed_is_enough(
    count: int, seconds: int, minutes: int, allowed: int, together: int
) -> None:
    interval = timedelta(seconds=seconds)
    need = Need(count, interval, max(minutes * MINUTE, interval), together)
    if need.per_minute <= allowed:
        return
    for remedy in need.remedies(allowed, 6_000):
        asked = dict(re.findall(r'(\w+) = "?([^"]+?)"?(?: and |$)', remedy))
        if "requests_per_minute" in asked:
            assert int(asked["requests_per_minute"]) == need.per_minute
            continue
        longer = span(asked.get("interval", "")) or interval
        sweep = span(asked.get("sweep", "")) or (longer if need.quotes == 0 else need.sweep)
        assert Need(count, longer, max(sweep, longer), together).per_minute <= allowed
