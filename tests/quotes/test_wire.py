"""The real yfinance over real TLS: few connections, every request bounded, a broken cache."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

import pytest
import yfinance

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.errors import Crowded, RateLimited, SourceDown, UnknownSymbol
from alertd.quotes.manners import Manners
from alertd.quotes.yahoo import Yahoo
from tests.quotes.build import MINUTE, NOON, minutes
from tests.support import yahoo_bodies as bodies
from tests.support.yahoo import CHART, COOKIE, CRUMB, QUOTE, SPARK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.yahoo import YahooServer
    from tests.support.yahoo_bodies import Fault

BABA = listing(Symbol("BABA"))
# The most that all requests of one call take, by their usual limit.
ALTOGETHER = 1.6


def bars(client: Yahoo) -> int:
    return len(client.bars(BABA, NOON - MINUTE, NOON + 9 * MINUTE).bars)


def in_a_thread(act: Callable[[], object]) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def test_requests_that_follow_each_other_share_one_connection(
    yahoo: YahooServer, client: Yahoo
) -> None:
    yahoo.play("BABA", minutes(3))
    yahoo.quote("BABA", regularMarketPrice=105.85)
    for _ in range(5):
        bars(client)
        client.quotes([BABA])
    assert (len(yahoo.requests), yahoo.connections) == (10, 1)


def test_a_thread_keeps_a_connection_of_its_own(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.play("BABA", minutes(3))

    def twice() -> None:
        bars(client)
        bars(client)

    twice()
    in_a_thread(twice)
    twice()
    assert (len(yahoo.requests), yahoo.connections) == (6, 2)


def test_what_is_refused_leaves_the_connection_in_use(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.play("BABA", minutes(3))
    yahoo.fail(bodies.unknown, times=3)
    for _ in range(3):
        with pytest.raises(UnknownSymbol):
            bars(client)
    bars(client)
    assert (len(yahoo.requests), yahoo.connections) == (4, 1)


@pytest.mark.parametrize("fault", [bodies.hang, bodies.stall, bodies.drip])
@pytest.mark.parametrize("on", [CHART, QUOTE])
def test_an_answer_that_does_not_end_is_given_up_in_time(
    yahoo: YahooServer, tmp_path: Path, fault: Fault, on: str
) -> None:
    client = Yahoo(tmp_path / "cache", lambda: NOON, timeout=0.5)
    yahoo.play("BABA", minutes(9))
    yahoo.quote("BABA", regularMarketPrice=105.85)
    yahoo.fail(fault, on=on)
    begun = monotonic()
    with pytest.raises(SourceDown, match="timed out"):
        bars(client) if on == CHART else client.quotes([BABA])
    assert monotonic() - begun < 0.5 * ALTOGETHER + 0.5


@pytest.mark.parametrize("fault", [bodies.hang, bodies.stall, bodies.drip])
def test_all_requests_of_a_call_are_bounded_together(
    stranger: YahooServer, tmp_path: Path, fault: Fault
) -> None:
    client = Yahoo(tmp_path / "cache", lambda: NOON, timeout=1.0)
    for place in (COOKIE, CRUMB, "guce.yahoo.com", CHART, QUOTE, SPARK):
        stranger.fail(fault, on=place)
    for call in (lambda: bars(client), lambda: client.outlook(BABA, targets=False)):
        begun = monotonic()
        with pytest.raises((SourceDown, RateLimited)):
            call()
        assert monotonic() - begun < ALTOGETHER + 1


def test_what_is_asked_for_again_with_a_new_crumb_has_only_the_time_that_is_left(
    stranger: YahooServer, tmp_path: Path
) -> None:
    client = Yahoo(tmp_path / "cache", lambda: NOON, timeout=2.0)
    for place in (COOKIE, "guce.yahoo.com"):
        stranger.fail(bodies.hang, on=place)
    stranger.fail(bodies.unauthorized, times=1, on=QUOTE)
    stranger.fail(bodies.hang, on=QUOTE)
    begun = monotonic()
    with pytest.raises(SourceDown, match="timed out"):
        client.outlook(BABA, targets=False)
    assert stranger.counts["quote"] == 2
    assert monotonic() - begun < 2.0 * ALTOGETHER + 0.8


@pytest.mark.parametrize("fault", [bodies.flood, bodies.bomb])
@pytest.mark.parametrize("on", [CHART, QUOTE])
def test_an_answer_that_is_too_large_is_not_read_whole(
    yahoo: YahooServer, client: Yahoo, fault: Fault, on: str
) -> None:
    yahoo.play("BABA", minutes(3))
    yahoo.quote("BABA", regularMarketPrice=105.85)
    yahoo.fail(fault, times=1, on=on)
    with pytest.raises(SourceDown, match="file size"):
        bars(client) if on == CHART else client.quotes([BABA])
    assert yahoo.flooded < 40_000_000
    assert bars(client) == 3


def test_an_endless_crumb_is_no_crumb(stranger: YahooServer, client: Yahoo) -> None:
    stranger.play("BABA", minutes(3))
    stranger.fail(bodies.flood, on=CRUMB)
    assert bars(client) == 3


def test_every_request_counts_cookie_and_crumb_included(
    stranger: YahooServer, tmp_path: Path
) -> None:
    stranger.play("BABA", minutes(3))
    manners = Manners("yahoo", 10, lambda: NOON)
    client = Yahoo(tmp_path / "cache", lambda: NOON, manners=manners)
    assert client.room == 10
    bars(client)
    assert stranger.counts == {"cookie": 1, "crumb": 1, "chart": 1}
    assert client.room == 7


def test_the_requests_to_which_one_is_sent_on_count_too(yahoo: YahooServer, tmp_path: Path) -> None:
    client = Yahoo(tmp_path / "cache", lambda: NOON, manners=Manners("yahoo", 10, lambda: NOON))
    yahoo.fail(bodies.consent, times=1)
    with pytest.raises(SourceDown, match="expected JSON, found HTML"):
        bars(client)
    assert [seen.host for seen in yahoo.requests][1] == "consent.yahoo.com"
    assert client.room == 10 - len(yahoo.requests)


def test_without_room_nothing_is_asked(yahoo: YahooServer, tmp_path: Path) -> None:
    clock = [NOON]
    manners = Manners("yahoo", 2, lambda: clock[0])
    client = Yahoo(tmp_path / "cache", lambda: clock[0], manners=manners)
    yahoo.play("BABA", minutes(3))
    bars(client)
    bars(client)
    for ask in (
        lambda: bars(client),
        lambda: client.daily(BABA, NOON - timedelta(days=9), NOON),
        lambda: client.outlook(BABA, targets=True),
        lambda: client.quotes([BABA]),
    ):
        with pytest.raises(Crowded):
            ask()
    assert len(yahoo.requests) == 2
    clock[0] += MINUTE
    assert bars(client) == 3


def test_a_long_absence_is_read_though_it_needs_more_than_there_is_room_for(
    yahoo: YahooServer, tmp_path: Path
) -> None:
    manners = Manners("yahoo", 2, lambda: NOON)
    client = Yahoo(tmp_path / "cache", lambda: NOON, manners=manners)
    for interval in ("1h", "5m", "1m"):
        yahoo.play("BABA", minutes(1), interval)
    client.bars(BABA, NOON - timedelta(days=70), NOON + MINUTE)
    assert len(yahoo.charts) == 7


def test_a_long_absence_waits_until_there_is_room_for_all_its_requests(
    yahoo: YahooServer, tmp_path: Path
) -> None:
    manners = Manners("yahoo", 7, lambda: NOON)
    client = Yahoo(tmp_path / "cache", lambda: NOON, manners=manners)
    yahoo.play("BABA", minutes(3))
    bars(client)
    with pytest.raises(Crowded):
        client.bars(BABA, NOON - timedelta(days=70), NOON + MINUTE)
    assert len(yahoo.requests) == 1


@pytest.mark.parametrize("on", [CHART, QUOTE, SPARK])
def test_once_yahoo_asks_for_quiet_no_request_is_made_of_any_kind(
    yahoo: YahooServer, tmp_path: Path, on: str
) -> None:
    client = Yahoo(tmp_path / "cache", lambda: NOON)
    yahoo.fail(bodies.too_many(), on=on)
    if on == SPARK:
        yahoo.fail(bodies.unauthorized, on=QUOTE)
    with pytest.raises(RateLimited):
        bars(client) if on == CHART else client.quotes([BABA])
    asked = len(yahoo.requests)
    for ask in (
        lambda: bars(client),
        lambda: client.daily(BABA, NOON - timedelta(days=9), NOON),
        lambda: client.outlook(BABA, targets=True),
        lambda: client.quotes([BABA]),
    ):
        with pytest.raises(RateLimited, match=r"yahoo is left alone until 17:05 UTC: query1\."):
            ask()
    assert len(yahoo.requests) == asked
    assert (client.room, client.resting is None) == (0, False)


def test_a_rest_that_begins_in_the_middle_of_a_call_ends_the_call(
    yahoo: YahooServer, tmp_path: Path
) -> None:
    manners = Manners("yahoo", None, lambda: NOON)
    client = Yahoo(tmp_path / "cache", lambda: NOON, manners=manners)
    yahoo.play("BABA", minutes(1))

    def meanwhile(due: bodies.Answer) -> bodies.Answer:
        manners.refused(None, "another thread was told to be quiet")
        return due

    yahoo.fail(meanwhile, times=1)
    with pytest.raises(RateLimited, match="another thread"):
        client.bars(BABA, NOON - timedelta(days=20), NOON)
    assert len(yahoo.requests) == 1


def test_threads_that_wait_for_one_crumb_do_not_each_wait_for_its_hosts(
    stranger: YahooServer, tmp_path: Path
) -> None:
    client = Yahoo(tmp_path / "cache", lambda: NOON, timeout=1.0)
    stranger.play("BABA", minutes(3))
    for place in (COOKIE, "guce.yahoo.com"):
        stranger.fail(bodies.hang, on=place)
    threads = [threading.Thread(target=bars, args=(client,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The first finds out, and one more may have set out before it could say so.
    assert stranger.counts["cookie"] <= 4
    assert stranger.counts["chart"] == 4


def test_a_cache_that_another_program_has_locked_does_not_stop_charts(
    stranger: YahooServer, tmp_path: Path
) -> None:
    stranger.play("BABA", minutes(3))
    client = Yahoo(tmp_path / "cache", lambda: NOON, timeout=2.0)
    with closing(sqlite3.connect(tmp_path / "cache" / "cookies.db")) as other:
        other.execute("PRAGMA journal_mode = wal")
        other.execute("BEGIN EXCLUSIVE")
        assert bars(client) == 3
        begun = monotonic()
        assert bars(client) == 3
        assert monotonic() - begun < 1


def test_yfinance_neither_retries_by_itself_nor_hides_what_went_wrong(tmp_path: Path) -> None:
    yfinance.config.network.retries = 3
    yfinance.config.debug.hide_exceptions = True
    Yahoo(tmp_path / "cache", lambda: NOON)
    assert yfinance.config.network.retries == 0
    assert yfinance.config.debug.hide_exceptions is False
