"""The parts put together, in this process: schedule, clock, hung fetches, stops."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from alertd.daemon import EXIT_BROKEN, EXIT_HUNG, EXIT_OK, Order
from alertd.errors import StoreBroken, StoreFull, StoreLocked
from alertd.ops.clock import ClockGuard
from alertd.ops.notify import ServiceManager
from alertd.store.database import Database
from tests.support.running import PATIENCE, Running, Steady, Stuck

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from alertd.core.claims import Claim
    from alertd.core.rules import Rule
    from alertd.ports import QuoteSource


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def begin(source: QuoteSource, **more: object) -> Running:
        running.append(Running(tmp_path, source, **more))
        return running[-1]

    yield begin
    for one in running:
        one.daemon.orders.put(Order.STOP)
        one.thread.join(PATIENCE)


def test_the_first_poll_is_at_once_and_a_stop_ends_with_status_0(
    start: Callable[..., Running],
) -> None:
    source = Steady()
    running = start(source)
    assert source.asked.acquire(timeout=PATIENCE)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK


def test_polls_come_at_the_interval(start: Callable[..., Running]) -> None:
    source = Steady()
    start(source, interval=timedelta(seconds=0.2))
    for _ in range(4):
        assert source.asked.acquire(timeout=PATIENCE)


@pytest.mark.parametrize("step", [-3600.0, -864_000.0, 3600.0, 315_360_000.0])
def test_after_a_step_of_the_clock_every_symbol_is_polled_at_once(
    start: Callable[..., Running], step: float
) -> None:
    source, moved = Steady(), threading.Event()
    guard = ClockGuard(wall=lambda: step if moved.is_set() else 0.0, monotonic=lambda: 0.0)
    start(source, guard=guard)
    assert source.asked.acquire(timeout=PATIENCE)
    moved.set()
    assert source.asked.acquire(timeout=PATIENCE)


def test_three_hung_fetches_end_the_daemon_for_a_fresh_start(
    start: Callable[..., Running],
) -> None:
    source = Steady()
    source.free.clear()
    limit = timedelta(seconds=0.05)
    running = start(source, interval=timedelta(seconds=0.1), fetch_limit=limit)
    assert running.ended() == EXIT_HUNG
    source.free.set()


def test_a_bug_in_the_main_loop_does_not_end_the_daemon(start: Callable[..., Running]) -> None:
    source, wrong, seen = Steady(), threading.Event(), threading.Semaphore(0)

    def wall() -> float:
        seen.release()
        if wrong.is_set():
            raise ZeroDivisionError
        return 0.0

    running = start(source, guard=ClockGuard(wall=wall, monotonic=lambda: 0.0))
    wrong.set()
    for _ in range(3):
        assert seen.acquire(timeout=PATIENCE)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK


def test_the_watchdog_is_fed_only_while_both_loops_come_round(
    start: Callable[..., Running],
) -> None:
    source, heart, fed = Steady(), Stuck(), threading.Semaphore(0)

    class Manager(ServiceManager):
        """Counts what the watchdog is fed."""

        def watchdog(self) -> None:
            fed.release()

    running = start(source, heart=heart, manager=Manager(None))
    assert fed.acquire(timeout=PATIENCE)
    heart.stuck = True
    assert heart.asked.acquire(timeout=PATIENCE)
    while fed.acquire(blocking=False):
        pass
    for _ in range(2):
        assert heart.asked.acquire(timeout=PATIENCE)
    assert not fed.acquire(blocking=False)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK


def test_a_reload_that_fails_on_the_store_is_over_too_and_the_old_alerts_stay(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    said: SimpleQueue[str] = SimpleQueue()

    class Manager(ServiceManager):
        """Hears about reloads."""

        def reloading(self) -> None:
            said.put("reloading")

        def ready(self) -> None:
            said.put("ready")

    class Locked(Database):
        """A database that takes its first alerts and no others."""

        adopted = False

        def adopt(self, rules: Sequence[Rule], now: datetime) -> None:
            if self.adopted:
                message = "database is locked"
                raise OSError(message)
            self.adopted = True
            super().adopt(rules, now)

    source = Steady()
    toml = '[[alert]]\nid = "other"\nsymbol = "BABA"\nabove = 192\n'
    (tmp_path / "alertd.toml").write_text(toml)
    running = start(source, store=Locked, manager=Manager(None), interval=timedelta(seconds=0.2))
    assert source.asked.acquire(timeout=PATIENCE)
    running.daemon.orders.put(Order.RELOAD)
    assert [said.get(timeout=PATIENCE) for _ in range(3)] == ["ready", "reloading", "ready"]
    while source.asked.acquire(blocking=False):
        pass
    assert source.asked.acquire(timeout=PATIENCE)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK


def test_alerts_of_a_reload_that_the_store_refuses_are_not_taken_up(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    refused = threading.Event()

    class Locked(Database):
        """A database that is locked once its daemon has begun."""

        begun = False

        def reopen(self, now: datetime, daily: Collection[str] = ()) -> None:
            if self.begun:
                refused.set()
                message = "database is locked"
                raise StoreLocked(message)
            self.begun = True
            super().reopen(now, daily)

    source = Steady()
    toml = '[[alert]]\nid = "other"\nsymbol = "BABA"\nabove = 192\n'
    (tmp_path / "alertd.toml").write_text(toml)
    running = start(source, store=Locked, interval=timedelta(seconds=0.2))
    running.daemon.orders.put(Order.RELOAD)
    assert refused.wait(PATIENCE)
    while source.asked.acquire(blocking=False):
        pass
    for _ in range(3):
        assert source.asked.acquire(timeout=PATIENCE)


def test_the_ticks_never_pile_up_and_never_expire(start: Callable[..., Running]) -> None:
    source = Steady()
    running = start(source)
    assert source.asked.acquire(timeout=PATIENCE)
    jobs = running.daemon._scheduler.get_jobs()  # noqa: SLF001 - what APScheduler was told
    assert {job.id for job in jobs} == {"watch", "deliver", "upkeep"}
    for job in jobs:
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)


def test_a_store_that_somebody_else_has_locked_does_not_spoil_the_stop(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    source = Steady()
    running = start(source)
    assert source.asked.acquire(timeout=PATIENCE)
    with closing(sqlite3.connect(tmp_path / "alertd.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        running.daemon.orders.put(Order.STOP)
        assert running.ended() == EXIT_OK


def test_a_store_whose_disk_fails_ends_the_daemon_for_a_fresh_start(
    start: Callable[..., Running],
) -> None:
    class Failing(Database):
        """A database on a disk that fails."""

        def claim_symbols(self, *_: object, **__: object) -> Sequence[Claim]:
            message = "disk I/O error"
            raise StoreBroken(message)

    assert start(Steady(), store=Failing).ended() == EXIT_BROKEN


def test_a_disk_that_fails_at_a_reload_ends_the_daemon_too(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    class Failing(Database):
        """A database whose disk fails when it is given other alerts."""

        adopted = False

        def adopt(self, rules: Sequence[Rule], now: datetime) -> None:
            if self.adopted:
                message = "disk I/O error"
                raise StoreBroken(message)
            self.adopted = True
            super().adopt(rules, now)

    toml = '[[alert]]\nid = "other"\nsymbol = "BABA"\nabove = 192\n'
    (tmp_path / "alertd.toml").write_text(toml)
    running = start(Steady(), store=Failing)
    running.daemon.orders.put(Order.RELOAD)
    assert running.ended() == EXIT_BROKEN


def test_the_status_of_each_end_is_the_one_that_operators_are_told() -> None:
    assert (EXIT_OK, EXIT_HUNG, EXIT_BROKEN) == (0, 70, 75)


def test_a_full_disk_stops_nothing_and_is_over_when_there_is_room(
    start: Callable[..., Running],
) -> None:
    class Full(Database):
        """A database that takes nothing at first."""

        refusals = 3

        def claim_symbols(
            self, now: datetime, lease: timedelta, limit: int, *, in_turn: bool = False
        ) -> Sequence[Claim]:
            if self.refusals:
                self.refusals -= 1
                message = "the disk is full"
                raise StoreFull(message)
            return super().claim_symbols(now, lease, limit, in_turn=in_turn)

    source = Steady()
    running = start(source, store=Full, interval=timedelta(seconds=0.2))
    assert source.asked.acquire(timeout=PATIENCE)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK


def test_a_stop_does_not_wait_for_a_hung_fetch(start: Callable[..., Running]) -> None:
    source = Steady()
    source.free.clear()
    running = start(source)
    assert source.asked.acquire(timeout=PATIENCE)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK
    source.free.set()
