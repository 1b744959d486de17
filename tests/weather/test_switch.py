"""Where Yahoo gives nothing another source stands in: each crossing once, and with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import yahoo_bodies as bodies
from tests.support.alpaca import AlpacaServer, account
from tests.support.build import at
from tests.weather.sky import BELOW, COURSE, FELL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.fakes import HandClock
    from tests.support.yahoo_bodies import Fault
    from tests.weather.conftest import Skies
    from tests.weather.sky import Sky


@pytest.fixture
def alpaca() -> Iterator[AlpacaServer]:
    with AlpacaServer() as server:
        yield server


@pytest.fixture
def sky(skies: Skies, alpaca: AlpacaServer) -> Sky:
    """Return a sky over BABA, whose bars Alpaca has as well."""

    def stand_in(clock: HandClock) -> object:
        return account(alpaca, clock)

    found = skies(BELOW, stand_in=stand_in)
    found.play()
    alpaca.play("BABA", COURSE)
    return found


def data(sky: Sky) -> dict[str, Any]:
    (body,) = sky.bodies()
    found: dict[str, Any] = body["data"]
    return found


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(bodies.too_many(), id="429"),
        pytest.param(bodies.html, id="a page"),
        pytest.param(bodies.unknown, id="404"),
    ],
)
def test_a_crossing_that_yahoo_does_not_give_is_told_by_the_other_source_once(
    sky: Sky, fault: Fault
) -> None:
    sky.until(at("09:32"))
    sky.yahoo.fail(fault)
    sky.until(at("09:35"))
    assert sky.told() == [FELL]
    assert (data(sky)["source"], data(sky)["first_source"]) == ("alpaca", "yahoo")
    assert "Quotes: alpaca, in place of yahoo." in sky.letters.messages[0].text
    sky.yahoo.recover()
    sky.until(at("10:00"))
    # Yahoo's own bars show the same crossing, which is no news by now.
    assert sky.told() == [FELL]


def test_a_late_message_says_that_it_comes_from_the_other_source(
    sky: Sky, alpaca: AlpacaServer
) -> None:
    sky.until(at("09:32"))
    sky.yahoo.fail(bodies.html)
    alpaca.play("BABA", COURSE[:2])
    sky.until(at("09:41"))
    assert sky.told() == []
    alpaca.play("BABA", COURSE)
    sky.until(at("09:43"))
    assert sky.told() == [f"{FELL} (late)"]
    text = sky.letters.messages[0].text
    assert "This message is late." in text
    assert "Yahoo gave no prices: these are from alpaca." in text


def test_what_yahoo_gives_itself_names_no_other_source(sky: Sky) -> None:
    sky.until(at("09:42"))
    assert sky.told() == [FELL]
    assert (data(sky)["source"], data(sky)["first_source"]) == ("yahoo", None)
