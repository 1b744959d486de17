"""The real yfinance over real TLS against a server that plays Yahoo."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.errors import RateLimited, SourceDown, SourceError, UnknownSymbol
from alertd.quotes.yahoo import Yahoo
from tests.quotes.build import MINUTE, NOON, at, bar, minutes
from tests.support import yahoo_bodies as bodies
from tests.support.yahoo import COOKIE
from tests.support.yahoo_markets import live_row, shifted, unfolding

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Bar
    from tests.support.yahoo import YahooServer
    from tests.support.yahoo_bodies import Fault

BABA = listing(Symbol("BABA"))
SOON = NOON + timedelta(minutes=5)
DAY = timedelta(days=1)

# What a process of its own runs: the first request of a fresh yfinance.
FRESH = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.quotes.yahoo import Yahoo

noon = datetime.fromisoformat("{noon}")
source = Yahoo(Path(sys.argv[1]), lambda: noon, timeout=1.0)
found = source.bars(listing(Symbol("BABA")), noon - timedelta(hours=1), noon)
print(len(found.bars))
"""


def lately(client: Yahoo) -> tuple[Bar, ...]:
    return client.bars(BABA, NOON - timedelta(hours=1), SOON).bars


def fresh(yahoo: YahooServer, cache: Path) -> str:
    code = FRESH.format(noon=NOON.isoformat())
    done = subprocess.run(
        [sys.executable, "-c", code, str(cache)],
        # yfinance's own timeouts are 30 s each: a request that is not capped ends the test here.
        env={**os.environ, **yahoo.env}, capture_output=True, text=True, timeout=25, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_minutes_arrive_without_float_noise(yahoo: YahooServer, client: Yahoo) -> None:
    whole = bar("16:30", "130.24 130.28 130.01 130.25")
    yahoo.play("BABA", [whole])
    found = client.bars(BABA, NOON - timedelta(hours=1), SOON)
    assert found.bars == (whole,)
    assert (found.symbol, found.digits, found.currency) == ("BABA", 2, "USD")


def test_a_request_asks_for_all_hours_and_for_splits(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.play("BABA", minutes(1))
    lately(client)
    (seen,) = yahoo.charts
    assert seen.params["period1"] == str(int((NOON - timedelta(hours=1)).timestamp()))
    assert int(seen.params["period2"]) >= SOON.timestamp()
    assert seen.params["includePrePost"] == "true"
    assert seen.params["events"] == "div,splits"


def test_a_coarse_bar_that_began_before_the_window_and_reaches_into_it_is_part_of_it(
    yahoo: YahooServer, client: Yahoo
) -> None:
    old = NOON - timedelta(days=40)
    five, one = timedelta(minutes=5), bar("12:00", "150 150 150 150")
    course = [replace(one, start=old + n * five, length=five) for n in range(-1, 3)]
    yahoo.play("BABA", course, "5m")
    found = client.bars(BABA, old + timedelta(minutes=3), old + timedelta(minutes=12)).bars
    assert [(each.start - old) // five for each in found] == [0, 1, 2]


def test_a_fresh_client_gets_a_cookie_and_a_crumb_first(yahoo: YahooServer, tmp_path: Path) -> None:
    yahoo.play("BABA", shifted(minutes(3), NOON - timedelta(minutes=3)))
    assert fresh(yahoo, tmp_path / "fresh") == "3"
    places = [seen.host + seen.path for seen in yahoo.requests]
    assert places == [
        COOKIE,
        "query1.finance.yahoo.com/v1/test/getcrumb",
        "query1.finance.yahoo.com/v8/finance/chart/BABA",
    ]
    assert yahoo.charts[0].params["crumb"] == "abcdefghijk"


def test_a_damaged_cache_is_made_anew(yahoo: YahooServer, tmp_path: Path) -> None:
    cache = tmp_path / "fresh"
    cache.mkdir()
    (cache / "cookies.db").write_bytes(b"not a database" * 500)
    yahoo.play("BABA", shifted(minutes(3), NOON - timedelta(minutes=3)))
    assert fresh(yahoo, cache) == "3"
    assert (cache / "cookies.db").read_bytes().startswith(b"SQLite format 3")


def test_the_forming_minute_grows_between_two_polls(yahoo: YahooServer, client: Yahoo) -> None:
    moment = at("16:30:10")
    yahoo.play("BABA", unfolding([bar("16:30", "150 152 149 151")], lambda: moment))
    begun = lately(client)
    moment = at("16:30:50")
    assert begun == (bar("16:30", "150 150 150 150"),)
    assert lately(client) == (bar("16:30", "150 152 149 151"),)


def test_the_row_of_the_latest_trade_joins_its_minute(yahoo: YahooServer, client: Yahoo) -> None:
    minute, latest = bar("16:30", "150 150.5 149 150"), bar("16:30", "151 151 151 151")
    yahoo.play("BABA", [minute, live_row(latest, at("16:30:41"))])
    assert lately(client) == (bar("16:30", "150 151 149 151"),)


def test_daily_bars_span_their_sessions(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.play("BABA", [bar("14:30", "150 155 149 151")], interval="1d")
    found = client.daily(BABA, NOON - DAY, NOON).bars
    assert [(each.start, each.end) for each in found] == [(at("14:30"), at("21:00"))]


def test_daily_bars_of_sessions_outside_the_window_are_left_out(
    yahoo: YahooServer, client: Yahoo
) -> None:
    yahoo.play("BABA", [bar("14:30", "150 155 149 151")], interval="1d")
    assert client.daily(BABA, NOON - 2 * DAY, at("14:30")).bars == ()
    assert client.daily(BABA, at("14:31"), SOON).bars == ()


def test_a_long_absence_is_read_in_ever_finer_bars(yahoo: YahooServer, client: Yahoo) -> None:
    ages = {"1d": 800, "1h": 100, "5m": 40, "1m": 0}
    for interval, days in ages.items():
        yahoo.play("BABA", minutes(1, at("14:30") - days * DAY), interval)
    found = client.bars(BABA, NOON - 900 * DAY, NOON).bars
    lengths = [timedelta(hours=6.5), timedelta(hours=1), timedelta(minutes=5), MINUTE]
    assert [each.length for each in found] == lengths
    assert [each.start for each in found] == sorted(each.start for each in found)


def test_an_empty_window_is_no_bars(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.play("BABA", [])
    assert lately(client) == ()


def test_a_window_that_ends_before_it_begins_asks_nothing(
    yahoo: YahooServer, client: Yahoo
) -> None:
    assert client.bars(BABA, NOON, NOON - DAY).bars == ()
    assert client.daily(BABA, NOON, NOON - DAY).bars == ()
    assert yahoo.requests == []


def test_a_symbol_is_escaped_in_the_path(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.play("^GSPC", minutes(1))
    assert len(client.bars(listing(Symbol("^GSPC")), NOON, SOON).bars) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (bodies.too_many(), RateLimited, "BABA: too many requests, status 429"),
        (bodies.too_many_with_200, RateLimited, "BABA: too many requests, status 200"),
        (bodies.unknown, UnknownSymbol, "BABA: No data found, symbol may be delisted"),
        (bodies.html, SourceDown, "expected JSON, found HTML with status 200"),
        (bodies.truncated, SourceDown, "found JSON that breaks off with status 200"),
        (bodies.empty, SourceDown, "expected JSON, found nothing with status 200"),
        (bodies.broken, SourceDown, "found HTML with status 502"),
        (bodies.too_old, SourceDown, "found status 422: 'Unprocessable Entity: 1m data"),
        (bodies.unauthorized, SourceDown, "found status 401: 'Unauthorized: Invalid Crumb'"),
        (bodies.reset, SourceDown, "BABA: ConnectionError: curl: (56)"),
        (bodies.hang, SourceDown, "BABA: Timeout: curl: (28)"),
    ],
)
def test_every_fault_has_its_error_and_the_next_poll_its_bars(
    yahoo: YahooServer, tmp_path: Path, fault: Fault, kind: type[SourceError], said: str
) -> None:
    clock = [NOON]
    client = Yahoo(tmp_path / "cache", lambda: clock[0], timeout=2.0)
    yahoo.play("BABA", minutes(2))
    yahoo.fail(fault)
    with pytest.raises(kind) as caught:
        lately(client)
    assert said in str(caught.value)
    assert "://" not in str(caught.value)
    yahoo.recover()
    clock[0] = NOON + timedelta(minutes=5)  # the usual quiet after a 429
    assert len(lately(client)) == 2


def test_rows_of_nulls_are_bars_without_a_price(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.play("BABA", minutes(2))
    yahoo.fail(bodies.null_rows)
    assert [str(each.close) for each in lately(client)] == ["nan", "nan"]


def test_a_window_without_trades_is_no_bars(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.play("BABA", minutes(2))
    yahoo.fail(bodies.no_rows)
    assert lately(client) == ()


def test_a_plea_for_quiet_is_not_answered_with_more_requests(
    yahoo: YahooServer, client: Yahoo
) -> None:
    yahoo.fail(bodies.too_many("600"))
    with pytest.raises(RateLimited) as caught:
        lately(client)
    assert caught.value.retry_at == NOON + timedelta(minutes=10)
    assert len(yahoo.requests) == 1


def test_an_unknown_symbol_costs_one_request(yahoo: YahooServer, client: Yahoo) -> None:
    with pytest.raises(UnknownSymbol):
        lately(client)
    assert len(yahoo.requests) == 1


def test_the_quiet_that_yahoo_asked_for_is_kept_for_every_symbol(
    yahoo: YahooServer, tmp_path: Path
) -> None:
    clock = [NOON]
    client = Yahoo(tmp_path / "cache", lambda: clock[0])
    yahoo.play("BABA", minutes(3))
    yahoo.play("NVDA", minutes(3))
    yahoo.fail(bodies.too_many("600"), times=1)
    for symbol in ("BABA", "NVDA"):
        with pytest.raises(RateLimited):
            client.bars(listing(Symbol(symbol)), NOON - timedelta(hours=1), SOON)
    assert len(yahoo.charts) == 1
    clock[0] = NOON + timedelta(minutes=10)
    assert lately(client)


def test_an_unreachable_host_is_an_outage(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.stop()
    with pytest.raises(SourceDown, match=r"BABA: .*Could not connect"):
        lately(client)


def test_a_certificate_of_someone_else_is_an_outage(
    yahoo: YahooServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("CURL_CA_BUNDLE")
    with pytest.raises(SourceDown, match="certificate"):
        lately(Yahoo(tmp_path / "cache", lambda: NOON))
