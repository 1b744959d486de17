"""What Finnhub says is a price and its time, and becomes minutes only by being seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.core.pointing import Quote
from alertd.errors import RateLimited, SourceDown, UnknownSymbol
from tests.quotes.build import NOON, at, bar
from tests.support.api import Reply
from tests.support.fakes import HandClock
from tests.support.finnhub import NO_ACCESS, TOO_MANY, FinnhubServer, account

if TYPE_CHECKING:
    from collections.abc import Iterator

BABA, CLASS_B = listing(Symbol("BABA")), listing(Symbol("BRK-B"))
HONG_KONG = listing(Symbol("9988.HK"))
SINCE, UNTIL = at("14:30"), NOON + timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[FinnhubServer]:
    with FinnhubServer() as running:
        yield running


def test_the_last_price_is_a_bar_of_its_minute(server: FinnhubServer) -> None:
    server.quote("BABA", 149.9, at("16:59:12"))
    found = account(server).bars(BABA, SINCE, UNTIL)
    assert found.bars == (bar("16:59", "149.9 149.9 149.9 149.9", volume=None),)
    assert (found.symbol, found.currency, found.digits, found.splits) == ("BABA", "USD", 2, ())


def test_the_high_and_the_low_of_the_day_are_of_no_minute(server: FinnhubServer) -> None:
    server.quote("BABA", 149.9, at("16:59:12"), h=190.0, l=120.0)
    (only,) = account(server).bars(BABA, SINCE, UNTIL).bars
    assert (only.high, only.low) == (149.9, 149.9)


def test_a_price_from_outside_the_window_is_no_bar_of_it(server: FinnhubServer) -> None:
    server.quote("BABA", 149.9, at("16:59:12"))
    assert account(server).bars(BABA, NOON, UNTIL).bars == ()
    assert account(server).bars(BABA, SINCE, at("16:59")).bars == ()
    assert account(server).bars(BABA, NOON, NOON).bars == ()


def test_minutes_that_were_seen_are_there_until_they_have_settled(server: FinnhubServer) -> None:
    clock = HandClock(NOON)
    finnhub = account(server, clock)
    for minute, price in ((0, 150.0), (1, 149.5), (3, 149.8)):
        clock.to(NOON + timedelta(minutes=minute, seconds=30))
        server.quote("BABA", price, clock.now())
        finnhub.bars(BABA, SINCE, clock.now())
    found = finnhub.bars(BABA, SINCE, clock.now()).bars
    assert [(f"{each.start:%H:%M}", each.close) for each in found] == [
        ("17:00", 150.0), ("17:01", 149.5), ("17:03", 149.8),
    ]  # fmt: skip


def test_a_minute_reaches_over_the_prices_that_were_seen_in_it(server: FinnhubServer) -> None:
    finnhub = account(server)
    for second, price in ((5, 150.0), (20, 150.4), (35, 149.6), (50, 149.9)):
        server.quote("BABA", price, NOON - timedelta(minutes=1) + timedelta(seconds=second))
        finnhub.bars(BABA, SINCE, UNTIL)
    found = finnhub.bars(BABA, SINCE, UNTIL).bars
    assert found == (bar("16:59", "150 150.4 149.6 149.9", volume=None),)


def test_a_price_from_before_the_newest_one_changes_nothing(server: FinnhubServer) -> None:
    finnhub = account(server)
    for clock, price in (("16:59:10", 150.0), ("16:58:59", 120.0)):
        server.quote("BABA", price, at(clock))
        finnhub.bars(BABA, SINCE, UNTIL)
    found = finnhub.bars(BABA, SINCE, UNTIL).bars
    assert found == (bar("16:59", "150 150 150 150", volume=None),)


def test_what_was_seen_long_ago_is_forgotten(server: FinnhubServer) -> None:
    clock = HandClock(NOON)
    finnhub = account(server, clock)
    server.quote("BABA", 150.0, NOON)
    finnhub.bars(BABA, SINCE, UNTIL)
    clock.to(NOON + timedelta(hours=2, minutes=1))
    server.quote("BABA", 151.0, clock.now())
    (only,) = finnhub.bars(BABA, SINCE, clock.now() + timedelta(minutes=1)).bars
    assert only.close == 151.0


def test_each_share_has_its_own_minutes(server: FinnhubServer) -> None:
    finnhub = account(server)
    server.quote("BABA", 150.0, at("16:59:10"))
    server.quote("BRK.B", 480.0, at("16:59:20"))
    assert [each.close for each in finnhub.bars(BABA, SINCE, UNTIL).bars] == [150.0]
    assert [each.close for each in finnhub.bars(CLASS_B, SINCE, UNTIL).bars] == [480.0]


def test_zeros_are_a_symbol_that_is_not_known(server: FinnhubServer) -> None:
    with pytest.raises(UnknownSymbol, match="BABA"):
        account(server).bars(BABA, SINCE, UNTIL)


def test_what_is_no_american_share_is_not_covered_and_not_asked_for(server: FinnhubServer) -> None:
    finnhub = account(server)
    assert (finnhub.covers(BABA), finnhub.covers(HONG_KONG)) == (True, False)
    with pytest.raises(UnknownSymbol):
        finnhub.bars(HONG_KONG, SINCE, UNTIL)
    assert server.asked == []


@pytest.mark.parametrize(
    "body",
    [
        {}, [], None, {"error": "something"}, {"c": "150", "t": 1}, {"c": 150, "t": None},
        {"c": 0, "t": 1795193940}, {"c": -1, "t": 1795193940}, {"c": 150, "t": 1e300},
        {"c": True, "t": 1795193940},
    ],
)  # fmt: skip
def test_a_quote_of_another_shape_is_an_outage_that_says_what_was_found(
    server: FinnhubServer, body: object
) -> None:
    server.fail(Reply(200, body))
    with pytest.raises(SourceDown, match="BABA: expected"):
        account(server).bars(BABA, SINCE, UNTIL)


def test_a_share_that_the_account_may_not_see_is_an_outage_that_says_so(
    server: FinnhubServer,
) -> None:
    server.fail(NO_ACCESS)
    with pytest.raises(SourceDown, match=r"access to this resource.* look at \[quotes.finnhub\]"):
        account(server).bars(BABA, SINCE, UNTIL)


def test_while_finnhub_wants_quiet_it_is_not_asked(server: FinnhubServer) -> None:
    server.fail(TOO_MANY)
    finnhub = account(server)
    for _ in range(2):
        with pytest.raises(RateLimited, match="too many requests"):
            finnhub.bars(BABA, SINCE, UNTIL)
    assert (len(server.asked), finnhub.room) == (1, 0)
    assert finnhub.resting is not None


def test_there_is_no_history_and_no_figure(server: FinnhubServer) -> None:
    finnhub = account(server)
    assert finnhub.daily(BABA, None, NOON).bars == ()
    assert finnhub.outlook(BABA, targets=True).price is None
    assert server.asked == []


def test_quotes_are_last_prices_without_a_range(server: FinnhubServer) -> None:
    server.quote("BABA", 149.9, at("16:59:12"))
    found = account(server).quotes([BABA, CLASS_B, HONG_KONG])
    assert found == {"BABA": Quote(Symbol("BABA"), 149.9, at("16:59:12"), currency="USD")}
    assert [each.query["symbol"] for each in server.asked] == ["BABA", "BRK.B"]


@pytest.mark.parametrize(("per_minute", "most"), [(60, 30), (8, 4)])
def test_very_many_get_their_bars_which_cost_no_more_than_quotes(
    server: FinnhubServer, per_minute: int, most: int
) -> None:
    shares = [listing(Symbol(f"A{a}{b}")) for a in "ABCDEFGH" for b in "ABCDEFGH"]
    finnhub = account(server, per_minute=per_minute)
    assert finnhub.quotes(shares[: most + 1]) == {}
    assert server.asked == []
    finnhub.quotes(shares[:most])
    assert len(server.asked) == most


def test_a_last_price_that_was_a_quote_is_in_its_minute(server: FinnhubServer) -> None:
    finnhub = account(server)
    server.quote("BABA", 148.0, at("16:59:12"))
    finnhub.quotes([BABA])
    server.quote("BABA", 149.9, at("16:59:40"))
    (found,) = finnhub.bars(BABA, at("16:00"), NOON).bars
    assert (found.low, found.close) == (148.0, 149.9)
