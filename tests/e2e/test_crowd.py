"""Thirty symbols in one process: quotes point, bars decide, and a stop waits for no batch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar
from tests.e2e.house import MINUTE, calm, this_minute
from tests.e2e.process import PATIENCE, until
from tests.support import yahoo_bodies as bodies
from tests.support.yahoo import CHART, COOKIE, QUOTE

if TYPE_CHECKING:
    from tests.e2e.house import House

STOPS_WITHIN_S = 2.0
# The suffix of a coin: they trade at any time at which a test may run.
NAMES = [f"C{n:02}-USD" for n in range(30)]

_ALERT = """
[[alert]]
id = "c{number}"
symbol = "{symbol}"
below = 150
"""

_POLL = """[poll]
sweep = "15m"
requests_per_minute = 600"""


@pytest.fixture
def crowd(house: House) -> House:
    """Return a house whose daemon is to watch thirty symbols, which have been 151 until now."""
    alerts = (_ALERT.format(number=number, symbol=name) for number, name in enumerate(NAMES))
    before = house.config.read_text()
    rest = before[before.index("[channel.desk]") :].replace("[symbol.BABA]", '[symbol."C00-USD"]')
    house.config.write_text("".join(alerts) + rest.replace("[poll]", _POLL))
    for name in NAMES:
        house.yahoo.play(name, calm())
        house.yahoo.follow(name, lambda: datetime.now(UTC))
    return house


def read(house: House, kind: str, count: int) -> None:
    """Wait until Yahoo was asked this many times for charts or quotes."""
    until(f"{count} of {kind}", lambda: house.yahoo.counts.get(kind, 0) >= count)


def test_a_price_that_quotes_show_is_told_once_and_nobody_else_is_asked_for(crowd: House) -> None:
    crowd.begin()
    read(crowd, "quote", 2)
    charts = len(crowd.yahoo.charts)
    fallen = Bar(this_minute(), MINUTE, 151, 151, 149.5, 149.5)
    crowd.yahoo.play(NAMES[7], [*calm(), fallen])
    crowd.desk.wait(1, PATIENCE)
    read(crowd, "quote", crowd.yahoo.counts["quote"] + 3)
    (call,) = crowd.desk.calls
    assert b"C07-USD" in call.body
    asked = {seen.path.rpartition("/")[2] for seen in crowd.yahoo.charts[charts:]}
    assert asked == {NAMES[7]}


@pytest.mark.parametrize("place", [CHART, COOKIE])
def test_sigterm_in_the_middle_of_a_batch_stops_within_two_seconds(
    crowd: House, place: str
) -> None:
    crowd.yahoo.fail(bodies.hang, on=place)
    crowd.begin()
    read(crowd, "chart" if place == CHART else "cookie", 1)
    assert_stops(crowd)


def test_sigterm_while_quotes_hang_stops_within_two_seconds(crowd: House) -> None:
    crowd.begin()
    read(crowd, "quote", 1)
    crowd.yahoo.fail(bodies.hang, on=QUOTE)
    read(crowd, "quote", crowd.yahoo.counts["quote"] + 1)
    assert_stops(crowd)


def assert_stops(house: House) -> None:
    status, seconds = house.daemon.terminate()
    assert status == 0
    assert seconds < STOPS_WITHIN_S
