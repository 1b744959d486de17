"""What Yahoo's quotes and closes say of many symbols, read without a network."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.core.pointing import Quote
from alertd.errors import SourceDown
from alertd.quotes.board import closes, quotes
from tests.quotes.build import NOON, at

if TYPE_CHECKING:
    from pathlib import Path

BABA, NVDA, HSBC = (Symbol(name) for name in ("BABA", "NVDA", "HSBC"))
LISTINGS = [listing(each) for each in (BABA, NVDA, HSBC)]
RANGE = {"regularMarketDayHigh": 131.5, "regularMarketDayLow": 128.25}


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def traded(price: object, moment: datetime = NOON, market: str = "regular") -> dict[str, object]:
    return {f"{market}MarketPrice": price, f"{market}MarketTime": stamp(moment)}


def body(*entries: object) -> dict[str, Any]:
    return {"quoteResponse": {"result": list(entries), "error": None}}


def quoted(**fields: object) -> Quote:
    return quotes(body({"symbol": "BABA", "quoteType": "EQUITY", **fields}), LISTINGS)[BABA]


def spark(columns: dict[str, object]) -> Quote | None:
    return closes({"BABA": {"symbol": "BABA", **columns}}, LISTINGS).get(BABA)


def rows(*each: tuple[str, object]) -> dict[str, object]:
    stamps = [stamp(at(clock)) for clock, _ in each]
    return {"timestamp": stamps, "close": [price for _, price in each]}


def test_a_quote_is_the_last_trade_the_days_range_and_the_delay() -> None:
    found = quoted(**traded(130.25), **RANGE, currency="USD", exchangeDataDelayedBy=15)
    assert found == Quote(
        BABA, price=130.25, at=NOON, low=128.25, high=131.5, delay=timedelta(minutes=15),
        currency="USD",
    )  # fmt: skip


def test_prices_are_rounded_as_those_of_bars_are() -> None:
    found = quoted(**traded(130.2500001), regularMarketDayHigh=131.4999999, priceHint=2)
    assert (found.price, found.high) == (130.25, 131.5)
    assert quoted(**traded(1.355436), priceHint=4).price == 1.3554


@pytest.mark.parametrize(
    ("market", "clock"), [("pre", "13:00"), ("post", "22:00"), ("regular", "16:00")]
)
def test_the_newest_trade_counts_whatever_market_it_was_in(market: str, clock: str) -> None:
    old = traded(120.0, at("00:00") - timedelta(hours=3))
    newest = traded(125.0, at(clock), market)
    found = quoted(**{**old, **newest}, marketState="CLOSED")
    assert (found.price, found.at) == (125.0, at(clock))


def test_the_days_range_is_not_told_of_a_trade_outside_the_regular_session() -> None:
    found = quoted(**traded(120.0), **traded(125.0, at("22:00"), "post"), **RANGE)
    assert (found.low, found.high) == (None, None)


def test_an_empty_market_does_not_hide_the_other_one() -> None:
    found = quoted(**traded(120.0), postMarketPrice=None, postMarketTime=stamp(at("22:00")))
    assert (found.price, found.at) == (120.0, NOON)


@pytest.mark.parametrize("price", [0, 0.0, None, math.nan, math.inf, -1, "Infinity", 10**400])
def test_a_price_that_is_none_is_none(price: object) -> None:
    found = quoted(**traded(price), regularMarketDayHigh=price, regularMarketDayLow=price)
    assert (found.price, found.low, found.high) == (None, None, None)


@pytest.mark.parametrize(
    ("said", "delay"),
    [
        (0, timedelta(0)), (15, timedelta(minutes=15)), (None, None), (-5, None),
        (math.nan, None), ("15", None), (1e9, None),
    ],
)  # fmt: skip
def test_a_delay_that_makes_no_sense_is_none(said: object, delay: timedelta | None) -> None:
    assert quoted(**traded(1.0), exchangeDataDelayedBy=said).delay == delay


@pytest.mark.parametrize("moment", [None, 0, -1, 1e20, math.nan, "now", [1], True])
def test_a_time_that_makes_no_sense_is_none(moment: object) -> None:
    assert quoted(regularMarketPrice=1.0, regularMarketTime=moment).at is None


def test_symbols_that_yahoo_does_not_know_are_missing() -> None:
    found = quotes(body({"symbol": "BABA", **traded(1.0)}), LISTINGS)
    assert list(found) == [BABA]


def test_a_symbol_that_yahoo_has_buried_is_missing() -> None:
    assert quotes(body({"symbol": "BABA", "quoteType": "NONE"}), LISTINGS) == {}


def test_a_symbol_that_was_not_asked_for_is_left_out() -> None:
    assert quotes(body({"symbol": "IBM", **traded(1.0)}), LISTINGS) == {}


def test_a_symbol_is_known_by_any_case() -> None:
    lower = Symbol("vod.l")
    assert list(quotes(body({"symbol": "VOD.L"}), [listing(lower, "XLON")])) == [lower]


@pytest.mark.parametrize(
    "entry",
    [
        None, 7, "BABA", [], {}, {"symbol": None}, {"symbol": ["BABA"]},
        {"symbol": "BABA", **traded("cheap")}, {"symbol": "BABA", **traded([1])},
        {"symbol": "BABA", **traded(1.0), "regularMarketDayHigh": "high"},
    ],
)  # fmt: skip
def test_an_entry_of_another_shape_costs_nobody_else_a_quote(entry: object) -> None:
    others = [{"symbol": symbol, **traded(9.0)} for symbol in (NVDA, HSBC)]
    found = quotes(body(others[0], entry, others[1]), LISTINGS)
    assert {symbol: quote.price for symbol, quote in found.items()} == {NVDA: 9.0, HSBC: 9.0}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (None, "an object at the body, found None"),
        ([], r"an object at the body, found \[\]"),
        ({}, "an object at quoteResponse, found None"),
        ({"quoteResponse": {"result": None}}, r"a list at quoteResponse\.result, found None"),
    ],
)
def test_a_body_of_another_shape_is_an_outage_that_says_what_was_found(
    wrong: object, said: str
) -> None:
    with pytest.raises(SourceDown, match=f"query1.*: not quotes: expected {said}"):
        quotes(wrong, LISTINGS)


def test_the_newest_close_is_the_price_and_the_range_is_of_its_session() -> None:
    found = spark(rows(("14:00", 99.0), ("14:30", 120.0), ("14:35", 118.0), ("14:37", 119.0)))
    assert found == Quote(BABA, price=119.0, at=at("14:37"), low=118.0, high=120.0)


def test_a_close_outside_the_regular_session_has_no_range() -> None:
    found = spark(rows(("14:35", 118.0), ("22:00", 125.0)))
    assert found == Quote(BABA, price=125.0, at=at("22:00"))


def test_closes_of_null_are_passed_over() -> None:
    found = spark(rows(("14:30", 120.0), ("14:35", None), ("14:40", math.nan), ("14:45", 0)))
    assert found
    assert (found.price, found.at) == (120.0, at("14:30"))


@pytest.mark.parametrize("nothing", [{}, {"timestamp": None, "close": None}, rows()])
def test_a_symbol_without_closes_is_known_and_has_no_price(nothing: dict[str, object]) -> None:
    assert spark(nothing) == Quote(BABA)


def test_closes_without_their_times_are_missing() -> None:
    assert spark({"timestamp": [1, 2], "close": [1.0]}) is None
    assert spark({"timestamp": "no", "close": [1.0]}) is None


def test_the_other_shape_of_a_spark_says_the_same() -> None:
    chart = {
        "meta": {"currency": "USD", "priceHint": 2},
        "timestamp": [stamp(at("14:30"))],
        "indicators": {"quote": [{"close": [120.001]}]},
    }
    listed = [{"symbol": "BABA", "response": [chart]}, {"symbol": "NVDA", "response": []}, None]
    found = closes({"spark": {"result": listed, "error": None}}, LISTINGS)
    assert found == {BABA: Quote(BABA, 120.0, at("14:30"), low=120.0, high=120.0, currency="USD")}


@pytest.mark.parametrize("wrong", [None, [], {"spark": None}, {"spark": {"result": None}}])
def test_a_spark_of_another_shape_is_an_outage(wrong: object) -> None:
    with pytest.raises(SourceDown, match=r"query1.*: not closes: expected"):
        closes(wrong, LISTINGS)


def test_a_close_from_before_the_calendar_begins_has_no_range() -> None:
    found = datetime(1970, 1, 2, tzinfo=UTC)
    assert spark({"timestamp": [86_400], "close": [1.0]}) == Quote(BABA, 1.0, found)


@pytest.mark.parametrize(
    ("name", "symbol", "price", "clock"),
    [
        ("AAPL+BABA", "BABA", 124.81, "2025-02-15T00:59:59"),
        ("AAPL_post_2025-10-29", "AAPL", 270.75, "2025-10-29T23:59:56"),
        ("2021-01-11_live", "GE", 11.45, "2021-01-11T17:31:50"),
        ("TSLA_fields_subset", "TSLA", 355.84, "2025-02-14T21:00:01"),
        ("many_iprak", "EMIM.L", 3004.5, "2025-08-15T15:28:43"),
        ("many_iprak", "GBPUSD=X", 1.3554, "2025-08-15T21:29:39"),
    ],
)
def test_a_recorded_quote_is_read(
    shared: Path, name: str, symbol: str, price: float, clock: str
) -> None:
    found = recorded(shared, name, symbol)[Symbol(symbol)]
    assert found.at
    assert (found.price, f"{found.at:%FT%T}") == (price, clock)


def test_a_recorded_quote_of_london_is_in_pence_and_late(shared: Path) -> None:
    found = recorded(shared, "many_iprak", "EMIM.L")[Symbol("EMIM.L")]
    assert (found.currency, found.delay) == ("GBp", timedelta(minutes=15))
    assert (found.low, found.high) == (3004.0, 3017.0)


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("renamed_BRKS", "BRKS"), ("nonexist", "NONEXIST"), ("unknown_symbol", "GS2C"),
        ("delisted_empty_result", "APS.AX"), ("many_iprak", "IDFCBANK.BO"),
        ("AAPL+nonexist", "NONEXIST"),
    ],
)  # fmt: skip
def test_a_recorded_unknown_symbol_is_missing(shared: Path, name: str, symbol: str) -> None:
    assert Symbol(symbol) not in recorded(shared, name, symbol)


def recorded(shared: Path, name: str, symbol: str) -> dict[Symbol, Quote]:
    whole = json.loads((shared / f"data/yahoo/quote_{name}.json").read_text())
    return quotes(whole["body"], [listing(Symbol(symbol))])
