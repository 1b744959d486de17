"""A server that plays Yahoo, a client that has never spoken to it, and a sky over both."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from yfinance.cache import _CookieCacheManager
from yfinance.data import SingletonMeta

from tests.support.yahoo import YahooServer
from tests.weather.sky import Sky, seconds_past

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Skies = Callable[..., Sky]


@pytest.fixture
def yahoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    """Return a running server, to which yfinance is led as a new process would be.

    What it keeps for a whole process, the cookie and the crumb, it has not got yet.
    """
    monkeypatch.setattr(SingletonMeta, "_instances", {})
    monkeypatch.setattr(_CookieCacheManager, "_Cookie_cache", None)
    with YahooServer(tmp_path) as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def skies(tmp_path: Path, yahoo: YahooServer) -> Iterator[Skies]:
    """Return what makes a sky over some rules, from 09:30 on where nothing else is said."""
    made: list[Sky] = []

    def sky(*rules: Any, **more: Any) -> Sky:  # noqa: ANN401 - what Sky takes
        start = more.pop("start", seconds_past("09:30"))
        made.append(Sky(tmp_path, yahoo, rules, start, **more))
        return made[-1]

    yield sky
    for each in made:
        each.close()
