"""Wherever a database lies and whoever looks at it, it stays private, whole and what it was."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from alertd.errors import StoreBroken, StoreError, StoreTooOld
from alertd.store import connect, failures
from alertd.store.database import Database
from alertd.store.reading import Reader
from alertd.store.tables import facts
from tests.store.written import BELOW, LEASE, NOW, due, recorded
from tests.support.build import found
from tests.support.disks import mortal

if TYPE_CHECKING:
    from pathlib import Path

FLIPS = 250

OWN = """
import sys
from pathlib import Path
from alertd.errors import StoreError
from alertd.store.database import Database
from alertd.store.reading import Reader
try:
    opened = (Database.own if sys.argv[1] == "own" else Reader.open)(Path(sys.argv[2]))
    print(opened.alerts() if sys.argv[1] == "read" else "owned")
except StoreError as error:
    print(type(error).__name__, error)
"""


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def journal_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as plain:
        (name,) = plain.execute("PRAGMA journal_mode").fetchone()
    return str(name)


class TestPrivacy:
    def test_folder_file_lock_and_journal_are_private(self, tmp_path: Path) -> None:
        path = tmp_path / "state" / "alertd.db"
        database = Database.own(path)
        engine = database._engine  # noqa: SLF001 - a journal is there only while one writes
        with engine.begin() as connection:
            connection.execute(insert(facts).values(name="a", value="b"))
            written = {file.name: mode(file) for file in path.parent.iterdir()}
        assert mode(path.parent) == 0o700
        assert set(written.values()) == {0o600}
        assert {"alertd.db", "alertd.db.lock"} < written.keys()
        database.close()

    def test_a_folder_that_was_there_keeps_its_mode(self, tmp_path: Path) -> None:
        (tmp_path / "state").mkdir(mode=0o750)
        Database.own(tmp_path / "state" / "alertd.db").close()
        assert mode(tmp_path / "state") == 0o750


class TestPlaces:
    @pytest.mark.parametrize(
        "name", ["a b?c#d%20e.db", "Kurse \u00e4\u20ac.db", "x;mode=memory&y.db"]
    )
    def test_any_name_will_do(self, tmp_path: Path, name: str) -> None:
        Database.own(tmp_path / name).close()
        assert sorted(file.name for file in tmp_path.iterdir()) == [name, f"{name}.lock"]
        assert Reader.open(tmp_path / name) is not None

    def test_a_folder_that_is_gone_is_named(self, sqlite: Database, tmp_path: Path) -> None:
        recorded(sqlite)
        for file in tmp_path.iterdir():
            file.unlink()
        tmp_path.rmdir()
        with pytest.raises(StoreError, match=r"alertd\.db: the database cannot be opened"):
            sqlite.beat(NOW)

    @pytest.mark.parametrize("read_only", ["folder", "file"])
    def test_what_may_only_be_read_is_read_and_not_owned(
        self, tmp_path: Path, read_only: str
    ) -> None:
        if read_only == "folder" and connect.journal()[0] == "journal_mode=WAL":
            pytest.skip("readers of a write-ahead log share a file in the folder")
        path = tmp_path / "state" / "alertd.db"
        Database.own(path).close()
        path.with_name("alertd.db.lock").unlink()
        place, private = (path.parent, 0o500) if read_only == "folder" else (path, 0o400)
        place.chmod(private)
        owned, read = (mortal("-c", OWN, what, str(path)) for what in ("own", "read"))
        place.chmod(private | 0o200)
        assert owned.stdout.startswith(f"StoreError {path}: the database cannot be opened: Perm")
        assert (read.stdout, read.stderr) == ("[]\n", "")

    def test_a_database_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        with closing(sqlite3.connect(path)) as plain:
            plain.execute("CREATE TABLE notes (text)")
        content = path.read_bytes()
        for opened in (Database.own, Reader.open):
            with pytest.raises(StoreError, match=r"expected a database of alertd, found .* notes"):
                opened(path)
        assert path.read_bytes() == content


class TestJournals:
    def test_who_reads_leaves_the_journal_to_the_owner(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        sqlite.close()
        path = tmp_path / "alertd.db"
        own = journal_of(path)
        other = "delete" if own == "wal" else "wal"
        with closing(sqlite3.connect(path)) as plain:
            plain.execute(f"PRAGMA journal_mode={other}")
        reader = Reader.open(path)
        assert reader is not None
        assert reader.alerts() == []
        assert journal_of(path) == other
        Database.own(path).close()
        assert journal_of(path) == own

    def test_a_reader_of_a_write_ahead_log_holds_up_no_writer(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # As on a SQLite whose log is safe.
        safe = connect.journal((3, 51, 3))
        monkeypatch.setattr(connect, "journal", lambda: safe)
        path = tmp_path / "alertd.db"
        database = Database.own(path)
        recorded(database)
        with closing(sqlite3.connect(path)) as reading:
            reading.execute("BEGIN")
            reading.execute("SELECT * FROM facts").fetchall()
            database.beat(NOW)
            assert {file.name: mode(file) for file in tmp_path.iterdir()} == dict.fromkeys(
                ("alertd.db", "alertd.db-shm", "alertd.db-wal", "alertd.db.lock"), 0o600
            )
            reader = Reader.open(path)
            assert reader is not None
            assert reader.alive_at() == NOW
        database.close()


class TestDamage:
    def test_tables_that_lost_their_version_are_not_taken_for_new_ones(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        sqlite.close()
        damage(tmp_path / "alertd.db", "DELETE FROM facts")
        with pytest.raises(StoreError, match="found one with the tables"):
            Database.own(tmp_path / "alertd.db")

    @pytest.mark.parametrize("version", ["0", "-1", "3x", ""])
    def test_a_version_that_is_none_is_damage(
        self, sqlite: Database, tmp_path: Path, version: str
    ) -> None:
        sqlite.close()
        damage(tmp_path / "alertd.db", f"UPDATE facts SET value = '{version}'")
        for opened in (Database.own, Reader.open):
            with pytest.raises(StoreBroken):
                opened(tmp_path / "alertd.db")

    def test_tables_of_a_newer_shape_are_not_taken_for_older_ones(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        sqlite.close()
        damage(tmp_path / "alertd.db", "UPDATE facts SET value = '1' WHERE name = 'schema'")
        with pytest.raises(StoreError):
            Database.own(tmp_path / "alertd.db")
        with pytest.raises(StoreTooOld):
            Reader.open(tmp_path / "alertd.db")

    def test_a_column_of_another_name_is_damage(self, sqlite: Database, tmp_path: Path) -> None:
        sqlite.close()
        damage(tmp_path / "alertd.db", "ALTER TABLE deliveries RENAME COLUMN status TO stavus")
        with pytest.raises(StoreBroken, match="deliveries has no column status"):
            Database.own(tmp_path / "alertd.db")

    def test_an_index_that_misses_a_row_is_damage(self, sqlite: Database, tmp_path: Path) -> None:
        path = tmp_path / "alertd.db"
        recorded(sqlite, found(BELOW, 149, "10:00"))
        sqlite.close()
        edit = "UPDATE sqlite_schema SET sql = {} WHERE name = 'deliveries_due'"
        damage(path, "PRAGMA writable_schema=ON", edit.format("sql || ' WHERE status IS NULL'"))
        damage(path, "UPDATE deliveries SET status = 'sent'")
        damage(
            path,
            "PRAGMA writable_schema=ON",
            edit.format("replace(sql, ' WHERE status IS NULL', '')"),
        )
        with pytest.raises(StoreBroken, match="missing from index deliveries_due"):
            Database.own(path)

    def test_wherever_a_bit_flips_it_is_refused_or_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # No power fails here, and waiting for the disk takes most of the time.
        monkeypatch.setattr(connect, "journal", lambda: ("synchronous=OFF",))
        path = tmp_path / "alertd.db"
        database = Database.own(path)
        recorded(database, *(found(BELOW, 149, f"10:{minute:02}") for minute in range(12)))
        database.close()
        whole, seeded, outcomes = path.read_bytes(), random.Random(4), []
        for _ in range(FLIPS):
            content, bit = bytearray(whole), seeded.randrange(len(whole) * 8)
            content[bit // 8] ^= 1 << bit % 8
            path.write_bytes(content)
            outcomes.append(opened_and_used(path))
        assert len(outcomes) == FLIPS
        assert outcomes.count("refused") > 10
        assert outcomes.count("used") > 10


def damage(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as plain, plain:
        for statement in statements:
            plain.execute(statement)


def opened_and_used(path: Path) -> str:
    """Own a database and read all of it; only our own errors may come."""
    try:
        database = Database.own(path)
    except StoreError:
        return "refused"
    try:
        reader = Reader.open(path)
        assert reader is not None
        rows = [*reader.alerts(), *reader.symbols(), *reader.channels(), *reader.events(100)]
        database.wake(NOW)
        # To the daemon a row that cannot be read is as any other bug.
        with failures.reading(path):
            rows += [*database.claim_symbols(NOW, LEASE, 10), *due(database, NOW)]
    except StoreError:
        return "refused"
    else:
        assert len(rows) > 3
        return "used"
    finally:
        database.close()
