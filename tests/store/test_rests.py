"""A source that asked for quiet has it, over a restart too, and everybody can see why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.rests import Rest
from alertd.store.database import Database
from alertd.store.reading import Reader
from tests.store.written import NOW

if TYPE_CHECKING:
    from pathlib import Path

FIVE = timedelta(minutes=5)
REST = Rest(NOW, NOW + FIVE, 1, "answered 429")
LONGER = Rest(NOW + FIVE, NOW + 3 * FIVE, 2, "answered 429 at the crumb")


def test_the_newest_rest_of_each_source_is_kept(database: Database) -> None:
    assert database.rests() == {}
    database.keep_rest("yahoo", REST)
    database.keep_rest("alpaca", LONGER)
    assert database.rests() == {"alpaca": LONGER, "yahoo": REST}
    database.keep_rest("yahoo", LONGER)
    assert database.rests() == {"alpaca": LONGER, "yahoo": LONGER}


def test_a_restart_does_not_forget_it(tmp_path: Path) -> None:
    path = tmp_path / "alertd.db"
    first = Database.own(path)
    first.keep_rest("yahoo", REST)
    first.close()
    second = Database.own(path)
    assert second.rests() == {"yahoo": REST}
    second.close()


def test_neither_does_a_jump_of_the_clock_or_a_reload(database: Database) -> None:
    database.keep_rest("yahoo", REST)
    database.wake(NOW)
    database.adopt([], NOW)
    assert database.rests() == {"yahoo": REST}


def test_why_it_rests_is_kept_as_far_as_there_is_room(database: Database) -> None:
    database.keep_rest("yahoo", Rest(NOW, NOW + FIVE, 1, "x" * 501))
    assert database.rests()["yahoo"].why == "x" * 500


def test_those_who_only_read_see_it_too(sqlite: Database, tmp_path: Path) -> None:
    reader = Reader.open(tmp_path / "alertd.db")
    assert reader is not None
    assert reader.sources() == {}
    sqlite.keep_rest("yahoo", REST)
    assert reader.sources() == {"yahoo": REST}
