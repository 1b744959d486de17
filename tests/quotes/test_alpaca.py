"""What Alpaca serves becomes bars of American shares, with the splits beside them."""

from __future__ import annotations

import math
from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from alertd.core.bars import Split, Symbol
from alertd.core.calendars import listing
from alertd.errors import Crowded, SourceDown, UnknownSymbol
from tests.quotes.build import MINUTE, NOON, at, bar, minutes
from tests.support.alpaca import NOT_PAID_FOR, TOO_MANY, AlpacaServer, account
from tests.support.api import Fault, Reply
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


def test_minutes_come_with_their_four_prices_in_dollars(server: AlpacaServer) -> None:
    server.play("BABA", [bar("16:58", "150 150.6 149.5 150.2"), bar("16:59", "150.2 151 150 151")])
    found = account(server).bars(BABA, at("16:58"), NOON)
    assert found.bars == (
        bar("16:58", "150 150.6 149.5 150.2", volume=None),
        bar("16:59", "150.2 151 150 151", volume=None),
    )
    assert (found.symbol, found.currency, found.digits) == ("BABA", "USD", 2)


def test_only_the_window_counts_and_its_end_does_not_belong_to_it(server: AlpacaServer) -> None:
    server.play("BABA", minutes(10, at("16:50")))
    found = account(server).bars(BABA, at("16:52"), at("16:55"))
    assert [each.start for each in found.bars] == [at("16:52"), at("16:53"), at("16:54")]
    assert account(server).bars(BABA, NOON, NOON).bars == ()


def test_bars_before_and_after_hours_are_among_them(server: AlpacaServer) -> None:
    server.play("BABA", [bar("10:00", "150 150 150 150"), bar("23:59", "151 151 151 151")])
    clock = HandClock(NOON + DAY)
    assert len(account(server, clock).bars(BABA, at("09:00"), NOON + DAY).bars) == 2


def test_what_is_on_many_pages_is_one_series() -> None:
    with AlpacaServer(page=4) as server:
        server.play("BABA", minutes(10, at("16:50")))
        found = account(server).bars(BABA, at("16:50"), NOON)
        assert [each.start for each in found.bars] == [at(f"16:5{n}") for n in range(10)]
        tokens = [each.query.get("page_token") for each in server.asked if "bars" in each.path]
        assert tokens == [None, "4", "8"]


def test_of_very_many_pages_the_first_are_returned_and_the_rest_is_left_to_the_next_call() -> None:
    with AlpacaServer(page=1) as server:
        server.play("BABA", minutes(20, at("16:40")))
        alpaca = account(server)
        first = alpaca.bars(BABA, at("16:40"), NOON).bars
        rest = alpaca.bars(BABA, first[-1].end, NOON).bars
        assert [len(first), len(rest)] == [8, 8]
        assert rest[0].start == first[-1].end


def test_a_share_without_trades_has_no_bars(server: AlpacaServer) -> None:
    assert account(server).bars(BABA, at("16:00"), NOON).bars == ()
    server.fail(Reply(200, {"corporate_actions": {}, "next_page_token": None}))
    server.fail(Reply(200, {"bars": None, "next_page_token": None}))
    assert account(server).bars(BABA, at("16:00"), NOON).bars == ()


def test_a_minute_that_comes_twice_counts_in_its_last_shape(server: AlpacaServer) -> None:
    twice = [bar("16:59", "150 150 150 150"), bar("16:59", "150 152 150 151")]
    server.play("BABA", twice)
    (only,) = account(server).bars(BABA, at("16:00"), NOON).bars
    assert (only.high, only.close) == (152, 151)


def test_prices_are_whole_cents_but_for_shares_under_a_dollar(server: AlpacaServer) -> None:
    server.play("BABA", [bar("16:59", "150.0049 150.0051 149.9949 149.9951")])
    server.play("BRK.B", [bar("16:59", "0.98761 0.98764 0.98756 0.98761")])
    alpaca = account(server)
    (dear,) = alpaca.bars(BABA, at("16:00"), NOON).bars
    cheap = alpaca.bars(CLASS_B, at("16:00"), NOON)
    assert (dear.open, dear.high, dear.low, dear.close) == (150.0, 150.01, 149.99, 150.0)
    assert (cheap.digits, cheap.bars[0].close) == (4, 0.9876)


