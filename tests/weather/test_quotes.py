"""Where quotes point and bars decide: a quote that is wrong loses nothing and fires nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support import yahoo_bodies as bodies
from tests.support.build import at, flat, rule
from tests.support.yahoo import CRUMB, QUOTE, SPARK, chart_of
from tests.weather.sky import BELOW, FELL, seconds_past

if TYPE_CHECKING:
    from tests.support.yahoo_bodies import Fault
    from tests.weather.conftest import Skies
    from tests.weather.sky import Sky

HOUR = timedelta(hours=1)
CALM = rule("below 100", id="calm", symbol="NVDA")


@pytest.fixture
def sky(skies: Skies) -> Sky:
    """Return a sky over two symbols that get their bars once an hour, unless a quote points."""
    return calm_but_one(skies, HOUR)


def calm_but_one(skies: Skies, sweep: timedelta) -> Sky:
    found = skies(BELOW, CALM, sweep=sweep)
    found.play()
    found.play("NVDA", flat("09:30", *[180] * 65))
    for symbol in ("BABA", "NVDA"):
        found.yahoo.follow(symbol, found.clock.now)
    return found


def charts(sky: Sky, symbol: str) -> int:
    """Return how often bars of a symbol were asked for."""
    return len([seen for seen in sky.yahoo.charts if seen.path.endswith(f"/{symbol}")])


def test_a_crossing_that_a_quote_points_at_is_told_long_before_the_sweep(sky: Sky) -> None:
    sky.until(at("09:32"))
    before = charts(sky, "BABA"), charts(sky, "NVDA")
    sky.until(at("09:35"))
    assert sky.told() == [FELL]
    assert charts(sky, "BABA") > before[0]
    assert charts(sky, "NVDA") == before[1]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(bodies.html, id="a page instead of JSON, with status 200"),
        pytest.param(bodies.truncated, id="JSON that breaks off"),
        pytest.param(bodies.empty, id="nothing, with status 200"),
        pytest.param(bodies.broken, id="502 with a page"),
        pytest.param(bodies.unauthorized, id="401: invalid crumb, however new"),
        pytest.param(bodies.no_access, id="401: no access"),
        pytest.param(bodies.reset, id="the connection is reset"),
        pytest.param(bodies.hang, id="no answer ever"),
        pytest.param(bodies.stall, id="half of an answer, and then nothing"),
        pytest.param(bodies.flood, id="an answer without end"),
    ],
)
def test_a_crossing_that_quotes_cannot_show_is_told_in_time_all_the_same(
    sky: Sky, fault: Fault
) -> None:
    sky.until(at("09:32"))
    sky.yahoo.fail(fault, on=QUOTE)
    sky.until(at("09:35"))
    sky.yahoo.recover()
    sky.until(at("09:42"))
    assert sky.told() == [FELL]


def test_a_429_for_the_quotes_is_followed_by_quiet_and_then_the_crossing_is_told_once(
    sky: Sky,
) -> None:
    sky.until(at("09:32"))
    sky.yahoo.fail(bodies.too_many(), times=1, on=QUOTE)
    sky.until(at("09:42"))
    assert sky.asked(at("09:33"), seconds_past("09:34")) == 1
    assert sky.asked(seconds_past("09:34"), seconds_past("09:38")) == 0
    assert sky.crossings() == [FELL]


def test_a_crumb_that_has_rotated_is_renewed_and_hides_nothing(sky: Sky) -> None:
    sky.until(at("09:32"))
    before = sky.yahoo.counts["crumb"]
    sky.yahoo.rotate("another-one")
    sky.until(at("09:42"))
    assert sky.told() == [FELL]
    assert sky.yahoo.counts["crumb"] - before <= 2
    assert "spark" not in sky.yahoo.counts


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(bodies.too_many(), id="429"),
        pytest.param(bodies.too_many_with_200, id="a plea for quiet"),
        pytest.param(bodies.html, id="a page"),
        pytest.param(bodies.hang, id="no answer ever"),
    ],
)
def test_without_a_crumb_sparks_point_and_the_crumb_is_left_alone(
    skies: Skies, fault: Fault
) -> None:
    sky = skies(BELOW, sweep=HOUR)
    sky.yahoo.fail(fault, on=CRUMB)
    sky.play()
    sky.yahoo.follow("BABA", sky.clock.now)
    sky.until(at("09:35"))
    assert sky.told() == [FELL]
    assert sky.yahoo.counts["spark"] >= 2
    assert sky.yahoo.counts["crumb"] <= 3


def test_without_quotes_and_without_sparks_bars_show_the_crossing(skies: Skies) -> None:
    sky = skies(BELOW, sweep=HOUR)
    for on in (CRUMB, SPARK):
        sky.yahoo.fail(bodies.html, on=on)
    sky.play()
    sky.until(at("09:36"))
    assert sky.told() == [FELL]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"quoteType": "NONE"}, id="quoteType NONE"),
        pytest.param({"regularMarketPrice": None}, id="no price"),
        pytest.param({"regularMarketPrice": float("nan")}, id="a price of NaN"),
        pytest.param({"regularMarketPrice": 0}, id="a price of 0"),
        pytest.param({"regularMarketPrice": "149.5"}, id="a price as a text"),
        pytest.param({"regularMarketTime": None}, id="no time"),
        pytest.param({"regularMarketDayLow": None, "regularMarketDayHigh": None}, id="no range"),
        pytest.param({"currency": None}, id="a currency of null"),
        pytest.param({"exchangeDataDelayedBy": None}, id="a delay of null"),
        pytest.param({"exchangeDataDelayedBy": "soon"}, id="a delay as a text"),
        pytest.param({"regularMarketPrice": 15100.0}, id="a hundredfold price"),
        pytest.param({"regularMarketDayLow": 1.51}, id="a hundredth as the day's low"),
    ],
)
def test_a_quote_that_is_odd_hides_no_crossing_and_invents_none(
    skies: Skies, fields: dict[str, object]
) -> None:
    sky = calm_but_one(skies, HOUR / 12)
    sky.until(at("09:31"))
    for symbol in ("BABA", "NVDA"):
        sky.yahoo.quote(symbol, **fields)
    sky.until(at("09:42"))
    assert sky.crossings() == [FELL]


def test_a_symbol_that_is_missing_from_the_quotes_gets_its_bars_at_each_interval(sky: Sky) -> None:
    sky.until(at("09:32"))
    sky.yahoo.unlist("BABA")
    sky.until(at("09:36"))
    assert sky.told() == [FELL]


def test_an_unknown_symbol_costs_little_is_told_once_and_hides_nothing_of_others(
    skies: Skies,
) -> None:
    sky = skies(BELOW, rule("below 10", id="gone", symbol="GONE"), sweep=HOUR)
    sky.play()
    sky.yahoo.follow("BABA", sky.clock.now)
    sky.until(at("10:29"))
    assert sky.told() == ["stale GONE 0 at 09:31", FELL]
    assert charts(sky, "GONE") <= 3


def test_a_chart_that_fails_where_a_quote_points_is_asked_for_again_and_tells_it_once(
    sky: Sky,
) -> None:
    sky.until(at("09:32"))
    sky.yahoo.fail(bodies.html, on=chart_of("BABA"))
    sky.until(at("09:36"))
    assert sky.told() == []
    sky.yahoo.recover()
    sky.until(at("09:45"))
    assert sky.crossings() == [FELL]
