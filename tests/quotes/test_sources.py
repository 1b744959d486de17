"""What is true of every source of quotes."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.quotes.simulated import Simulated
from tests.quotes.build import NOON, at, minutes

if TYPE_CHECKING:
    from alertd.ports import QuoteSource
    from alertd.quotes.yahoo import Yahoo
    from tests.support.yahoo import YahooServer

BABA = listing(Symbol("BABA"))
SINCE, UNTIL = at("15:10"), at("15:40")


@pytest.fixture
def playing(yahoo: YahooServer, client: Yahoo) -> QuoteSource:
    open_at, hours = at("14:30"), timedelta(hours=6.5)
    yahoo.play("BABA", minutes(150, open_at))
    days = [Bar(open_at - index * timedelta(days=1), hours, 1, 1, 1, 1) for index in range(4)]
    yahoo.play("BABA", days, "1d")
    yahoo.quote("BABA", regularMarketPrice=105.85)
    return client


@pytest.fixture
def simulated() -> QuoteSource:
    path = [(timedelta(0), 150.0), (timedelta(hours=6), 160.0)]
    return Simulated(at("14:30") - timedelta(days=3), path, seed=1, noise=0.1, now=lambda: NOON)


@pytest.fixture(params=["playing", "simulated"])
def source(request: pytest.FixtureRequest) -> QuoteSource:
    found: QuoteSource = request.getfixturevalue(request.param)
    return found


def starts(source: QuoteSource, since: datetime, until: datetime) -> list[datetime]:
    return [bar.start for bar in source.bars(BABA, since, until).bars]


def test_a_source_has_a_name(source: QuoteSource) -> None:
    assert source.name in {"yahoo", "simulated"}


def test_bars_start_inside_the_window_and_fill_it(source: QuoteSource) -> None:
    found = starts(source, SINCE, UNTIL)
    assert len(found) == 30
    assert (found[0], found[-1]) == (SINCE, UNTIL - timedelta(minutes=1))


def test_bars_come_oldest_first_and_one_for_each_start(source: QuoteSource) -> None:
    assert all(one < other for one, other in pairwise(starts(source, SINCE, UNTIL)))


def test_the_same_window_has_the_same_bars_twice(source: QuoteSource) -> None:
    assert source.bars(BABA, SINCE, UNTIL) == source.bars(BABA, SINCE, UNTIL)


def test_two_windows_have_the_bars_of_the_one_that_spans_them(source: QuoteSource) -> None:
    middle = at("15:25")
    parts = (*source.bars(BABA, SINCE, middle).bars, *source.bars(BABA, middle, UNTIL).bars)
    assert parts == source.bars(BABA, SINCE, UNTIL).bars


def test_a_window_inside_a_minute_has_no_bar(source: QuoteSource) -> None:
    assert starts(source, at("15:10:01"), at("15:10:59")) == []


def test_an_empty_window_has_no_bars(source: QuoteSource) -> None:
    assert starts(source, UNTIL, SINCE) == []
    assert starts(source, SINCE, SINCE) == []


def test_a_series_says_whose_bars_it_holds(source: QuoteSource) -> None:
    assert source.bars(BABA, SINCE, UNTIL).symbol == "BABA"
    assert source.daily(BABA, SINCE, UNTIL).symbol == "BABA"


def test_high_and_low_contain_open_and_close(source: QuoteSource) -> None:
    bars = source.bars(BABA, SINCE, UNTIL).bars
    assert all(b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high for b in bars)


def test_daily_bars_are_the_sessions_that_open_inside_the_window(source: QuoteSource) -> None:
    week_ago = at("00:00") - timedelta(days=7)
    found = source.daily(BABA, week_ago, at("14:30")).bars
    assert [f"{bar.start:%a %H:%M}" for bar in found] == ["Tue 14:30", "Wed 14:30", "Thu 14:30"]
    assert {bar.length for bar in found} == {timedelta(hours=6.5)}


def test_a_session_that_goes_on_has_a_daily_bar_too(source: QuoteSource) -> None:
    assert [bar.start for bar in source.daily(BABA, at("14:30"), NOON).bars] == [at("14:30")]


def test_all_that_a_source_has_includes_any_part_of_it(source: QuoteSource) -> None:
    week_ago = at("00:00") - timedelta(days=7)
    part = source.daily(BABA, week_ago, NOON).bars
    assert part
    assert source.daily(BABA, None, NOON).bars[-len(part) :] == part


def test_an_outlook_says_when_and_by_whom(source: QuoteSource) -> None:
    found = source.outlook(BABA, targets=False)
    assert (found.at, found.source) == (NOON, source.name)
