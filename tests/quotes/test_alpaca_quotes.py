"""What Alpaca serves becomes days and quotes of American shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.core.pointing import Quote
from alertd.errors import SourceDown
from tests.quotes.build import NOON, at, bar
from tests.support.alpaca import AlpacaServer, account
from tests.support.api import Reply
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from collections.abc import Iterator

BABA, CLASS_B = listing(Symbol("BABA")), listing(Symbol("BRK-B"))
OPEN = at("14:30")
DAY = timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as running:
        yield running


def session(back: int, prices: str, volume: float = 1_000) -> Bar:
    """Return the bar of the Friday's session, or of one so many days before."""
    today = bar("14:30", prices, timedelta(hours=6.5), volume)
    return replace(today, start=today.start - back * DAY)


def test_days_are_sessions_of_all_exchanges_in_today_s_shares(server: AlpacaServer) -> None:
    days = [session(back, "150 152 149 151") for back in (3, 2, 1)]
    server.play("BABA", days, "1Day")
    found = account(server).daily(BABA, at("00:00") - 10 * DAY, at("14:30"))
    assert found.bars == tuple(days)
    query = server.asked[-1].query
    assert [query[key] for key in ("timeframe", "adjustment", "feed")] == ["1Day", "split", "sip"]


def test_a_day_counts_once_it_is_free_for_everybody_to_see(server: AlpacaServer) -> None:
    server.play("BABA", [session(0, "150 152 149 151")], "1Day")
    close = OPEN + timedelta(hours=6.5)
    clock = HandClock(close + timedelta(minutes=15))
    alpaca = account(server, clock)
    assert alpaca.daily(BABA, OPEN, close).bars == ()
    clock.to(close + timedelta(minutes=16))
    assert len(alpaca.daily(BABA, OPEN, close).bars) == 1
    ends = [each.query["end"] for each in server.asked]
    assert ends[0] < "2026-11-20T21:00:00"


def test_only_sessions_that_open_in_the_window_are_days_of_it(server: AlpacaServer) -> None:
    server.play("BABA", [session(back, "1 1 1 1") for back in (4, 3, 2, 1)], "1Day")
    found = account(server).daily(BABA, OPEN - 3 * DAY, OPEN - 1 * DAY)
    assert [each.start for each in found.bars] == [OPEN - 3 * DAY, OPEN - 2 * DAY]


def test_all_the_days_that_there_are_begin_in_2016(server: AlpacaServer) -> None:
    server.play("BABA", [session(1, "1 1 1 1")], "1Day")
    assert len(account(server).daily(BABA, None, NOON).bars) == 1
    assert server.asked[-1].query["start"] == "2016-01-01T00:00:00.000Z"


def test_a_share_that_was_there_before_has_no_history_rather_than_a_part_of_it(
    server: AlpacaServer,
) -> None:
    oldest = replace(session(0, "1 1 1 1"), start=datetime(2016, 1, 4, 14, 30, tzinfo=UTC))
    server.play("BABA", [oldest, session(1, "1 1 1 1")], "1Day")
    with pytest.raises(SourceDown, match="no days before 2016"):
        account(server).daily(BABA, None, NOON)
    assert len(account(server).daily(BABA, NOON - 30 * DAY, NOON).bars) == 1


def test_there_are_no_figures(server: AlpacaServer) -> None:
    found = account(server).outlook(BABA, targets=True)
    assert (found.source, found.price, found.targets) == ("alpaca", None, None)
    assert server.asked == []


