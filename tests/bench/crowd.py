"""What does a cycle over ten thousand symbols cost, asked over the network, and does it stay so?

    configuration -> the daemon's parts: yfinance, database, watch -> 200 cycles, a minute apart

Yahoo is another process on this machine and answers at once: what the real one takes comes on top.
Each symbol has had its first bars and is due at a time of its own within a sweep, as after an hour.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import enumerate as alive
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from loguru import logger

from alertd import config, wiring
from alertd.ops.bounded import BoundedSource, Feed
from alertd.store.database import Database
from alertd.watch import Plan, Watch
from tests.bench.courses import MINUTE
from tests.bench.market import Elsewhere, Paths, named
from tests.bench.memory import peak, resident
from tests.bench.seeding import spread
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from alertd.config.settings import Config
    from alertd.core.bars import Symbol
    from alertd.core.claims import Claim

# Quotes in one request.
TOGETHER = 99
# No daemon waits longer for an answer.
_LIMIT = timedelta(seconds=20)
_REQUESTS = 6000


class Noting(Database):
    """A database that notes which symbols quotes have pointed at, and how many were claimed."""

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 -- as the database has it
        super().__init__(*given, **more)
        self.pointed: set[Symbol] = set()
        self.claimed = 0

    def hasten(self, symbols: Collection[Symbol], now: datetime) -> None:
        self.pointed |= set(symbols)
        super().hasten(symbols, now)

    def claim_symbols(
        self, now: datetime, lease: timedelta, limit: int, *, in_turn: bool = False
    ) -> Sequence[Claim]:
        found = super().claim_symbols(now, lease, limit, in_turn=in_turn)
        self.claimed += len(found)
        return found


@dataclass(frozen=True)
class Cycle:
    """What one cycle cost, in requests and seconds, and what the process held after it.

    `near` is how many symbols came to a price at which something happens to their alerts.
    """

    near: int
    pointed: int
    swept: int
    quotes: int
    charts: int
    connections: int
    told: int
    wall: float
    cpu: float
    memory: int
    files: int
    threads: int


@dataclass
class Bench:
    """The daemon's parts around a market in another process."""

    market: Elsewhere
    clock: HandClock
    store: Noting
    watch: Watch
    database: Path
    _asked: Counter[str] = field(default_factory=Counter)

    def cycle(self, crashing: int = 0) -> Cycle:
        """Let a minute pass, and judge what is due then; so many symbols fall through a level."""
        self.clock.to(self.clock.now() + MINUTE)
        seen = Counter(self.market.move(self.clock.now(), crashing))
        self.store.pointed.clear()
        self.store.claimed = 0
        began, worked, told = perf_counter(), process_time(), 0
        while (events := self.watch.step()) is not None:
            told += events
        wall, cpu = perf_counter() - began, process_time() - worked
        asked = Counter(self.market.move(self.clock.now())) - seen
        pointed = len(self.store.pointed)
        return Cycle(
            seen["near"], pointed, self.store.claimed - pointed, asked["quote"] + asked["spark"],
            asked["chart"], asked["connections"], told, wall, cpu,
            resident(), _files(), _threads(),
        )  # fmt: skip

    def begin(self) -> None:
        """Judge the first symbols, leave all others as they are, and spread them over a sweep."""
        while self.store.claimed == 0:
            self.watch.step()
        spread(self.database, self.clock.now(), self.watch.plan.pace)


@contextmanager
def bench(symbols: int, sweep: str, folder: Path) -> Iterator[Bench]:
    """Yield a daemon's parts that watch so many symbols; the environment leads to the market."""
    with Elsewhere(symbols) as market:
        os.environ.update({**market.env, "CACHE_DIRECTORY": str(folder / "cache")})
        settings, clock = _settings(symbols, sweep, folder), HandClock(Paths(0).since)
        store = Noting.own(folder / "bench.db")
        store.adopt([alert.rule for alert in settings.alerts], clock.now() - MINUTE)
        source = wiring.sources(
            settings, clock=clock, store=store, environ=os.environ, chance=Random(1).random
        )
        bounded = BoundedSource(Feed(source, source), _LIMIT)
        plan, chance = Plan.configured(settings), Random(2).random
        watch = Watch(clock, bounded, store, plan, bounded.board, chance)
        yield Bench(market, clock, store, watch, folder / "bench.db")
        store.close()


def measured(symbols: int, sweep: str, cycles: int, folder: Path) -> dict[str, object]:
    """Return what so many cycles over so many symbols cost, and one in which a tenth crashes.

    With no cycles: what the very first one costs, in which every symbol is new.
    """
    with bench(symbols, sweep, folder) as one:
        if cycles:
            one.begin()
            found = [one.cycle() for _ in range(cycles)]
            found.append(one.cycle(symbols // 10))
        else:
            found = [one.cycle()]
    return {
        "symbols": symbols,
        "sweep": sweep,
        "cycles": [asdict(cycle) for cycle in found],
        "peak": peak(),
    }


def _settings(symbols: int, sweep: str, folder: Path) -> Config:
    """Return a configuration that was read from a file, as a daemon's is."""
    file = folder / "alertd.toml"
    file.write_text("\n".join(_tables(symbols, sweep)), encoding="utf-8")
    return config.load(file, environ={})


def _tables(symbols: int, sweep: str) -> Iterator[str]:
    yield f'[poll]\ninterval = "1m"\nsweep = "{sweep}"\nrequests_per_minute = {_REQUESTS}'
    yield '[channel.desk]\ntype = "console"'
    paths = Paths(0)
    for symbol in named(symbols):
        for level in paths.levels:
            condition = "below" if level < paths.price else "above"
            yield (
                f'[[alert]]\nid = "{symbol.lower()}-{level}"\nsymbol = "{symbol}"\n'
                f'{condition} = {level}\nnotify = ["desk"]'
            )


def _files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _threads() -> int:
    """Count the threads that stay: those that fetched side by side were told to end."""
    for thread in alive():
        if thread.name.startswith("fetch"):
            thread.join(10)
    return len(alive())


if __name__ == "__main__":
    logger.remove()
    logger.add(os.devnull, level="INFO")
    with TemporaryDirectory() as place:
        json.dump(
            measured(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(place)), sys.stdout
        )
