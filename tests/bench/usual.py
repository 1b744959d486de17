"""What does the usual way cost: `yf.download` of every symbol's minutes, in a process of its own?

    1 symbol a call     a loop over the symbols
    10 or 99 a call     as its documentation has it

Only some symbols are asked for; what all of them would cost is multiplied, and said to be.
"""

from __future__ import annotations

import json
import os
import sys
from io import StringIO
from tempfile import TemporaryDirectory
from threading import active_count
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import yfinance

from tests.bench.courses import MINUTE
from tests.bench.market import Elsewhere, Paths, named
from tests.bench.memory import resident

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

# How many symbols a call has, and how many calls are measured.
CALLS = {1: 100, 10: 20, 99: 5}


def measured(symbols: int, each: int) -> dict[str, object]:
    """Return what a few calls cost, each for so many of the symbols."""
    # It warns of pandas at every call.
    sys.stderr = StringIO()
    since, names = Paths(0).since, named(symbols)
    calls = min(CALLS[each], symbols // each)
    with TemporaryDirectory() as cache, Elsewhere(symbols) as market:
        os.environ.update(market.env)
        yfinance.set_tz_cache_location(cache)
        # The first time it asks for each symbol's time zone, too, and keeps that. Of minutes that
        # are long past it keeps the answer: not of these.
        _all(names, since - MINUTE, each, calls)
        asked, threads, memory = market.move(since), active_count(), resident()
        began, worked = perf_counter(), process_time()
        rows = _all(names, since, each, calls)
        wall, cpu = perf_counter() - began, process_time() - worked
        counts = market.move(since)
    assert all(rows), "nothing was downloaded"
    return {
        "each": each,
        "symbols": calls * each,
        "wall": wall,
        "cpu": cpu,
        "requests": counts["chart"] - asked["chart"],
        "connections": counts["connections"] - asked["connections"],
        "threads": active_count() - threads,
        "grown": resident() - memory,
    }


def _all(names: Sequence[str], since: datetime, each: int, calls: int) -> list[int]:
    return [_download(names[n * each : (n + 1) * each], since) for n in range(calls)]


def _download(names: Sequence[str], since: datetime) -> int:
    """Return how many minutes there are of these symbols today."""
    found = yfinance.download(
        list(names), start=since.replace(hour=0), end=since, interval="1m", progress=False,
        auto_adjust=False, group_by="ticker",
    )  # fmt: skip
    return len(found)


if __name__ == "__main__":
    json.dump(measured(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
