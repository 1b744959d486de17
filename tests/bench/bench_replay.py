"""How fast do past bars go through the engine, with the alerts that an investor would try?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Series
from alertd.core.calendars import listing
from alertd.quotes.csv import read
from alertd.replay import replay
from tests.bench.bench_points import REAL_MINUTES
from tests.bench.courses import DIGITS, FIRST, SYMBOL, days, minutes, mixed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.bench_points import Timed

_BABA = listing(SYMBOL, currency="USD")
_REAL = {"real daily": "1d_2014-09-19_2026-07-02.csv", "real minutes": REAL_MINUTES}
_ROUNDS = 3


@pytest.mark.parametrize("course", ["daily", "minutes"])
def bench_replay(benchmark: Timed, course: str) -> None:
    minutely = course == "minutes"
    bars = minutes(FIRST, sessions=40) if minutely else days(date(2014, 9, 19), date(2026, 7, 2))
    _measure(benchmark, course, Series(SYMBOL, tuple(bars), DIGITS, "USD"))


@pytest.mark.parametrize("course", _REAL)
def bench_real_replay(benchmark: Timed, course: str, shared: Path) -> None:
    _measure(benchmark, course, read(shared / "data" / "baba" / _REAL[course], _BABA))


def _measure(benchmark: Timed, course: str, series: Series) -> None:
    rules = mixed(series.bars[0].open)
    told = len(replay(rules, series, _BABA).events)
    benchmark.extra_info |= {"course": course, "bars": len(series.bars), "told": told}
    benchmark.pedantic(replay, setup=lambda: ((rules, series, _BABA), {}), rounds=_ROUNDS)
