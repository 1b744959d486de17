"""A long absence is read in ever finer bars, and where they meet no time is lost or doubled."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar, Split, Symbol
from alertd.core.calendars import listing
from tests.quotes.build import MINUTE, NOON, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alertd.core.calendars import Listing
    from alertd.quotes.yahoo import Yahoo
    from tests.support.yahoo import YahooServer
    from tests.support.yahoo_quotes import Market

DAY, HOUR, FIVE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=5)
LENGTHS = {"1d": DAY, "1h": HOUR, "5m": FIVE, "1m": MINUTE}
MIDNIGHT = at("00:00")
# Where granularities change, seen from noon.
SEAMS = [MIDNIGHT - days * DAY for days in (728, 58, 28)]

COIN = listing(Symbol("BTC-USD"))  # trades at every midnight
Window = tuple[datetime, datetime]


def price(minute: datetime) -> float:
    """Return the one true price of a minute, unlike that of its neighbours."""
    return 100 + (minute.toordinal() * 1440 + minute.hour * 60 + minute.minute) * 7919 % 997 / 100


def grid(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step


def merged(start: datetime, end: datetime) -> Bar:
    """Return the bar of some minutes."""
    prices = [price(minute) for minute in grid(start, end, MINUTE)]
    return Bar(start, end - start, prices[0], max(prices), min(prices), prices[-1], 0.0)


def cut(windows: list[Window], length: timedelta) -> Market:
    """Return a market that trades in these windows, in bars of one length."""

    def market(_symbol: str, since: datetime, until: datetime) -> list[Bar]:
        starts = (
            (start, min(start + length, close))
            for opened, close in windows
            for start in grid(opened, close, length)
        )
        return [merged(start, end) for start, end in starts if since <= start < until]

    return market


def play(yahoo: YahooServer, of: Listing, windows: list[Window]) -> None:
    """Trade in these windows, and keep of it what Yahoo keeps."""
    yahoo.keep(NOON)
    yahoo.describe(of.symbol, exchangeTimezoneName=str(of.calendar.zone))
    for interval, length in LENGTHS.items():
        yahoo.play(of.symbol, cut(windows, length), interval)


def minutes_of(found: list[Bar]) -> list[datetime]:
    return [minute for bar in found for minute in grid(bar.start, bar.end, MINUTE)]


def around_seams(since: datetime) -> list[Window]:
    """Return the days around each seam and the hours before noon, each once."""
    days = [(seam + n * DAY, seam + (n + 1) * DAY) for seam in SEAMS for n in (-1, 0)]
    return [day for day in days if day[0] > since] + [(NOON - 2 * HOUR, NOON)]


@pytest.mark.parametrize(
    ("days", "lengths"), [(70, [HOUR, FIVE, MINUTE]), (740, [DAY, HOUR, FIVE, MINUTE])]
)
def test_an_absence_is_covered_minute_by_minute_and_each_only_once(
    yahoo: YahooServer, client: Yahoo, days: int, lengths: list[timedelta]
) -> None:
    since = NOON - days * DAY
    windows = around_seams(since)
    play(yahoo, COIN, windows)
    found = list(client.bars(COIN, since, NOON).bars)
    traded = [minute for window in windows for minute in grid(*window, MINUTE)]
    assert minutes_of(found) == traded
    assert list(dict.fromkeys(bar.length for bar in found)) == lengths


def test_a_coarse_bar_shows_the_extremes_that_its_minutes_had(
    yahoo: YahooServer, client: Yahoo
) -> None:
    since = NOON - 740 * DAY
    play(yahoo, COIN, around_seams(since))
    found = client.bars(COIN, since, NOON).bars
    assert {bar.length for bar in found} == set(LENGTHS.values())
    for bar in found:
        true = merged(bar.start, bar.end)
        assert (bar.high, bar.low) == pytest.approx((true.high, true.low), abs=0.006)


@pytest.mark.parametrize("into", [0, 25, 59])
def test_the_hour_in_which_the_absence_began_is_read_whole_and_none_before_it(
    yahoo: YahooServer, client: Yahoo, into: int
) -> None:
    hour = NOON - 60 * DAY
    play(yahoo, COIN, [(hour - 2 * HOUR, hour + 2 * HOUR)])
    found = list(client.bars(COIN, hour + into * MINUTE, NOON).bars)
    assert minutes_of(found) == list(grid(hour, hour + 2 * HOUR, MINUTE))


def test_a_session_that_holds_the_seam_is_read_once(yahoo: YahooServer, client: Yahoo) -> None:
    sydney = listing(Symbol("ALL.AX"))
    # In summer it trades from 23:00 to 05:00 UTC: over the midnight where days give way to hours.
    nights = [(SEAMS[0] + n * DAY - HOUR, SEAMS[0] + n * DAY + 5 * HOUR) for n in (-1, 0, 3)]
    play(yahoo, sydney, nights)
    found = list(client.bars(sydney, SEAMS[0] - 5 * DAY, SEAMS[0] + 5 * DAY).bars)
    assert minutes_of(found) == [each for night in nights for each in grid(*night, MINUTE)]
    assert [bar.length for bar in found] == [6 * HOUR, 6 * HOUR, *[HOUR] * 6]


def test_no_request_of_a_long_absence_asks_for_more_than_yahoo_has(
    yahoo: YahooServer, client: Yahoo
) -> None:
    play(yahoo, COIN, [(NOON - 2 * HOUR, NOON)])
    client.bars(COIN, NOON - 70 * DAY, NOON + MINUTE)
    asked = [seen.params["interval"] for seen in yahoo.charts]
    assert asked == ["1h", "5m", "1m", "1m", "1m", "1m", "1m"]


def test_requests_of_minutes_follow_each_other(yahoo: YahooServer, client: Yahoo) -> None:
    play(yahoo, COIN, [(NOON - 2 * HOUR, NOON)])
    client.bars(COIN, NOON - 20 * DAY, NOON)
    spans = [(int(seen.params["period1"]), int(seen.params["period2"])) for seen in yahoo.charts]
    assert all(one[1] == other[0] for one, other in pairwise(spans))


def test_the_splits_of_all_stretches_come_together_and_each_once(
    yahoo: YahooServer, client: Yahoo
) -> None:
    baba = listing(Symbol("BABA"))
    play(yahoo, baba, [(NOON - 2 * HOUR, NOON)])
    old, new = datetime.fromisoformat("2024-06-10T13:30Z"), at("14:30")
    for announced in (new, old, old):
        yahoo.split("BABA", announced, 10)
    found = client.bars(baba, NOON - 900 * DAY, NOON + MINUTE).splits
    pre_market = timedelta(hours=5, minutes=30)
    assert found == (Split(old - pre_market, 10.0), Split(new - pre_market, 10.0))
