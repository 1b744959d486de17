"""When the disk or another program is in the way, nothing that was acknowledged is lost."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from alertd.errors import StoreBroken, StoreError, StoreFull, StoreLocked
from alertd.store import connect
from alertd.store.database import Database
from alertd.store.failures import no_room
from alertd.store.reading import Reader
from alertd.store.tables import events
from tests.store.written import BELOW, NOW, again, due, recorded, table
from tests.support.build import at, found
from tests.support.disks import fill, tiny

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

# What concerns the rollback journal, and the locks that come with it.
without_wal = pytest.mark.skipif(
    connect.journal()[0] == "journal_mode=WAL", reason="this SQLite keeps a write-ahead log"
)

CLOCKS = [f"{hour}:{minute:02}" for hour in (10, 11, 12, 13, 14, 15) for minute in range(60)]


def setting(opened: Database, pragma: str) -> None:
    """Let every connection from now on have one more setting."""
    engine: Engine = opened._engine  # noqa: SLF001 - all connections come from here

    def listener(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", listener)


def keep_until_full(database: Database, clocks: list[str]) -> list[str]:
    """Record an event after the other until there is no room; return the acknowledged ones."""
    kept: list[str] = []
    while True:
        try:
            kept += map(str, again(database, found(BELOW, 149, clocks.pop(0))))
        except StoreFull:
            return kept


def ids(database: Database) -> set[str]:
    return {row[0] for row in table(database, events.c.id)}


@contextmanager
def held(path: Path, statement: str) -> Iterator[sqlite3.Connection]:
    """Keep a database in the hands of another program."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(statement)
        other.execute("SELECT count(*) FROM facts").fetchall()
        yield other


