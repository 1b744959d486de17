"""Splits as Yahoo announces them, and what else a chart says beside its bars."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alertd.core.bars import Range, Split, Symbol
from alertd.core.calendars import listing
from alertd.quotes.chart import daily, series
from alertd.quotes.yahoo import Yahoo
from tests.quotes.build import MINUTE, NOON, at, bar, body, minutes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.yahoo import YahooServer

BABA = listing(Symbol("BABA"))
DAY = timedelta(days=1)
ROW = "14:30 150 151 149 150.5 1000"
PRE = at("09:00")  # when the pre-market begins, in winter


def entry(date: object, numerator: object = 4, denominator: object = 1) -> dict[str, object]:
    return {"date": date, "numerator": numerator, "denominator": denominator, "splitRatio": "4:1"}


def announced(*entries: object, zone: str = "America/New_York") -> tuple[Split, ...]:
    """Return the splits of a daily chart with these entries."""
    listed = {str(index): each for index, each in enumerate(entries)}
    return daily(with_events({"splits": listed}, zone=zone), BABA).splits


def with_events(
    events: object, granularity: str = "1d", zone: str = "America/New_York"
) -> dict[str, Any]:
    whole: dict[str, Any] = body(ROW, granularity, exchangeTimezoneName=zone)
    whole["chart"]["result"][0]["events"] = events
    return whole


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def test_new_shares_trade_from_the_pre_market_of_the_announced_day() -> None:
    assert announced(entry(stamp(at("14:30")))) == (Split(PRE, 4.0),)


def test_a_chart_of_minutes_announces_splits_too() -> None:
    split = {"splits": {"1": entry(stamp(at("14:30")), 1, 10)}}
    assert series(with_events(split, "1m"), BABA, MINUTE).splits == (Split(PRE, 0.1),)


def test_a_split_stamped_with_the_exchanges_midnight_is_of_that_day() -> None:
    assert announced(entry(stamp(at("05:00")))) == (Split(PRE, 4.0),)


def test_a_split_is_dated_in_the_zone_that_the_chart_names() -> None:
    tokyo = "Asia/Tokyo"
    assert announced(entry(stamp(at("14:30"))), zone=tokyo) == (Split(PRE, 4.0),)
    assert announced(entry(stamp(at("15:30"))), zone=tokyo) == (Split(PRE + 3 * DAY, 4.0),)


def test_a_split_on_a_day_without_trading_begins_with_the_next_session() -> None:
    sunday = stamp(at("14:30") + 2 * DAY)
    assert announced(entry(sunday)) == (Split(PRE + 3 * DAY, 4.0),)


def test_splits_come_oldest_first_and_each_once() -> None:
    newer, older = stamp(at("14:30")), stamp(at("14:30") - 4 * DAY)
    found = announced(entry(newer), entry(older, 3, 2), entry(newer, 4.0, 1.0))
    assert found == (Split(PRE - 4 * DAY, 1.5), Split(PRE, 4.0))


@pytest.mark.parametrize(
    "nonsense",
    [
        entry(1795185000, 0),
        entry(1795185000, 4, 0),
        entry(1795185000, -4),
        entry(1795185000, 4, -1),
        entry(1795185000, -4, -1),
        entry(1795185000, 1, 1),
        entry(1795185000, "4"),
        entry(1795185000, [4]),
        entry(1795185000, None),
        entry(1795185000, float("inf")),
        entry(1795185000, 1e308, 1e-308),
        entry(1795185000, 10**400),
        entry(None),
        entry("1795185000"),
        entry(10**15),
        entry(float("nan")),
        {},
        "4:1",
        None,
    ],
)
def test_nonsense_is_left_out_and_costs_neither_bars_nor_other_splits(nonsense: object) -> None:
    sound = entry(stamp(at("14:30")) - 86400, 2)
    whole = with_events({"splits": {"1": nonsense, "2": sound}})
    found = daily(whole, BABA)
    assert [split.ratio for split in found.splits] == [2.0]
    assert len(found.bars) == 1


@pytest.mark.parametrize("events", [None, [], {}, {"splits": None}, {"splits": []}, "none"])
def test_without_splits_there_are_none(events: object) -> None:
    assert daily(with_events(events), BABA).splits == ()


def test_a_split_from_before_the_calendar_begins_is_left_out() -> None:
    tokyo = listing(Symbol("7203.T"))
    early, late = datetime(1991, 3, 26), datetime(2021, 9, 29)  # noqa: DTZ001 -- a whole day's date
    days = [entry(stamp(each.replace(tzinfo=tokyo.calendar.zone))) for each in (early, late)]
    whole = with_events({"splits": {"1": days[0], "2": days[1]}}, zone="Asia/Tokyo")
    assert [f"{split.at:%Y-%m-%d}" for split in daily(whole, tokyo).splits] == ["2021-09-29"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("AAPL_1d_split4for1_dividend_2020", "2020-08-31T08:00"),
        ("NVDA_1d_split4for1_2021", "2021-07-20T08:00"),
    ],
)
def test_a_recorded_split_is_found(shared: Path, name: str, split: str) -> None:
    recorded = json.loads((shared / f"data/yahoo/chart_{name}.json").read_text())["body"]
    found = daily(recorded, listing(Symbol(name.partition("_")[0])))
    assert found.splits == (Split(datetime.fromisoformat(f"{split}+00:00"), 4.0),)


def test_a_recorded_range_of_the_year_is_read(shared: Path) -> None:
    recorded = json.loads((shared / "data/yahoo/chart_BABA_1d_2026-10-03.json").read_text())
    assert daily(recorded["body"], BABA).year == Range(high=189.61, low=91.99)


def test_the_range_of_the_year_is_rounded_as_prices_are() -> None:
    whole = body(ROW, "1d", fiftyTwoWeekHigh=189.6100006, fiftyTwoWeekLow=92)
    assert daily(whole, BABA).year == Range(189.61, 92.0)


@pytest.mark.parametrize(
    ("high", "low"), [(None, 1.0), (1.0, None), (0, 0), (1.0, 2.0), ("2", 1.0), (10**400, 1.0)]
)
def test_a_range_that_makes_no_sense_is_none(high: object, low: object) -> None:
    assert daily(body(ROW, "1d", fiftyTwoWeekHigh=high, fiftyTwoWeekLow=low), BABA).year is None


def test_a_split_is_known_while_its_day_has_only_a_pre_market(
    yahoo: YahooServer, tmp_path: Path
) -> None:
    early = at("09:05")
    client = Yahoo(tmp_path / "cache", lambda: early)
    yahoo.play("BABA", minutes(5, PRE))
    yahoo.split("BABA", at("14:30"), 10)
    found = client.bars(BABA, at("01:00"), early + MINUTE)
    assert (len(found.bars), found.splits) == (5, (Split(PRE, 10.0),))
    assert client.daily(BABA, NOON - 9 * DAY, early).splits == (Split(PRE, 10.0),)


def test_the_split_of_another_day_is_not_of_this_time(yahoo: YahooServer, tmp_path: Path) -> None:
    client = Yahoo(tmp_path / "cache", lambda: at("08:50"))
    yahoo.play("BABA", [bar("14:30", "1 1 1 1")], "1d")
    yahoo.split("BABA", at("14:30"), 10)
    yahoo.split("BABA", at("14:30") - 4 * DAY, 10)
    yesterday = at("14:30") - DAY
    assert client.daily(BABA, yesterday - 2 * DAY, at("08:50")).splits == ()
    assert client.bars(BABA, yesterday, at("08:51")).splits == ()


def test_bars_come_with_what_yahoo_calls_the_year(yahoo: YahooServer, tmp_path: Path) -> None:
    client = Yahoo(tmp_path / "cache", lambda: NOON)
    yahoo.play("BABA", minutes(5))
    yahoo.describe("BABA", fiftyTwoWeekHigh=189.61, fiftyTwoWeekLow=91.99)
    assert client.bars(BABA, NOON - 40 * DAY, NOON + MINUTE).year == Range(189.61, 91.99)
