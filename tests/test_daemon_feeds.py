"""Where a daemon's bars come from, and what a reload changes of that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Semaphore
from typing import TYPE_CHECKING

import pytest

from alertd.core.pointing import Quote
from alertd.daemon import EXIT_OK, Order
from alertd.ops.bounded import Feed
from alertd.ops.notify import ServiceManager
from alertd.store.reading import Reader
from tests.e2e.process import until
from tests.support.running import PATIENCE, Running, Steady

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from alertd.config.settings import Config
    from alertd.core.bars import Series, Symbol
    from alertd.core.calendars import Listing

ALERT = '[[alert]]\nid = "other"\nsymbol = "BTC-USD"\nabove = 192\n'
SLOWLY = "[poll]\nrequests_per_minute = 30\n"


class Boarded(Steady):
    """A source with quotes that never move, which counts how often it is asked for them."""

    room = 100

    def __init__(self) -> None:
        super().__init__()
        self.quoted: list[int] = []

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        self.quoted.append(len(listings))
        self.asked.release()
        return {each.symbol: Quote(each.symbol, 151.0) for each in listings}

    def second(
        self, listing: Listing, since: datetime, until: datetime, besides: str
    ) -> Series | None:
        raise NotImplementedError


def reloaded(path: Path, first: str, then: str) -> list[Steady]:
    """Return the sources that a daemon was given by two reloads; it has asked the last one."""
    given: list[Steady] = []

    def feeds(_settings: Config) -> Feed:
        given.append(Steady())
        return Feed(given[-1])

    (path / "alertd.toml").write_text(first)
    over = Semaphore(0)

    class Ready(ServiceManager):
        """Says when a reload is over."""

        def ready(self) -> None:
            over.release()

    more = {"feeds": feeds, "manager": Ready(None), "interval": timedelta(seconds=0.2)}
    running = Running(path, Steady(), **more)
    for text in (first, then):
        assert over.acquire(timeout=PATIENCE)
        (path / "alertd.toml").write_text(text)
        running.daemon.orders.put(Order.RELOAD)
    assert over.acquire(timeout=PATIENCE)
    asked = given[-1].asked.acquire(timeout=PATIENCE)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK
    assert asked
    return given


@pytest.mark.parametrize(
    ("first", "then", "more"),
    [
        (ALERT, ALERT + '[[alert]]\nid = "b"\nsymbol = "BTC-USD"\nabove = 193\n', 0),
        (ALERT, ALERT + SLOWLY, 1),
    ],
    ids=["the same way", "another way"],
)
def test_a_reload_asks_anew_for_sources_where_they_are_to_be_asked_in_another_way(
    tmp_path: Path, first: str, then: str, more: int
) -> None:
    # It begins with settings that are in no file: the first reload is another way already.
    assert len(reloaded(tmp_path, first, then)) == 2 + more


def test_a_daemon_of_many_symbols_reads_their_quotes(tmp_path: Path) -> None:
    names = [f"C{n:02}-USD" for n in range(11)]
    text = "".join(f'[[alert]]\nid = "{n.lower()}"\nsymbol = "{n}"\nbelow = 9\n' for n in names)
    (tmp_path / "alertd.toml").write_text(f'[poll]\ninterval = "1s"\n{text}')
    source = Boarded()
    running = Running(tmp_path, source, feeds=lambda _: Feed(source, source))
    running.daemon.orders.put(Order.RELOAD)
    while not source.quoted:
        assert source.asked.acquire(timeout=PATIENCE)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK
    assert 1 <= source.quoted[0] <= 11


def test_polls_of_a_daemon_that_are_promised_together_come_apart(tmp_path: Path) -> None:
    names = [f"C{n}-USD" for n in range(10)]
    text = "".join(f'[[alert]]\nid = "{n.lower()}"\nsymbol = "{n}"\nbelow = 9\n' for n in names)
    (tmp_path / "alertd.toml").write_text(f'[poll]\ninterval = "1h"\n{text}')
    soon = datetime.now(UTC) + timedelta(minutes=30)
    running = Running(tmp_path, Steady())
    running.daemon.orders.put(Order.RELOAD)
    reader = Reader.open(tmp_path / "alertd.db")
    assert reader

    def promised() -> list[datetime] | None:
        due = [row.due_at for row in reader.symbols() if row.symbol in names]
        return due if len(due) == 10 and min(due) > soon else None

    due = until("all ten to be judged and promised again", promised)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK
    # By chance they differ by up to six minutes; hardly ever would ten fall into one.
    assert max(due) - min(due) > timedelta(minutes=1)
