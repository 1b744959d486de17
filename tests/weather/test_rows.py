"""Charts whose rows are not what they should be: nothing fires that did not happen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support import yahoo_bodies as bodies
from tests.support.build import at, bar, flat, rule
from tests.support.yahoo_markets import live_row
from tests.weather.sky import BELOW, COURSE, FELL

if TYPE_CHECKING:
    from alertd.core.bars import Bar
    from tests.support.yahoo_bodies import Fault
    from tests.weather.conftest import Skies

NAN = "nan nan nan nan"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(bodies.null_rows, id="every price null"),
        pytest.param(bodies.nan_rows, id="every price NaN"),
        pytest.param(bodies.no_rows, id="an empty window"),
    ],
)
def test_a_crossing_in_rows_without_prices_is_told_once_when_they_have_them(
    skies: Skies, fault: Fault
) -> None:
    sky = skies(BELOW)
    sky.play()
    sky.until(at("09:32"))
    sky.yahoo.fail(fault)
    sky.until(at("09:36"))
    assert sky.told() == []
    sky.yahoo.recover()
    sky.until(at("09:42"))
    assert sky.told() == [FELL]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(bodies.doubled_last_row, id="the last row twice"),
        pytest.param(bodies.no_currency, id="a currency of null"),
    ],
)
def test_a_crossing_in_a_chart_that_is_odd_but_can_be_read_is_told_once(
    skies: Skies, fault: Fault
) -> None:
    sky = skies(BELOW)
    sky.play()
    sky.until(at("09:31"))
    sky.yahoo.fail(fault)
    sky.until(at("09:42"))
    assert sky.told() == [FELL]
    (body,) = sky.bodies()
    assert body["data"]["currency"] == "USD"


def test_a_crossing_in_the_row_of_the_latest_trade_is_told_once(skies: Skies) -> None:
    sky = skies(BELOW)
    traded = live_row(bar("09:33", "149.5 149.5 149.5 149.5"), at("09:33:02"))

    def market(*_: object) -> list[Bar]:
        whole = [each for each in COURSE if each.end <= sky.clock.now()]
        growing = [*flat("09:33", 151), traded]
        return [*whole, *growing] if at("09:33") < sky.clock.now() < at("09:34") else whole

    sky.yahoo.play("BABA", market)
    sky.until(at("09:33"))
    assert sky.told() == [FELL]
    sky.until(at("09:42"))
    assert sky.told() == [FELL]


@pytest.mark.parametrize("prices", [NAN, "151 151 nan 151"])
def test_minutes_without_a_price_between_others_hide_nothing(skies: Skies, prices: str) -> None:
    sky = skies(BELOW)
    sky.play(bars=[*COURSE[:2], bar("09:32", prices), *COURSE[3:]])
    sky.until(at("09:42"))
    assert sky.told() == [FELL]


@pytest.mark.parametrize("factor", [100, 0.01])
def test_a_hundredfold_glitch_fires_nothing_and_hides_nothing(skies: Skies, factor: float) -> None:
    sky = skies(BELOW)
    wild = bar("09:31", " ".join([str(151 * factor)] * 4))
    sky.play(bars=[COURSE[0], wild, *COURSE[2:]])
    sky.until(at("09:42"))
    assert sky.told() == [FELL]


def test_a_crossing_in_a_hundredfold_minute_is_told_of_the_next_one_and_once(skies: Skies) -> None:
    sky = skies(BELOW)
    sky.play(bars=[*COURSE[:3], bar("09:33", "15100 15100 14950 14960"), *COURSE[4:]])
    sky.until(at("09:42"))
    assert sky.told() == ["fired BABA 149.6 at 09:34 (gap)"]


def test_the_row_of_the_closing_print_is_no_crossing_of_the_regular_session(skies: Skies) -> None:
    sky = skies(BELOW, start=at("15:55:05"))
    closing = replace(bar("16:00", "149.5 149.5 149.5 149.5"), volume=0.0)
    sky.play(bars=[*flat("15:50", *[151] * 10), closing])
    sky.until(at("16:30"))
    assert sky.told() == []


def test_a_crossing_in_the_last_minute_is_told_once_beside_the_closing_print(skies: Skies) -> None:
    sky = skies(BELOW, start=at("15:55:05"))
    closing = replace(bar("16:00", "149.6 149.6 149.6 149.6"), volume=0.0)
    last = bar("15:59", "151 151 149.5 149.6")
    sky.play(bars=[*flat("15:50", *[151] * 9), last, closing])
    sky.until(at("16:30"))
    assert sky.told() == ["fired BABA 149.5 at 15:59"]


def test_a_crossing_that_only_the_revised_opening_bar_shows_is_told_once(skies: Skies) -> None:
    sky = skies(BELOW, start=at("09:29:05"))
    first, later = bar("09:30", "151 151 150.2 151"), bar("09:30", "151 151 149.5 151")
    calm = flat("09:31", *[151] * 30)
    sky.play(bars=[*flat("09:20", 151), first, *calm])
    sky.until(at("09:32"))
    assert sky.told() == []
    sky.play(bars=[*flat("09:20", 151), later, *calm])
    sky.until(at("09:42"))
    assert sky.told() == ["fired BABA 149.5 at 09:30"]


def test_a_crossing_that_the_revised_opening_bar_no_longer_shows_is_taken_back_once(
    skies: Skies,
) -> None:
    sky = skies(BELOW, start=at("09:29:05"))
    first, later = bar("09:30", "151 151 149.5 151"), bar("09:30", "151 151 150.2 151")
    calm = flat("09:31", *[151] * 30)
    sky.play(bars=[*flat("09:20", 151), first, *calm])
    sky.until(at("09:32"))
    assert sky.told() == ["fired BABA 149.5 at 09:30"]
    sky.play(bars=[*flat("09:20", 151), later, *calm])
    sky.until(at("09:42"))
    assert sky.told() == ["fired BABA 149.5 at 09:30", "withdrawn BABA 149.5 at 09:30"]


def test_an_unknown_symbol_among_others_hides_nothing_of_them(skies: Skies) -> None:
    sky = skies(BELOW, rule("below 10", id="gone", symbol="GONE"))
    sky.play()
    sky.until(at("09:42"))
    assert sky.told() == ["stale GONE 0 at 09:31", FELL]


def test_a_symbol_that_is_unknown_for_a_while_misses_nothing(skies: Skies) -> None:
    sky = skies(BELOW)
    sky.play()
    sky.until(at("09:32"))
    sky.yahoo.fail(bodies.unknown, times=1)
    sky.until(at("09:55"))
    assert sky.told() == [f"{FELL} (late)"]
