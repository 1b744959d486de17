"""Yahoo on loopback, and the real client pointed at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from yfinance.data import YfData

from alertd.quotes.yahoo import Yahoo
from tests.quotes.build import NOON
from tests.support.yahoo import FIRST_CRUMB, YahooServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def yahoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    """Return a running server, to which this process's environment points.

    yfinance has been there before: it has a cookie and a crumb.
    """
    # One of each serves the whole process; every test begins with its own.
    monkeypatch.setattr("yfinance.cache._CookieCacheManager._Cookie_cache", None)
    vars(YfData()).update(_cookie=True, _crumb=FIRST_CRUMB, _cookie_strategy="basic")
    with YahooServer(tmp_path) as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def stranger(yahoo: YahooServer) -> YahooServer:
    """Return a server to which yfinance has never been: cookie and crumb come first."""
    vars(YfData()).update(_cookie=None, _crumb=None)
    return yahoo


@pytest.fixture
def client(yahoo: YahooServer, tmp_path: Path) -> Yahoo:
    """Return the source under test with a session of its own; it is noon in the session."""
    return Yahoo(tmp_path / "cache", lambda: NOON, timeout=2.0)
