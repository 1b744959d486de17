"""How long does a cycle over many symbols take, where does the time go, and in how much memory?

    first    every symbol is new: two sessions of minutes each, and the daily history of its names
    next     a minute later: the bars that have not settled, and one more

The database is a real one in a folder of its own. The source is in memory and gives every symbol
the same bars, at once: it is what alertd itself takes that is measured here. What a source over the
network adds, and what quotes spare, is in `crowd`.
"""

from __future__ import annotations

import json
import os
import sys
from bisect import bisect_left
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.alerts import Alert
from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Series, Symbol
from alertd.core.calendars import listing
from alertd.core.rules import AlertId
from alertd.store.database import Database
from alertd.watch import Plan, Watch
from tests.bench.courses import DIGITS, FIRST, MINUTE, PRICE, armed, days, minutes, mixed
from tests.bench.memory import peak
from tests.bench.seeding import spread
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from alertd.core.almanac import Almanac
    from alertd.core.calendars import Listing
    from alertd.core.claims import Claim, Glimpse, Progress
    from alertd.core.events import EventId
    from alertd.core.rules import Rule
    from alertd.ports import WatchStore

_OPEN_FOR = timedelta(minutes=90)


@dataclass
class Stopwatch:
    """How many seconds went where."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        began = perf_counter()
        yield
        self.seconds[what] += perf_counter() - began


@dataclass(frozen=True)
class Cycle:
    """What a cycle cost in seconds, by the wall's clock and by the processor's."""

    symbols: int
    told: int
    wall: float
    cpu: float
    stages: dict[str, float]


@dataclass(frozen=True)
class TimedStore:
    """A store that is timed, and counts the symbols that are claimed."""

    store: WatchStore
    watch: Stopwatch
    claimed: list[Symbol] = field(default_factory=list)

    def claim_symbols(
        self, now: datetime, lease: timedelta, limit: int, *, in_turn: bool = False
    ) -> Sequence[Claim]:
        with self.watch.on("claim"):
            found = self.store.claim_symbols(now, lease, limit, in_turn=in_turn)
        self.claimed.extend(claim.symbol for claim in found)
        return found

    def record(self, claim: Claim, progress: Progress, now: datetime) -> frozenset[EventId] | None:
        with self.watch.on("record"):
            return self.store.record(claim, progress, now)

    def record_all(
        self, done: Sequence[tuple[Claim, Progress]], now: datetime
    ) -> Sequence[frozenset[EventId] | None]:
        with self.watch.on("record"):
            return self.store.record_all(done, now)

    def postpone(self, *_given: object, **_more: object) -> frozenset[EventId]:
        # What is given back unjudged is not what is measured here.
        raise AssertionError

    def glimpses(self) -> Sequence[Glimpse]:
        # Without a board there is nothing to compare with.
        raise AssertionError

    def hasten(self, *_given: object) -> None:
        raise AssertionError

    def keep_delays(self, *_given: object) -> None:
        raise AssertionError

    def almanac(self, symbol: Symbol) -> Almanac | None:
        with self.watch.on("almanac"):
            return self.store.almanac(symbol)

    def keep_almanac(self, symbol: Symbol, almanac: Almanac, now: datetime) -> None:
        with self.watch.on("almanac"):
            self.store.keep_almanac(symbol, almanac, now)


@dataclass(frozen=True)
class InMemory:
    """A source that gives every symbol the same bars, and is timed."""

    course: Sequence[Bar]
    history: Sequence[Bar]
    clock: HandClock
    watch: Stopwatch
    name: str = "memory"

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        return self._cut(listing, self.course, since, min(until, self.clock.now()))

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        return self._cut(listing, self.history, since or self.history[0].start, until)

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:
        del listing, targets
        return Outlook(self.clock.now(), self.name)

    def _cut(
        self, listing: Listing, bars: Sequence[Bar], since: datetime, until: datetime
    ) -> Series:
        with self.watch.on("source"):
            first, last = (
                bisect_left(bars, at, key=lambda bar: bar.start) for at in (since, until)
            )
            return Series(listing.symbol, tuple(bars[first:last]), DIGITS, "USD")


@dataclass(frozen=True)
class Bench:
    """A watch over many symbols with ten alerts each, in the middle of the second session."""

    watch: Watch
    clock: HandClock
    store: TimedStore
    database: Path

    def judge(self, most: int | None = None) -> Cycle:
        """Judge what is due, in at most so many batches, and return where the time went."""
        stopwatch, claimed = self.store.watch, self.store.claimed
        stopwatch.seconds.clear()
        claimed.clear()
        began, worked, told = perf_counter(), process_time(), list[int]()
        while len(told) != most and (events := self.watch.step()) is not None:
            told.append(events)
        wall, cpu = perf_counter() - began, process_time() - worked
        stages = dict(stopwatch.seconds)
        stages["judging"] = wall - sum(stages.values())
        return Cycle(len(claimed), sum(told), wall, cpu, stages)

    def spread(self) -> None:
        """Leave every symbol as those that were judged, and all of them due in a minute."""
        spread(self.database)


def bench(symbols: int, kind: str, folder: Path) -> Bench:
    """Return a watch over so many new symbols; `kind` of alerts is "levels" or "mixed"."""
    alerts = [alert for number in range(symbols) for alert in _alerts(number, kind)]
    places = {alert.rule.symbol: listing(alert.rule.symbol, currency="USD") for alert in alerts}
    course, stopwatch = minutes(FIRST, sessions=2), Stopwatch()
    clock = HandClock(_second_open(course) + _OPEN_FOR)
    store = Database.own(folder / "bench.db")
    store.adopt([alert.rule for alert in alerts], clock.now() - MINUTE)
    source = InMemory(course, days(date(2024, 12, 2), FIRST), clock, stopwatch)
    plan = Plan(alerts, places, MINUTE, timedelta(minutes=5))
    timed = TimedStore(store, stopwatch)
    return Bench(Watch(clock, source, timed, plan), clock, timed, folder / "bench.db")


def measured(symbols: int, kind: str, folder: Path) -> list[dict[str, object]]:
    """Return what cycles over so many symbols cost; of "levels", only the one a minute later."""
    one, found = bench(symbols, kind, folder), []
    if kind == "levels":
        one.judge(most=1)
        one.spread()
    else:
        found.append(("first", one.judge()))
    one.clock.to(one.clock.now() + MINUTE)
    found.append(("next", one.judge()))
    assert all(cycle.symbols == symbols for _, cycle in found)
    return [{"kind": kind, "cycle": name, "peak": peak(), **asdict(cycle)} for name, cycle in found]


def _alerts(number: int, kind: str) -> list[Alert]:
    symbol = Symbol(f"S{number:05}")
    rules = mixed(PRICE, symbol) if kind == "mixed" else _levels(symbol)
    return [Alert(rule, rule.id, notify=("desk",)) for rule in rules]


def _levels(symbol: Symbol) -> list[Rule]:
    rules, _ = armed(10, PRICE)
    return [replace(rule, id=AlertId(f"{symbol}-{rule.id}"), symbol=symbol) for rule in rules]


def _start(bar: Bar) -> datetime:
    return bar.start


def _second_open(course: Sequence[Bar]) -> datetime:
    return next(b.start for a, b in pairwise(course) if b.start > a.end)


if __name__ == "__main__":
    logger.remove()
    logger.add(os.devnull, level="INFO")
    with TemporaryDirectory() as place:
        json.dump(measured(int(sys.argv[1]), sys.argv[2], Path(place)), sys.stdout)