class TestFullDisk:
    def test_what_was_acknowledged_stays_and_the_store_goes_on_once_there_is_room(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        recorded(sqlite)
        (pages,) = table_of(sqlite, "PRAGMA page_count")
        clocks = CLOCKS.copy()
        setting(sqlite, f"max_page_count={pages + 20}")
        kept = keep_until_full(sqlite, clocks)
        assert len(kept) > 5
        assert ids(sqlite) == set(kept)
        setting(sqlite, f"max_page_count={pages + 1000}")
        kept += map(str, again(sqlite, found(BELOW, 149, clocks[0])))
        sqlite.close()
        with closing(sqlite3.connect(tmp_path / "alertd.db")) as plain:
            assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert {row[0] for row in plain.execute("SELECT id FROM events")} == set(kept)

    def test_on_a_real_disk_it_is_the_same(self, tmp_path: Path) -> None:
        with tiny(tmp_path) as folder:
            database = Database.own(folder / "alertd.db")
            recorded(database)
            clocks = CLOCKS.copy()
            ballast = fill(folder)
            kept: list[str] = []
            for _ in range(3):
                kept += keep_until_full(database, clocks)
                with ballast.open("ab") as file:
                    file.truncate(ballast.stat().st_size - 65_536)
                assert ids(database) == set(kept)
            ballast.unlink()
            kept += map(str, again(database, found(BELOW, 149, "15:59")))
            assert ids(database) == set(kept)
            database.close()

    @without_wal
    def test_reading_needs_no_room(self, tmp_path: Path) -> None:
        with tiny(tmp_path) as folder:
            database = Database.own(folder / "alertd.db")
            recorded(database, found(BELOW, 149, "10:00"))
            fill(folder)
            reader = Reader.open(folder / "alertd.db")
            assert reader is not None
            assert len(reader.events(10)) == 1
            database.close()

    def test_a_full_disk_is_named_with_the_way_out(self, sqlite: Database, tmp_path: Path) -> None:
        recorded(sqlite)
        setting(sqlite, "max_page_count=1")
        with pytest.raises(StoreFull) as raised:
            again(sqlite, *(found(BELOW, 149, clock) for clock in CLOCKS))
        assert str(raised.value) == (
            f"{tmp_path / 'alertd.db'}: the disk is full: database or disk is full (SQLITE_FULL)\n"
            "    hint: make room; nothing that was kept is lost, and alertd goes on by itself"
        )

    @without_wal
    def test_no_room_for_the_journal_is_a_full_disk_too(self, tmp_path: Path) -> None:
        with tiny(tmp_path, "size=1m,nr_inodes=4") as folder:
            database = Database.own(folder / "alertd.db")
            (folder / "last").touch()
            with pytest.raises(StoreFull, match="SQLITE_CANTOPEN"):
                database.beat(NOW)
            (folder / "last").unlink()
            database.beat(NOW)
            database.close()

    def test_no_room_for_a_shared_index_is_a_full_disk_too(self, tmp_path: Path) -> None:
        with tiny(tmp_path) as folder:
            path = folder / "alertd.db"
            Database.own(path).close()
            in_wal(path)
            fill(folder)
            with pytest.raises(StoreFull, match=r"SQLITE_IOERR_SHM\w+|SQLITE_CANTOPEN"):
                Reader.open(path)

    def test_a_new_database_finds_no_room(self, tmp_path: Path) -> None:
        with tiny(tmp_path) as folder:
            ballast = fill(folder)
            with pytest.raises(StoreFull):
                Database.own(folder / "alertd.db")
            ballast.unlink()
            Database.own(folder / "alertd.db").close()

    def test_room_is_found_by_trying(self, tmp_path: Path) -> None:
        assert not no_room(tmp_path)
        assert not no_room(tmp_path / "gone")
        with tiny(tmp_path) as folder:
            assert not no_room(folder)
            fill(folder)
            assert no_room(folder)
            assert [file.name for file in folder.iterdir()] == ["ballast"]


class TestLocked:
    def test_a_writer_that_waits_in_vain_says_so_and_keeps_nothing(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        recorded(sqlite)
        setting(sqlite, "busy_timeout=0")
        with (
            held(tmp_path / "alertd.db", "BEGIN IMMEDIATE"),
            pytest.raises(StoreLocked, match=r"alertd\.db: another program is writing") as raised,
        ):
            sqlite.beat(NOW)
        assert "SQLITE_BUSY" in str(raised.value)
        sqlite.beat(NOW)

    @without_wal
    def test_a_commit_that_finds_a_reader_in_its_way_keeps_nothing(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        recorded(sqlite)
        setting(sqlite, "busy_timeout=0")
        with held(tmp_path / "alertd.db", "BEGIN"), pytest.raises(StoreLocked):
            sqlite.beat(NOW)
        reader = Reader.open(tmp_path / "alertd.db")
        assert reader is not None
        assert reader.alive_at() is None
        sqlite.beat(NOW)
        assert reader.alive_at() == NOW

    @without_wal
    def test_a_reader_says_the_same(
        self, sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reader = Reader.open(tmp_path / "alertd.db")
        assert reader is not None
        sqlite.close()
        monkeypatch.setattr(connect, "SETTINGS", ("busy_timeout=0",))
        with (
            held(tmp_path / "alertd.db", "BEGIN EXCLUSIVE"),
            pytest.raises(StoreLocked, match="close what else has it open"),
        ):
            reader.alerts()
        assert reader.alerts() == []


class TestBroken:
    def test_a_disk_that_fails_is_not_written_again(self, sqlite: Database) -> None:
        recorded(sqlite)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
        try:
            with pytest.raises(StoreBroken, match=r"SQLITE_IOERR_\w+.*\n +hint: look for errors"):
                sqlite.beat(NOW)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sqlite.beat(NOW)

    def test_a_page_that_is_overwritten_while_it_is_in_use_is_noticed(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        recorded(sqlite, *(found(BELOW, 149, clock) for clock in CLOCKS[:60]))
        path = tmp_path / "alertd.db"
        path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096))
        with pytest.raises(StoreBroken, match="SQLITE_CORRUPT"):
            sqlite.beat(NOW)
        with pytest.raises(StoreBroken):
            Reader.open(path)

    def test_text_that_is_none_is_noticed(self, sqlite: Database, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "alertd.db")) as plain, plain:
            plain.execute("UPDATE facts SET value = CAST(x'ff33' AS TEXT) WHERE name = 'schema'")
        with pytest.raises(StoreBroken, match="decode to UTF-8"):
            Reader.open(tmp_path / "alertd.db")
        sqlite.close()
        with pytest.raises(StoreBroken, match="decode to UTF-8"):
            Database.own(tmp_path / "alertd.db")

    @pytest.mark.parametrize("damage", ["context = '{'", "detected_at = 'soon'", "kind = 'fire'"])
    def test_a_row_that_nobody_can_read_is_damage_to_the_daemon_too(
        self, sqlite: Database, tmp_path: Path, damage: str
    ) -> None:
        recorded(sqlite, found(BELOW, 149, "10:00"))
        with closing(sqlite3.connect(tmp_path / "alertd.db")) as plain, plain:
            plain.execute(f"UPDATE events SET {damage}")
        with pytest.raises(StoreBroken, match=r"alertd\.db: .*a row cannot be read"):
            due(sqlite, at("11:00"))


class TestThePlace:
    @without_wal
    def test_a_journal_that_cannot_be_made_is_neither_full_nor_broken(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        (tmp_path / "alertd.db-journal").symlink_to(tmp_path / "nowhere" / "at all")
        with pytest.raises(StoreError, match=r"cannot be opened.*SQLITE_CANTOPEN") as raised:
            sqlite.beat(NOW)
        assert type(raised.value) is StoreError
        assert "hint: see [store] path" in str(raised.value)

    def test_a_database_that_may_only_be_read_says_so(self, sqlite: Database) -> None:
        setting(sqlite, "query_only=ON")
        with pytest.raises(StoreError, match=r"cannot be written.*SQLITE_READONLY") as raised:
            sqlite.beat(NOW)
        assert type(raised.value) is StoreError

    def test_a_file_that_is_removed_in_use_does_not_come_back_empty(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        (tmp_path / "alertd.db").unlink()
        with pytest.raises(StoreError, match="cannot be opened"):
            sqlite.beat(NOW)
        assert not (tmp_path / "alertd.db").exists()


def test_wrong_sql_is_a_bug_and_stays_one(sqlite: Database) -> None:
    with pytest.raises(Exception, match="no such table") as raised:
        table_of(sqlite, "SELECT * FROM nowhere")
    assert not isinstance(raised.value, StoreError)


def in_wal(path: Path) -> None:
    """Put a database into the journal mode in which readers share an index in a file."""
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA journal_mode=WAL")


def table_of(database: Database, question: str) -> list[Any]:
    """Return the first column of an answer."""
    with database._engine.connect() as connection:  # noqa: SLF001 - as the store itself asks
        return list(connection.execute(text(question)).scalars())
