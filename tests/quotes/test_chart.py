"""Chart bodies become the bars that they mean, or an outage that says what was found."""

from __future__ import annotations

import copy
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.errors import SourceDown
from alertd.quotes.chart import daily, series
from tests.quotes.build import MINUTE, at, bar, body

if TYPE_CHECKING:
    from alertd.core.bars import Series

BABA = listing(Symbol("BABA"))
HOUR = timedelta(hours=1)


def bars(rows: str) -> tuple[Bar, ...]:
    return series(body(rows), BABA, MINUTE).bars


def starts(found: Series) -> list[str]:
    return [f"{each.start:%H:%M}" for each in found.bars]


def test_a_row_becomes_a_bar_rounded_to_the_price_hint() -> None:
    found = series(body("15:00 150.2000122 150.4 149.6 149.9 7"), BABA, MINUTE)
    assert found.bars == (bar("15:00", "150.2 150.4 149.6 149.9", volume=7),)
    assert (found.symbol, found.digits, found.currency) == ("BABA", 2, "USD")


def test_without_a_price_hint_prices_have_four_decimals() -> None:
    found = series(body("15:00 1.234567 1.3 1.2 1.25 0", priceHint=None), BABA, MINUTE)
    assert (found.bars[0].open, found.digits) == (1.2346, 4)


def test_a_currency_may_be_absent() -> None:
    assert series(body("15:00 1 1 1 1 1", currency=None), BABA, MINUTE).currency is None


def test_the_chart_of_another_share_is_refused() -> None:
    rows = "15:00 150 150 150 150 1"
    with pytest.raises(SourceDown, match=r"BABA: not a chart: expected bars of BABA, found .*NVDA"):
        series(body(rows, symbol="NVDA"), BABA, MINUTE)
    with pytest.raises(SourceDown, match="found symbol 'NVDA'"):
        daily(body(rows, "1d", symbol="NVDA"), BABA)
    assert len(series(body(rows, symbol="BABA"), BABA, MINUTE).bars) == 1


def test_whole_numbers_are_prices_too() -> None:
    whole = body("15:00 1 1 1 1 1")
    quote(whole)["open"] = [1]
    found = series(whole, BABA, MINUTE).bars[0].open
    assert (found, type(found)) == (1.0, float)


def test_a_null_price_is_nan_for_the_quality_gate_to_count() -> None:
    found = bars("15:00 150 151 149 - 5")[0]
    assert (found.open, math.isnan(found.close)) == (150.0, True)


def test_a_row_of_nulls_stays_a_bar_of_nan() -> None:
    (found,) = bars("15:00 - - - - -")
    assert all(math.isnan(price) for price in (found.open, found.high, found.low, found.close))
    assert found.volume is None


def test_the_live_row_joins_the_minute_that_it_lies_in() -> None:
    rows = """
        15:00    150.0 150.4 149.6 149.9 7
        15:00:13 150.6 150.6 150.6 150.6 0
    """
    assert bars(rows) == (bar("15:00", "150.0 150.6 149.6 150.6", volume=7),)


def test_the_live_row_takes_the_place_of_a_minute_of_nulls() -> None:
    rows = """
        15:00    -     -     -     -     -
        15:00:13 150.6 150.6 150.6 150.6 0
    """
    assert bars(rows) == (bar("15:00", "150.6 150.6 150.6 150.6", volume=0),)


def test_a_live_row_of_nulls_changes_nothing() -> None:
    rows = """
        15:00    150.0 150.4 149.6 149.9 7
        15:00:13 -     -     -     -     -
    """
    assert bars(rows) == (bar("15:00", "150.0 150.4 149.6 149.9", volume=7),)


def test_a_live_row_without_its_minute_opens_it() -> None:
    assert [each.start for each in bars("15:00:13 1 1 1 1 0")] == [at("15:00")]


def test_rows_twice_are_one_bar_and_come_in_order() -> None:
    rows = """
        15:01 2 2 2 2 1
        15:00 1 1 1 1 1
        15:01 2 3 2 3 1
    """
    assert bars(rows) == (
        bar("15:00", "1 1 1 1", volume=1),
        bar("15:01", "2 3 2 3", volume=1),
    )


def test_the_hour_before_the_open_ends_at_the_open() -> None:
    rows = """
        14:00    1 1 1 1 1
        14:30    2 2 2 2 1
        15:30    3 3 3 3 1
        16:10:05 4 4 4 4 0
    """
    found = series(body(rows, "1h"), BABA, HOUR)
    assert starts(found) == ["14:00", "14:30", "15:30"]
    assert [each.length for each in found.bars] == [HOUR / 2, HOUR, HOUR]
    assert found.bars[-1].close == 4.0


