"""Several symbols at once: fetched side by side, judged one by one, none at another's cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Event, Lock
from threading import enumerate as enumerate_threads
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from alertd.core.bars import Series, Symbol
from alertd.errors import Crowded, RateLimited, SourceDown, StoreFull
from alertd.store.database import Database
from alertd.watch import LEASE, Watch
from tests.support.build import at, flat, rule
from tests.support.floor import MINUTE, Crowd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from alertd.core.calendars import Listing
    from alertd.core.claims import Claim, Progress
    from alertd.core.events import EventId

PATIENCE_S = 10.0
NAMES = [Symbol(f"S{n:02}") for n in range(20)]
FALLING = flat("09:30", *[151] * 30, 149, 149)


def many(path: Path, names: Sequence[str] = NAMES) -> Crowd:
    """Return a crowd in which every symbol has crossed its level by 10:02."""
    rules = [rule("below 150", id=name.lower(), symbol=name) for name in names]
    made = Crowd(path / "db", "09:59", rules, dict.fromkeys(names, FALLING), sweep=MINUTE)
    made.polled("10:00")
    made.clock.to(at("10:02"))
    made.floor.asked.clear()
    return made


def test_a_step_judges_sixteen_symbols_and_the_next_one_the_others(tmp_path: Path) -> None:
    made = many(tmp_path)
    assert [made.watch.step() for _ in range(3)] == [16, 4, None]
    assert sorted(made.told()) == [f"{name.lower()} fired" for name in NAMES]


def test_no_more_symbols_are_claimed_than_there_is_room_for(tmp_path: Path) -> None:
    made = many(tmp_path)
    made.floor.room = 3
    assert made.watch.step() == 3
    assert len(made.floor.asked) == 3


def test_four_symbols_are_fetched_side_by_side(tmp_path: Path) -> None:
    made = many(tmp_path, NAMES[:8])
    together = Barrier(4)

    class Slow:
        """A source that answers four together, and not one alone."""

        name = "slow"

        def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
            together.wait(PATIENCE_S)
            return made.floor.bars(listing, since, until)

        daily, outlook = made.floor.daily, made.floor.outlook

    assert Watch(made.clock, Slow(), made.store, made.plan).step() == 8


@pytest.mark.parametrize("error", [SourceDown("floor: no answer"), ZeroDivisionError("a bug")])
def test_a_symbol_that_fails_costs_the_others_nothing(tmp_path: Path, error: Exception) -> None:
    made = many(tmp_path, NAMES[:5])
    made.floor.errors[NAMES[1]] = error
    if isinstance(error, SourceDown):
        assert made.watch.step() == 4
    else:
        with pytest.raises(ZeroDivisionError) as raised:
            made.watch.step()
        assert raised.value.__notes__ == ["not judged: S01"]
    assert sorted(made.told()) == [f"s{n:02} fired" for n in (0, 2, 3, 4)]
    made.floor.errors.clear()
    made.turn(at("10:02") + LEASE)
    assert "s01 fired" in made.told()


@dataclass
class Kept:
    """A store that notes what is kept together, and can be full."""

    store: Database
    together: list[int] = field(default_factory=list)
    full: bool = False

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def record(self, claim: Claim, progress: Progress, now: datetime) -> frozenset[EventId] | None:
        self._note(1)
        return self.store.record(claim, progress, now)

    def record_all(
        self, done: Sequence[tuple[Claim, Progress]], now: datetime
    ) -> Sequence[frozenset[EventId] | None]:
        self._note(len(done))
        return self.store.record_all(done, now)

    def _note(self, count: int) -> None:
        self.together.append(count)
        if self.full:
            raise StoreFull("the disk is full")


def kept(made: Crowd) -> tuple[Watch, Kept]:
    store = Kept(made.store)
    watch = Watch(made.clock, made.floor, store, made.plan, made.floor)  # type: ignore[arg-type]
    return watch, store


def test_quiet_symbols_are_kept_in_one_transaction_and_news_at_once(tmp_path: Path) -> None:
    made = many(tmp_path, NAMES[:6])
    for name in NAMES[2:6]:
        made.floor.tapes[name] = flat("09:30", *[151] * 40)
    watch, store = kept(made)
    assert watch.step() == 2
    assert store.together == [1, 1, 4]


def test_a_store_that_is_full_loses_nothing(tmp_path: Path) -> None:
    made = many(tmp_path)
    watch, store = kept(made)
    store.full = True
    with pytest.raises(StoreFull):
        watch.step()
    store.full = False
    made.store.wake(made.clock.now())
    assert [watch.step(), watch.step()] == [16, 4]


def test_whoever_waits_hears_of_each_symbol_that_is_done(tmp_path: Path) -> None:
    made, heard = many(tmp_path, NAMES[:5]), list[int]()
    watch = Watch(
        made.clock, made.floor, made.store, made.plan, alive=lambda: heard.append(len(heard))
    )
    watch.step()
    assert heard == [0, 1, 2, 3, 4]


def test_what_there_is_no_time_for_is_given_back_and_due_at_once(tmp_path: Path) -> None:
    made = many(tmp_path)
    until = at("10:02") + timedelta(seconds=61)
    slow = Watch(made.clock, made.floor, made.store, made.plan, alive=lambda: made.clock.to(until))
    assert slow.step() == 1
    assert len(made.told()) == 1
    claims = made.store.claim_symbols(made.clock.now(), LEASE, 99)
    given_back = [claim for claim in claims if not claim.open]
    assert len(given_back) == 19
    assert {claim.failures for claim in given_back} == {0}


def test_symbols_that_found_no_room_are_no_failures_and_are_judged_when_there_is(
    tmp_path: Path, lines: list[str]
) -> None:
    made = many(tmp_path, NAMES[:3])
    error = Crowded("floor: as many requests as allowed", at("10:02:20"))
    made.floor.errors = dict.fromkeys(NAMES, error)
    made.floor.room = 0
    assert [made.watch.step(), made.watch.step()] == [0, None]
    assert len(made.floor.asked) == 1
    assert not [line for line in lines if line.startswith("no quotes") and "WARNING" in line]
    made.floor.errors, made.floor.room = {}, 9
    made.clock.to(at("10:03:02"))
    claims = made.store.claim_symbols(made.clock.now(), LEASE, 9)
    assert [claim.failures for claim in claims] == [0, 0, 0]
    made.store.free_leases()
    assert made.watch.step() == 3


def test_while_its_source_rests_every_symbol_is_put_off_and_the_rest_is_said_once(
    tmp_path: Path,
) -> None:
    made, said = many(tmp_path), list[str]()
    error = RateLimited("floor: too many requests", at("10:20"))
    made.floor.errors, made.floor.room = dict.fromkeys(NAMES, error), 0
    sink = logger.add(lambda line: said.append(str(line)), format="{message}", level="WARNING")
    made.turn(at("10:02"))
    made.turn(at("10:19:59"))
    logger.remove(sink)
    assert said == ["no quotes\n"]
    made.floor.errors, made.floor.room = {}, 99
    assert made.turn(at("10:20")) == 20


def test_the_same_failure_of_a_symbol_is_said_once_in_a_row(
    tmp_path: Path,
) -> None:
    made, said = many(tmp_path, NAMES[:1]), list[str]()
    sink = logger.add(lambda line: said.append(str(line)), format="{message}", level="WARNING")
    for minute, error in enumerate([SourceDown("no"), SourceDown("no"), None, SourceDown("no")]):
        made.floor.errors = {NAMES[0]: error} if error else {}
        made.turn(at(f"10:{minute + 2:02}"))
    logger.remove(sink)
    assert said == ["no quotes\n"] * 2


def test_a_batch_that_is_broken_off_leaves_no_fetch_waiting(tmp_path: Path) -> None:
    made, first, over = many(tmp_path, NAMES[:12]), Lock(), Event()

    class Full(Database):
        """A database that is full."""

        def record(self, *_: object) -> frozenset[EventId] | None:
            raise StoreFull("the disk is full")

    class Gated:
        """A source that gives one symbol at once, and the others after the step is over."""

        name = "gated"

        def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
            series = made.floor.bars(listing, since, until)
            if not first.acquire(blocking=False):
                over.wait(PATIENCE_S)
            return series

        daily, outlook = made.floor.daily, made.floor.outlook

    made.store.close()
    made.store = Full.own(made.path)
    with pytest.raises(StoreFull):
        Watch(made.clock, Gated(), made.store, made.plan).step()
    over.set()
    for thread in enumerate_threads():
        if thread.name.startswith("fetch"):
            thread.join(PATIENCE_S)
    assert len(made.floor.asked) <= 5
