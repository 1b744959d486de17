"""Requests that come to nothing: the crossing that lay in them is told once when they are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import yahoo_bodies as bodies
from tests.support.build import at, flat, rule
from tests.support.yahoo import CHART, COOKIE, CRUMB
from tests.weather.sky import BELOW, FELL, seconds_past

if TYPE_CHECKING:
    from tests.support.yahoo import YahooServer
    from tests.support.yahoo_bodies import Fault
    from tests.weather.conftest import Skies

CONSENT = "guce.yahoo.com/"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(bodies.html, id="a page instead of JSON, with status 200"),
        pytest.param(bodies.truncated, id="JSON that breaks off"),
        pytest.param(bodies.empty, id="nothing, with status 200"),
        pytest.param(bodies.broken, id="502 with a page"),
        pytest.param(bodies.unauthorized, id="401: invalid crumb"),
        pytest.param(bodies.no_access, id="401: no access"),
        pytest.param(bodies.too_old, id="422"),
        pytest.param(bodies.before_listing, id="400: not listed yet"),
        pytest.param(bodies.reset, id="the connection is reset"),
        pytest.param(bodies.hang, id="no answer ever"),
        pytest.param(bodies.stall, id="half of an answer, and then nothing"),
        pytest.param(bodies.drip, id="a byte at a time"),
        pytest.param(bodies.flood, id="an answer without end"),
        pytest.param(bodies.bomb, id="64 MB out of a few kB"),
    ],
)
def test_a_crossing_behind_a_chart_that_fails_is_told_once(skies: Skies, fault: Fault) -> None:
    sky = skies(BELOW)
    sky.play()
    sky.until(at("09:32"))
    sky.yahoo.fail(fault)
    sky.until(at("09:34"))
    assert sky.told() == []
    sky.yahoo.recover()
    sky.until(at("09:42"))
    assert sky.told() == [FELL]


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        pytest.param(bodies.too_many(), COOKIE, id="429 for the cookie"),
        pytest.param(bodies.hang, COOKIE, id="no cookie ever"),
        pytest.param(bodies.reset, COOKIE, id="a reset instead of the cookie"),
        pytest.param(bodies.too_many(), CRUMB, id="429 for the crumb"),
        pytest.param(bodies.too_many_with_200, CRUMB, id="a plea for quiet as the crumb"),
        pytest.param(bodies.html, CRUMB, id="a page as the crumb"),
        pytest.param(bodies.empty, CRUMB, id="nothing as the crumb"),
        pytest.param(bodies.unauthorized, CRUMB, id="401 for the crumb"),
        pytest.param(bodies.broken, CRUMB, id="502 for the crumb"),
        pytest.param(bodies.hang, CRUMB, id="no crumb ever"),
    ],
)
def test_a_crossing_is_told_once_whatever_becomes_of_the_cookie_and_the_crumb(
    skies: Skies, fault: Fault, on: str
) -> None:
    sky = skies(BELOW)
    sky.play()
    sky.yahoo.fail(fault, on=on)
    sky.yahoo.fail(bodies.hang, on=CONSENT)
    sky.until(at("09:35"))
    sky.yahoo.recover()
    sky.until(at("09:42"))
    assert sky.told() == [FELL]


@pytest.mark.parametrize(
    ("fault", "minutes"),
    [
        pytest.param(bodies.too_many(), 5, id="429"),
        pytest.param(bodies.too_many_with_200, 5, id="the same words, with status 200"),
        pytest.param(bodies.too_many("600"), 10, id="429 that asks for ten minutes"),
    ],
)
def test_after_a_429_there_is_no_request_until_the_quiet_is_over_and_the_crossing_is_told_once(
    skies: Skies, fault: Fault, minutes: int
) -> None:
    sky = skies(BELOW, rule("below 100", id="calm", symbol="NVDA"))
    sky.play()
    sky.play("NVDA", flat("09:30", *[180] * 60))
    sky.until(at("09:32"))
    sky.yahoo.fail(fault, times=1)
    sky.until(at("09:48"))
    refused, back = at("09:33"), seconds_past(f"09:{33 + minutes}")
    assert sky.asked(refused, seconds_past("09:34")) in (1, 2)
    assert sky.asked(seconds_past("09:34"), back) == 0
    assert sky.asked(back, at("09:49")) > 0
    assert sky.crossings() == [FELL]


def test_quiet_after_a_429_outlives_a_restart(skies: Skies) -> None:
    sky = skies(BELOW)
    sky.play()
    sky.until(at("09:32"))
    sky.yahoo.fail(bodies.too_many(), times=1)
    sky.until(at("09:34"))
    sky.restart()
    sky.until(at("09:42"))
    assert sky.asked(seconds_past("09:34"), seconds_past("09:38")) == 0
    assert sky.crossings() == [FELL]


def test_the_first_answer_may_be_a_429(skies: Skies, yahoo: YahooServer) -> None:
    sky = skies(BELOW)
    sky.play()
    for on in (COOKIE, CRUMB, CHART):
        yahoo.fail(bodies.too_many(), on=on)
    sky.until(at("09:33"))
    yahoo.recover()
    sky.until(at("09:42"))
    assert sky.told() == [FELL]