def test_a_bar_without_a_price_is_a_bar_that_the_quality_gate_sees(server: AlpacaServer) -> None:
    rows = [{"t": "2026-11-20T16:59:00Z", "o": 150, "h": None, "l": 149, "c": 150, "v": 1}]
    server.fail(Reply(200, {"corporate_actions": {}}))
    server.fail(Reply(200, {"bars": {"BABA": rows}}))
    (only,) = account(server).bars(BABA, at("16:00"), NOON).bars
    assert math.isnan(only.high)


@pytest.mark.parametrize(
    "row",
    [
        {"o": 1, "h": 1, "l": 1, "c": 1},
        {"t": "yesterday", "o": 1, "h": 1, "l": 1, "c": 1},
        {"t": "2026-11-20T16:59:00", "o": 1, "h": 1, "l": 1, "c": 1},
        {"t": "2026-11-20T16:59:00Z", "o": "1", "h": 1, "l": 1, "c": 1},
        "a row",
    ],
)
def test_a_row_of_another_shape_is_an_outage_that_says_what_was_found(
    server: AlpacaServer, row: object
) -> None:
    server.fail(Reply(200, {"corporate_actions": {}}))
    server.fail(Reply(200, {"bars": {"BABA": [row]}}))
    with pytest.raises(SourceDown, match=r"BABA: expected .* at bars\.BABA\[0\]"):
        account(server).bars(BABA, at("16:00"), NOON)


def test_times_to_the_nanosecond_are_read(server: AlpacaServer) -> None:
    trade = {"t": "2026-11-20T16:59:58.123456789Z", "p": 150.25}
    server.snap("BABA", {"latestTrade": trade})
    assert account(server).quotes([BABA])[Symbol("BABA")].at == at("16:59:58") + timedelta(
        microseconds=123_456
    )


def test_the_free_feed_is_asked_for_raw_minutes_and_tells_no_volumes(server: AlpacaServer) -> None:
    server.play("BABA", [bar("16:59", "150 150 150 150", volume=12)])
    (free,) = account(server).bars(BABA, at("16:00"), NOON).bars
    (paid,) = account(server, feed="sip").bars(BABA, at("16:00"), NOON).bars
    assert (free.volume, paid.volume) == (None, 12)
    asked = [each.query for each in server.asked if "bars" in each.path]
    assert [each["feed"] for each in asked] == ["iex", "sip"]
    assert {(each["timeframe"], each["adjustment"]) for each in asked} == {("1Min", "raw")}


def test_a_class_of_shares_is_asked_for_by_its_american_name(server: AlpacaServer) -> None:
    server.play("BRK.B", minutes(1, at("16:59")))
    found = account(server).bars(CLASS_B, at("16:00"), NOON)
    assert (found.symbol, len(found.bars)) == ("BRK-B", 1)


@pytest.mark.parametrize(
    "name", ["9988.HK", "SAP.DE", "BTC-USD", "EURUSD=X", "ES=F", "^GSPC", "BAC-PL", "ABCDEF"]
)
def test_what_is_no_american_share_is_not_covered_and_not_asked_for(
    server: AlpacaServer, name: str
) -> None:
    other, alpaca = listing(Symbol(name)), account(server)
    assert not alpaca.covers(other)
    with pytest.raises(UnknownSymbol):
        alpaca.bars(other, at("16:00"), NOON)
    assert [each for each in server.asked if "bars" in each.path] == []


def test_a_share_whose_prices_are_expected_in_another_currency_is_not_covered(
    server: AlpacaServer,
) -> None:
    alpaca = account(server)
    assert alpaca.covers(listing(Symbol("BABA"), currency="USD"))
    assert not alpaca.covers(listing(Symbol("BABA"), currency="HKD"))
    assert not alpaca.covers(listing(Symbol("BABA"), calendar="XHKG"))


def test_a_symbol_that_is_refused_is_unknown(server: AlpacaServer) -> None:
    server.fail(Reply(200, {"corporate_actions": {}}))
    server.fail(Reply(400, {"message": "invalid symbol: BABA"}))
    with pytest.raises(UnknownSymbol, match=r"BABA.*invalid symbol"):
        account(server).bars(BABA, at("16:00"), NOON)


