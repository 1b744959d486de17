"""A whole session through the real yfinance, over real sockets, ends as its replay does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from yfinance.data import YfData

from alertd.quotes.failover import Failover
from alertd.quotes.yahoo import Yahoo
from tests.live import days
from tests.live.days import BABA, Way, alerts, before, lived_by, replayed
from tests.live.shelf import real, walk
from tests.support.fakes import HandClock
from tests.support.yahoo import FIRST_CRUMB, YahooServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from alertd.core.bars import Bar
    from tests.live.courses import Course

MINUTE = timedelta(minutes=1)
WAY = Way(MINUTE, 15 * MINUTE, growing=True)


@pytest.fixture
def yahoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    monkeypatch.setattr("yfinance.cache._CookieCacheManager._Cookie_cache", None)
    vars(YfData()).update(_cookie=True, _crumb=FIRST_CRUMB, _cookie_strategy="basic")
    with YahooServer(tmp_path, remember=False) as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


def plays(server: YahooServer, course: Course, clock: HandClock) -> None:
    """Let the server show a course as the clock goes on."""

    def minutes(_symbol: str, since: datetime, until: datetime) -> Sequence[Bar]:
        now = clock.now()
        return [course.grown(bar, now) for bar in course.between(since, min(until, now))]

    def sessions(_symbol: str, since: datetime, until: datetime) -> Sequence[Bar]:
        return [bar for bar in course.daily(clock.now()) if since <= bar.start < until]

    server.play(BABA, minutes)
    server.play(BABA, sessions, interval="1d")
    # As many digits as the recorded prices have.
    server.describe(BABA, priceHint=4)
    server.follow(BABA, clock.now, priceHint=4, exchangeDataDelayedBy=0)


@pytest.mark.parametrize("name", ["walk", "real"])
def test_a_session_through_the_real_client_ends_as_its_replay_does(
    name: str, yahoo: YahooServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    shared = request.getfixturevalue("shared") if name == "real" else None
    course = real(shared, "regular", 1, 1) if shared else walk(1)
    rules, clock = alerts(course.bars[0].open), HandClock(before(course))
    plays(yahoo, course, clock)
    source = Failover(
        [Yahoo(tmp_path / "cache", clock.now)], clock.now, patience=lambda _: 10 * MINUTE
    )
    with days.folder() as place:
        told = lived_by(source, clock, course, rules, way=WAY, path=place / "db")
    assert told.told.keys() == replayed(course, rules).keys()
    asked = yahoo.counts
    # A quote each minute, but while something is watched so closely that its bars come then.
    assert 300 < asked["quote"] <= 400
    assert asked["chart"] < asked["quote"] / 2