def test_a_quote_is_the_last_trade_with_the_range_of_its_day(server: AlpacaServer) -> None:
    server.snap("BABA", {
        "latestTrade": {"t": "2026-11-20T16:59:58Z", "x": "V", "p": 150.253, "s": 100},
        "minuteBar": {"t": "2026-11-20T16:59:00Z", "o": 1, "h": 1, "l": 1, "c": 1, "v": 1},
        "dailyBar": {"t": "2026-11-20T05:00:00Z", "o": 150, "h": 152.5, "l": 149.1, "c": 150.2},
        "prevDailyBar": {"t": "2026-11-19T05:00:00Z", "o": 1, "h": 9, "l": 1, "c": 1, "v": 1},
    })  # fmt: skip
    found = account(server).quotes([BABA])
    assert found == {
        "BABA": Quote(Symbol("BABA"), 150.25, at("16:59:58"), 149.1, 152.5, currency="USD")
    }


def test_the_range_of_the_day_before_is_not_today_s(server: AlpacaServer) -> None:
    server.snap("BABA", {
        "latestTrade": {"t": "2026-11-20T10:15:00Z", "p": 150.25},
        "dailyBar": {"t": "2026-11-19T05:00:00Z", "o": 150, "h": 152.5, "l": 149.1, "c": 150.2},
    })  # fmt: skip
    (found,) = account(server).quotes([BABA]).values()
    assert (found.price, found.low, found.high) == (150.25, None, None)


@pytest.mark.parametrize(
    "snapshot",
    [
        None, {}, {"latestTrade": None}, {"latestTrade": {"t": "2026-11-20T16:59:58Z", "p": 0}},
        {"latestTrade": {"t": None, "p": 150}}, {"latestTrade": 150}, "BABA",
        {"latestTrade": {"t": "2026-11-20T16:59:58Z", "p": 150}, "dailyBar": {"t": 1}},
    ],
)  # fmt: skip
def test_a_share_that_says_nothing_of_use_is_missing_and_costs_no_other(
    server: AlpacaServer, snapshot: object
) -> None:
    server.snap("BABA", snapshot)
    server.snap("BRK.B", {"latestTrade": {"t": "2026-11-20T16:59:58Z", "p": 480}})
    assert set(account(server).quotes([BABA, CLASS_B])) == {"BRK-B"}


def test_ninety_nine_shares_are_quoted_in_one_request(server: AlpacaServer) -> None:
    letters = "ABCDEFGHIJ"
    names = [f"X{a}{b}" for a in letters for b in letters]
    for name in names:
        server.snap(name, {"latestTrade": {"t": "2026-11-20T16:59:58Z", "p": 150}})
    others = [listing(Symbol("9988.HK")), listing(Symbol("BTC-USD"))]
    found = account(server).quotes([*(listing(Symbol(name)) for name in names), *others])
    assert set(found) == set(names)
    assert [each.query["symbols"].count(",") + 1 for each in server.asked] == [99, 1]
    assert account(server).quotes(others) == {}


def test_a_name_that_is_not_taken_does_not_spoil_the_others_and_is_not_asked_for_again(
    server: AlpacaServer,
) -> None:
    server.snap("BABA", {"latestTrade": {"t": "2026-11-20T16:59:58Z", "p": 150}})
    server.fail(Reply(400, {"message": "invalid symbol: BRK.B"}))
    alpaca = account(server)
    for _ in range(2):
        assert set(alpaca.quotes([BABA, CLASS_B])) == {"BABA"}
    assert [each.query["symbols"] for each in server.asked] == ["BABA,BRK.B", "BABA", "BABA"]


def test_a_refusal_that_names_no_symbol_is_an_outage(server: AlpacaServer) -> None:
    for message in ("invalid feed", "invalid symbol: NOTASKED"):
        server.fail(Reply(400, {"message": message}))
        with pytest.raises(SourceDown, match=f"status 400: '{message}'"):
            account(server).quotes([BABA])


def test_names_that_are_not_taken_end_the_call_when_there_are_many(server: AlpacaServer) -> None:
    names = ["AA", "BB", "CC", "DD", "EE", "FF", "GG"]
    for name in names:
        server.fail(Reply(400, {"message": f"invalid symbol: {name}"}))
    with pytest.raises(SourceDown, match="more than 5 symbols"):
        account(server).quotes([listing(Symbol(name)) for name in names])
    assert len(server.asked) == 5
