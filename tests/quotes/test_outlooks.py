"""What Yahoo says of a company, read without a network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alertd.core.almanac import Outlook, Targets
from alertd.core.bars import Symbol
from alertd.errors import SourceDown, UnknownSymbol
from alertd.quotes.answers import Answer, Plea, quote, summary
from alertd.quotes.outlooks import outlook, targets
from tests.quotes.build import NOON

if TYPE_CHECKING:
    from pathlib import Path

BABA = Symbol("BABA")


def quoted(**fields: object) -> dict[str, Any]:
    return {"quoteResponse": {"result": [{"symbol": "BABA", **fields}], "error": None}}


def expected(**fields: object) -> dict[str, Any]:
    return {"quoteSummary": {"result": [{"financialData": fields}], "error": None}}


def read(body: object, symbol: str = "BABA") -> Outlook:
    return outlook(body, Symbol(symbol), NOON, "yahoo")


def recorded(shared: Path, name: str) -> object:
    return json.loads((shared / f"data/yahoo/{name}.json").read_text())["body"]


# The price and the P/E.


def test_a_recorded_quote_has_a_price_and_what_it_is_of_the_earnings(shared: Path) -> None:
    assert read(recorded(shared, "quote_AAPL"), "AAPL") == Outlook(
        NOON, "yahoo", price=244.6, currency="USD", pe=38.763866, forward_pe=29.434416
    )


def test_of_two_recorded_quotes_the_one_that_was_asked_for_is_read(shared: Path) -> None:
    both = recorded(shared, "quote_AAPL+BABA")
    assert read(both, "BABA").price != read(both, "AAPL").price == 244.6


@pytest.mark.parametrize(
    ("name", "symbol"), [("quote_BTC-USD", "BTC-USD"), ("quote_BABA_2026-10-03_closed", "BABA")]
)
def test_a_recorded_quote_without_earnings_has_no_pe(shared: Path, name: str, symbol: str) -> None:
    found = read(recorded(shared, name), symbol)
    assert (found.pe, found.forward_pe, found.currency) == (None, None, "USD")
    assert found.price is not None


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("quote_delisted_empty_result", "APS.AX"),
        ("quote_AAPL+nonexist", "NONEXIST"),
        ("quote_renamed_BRKS", "BRKS"),
    ],
)
def test_a_symbol_that_the_recorded_quotes_do_not_have_is_unknown(
    shared: Path, name: str, symbol: str
) -> None:
    with pytest.raises(UnknownSymbol, match=f"query1.*: {symbol}: missing from the quotes"):
        read(recorded(shared, name), symbol)


def test_a_price_is_rounded_to_its_hint() -> None:
    assert read(quoted(regularMarketPrice=130.24000549, priceHint=2)).price == 130.24
    assert read(quoted(regularMarketPrice=1.23456)).price == 1.2346


@pytest.mark.parametrize(
    "pe", [None, 0, -3.2, {}, {"raw": -1}, "Infinity", "NaN", float("inf"), float("nan"), 10**400]
)
def test_a_pe_that_says_there_are_no_earnings_is_none(pe: object) -> None:
    assert read(quoted(trailingPE=pe, forwardPE=pe)).pe is None
    assert read(quoted(trailingPE=pe, forwardPE=pe)).forward_pe is None


def test_figures_may_be_formatted_for_people() -> None:
    assert read(quoted(trailingPE={"raw": 19.5, "fmt": "19.50"})).pe == 19.5


# What analysts expect.


def test_targets_come_with_the_price_beside_them_and_without_a_currency() -> None:
    body = expected(
        targetMeanPrice=193.954, targetHighPrice=225, targetLowPrice=140.0, targetMedianPrice=1,
        currentPrice=105.85, financialCurrency="CNY",
    )  # fmt: skip
    assert targets(body, BABA) == Targets(193.954, 225.0, 140.0, 105.85, currency=None)


def test_targets_may_be_formatted_for_people() -> None:
    raw = {"raw": 194.0, "fmt": "194.00"}
    assert targets(expected(targetMeanPrice=raw, targetHighPrice={}), BABA) == Targets(mean=194.0)


@pytest.mark.parametrize(
    "body",
    [
        expected(currentPrice=105.85),
        expected(targetMeanPrice=0, targetHighPrice=-1, targetLowPrice=None),
        expected(),
        {"quoteSummary": {"result": [{}], "error": None}},
        {"quoteSummary": {"result": [], "error": None}},
        {"quoteSummary": {"result": None, "error": None}},
    ],
)
def test_a_company_without_analysts_has_no_targets(body: object) -> None:
    assert targets(body, BABA) is None


def test_the_recorded_answer_for_a_symbol_without_fundamentals_is_no_summary(
    shared: Path,
) -> None:
    text = json.dumps(recorded(shared, "error_404_quoteSummary"))
    assert summary(Answer(404, text), BABA, NOON) is None


# What cannot be read.


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ([], r"an object at the body, found \[\]"),
        ({}, "an object at quoteResponse, found None"),
        ({"quoteResponse": {"result": None}}, r"a list at quoteResponse\.result, found None"),
        ({"quoteResponse": {"result": [5]}}, r"an object at quoteResponse\.result\[0\], found 5"),
        (quoted(trailingPE="much"), "numbers at trailingPE, found 'much'"),
        (quoted(regularMarketPrice=[1]), r"numbers at regularMarketPrice, found \[1\]"),
        (quoted(forwardPE=True), "numbers at forwardPE, found True"),
    ],
)
def test_a_quote_of_another_shape_is_an_outage_that_says_what_was_found(
    body: object, found: str
) -> None:
    with pytest.raises(SourceDown, match=f"query1.*: BABA: not a quote: expected {found}"):
        read(body)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, "an object at quoteSummary, found None"),
        ({"quoteSummary": {"result": "x"}}, r"a list at quoteSummary\.result, found 'x'"),
        ({"quoteSummary": {"result": [1]}}, r"an object at quoteSummary\.result\[0\], found 1"),
        (expected(targetMeanPrice="high"), "numbers at targetMeanPrice, found 'high'"),
    ],
)
def test_a_summary_of_another_shape_is_an_outage_that_says_what_was_found(
    body: object, found: str
) -> None:
    with pytest.raises(SourceDown, match=f"query2.*: BABA: not a summary: expected {found}"):
        targets(body, BABA)


def test_a_plea_for_quiet_is_heard_in_any_answer() -> None:
    for read_answer in (quote, summary):
        with pytest.raises(Plea, match="BABA: too many requests, status 429"):
            read_answer(Answer(429, "Too Many Requests\r\n"), BABA, NOON)


def test_an_answer_of_another_kind_is_an_outage_that_names_what_was_wanted() -> None:
    error = {"code": "Unauthorized", "description": "Invalid Crumb"}
    text = json.dumps({"finance": {"result": None, "error": error}})
    with pytest.raises(SourceDown, match="expected a quote, found status 401: 'Unauthorized"):
        quote(Answer(401, text), BABA, NOON)
    with pytest.raises(SourceDown, match=r"query2.*expected a summary, found status 401"):
        summary(Answer(401, text), BABA, NOON)
