"""Bodies that Yahoo has really sent become the bars that they mean."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.errors import SourceDown
from alertd.quotes.chart import daily, series
from tests.quotes.build import MINUTE

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Series

AAPL = listing(Symbol("AAPL"))


def test_a_live_minute_of_nulls_is_filled_by_its_latest_trade(shared: Path) -> None:
    found = series(recorded(shared, "AAPL_1m_live_partial_last_bar_2021-01-11"), AAPL, MINUTE)
    assert len(found.bars) == 241
    assert starts(found)[-2:] == ["18:29", "18:30"]
    assert found.bars[0] == Bar(
        utc("2021-01-11T14:30"), MINUTE, 128.96, 128.98, 128.9, 128.91, 6021983
    )
    assert (found.bars[-1].open, found.bars[-1].close) == (129.55, 129.55)


def test_a_recorded_weekend_is_empty(shared: Path) -> None:
    found = series(recorded(shared, "AAPL_1m_weekend_no_timestamp"), AAPL, MINUTE)
    assert (found.bars, found.digits, found.currency) == ((), 2, "USD")


def test_a_recorded_closing_print_is_a_bar_after_the_session(shared: Path) -> None:
    found = series(recorded(shared, "AAPL_5m_closing_bar_2026-09-02"), AAPL, 5 * MINUTE)
    assert (len(found.bars), starts(found)[-2:]) == (12, ["19:55", "20:00"])
    assert (found.bars[-1].close, found.bars[-1].volume) == (324.96, 0)


def test_half_a_recorded_year_is_one_bar_a_session(shared: Path) -> None:
    found = daily(recorded(shared, "AAPL_6mo_2025-10-29"), AAPL)
    assert len(found.bars) == 127
    assert (found.bars[0].start, found.bars[0].close) == (utc("2025-04-30T13:30"), 212.5)
    assert (found.bars[-1].start, found.bars[-1].close) == (utc("2025-10-29T13:30"), 269.7)
    half_day = next(each for each in found.bars if each.start == utc("2025-07-03T13:30"))
    assert half_day.end == utc("2025-07-03T17:00")


def test_recorded_bars_are_raw_and_not_adjusted_for_dividends(shared: Path) -> None:
    found = daily(recorded(shared, "MSFT_1d_dividends_2021"), listing(Symbol("MSFT")))
    assert found.bars[0].close == 239.65


def test_recorded_coins_trade_all_day(shared: Path) -> None:
    found = daily(recorded(shared, "BTC-USD_1d"), listing(Symbol("BTC-USD")))
    assert [each.start for each in found.bars] == [
        utc("2020-01-01T00:00"), utc("2020-01-02T00:00"), utc("2020-01-03T00:00"),
    ]  # fmt: skip
    assert found.bars[0].length == timedelta(days=1)


def test_recorded_currencies_keep_their_four_decimals(shared: Path) -> None:
    found = daily(recorded(shared, "EURUSD_1d"), listing(Symbol("EURUSD=X")))
    assert (found.digits, found.bars[-1].close) == (4, 1.1171)


def test_a_recorded_session_of_sydney_begins_the_evening_before_in_utc(shared: Path) -> None:
    found = daily(recorded(shared, "ALL.AX_pp"), listing(Symbol("ALL.AX")))
    assert (found.currency, found.bars[-1].start) == ("AUD", utc("2022-01-12T23:00"))


def test_a_recorded_symbol_without_prices_has_no_currency(shared: Path) -> None:
    found = daily(recorded(shared, "scheb_noData"), listing(Symbol("CAPIO.ST")))
    assert (found.bars, found.currency) == ((), None)


def test_a_recorded_chart_of_closes_only_is_an_outage(shared: Path) -> None:
    with pytest.raises(SourceDown, match=r"a list at quote\.open, found None"):
        daily(recorded(shared, "MUV2.DE_pp01"), listing(Symbol("MUV2.DE")))


def recorded(shared: Path, name: str) -> object:
    whole = json.loads((shared / f"data/yahoo/chart_{name}.json").read_text())
    return whole["body"]


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(f"{moment}+00:00")


def starts(found: Series) -> list[str]:
    return [f"{each.start:%H:%M}" for each in found.bars]
