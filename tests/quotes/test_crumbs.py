"""The real yfinance gets a crumb, or none: what needs one waits, and the rest goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.errors import RateLimited, SourceDown
from alertd.quotes.yahoo import Yahoo
from tests.quotes.build import MINUTE, NOON, minutes
from tests.support import yahoo_bodies as bodies
from tests.support.yahoo import CHART, COOKIE, CRUMB, FIRST_CRUMB, QUOTE, SPARK, SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.yahoo import YahooServer
    from tests.support.yahoo_bodies import Answer, Fault

BABA, NVDA = (listing(Symbol(symbol)) for symbol in ("BABA", "NVDA"))
PRICES = {"BABA": 105.85, "NVDA": 171.5}
CONSENT = "guce.yahoo.com"

# Whatever comes in place of a crumb, and where.
REFUSALS: list[tuple[str, Fault, tuple[str, ...]]] = [
    ("429 at the crumb", bodies.too_many(), (CRUMB,)),
    ("a plea with status 200", bodies.too_many_with_200, (CRUMB,)),
    ("a crumb that is HTML", bodies.html, (CRUMB,)),
    ("an empty crumb", bodies.empty, (CRUMB,)),
    ("502 at the crumb", bodies.broken, (CRUMB,)),
    ("a hanging crumb", bodies.hang, (CRUMB,)),
    ("a crumb that is reset", bodies.reset, (CRUMB,)),
    ("429 at the cookie", bodies.too_many(), (COOKIE,)),
    ("cookie hosts that hang", bodies.hang, (COOKIE, CONSENT)),
    ("cookie hosts that are reset", bodies.reset, (COOKIE, CONSENT)),
]
refusals = pytest.mark.parametrize(
    ("fault", "places"), [pytest.param(*case[1:], id=case[0]) for case in REFUSALS]
)


class Hour:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def passes(self, span: timedelta) -> None:
        self.now += span


@pytest.fixture
def hour() -> Hour:
    return Hour()


@pytest.fixture
def client(yahoo: YahooServer, tmp_path: Path, hour: Hour) -> Yahoo:
    """Return a client of a server that knows two symbols."""
    for symbol, price in PRICES.items():
        yahoo.play(symbol, minutes(3))
        yahoo.quote(symbol, regularMarketPrice=price, regularMarketTime=int(NOON.timestamp()))
    return Yahoo(tmp_path / "cache", lambda: hour.now, timeout=1.0)


def refuse(server: YahooServer, fault: Fault, places: tuple[str, ...]) -> None:
    for place in places:
        server.fail(fault, on=place)


def bars(client: Yahoo) -> int:
    return len(client.bars(BABA, NOON - MINUTE, NOON + 5 * MINUTE).bars)


def prices(client: Yahoo) -> dict[str, float | None]:
    return {symbol: quote.price for symbol, quote in client.quotes([BABA, NVDA]).items()}


@refusals
def test_without_a_crumb_bars_and_prices_are_had_all_the_same(
    stranger: YahooServer, client: Yahoo, fault: Fault, places: tuple[str, ...]
) -> None:
    refuse(stranger, fault, places)
    assert prices(client) == PRICES
    assert bars(client) == 3
    assert "crumb" not in stranger.charts[-1].params
    assert stranger.counts["spark"] == 1


@refusals
def test_what_came_in_place_of_a_crumb_is_never_sent_as_one(
    stranger: YahooServer, client: Yahoo, hour: Hour, fault: Fault, places: tuple[str, ...]
) -> None:
    refuse(stranger, fault, places)
    bars(client)
    prices(client)
    stranger.recover()
    hour.passes(timedelta(hours=2))
    assert prices(client) == PRICES
    assert bars(client) == 3
    crumbs = {seen.params["crumb"] for seen in stranger.requests if "crumb" in seen.params}
    assert crumbs == {FIRST_CRUMB}


@refusals
def test_a_refused_crumb_is_left_alone_for_five_minutes_and_more_each_time(
    stranger: YahooServer, client: Yahoo, hour: Hour, fault: Fault, places: tuple[str, ...]
) -> None:
    refuse(stranger, fault, places)
    for pause in (5, 10, 20):
        bars(client)
        tried = [stranger.counts.get(place, 0) for place in ("cookie", "crumb", "quote")]
        hour.passes(timedelta(minutes=pause, seconds=-1))
        assert (prices(client), bars(client)) == (PRICES, 3)
        asked = [stranger.counts.get(place, 0) for place in ("cookie", "crumb", "quote")]
        assert asked == tried
        hour.passes(timedelta(seconds=1))


def test_a_wish_at_the_crumb_counts(stranger: YahooServer, client: Yahoo, hour: Hour) -> None:
    stranger.fail(bodies.too_many("1800"), times=1, on=CRUMB)
    bars(client)
    hour.passes(timedelta(minutes=29))
    prices(client)
    assert stranger.counts["crumb"] == 1
    hour.passes(timedelta(minutes=1))
    prices(client)
    assert (stranger.counts["crumb"], stranger.counts["quote"]) == (2, 1)


def test_a_plea_at_the_crumb_costs_one_request_for_it(stranger: YahooServer, client: Yahoo) -> None:
    stranger.fail(bodies.too_many(), on=CRUMB)
    prices(client)
    assert [seen.path for seen in stranger.requests] == ["/", CRUMB, SPARK]


def test_a_page_for_people_instead_of_a_crumb_makes_yfinance_try_its_other_way(
    stranger: YahooServer, client: Yahoo
) -> None:
    stranger.fail(bodies.html, times=1, on=CRUMB)
    assert prices(client) == PRICES
    crumbs = [seen.host for seen in stranger.requests if seen.path == CRUMB]
    assert crumbs == ["query1.finance.yahoo.com", "query2.finance.yahoo.com"]
    assert (stranger.counts["quote"], "spark" in stranger.counts) == (1, False)


def test_a_crumb_that_has_rotated_is_renewed_and_the_quote_asked_for_once_more(
    yahoo: YahooServer, client: Yahoo
) -> None:
    yahoo.rotate("mnopqrstuvw")
    assert prices(client) == PRICES
    sent = [seen.params["crumb"] for seen in yahoo.requests if seen.path == QUOTE]
    assert sent == [FIRST_CRUMB, "mnopqrstuvw"]
    assert "spark" not in yahoo.counts
    prices(client)
    assert yahoo.counts["quote"] == 3


@pytest.mark.parametrize("fault", [bodies.unauthorized, bodies.no_access])
def test_where_a_new_crumb_is_refused_too_closes_stand_in_for_the_quote(
    yahoo: YahooServer, client: Yahoo, hour: Hour, fault: Fault
) -> None:
    yahoo.fail(fault, on=QUOTE)
    assert prices(client) == PRICES
    assert (yahoo.counts["quote"], yahoo.counts["spark"]) == (2, 1)
    prices(client)
    assert (yahoo.counts["quote"], yahoo.counts["spark"]) == (2, 2)
    yahoo.recover()
    hour.passes(timedelta(minutes=5))
    assert prices(client) == PRICES
    assert (yahoo.counts["quote"], yahoo.counts["spark"]) == (3, 2)


def test_figures_wait_for_a_crumb_and_say_why(stranger: YahooServer, client: Yahoo) -> None:
    stranger.fail(bodies.html, on=CRUMB)
    bars(client)
    with pytest.raises(RateLimited, match=r"crumb is left alone until 17:05 UTC: .*found HTML"):
        client.outlook(BABA, targets=True)
    assert {"quote", "summary"}.isdisjoint(stranger.counts)


def test_a_summary_that_is_refused_says_nothing_of_the_crumb(
    yahoo: YahooServer, client: Yahoo
) -> None:
    yahoo.fail(bodies.unauthorized, on=SUMMARY)
    client.outlook(BABA, targets=True)
    assert prices(client) == PRICES
    assert "spark" not in yahoo.counts


def test_while_no_crumb_is_to_be_had_a_chart_that_fails_is_not_asked_for_twice(
    stranger: YahooServer, client: Yahoo
) -> None:
    stranger.fail(bodies.too_many(), on=CRUMB)
    bars(client)
    stranger.fail(bodies.broken, on=CHART)
    with pytest.raises(SourceDown):
        bars(client)
    assert stranger.counts["chart"] == 2


def test_a_crumb_that_quotes_are_refused_with_is_said_to_be_refused(
    yahoo: YahooServer, client: Yahoo, lines: list[str]
) -> None:
    yahoo.fail(bodies.unauthorized, on=QUOTE)
    prices(client)
    (line,) = [line for line in lines if "no crumb from Yahoo" in line]
    assert "crumb refused, status 401" in line


def test_a_crumb_that_several_are_refused_with_side_by_side_is_logged_once(
    yahoo: YahooServer, client: Yahoo, lines: list[str]
) -> None:
    together = Barrier(2, timeout=10.0)

    def refused(due: Answer) -> Answer:
        together.wait()
        return bodies.unauthorized(due)

    yahoo.fail(refused, on=QUOTE)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(prices, [client, client]))
    assert len([line for line in lines if "no crumb from Yahoo" in line]) == 1


def test_without_a_cookie_to_be_had_it_is_not_asked_for_before_each_request(
    stranger: YahooServer, client: Yahoo, hour: Hour
) -> None:
    stranger.fail(lambda _: bodies.page(404), on=COOKIE)
    for _ in range(3):
        bars(client)
        prices(client)
    assert (stranger.counts["cookie"], stranger.counts["chart"]) == (1, 3)
    hour.passes(timedelta(minutes=5))
    prices(client)
    assert stranger.counts["cookie"] == 2


def test_a_cookie_that_cannot_be_kept_in_a_file_is_asked_for_once(
    stranger: YahooServer, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where the folder would be")
    stranger.play("BABA", minutes(3))
    client = Yahoo(tmp_path / "taken", lambda: NOON, timeout=2.0)
    assert [bars(client) for _ in range(3)] == [3, 3, 3]
    assert (stranger.counts["cookie"], stranger.counts["chart"]) == (1, 3)


def test_pages_in_place_of_all_that_leads_to_a_crumb_are_asked_for_after_pauses_only(
    stranger: YahooServer, client: Yahoo, hour: Hour
) -> None:
    stranger.fail(bodies.html, on=CRUMB)
    stranger.fail(lambda _: bodies.page(404), on=COOKIE)
    for _ in range(4):
        bars(client)
        hour.passes(timedelta(hours=1, minutes=1))
    before = len(stranger.requests)
    for _ in range(3):
        bars(client)
    assert [seen.params.get("crumb") for seen in stranger.charts] == [None] * 7
    assert len([seen for seen in stranger.requests[before:] if seen not in stranger.charts]) <= 3


def test_a_lack_of_crumbs_is_logged_once_with_its_reason(
    stranger: YahooServer, client: Yahoo, lines: list[str]
) -> None:
    stranger.fail(bodies.too_many(), on=CRUMB)
    for _ in range(3):
        bars(client)
        prices(client)
    (line,) = [line for line in lines if "no crumb from Yahoo" in line]
    assert "getcrumb" not in line
    assert "query1.finance.yahoo.com: no crumb: too many requests, status 429" in line