def test_a_split_is_announced_from_the_pre_market_of_its_day_on(server: AlpacaServer) -> None:
    server.split("BABA", "2026-11-20", 8, 1)
    server.split("BRK.B", "2026-11-20", 1, 20, kind="reverse")
    alpaca = account(server)
    found = alpaca.bars(BABA, at("14:30"), NOON).splits
    assert found == (Split(at("09:00"), 8.0),)
    assert alpaca.bars(CLASS_B, at("14:30"), NOON).splits == (Split(at("09:00"), 0.05),)


def test_a_split_of_another_day_or_share_or_of_no_sense_is_not_announced(
    server: AlpacaServer,
) -> None:
    server.split("BABA", "2026-11-12", 8, 1)
    server.split("BABAF", "2026-11-20", 8, 1)
    for new, old in ((0, 1), (1, 1), ("x", 1), (None, 1)):
        server.split("BABA", "2026-11-20", new, old)
    server.split("BABA", "2026-11-20T", 8, 1)
    assert account(server).bars(BABA, at("14:30"), NOON).splits == ()


def test_splits_are_asked_for_once_an_hour_for_all_shares(server: AlpacaServer) -> None:
    clock = HandClock(NOON)
    alpaca = account(server, clock)

    def asked() -> int:
        return sum("corporate" in each.path for each in server.asked)

    for one in (BABA, CLASS_B, BABA):
        alpaca.bars(one, at("14:30"), NOON)
    assert asked() == 1
    server.split("BABA", "2026-11-20", 8, 1)
    clock.to(NOON + timedelta(hours=1))
    assert alpaca.bars(BABA, at("14:30"), NOON).splits
    assert asked() == 2


def test_splits_are_asked_for_again_where_bars_begin_long_before(server: AlpacaServer) -> None:
    server.split("BABA", "2026-09-01", 8, 1)
    alpaca = account(server)
    assert alpaca.bars(BABA, at("14:30"), NOON).splits == ()
    assert len(alpaca.bars(BABA, at("14:30") - 90 * DAY, NOON).splits) == 1


def test_who_waits_for_word_of_splits_that_does_not_come_does_not_wait_again(
    server: AlpacaServer,
) -> None:
    server.fail(Fault.HANG, times=9)
    alpaca, together = account(server, timeout=1.0), Barrier(4)

    def ask() -> None:
        together.wait()
        with pytest.raises(SourceDown):
            alpaca.bars(BABA, at("14:30"), NOON)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1


def test_without_word_of_splits_there_are_no_bars(server: AlpacaServer) -> None:
    server.play("BABA", minutes(1, at("16:59")))
    server.fail(Reply(503))
    with pytest.raises(SourceDown, match="splits"):
        account(server).bars(BABA, at("16:00"), NOON)


def test_a_feed_that_is_not_paid_for_is_an_outage_that_says_so(server: AlpacaServer) -> None:
    server.fail(Reply(200, {"corporate_actions": {}}))
    server.fail(NOT_PAID_FOR)
    with pytest.raises(SourceDown, match=r"does not permit .* look at \[quotes.alpaca\]"):
        account(server, feed="sip").bars(BABA, at("16:00"), NOON)


def test_each_request_counts_and_one_without_room_waits_for_it(server: AlpacaServer) -> None:
    alpaca = account(server, per_minute=3)
    alpaca.bars(BABA, at("16:00"), NOON)
    assert (alpaca.room, len(server.asked)) == (1, 2)
    alpaca.bars(BABA, at("16:00"), NOON)
    with pytest.raises(Crowded) as crowded:
        alpaca.bars(BABA, at("16:00"), NOON)
    assert crowded.value.retry_at == NOON + MINUTE
    assert len(server.asked) == 3


def test_while_alpaca_wants_quiet_it_is_not_asked(server: AlpacaServer) -> None:
    server.fail(TOO_MANY)
    alpaca = account(server)
    for _ in range(2):
        with pytest.raises(Exception, match="too many requests"):
            alpaca.quotes([BABA])
    assert (len(server.asked), alpaca.room) == (1, 0)
    assert alpaca.resting is not None
