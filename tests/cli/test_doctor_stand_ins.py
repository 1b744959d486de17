"""What the doctor finds about sources that stand in for the first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.cli import findings, outside
from alertd.cli.findings import Finding, Verdict, ok, trouble
from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.core.redaction import Redaction
from tests.quotes.build import NOON, minutes
from tests.support.alpaca import FORBIDDEN, AlpacaServer, account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alertd.quotes.alpaca import Alpaca

BABA, GONE, HONG_KONG = (listing(Symbol(name)) for name in ("BABA", "GONE", "9988.HK"))


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    """Yield an Alpaca that knows BABA."""
    with AlpacaServer() as running:
        running.play("BABA", minutes(3, NOON - timedelta(minutes=3)))
        trade = {"t": f"{NOON - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}", "p": 150.0}
        running.snap("BABA", {"latestTrade": trade})
        yield running


def found(one: Alpaca, *symbols: object, first: bool = False) -> list[Finding]:
    """Return what is found about a source, its clock apart."""
    listings = [each for each in (BABA, GONE, HONG_KONG) if each in symbols]
    everything = outside.source(one, listings, NOON, first=first)
    return [each for each in everything if each.about != outside.CLOCK]


def test_it_is_asked_for_what_it_covers_alone(server: AlpacaServer) -> None:
    (only,) = found(account(server), BABA, HONG_KONG)
    assert only == ok(
        "source alpaca", "quotes of all symbols; the last bar of BABA is of 2026-11-20 11:59 EST"
    )


def test_where_it_covers_none_of_the_symbols_it_is_not_asked(server: AlpacaServer) -> None:
    (only,) = found(account(server), HONG_KONG)
    assert only.verdict is Verdict.SKIPPED
    assert server.asked == []


@pytest.mark.parametrize(("first", "verdict"), [(True, Verdict.TROUBLE), (False, Verdict.SKIPPED)])
def test_a_symbol_is_expected_of_the_first_source_alone(
    server: AlpacaServer, *, first: bool, verdict: Verdict
) -> None:
    _, unknown = found(account(server), BABA, GONE, first=first)
    assert (unknown.verdict, unknown.what) == (verdict, "does not know GONE")


def test_keys_that_are_refused_are_a_trouble_that_says_where_they_are(
    server: AlpacaServer,
) -> None:
    server.fail(FORBIDDEN)
    (only,) = found(account(server), BABA)
    assert only.verdict is Verdict.TROUBLE
    assert "[quotes.alpaca]" in only.what


def test_its_clock_is_compared_with_ours(server: AlpacaServer) -> None:
    server.fail(replace(FORBIDDEN, headers={"Date": f"{NOON:%a, %d %b %Y 17:02:00 GMT}"}))
    *_, last = outside.source(account(server), [BABA], NOON, first=False)
    assert (last.about, last.verdict) == (outside.CLOCK, Verdict.TROUBLE)
    assert last.what == "this machine's is 2m behind that of alpaca"


def test_no_secret_is_shown_whatever_an_error_says(capsys: pytest.CaptureFixture[str]) -> None:
    said = trouble("source x", "refused\nkey a-s3cret-key", "look at a-s3cret-key")
    findings.show(said, 8, Redaction.of(["a-s3cret-key"]))
    assert capsys.readouterr().out == (
        "trouble  source x  refused key ***\n                   hint: look at ***\n"
    )
