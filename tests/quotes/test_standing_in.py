"""The real clients stand in for each other, over real sockets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.errors import RateLimited
from alertd.quotes.failover import Failover
from alertd.quotes.manners import Manners
from alertd.quotes.yahoo import Yahoo
from tests.quotes.build import MINUTE, NOON, at, minutes
from tests.support import alpaca, finnhub
from tests.support.alpaca import AlpacaServer
from tests.support.api import Reply
from tests.support.fakes import HandClock
from tests.support.finnhub import FinnhubServer
from tests.support.yahoo import QUOTE
from tests.support.yahoo_bodies import hang, too_many

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alertd.quotes.failover import Feed
    from tests.support.yahoo import YahooServer

BABA, HONG_KONG = listing(Symbol("BABA")), listing(Symbol("9988.HK"))
SINCE, UNTIL = at("16:50"), NOON + MINUTE


@pytest.fixture
def at_alpaca() -> Iterator[AlpacaServer]:
    with AlpacaServer() as server:
        server.play("BABA", minutes(10, SINCE, 149.0))
        yield server


@pytest.fixture
def at_finnhub() -> Iterator[FinnhubServer]:
    with FinnhubServer() as server:
        server.quote("BABA", 148.5, NOON - MINUTE)
        yield server


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
def all_three(
    yahoo: YahooServer,
    at_alpaca: AlpacaServer,
    at_finnhub: FinnhubServer,
    tmp_path: Path,
    clock: HandClock,
) -> Failover:
    yahoo.play("BABA", minutes(10, SINCE, 150.0))
    manners = Manners("yahoo", 60, clock.now)
    first = Yahoo(tmp_path / "cache", clock.now, timeout=0.5, manners=manners)
    second, third = alpaca.account(at_alpaca, clock), finnhub.account(at_finnhub, clock)
    sources: list[Feed] = [first, second, third]
    return Failover(sources, clock.now, patience=lambda _: timedelta(minutes=10))


def test_while_yahoo_wants_quiet_it_is_not_asked_and_alpaca_gives_the_bars(
    yahoo: YahooServer, all_three: Failover, clock: HandClock
) -> None:
    yahoo.fail(too_many(), times=1)
    for _ in range(3):
        found = all_three.bars(BABA, SINCE, UNTIL)
        assert (found.source, [bar.close for bar in found.bars][:2]) == ("alpaca", [149.0, 149.01])
    assert len(yahoo.charts) == 1
    clock.to(NOON + timedelta(minutes=6))
    assert all_three.bars(BABA, SINCE, UNTIL).source == "yahoo"


def test_what_is_not_american_waits_until_yahoo_may_be_asked_again(
    yahoo: YahooServer, all_three: Failover
) -> None:
    yahoo.fail(too_many(), times=1)
    for _ in range(2):
        with pytest.raises(RateLimited) as raised:
            all_three.bars(HONG_KONG, SINCE, UNTIL)
        assert raised.value.retry_at == NOON + timedelta(minutes=5)
    assert len(yahoo.charts) == 1


def test_where_yahoo_hangs_the_others_are_asked_in_their_order(
    yahoo: YahooServer, all_three: Failover, at_alpaca: AlpacaServer
) -> None:
    yahoo.fail(hang)
    assert all_three.bars(BABA, SINCE, UNTIL).source == "alpaca"
    at_alpaca.fail(Reply(503))
    found = all_three.bars(BABA, SINCE, UNTIL)
    assert (found.source, [bar.close for bar in found.bars]) == ("finnhub", [148.5])


def test_a_bar_in_doubt_is_looked_up_elsewhere(all_three: Failover) -> None:
    found = all_three.second(BABA, NOON - MINUTE, NOON, besides="yahoo")
    assert found is not None
    assert (found.source, [bar.start for bar in found.bars]) == ("alpaca", [NOON - MINUTE])


def test_quotes_come_from_alpaca_while_yahoo_gives_none(
    yahoo: YahooServer, all_three: Failover, at_alpaca: AlpacaServer
) -> None:
    at_alpaca.snap("BABA", {"latestTrade": {"t": "2026-11-20T16:59:58Z", "p": 149.5}})
    yahoo.fail(too_many(), on=QUOTE)
    found = all_three.quotes([BABA, HONG_KONG])
    assert {symbol: quote.price for symbol, quote in found.items()} == {"BABA": 149.5}