def test_an_empty_window_is_an_empty_series() -> None:
    empty = body("15:00 1 1 1 1 1")
    result(empty).pop("timestamp")
    result(empty)["indicators"] = {"quote": [{}]}
    assert series(empty, BABA, MINUTE).bars == ()


def test_a_daily_row_spans_the_session_of_its_date() -> None:
    rows = "14:30 150 151 149 150.5 1000"
    (found,) = daily(body(rows, "1d"), BABA).bars
    assert (found.start, found.end) == (at("14:30"), at("21:00"))


def test_a_daily_row_of_a_half_day_ends_at_its_close() -> None:
    half_day = body("14:30 1 2 1 2 9", "1d")
    result(half_day)["timestamp"] = [stamp(datetime(2026, 11, 27, 14, 30, tzinfo=UTC))]
    (found,) = daily(half_day, BABA).bars
    assert found.end == datetime(2026, 11, 27, 18, 0, tzinfo=UTC)


def test_the_live_daily_row_joins_its_day() -> None:
    rows = """
        14:30    150 151 149 150 1000
        17:03:11 152 152 152 152 0
    """
    (found,) = daily(body(rows, "1d"), BABA).bars
    assert (found.open, found.high, found.close) == (150.0, 152.0, 152.0)


def test_a_date_without_a_session_has_no_daily_bar() -> None:
    holiday = body("14:30 1 2 1 2 9", "1d")
    result(holiday)["timestamp"] = [stamp(datetime(2026, 11, 26, 14, 30, tzinfo=UTC))]
    assert daily(holiday, BABA).bars == ()


def test_bars_of_another_length_than_asked_for_are_an_outage() -> None:
    with pytest.raises(SourceDown, match="expected bars of 0:01:00, found dataGranularity '1d'"):
        series(body("15:00 1 1 1 1 1", "1d"), BABA, MINUTE)


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("", [], "an object at the body, found \\[\\]"),
        ("chart", None, "an object at chart, found None"),
        ("chart.result", None, "a list at chart.result, found None"),
        ("chart.result", [], "one chart.result, found none"),
        ("chart.result.0", "x", "an object at chart.result\\[0\\], found 'x'"),
        ("chart.result.0.meta", 5, "an object at meta, found 5"),
        ("chart.result.0.timestamp", [1.5], "epoch seconds at timestamp, found 1.5"),
        ("chart.result.0.timestamp", ["1"], "epoch seconds at timestamp, found '1'"),
        ("chart.result.0.timestamp", [10**15], "epoch seconds at timestamp"),
        ("chart.result.0.timestamp", [], "0 values at quote.open, found 1"),
        ("chart.result.0.timestamp", [1, 2], "2 values at quote.open, found 1"),
        ("chart.result.0.indicators", None, "an object at indicators, found None"),
        ("chart.result.0.indicators.quote", {}, "a list at indicators.quote"),
        ("chart.result.0.indicators.quote.0", {}, "a list at quote.open, found None"),
        ("chart.result.0.indicators.quote.0.low", [1, 2], "1 values at quote.low, found 2"),
        ("chart.result.0.indicators.quote.0.close", ["1"], "numbers at quote.close, found '1'"),
        ("chart.result.0.indicators.quote.0.close", [True], "numbers at quote.close, found True"),
        ("chart.result.0.indicators.quote.0.volume", [[]], "numbers at quote.volume"),
    ],
)
def test_a_broken_shape_is_an_outage_that_says_what_was_found(
    path: str, value: object, found: str
) -> None:
    broken = replaced(body("15:00 1 1 1 1 1"), path, value)
    with pytest.raises(SourceDown, match=f"yahoo.com: BABA: not a chart: expected {found}"):
        series(broken, BABA, MINUTE)


def test_a_number_too_large_for_a_price_is_nan() -> None:
    large = replaced(body("15:00 1 1 1 1 1"), "chart.result.0.indicators.quote.0.open", [10**400])
    assert math.isnan(series(large, BABA, MINUTE).bars[0].open)


def test_days_that_no_calendar_knows_are_an_outage() -> None:
    ancient = body("14:30 1 1 1 1 1", "1d")
    result(ancient)["timestamp"] = [-2_000_000_000]
    with pytest.raises(SourceDown, match="not a chart"):
        daily(ancient, listing(Symbol("9988.HK")))


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def result(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = whole["chart"]["result"][0]
    return found


def quote(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = result(whole)["indicators"]["quote"][0]
    return found


def replaced(whole: object, path: str, value: object) -> object:
    """Return the body with the value at a dotted path replaced."""
    if not path:
        return value
    key, _, rest = path.partition(".")
    changed: Any = copy.copy(whole)
    place: Any = int(key) if isinstance(changed, list) else key
    changed[place] = replaced(changed[place], rest, value)
    return changed
