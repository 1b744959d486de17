"""The real yfinance asks about many symbols at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.core.pointing import Quote
from alertd.errors import Crowded, RateLimited, SourceDown, SourceError
from alertd.quotes.manners import Manners
from alertd.quotes.yahoo import Yahoo
from tests.quotes.build import MINUTE, NOON, at, bar, minutes
from tests.support import yahoo_bodies as bodies
from tests.support.yahoo import QUOTE, SPARK
from tests.support.yahoo_markets import unfolding

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.support.yahoo import YahooServer
    from tests.support.yahoo_bodies import Fault

BABA = listing(Symbol("BABA"))
CROWD = [listing(Symbol(f"S{number}")) for number in range(250)]


def fill(yahoo: YahooServer) -> None:
    for number, each in enumerate(CROWD):
        yahoo.quote(
            each.symbol, regularMarketPrice=100.0 + number, regularMarketTime=int(NOON.timestamp())
        )


def sizes(yahoo: YahooServer, path: str) -> list[int]:
    asked = [seen.params["symbols"] for seen in yahoo.requests if seen.path == path]
    return [len(symbols.split(",")) for symbols in asked]


def test_one_request_is_for_ninety_nine_symbols(yahoo: YahooServer, client: Yahoo) -> None:
    fill(yahoo)
    told = client.quotes(CROWD)
    assert [told[each.symbol].price for each in CROWD] == [100.0 + n for n in range(250)]
    assert sizes(yahoo, QUOTE) == [99, 99, 52]


def test_without_a_crumb_one_request_is_for_twenty(yahoo: YahooServer, client: Yahoo) -> None:
    fill(yahoo)
    yahoo.fail(bodies.unauthorized, on=QUOTE)
    told = client.quotes(CROWD)
    assert [told[each.symbol].price for each in CROWD] == [100.0 + n for n in range(250)]
    assert sizes(yahoo, SPARK) == [20] * 12 + [10]


def test_only_what_matters_is_asked_for(yahoo: YahooServer, client: Yahoo) -> None:
    client.quotes([BABA])
    (seen,) = yahoo.requests
    fields = seen.params["fields"].split(",")
    assert {"regularMarketDayHigh", "postMarketPrice", "currency"} <= set(fields)
    assert seen.params["formatted"] == "false"


def test_nobody_is_asked_about_nothing(yahoo: YahooServer, client: Yahoo) -> None:
    assert client.quotes([]) == {}
    assert yahoo.requests == []


@pytest.mark.parametrize("fault", [None, bodies.unauthorized])
def test_symbols_that_are_unknown_are_missing(
    yahoo: YahooServer, client: Yahoo, fault: Fault | None
) -> None:
    yahoo.quote("BABA", regularMarketPrice=1.0, regularMarketTime=int(NOON.timestamp()))
    if fault:
        yahoo.fail(fault, on=QUOTE)
    assert list(client.quotes([BABA, listing(Symbol("NOPE"))])) == ["BABA"]
    assert client.quotes([listing(Symbol("NOPE"))]) == {}


def told_at(yahoo: YahooServer, tmp_path: Path, moment: datetime) -> Quote:
    yahoo.follow("BABA", lambda: moment)
    return Yahoo(tmp_path / "cache", lambda: moment, timeout=2.0).quotes([BABA])[Symbol("BABA")]


COURSE = [
    bar("14:00", "99 99 98 99"),  # before the open
    bar("14:30", "120 121 117 118"),
    bar("14:31", "118 119 116 117"),
    bar("22:00", "125 126 124 125"),  # after the close
]


@pytest.mark.parametrize(
    ("clock", "traded", "shown"),
    [
        ("14:10", "14:00:59", (99.0, None, None)),
        ("14:30:20", "14:30:20", (121.0, 120.0, 121.0)),
        ("14:31:59", "14:31:59", (117.0, 116.0, 121.0)),
        ("16:00", "14:31:59", (117.0, 116.0, 121.0)),
        ("22:30", "22:00:59", (125.0, None, None)),
    ],
)
def test_a_quote_shows_what_has_been_traded_so_far(
    yahoo: YahooServer, tmp_path: Path, clock: str, traded: str, shown: tuple[float | None, ...]
) -> None:
    moment = at(clock)
    yahoo.play("BABA", unfolding(COURSE, lambda: moment))
    found = told_at(yahoo, tmp_path, moment)
    assert found.at == at(traded)
    assert (found.price, found.low, found.high) == shown


def test_closes_show_the_newest_price_and_a_range_within_the_days(
    yahoo: YahooServer, tmp_path: Path
) -> None:
    yahoo.play("BABA", COURSE)
    yahoo.fail(bodies.unauthorized, on=QUOTE)
    found = told_at(yahoo, tmp_path, at("14:31:59"))
    assert found == Quote(Symbol("BABA"), 117.0, at("14:31:59"), low=117.0, high=117.0)


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (bodies.too_many(), RateLimited, "99 symbols: too many requests, status 429"),
        (bodies.too_many_with_200, RateLimited, "99 symbols: too many requests, status 200"),
        (bodies.html, SourceDown, "99 symbols: expected JSON, found HTML with status 200"),
        (bodies.truncated, SourceDown, "99 symbols: expected JSON, found JSON that breaks off"),
        (bodies.empty, SourceDown, "99 symbols: expected JSON, found nothing with status 200"),
        (bodies.broken, SourceDown, "99 symbols: expected JSON, found HTML with status 502"),
        (bodies.unknown, SourceDown, "99 symbols: expected quotes, found status 404"),
        (bodies.reset, SourceDown, "99 symbols: ConnectionError: curl: (56)"),
        (bodies.hang, SourceDown, "99 symbols: Timeout: curl: (28)"),
    ],
)
def test_every_fault_has_its_error_and_the_next_cycle_its_quotes(
    yahoo: YahooServer, tmp_path: Path, fault: Fault, kind: type[SourceError], said: str
) -> None:
    clock = [NOON]
    client = Yahoo(tmp_path / "cache", lambda: clock[0], timeout=1.0)
    fill(yahoo)
    yahoo.fail(fault, on=QUOTE)
    with pytest.raises(kind) as caught:
        client.quotes(CROWD)
    assert str(caught.value).startswith("query1.finance.yahoo.com: ")
    assert said in str(caught.value)
    assert "://" not in str(caught.value)
    assert "spark" not in yahoo.counts
    yahoo.recover()
    clock[0] += timedelta(minutes=5)
    assert len(client.quotes(CROWD)) == 250


def test_a_fault_of_the_closes_is_an_error_too(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.fail(bodies.unauthorized, on=QUOTE)
    yahoo.fail(bodies.html, on=SPARK)
    with pytest.raises(SourceDown, match="20 symbols: expected JSON, found HTML"):
        client.quotes(CROWD)


def test_quotes_of_many_symbols_wait_for_the_room_of_all_their_requests(
    yahoo: YahooServer, tmp_path: Path
) -> None:
    clock = [NOON]
    client = Yahoo(
        tmp_path / "cache", lambda: clock[0], manners=Manners("yahoo", 4, lambda: clock[0])
    )
    fill(yahoo)
    yahoo.play("BABA", minutes(1))
    client.bars(BABA, NOON - MINUTE, NOON + MINUTE)
    client.bars(BABA, NOON - MINUTE, NOON + MINUTE)
    with pytest.raises(Crowded):
        client.quotes(CROWD)
    assert "quote" not in yahoo.counts
    clock[0] += MINUTE
    client.quotes(CROWD)
    assert (yahoo.counts["quote"], client.room) == (3, 1)
