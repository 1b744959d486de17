"""A file is opened by one daemon, privately, and only when it is whole."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from alertd.errors import StoreBusy, StoreError, StoreTooNew
from alertd.store import connect
from alertd.store.database import Database
from alertd.store.tables import VERSION
from tests.store.written import BELOW, LEASE, NOW, claimed, due, recorded
from tests.support.build import found

if TYPE_CHECKING:
    from pathlib import Path


class TestOpening:
    def test_a_second_daemon_is_refused(self, sqlite: Database, tmp_path: Path) -> None:
        with pytest.raises(StoreBusy, match="another alertd is running on this database"):
            Database.own(tmp_path / "alertd.db")
        sqlite.close()
        Database.own(tmp_path / "alertd.db").close()

    def test_a_new_owner_frees_what_a_dead_one_had_leased(self, tmp_path: Path) -> None:
        first = Database.own(tmp_path / "alertd.db")
        recorded(first, found(BELOW, 149, "09:31"))
        first.wake(NOW)
        claimed(first)
        assert len(due(first, NOW)) == 1
        first.close()
        second = Database.own(tmp_path / "alertd.db")
        assert [d.attempt for d in due(second, NOW)] == [2]
        assert len(second.claim_symbols(NOW, LEASE, 10)) == 1
        second.close()

    def test_files_and_folder_are_private(self, tmp_path: Path) -> None:
        path = tmp_path / "state" / "alertd.db"
        Database.own(path).close()
        assert path.parent.stat().st_mode & 0o777 == 0o700
        for file in path.parent.iterdir():
            assert file.stat().st_mode & 0o777 == 0o600, file

    def test_a_newer_schema_is_refused(self, sqlite: Database, tmp_path: Path) -> None:
        sqlite.close()
        with sqlite3.connect(tmp_path / "alertd.db") as plain:
            plain.execute("UPDATE facts SET value = ? WHERE name = 'schema'", (VERSION + 1,))
        with pytest.raises(StoreTooNew, match=f"schema {VERSION + 1}, this one knows {VERSION}"):
            Database.own(tmp_path / "alertd.db")

    def test_a_file_that_is_no_database_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "alertd.db"
        path.write_bytes(b"not a database" * 100)
        with pytest.raises(StoreError, match="not a database"):
            Database.own(path)
        assert path.read_bytes() == b"not a database" * 100

    def test_a_damaged_database_is_refused(self, sqlite: Database, tmp_path: Path) -> None:
        path = tmp_path / "alertd.db"
        recorded(sqlite, *(found(BELOW, 149, f"10:{n:02}") for n in range(60)))
        sqlite.close()
        content = bytearray(path.read_bytes())
        content[-len(content) // 2 :] = os.urandom(len(content) // 2)
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"damaged|malformed|cannot be opened"):
            Database.own(path)

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match="the database cannot be opened"):
            Database.own(tmp_path / "file" / "alertd.db")

    def test_connections_have_the_settings_that_keep_what_was_acknowledged(
        self, sqlite: Database
    ) -> None:
        wanted = {
            "busy_timeout": 5000, "foreign_keys": 1, "mmap_size": 0, "trusted_schema": 0,
            "journal_mode": "wal" if connect.safe_wal(sqlite3.sqlite_version_info) else "delete",
            "synchronous": 2 if connect.safe_wal(sqlite3.sqlite_version_info) else 3,
        }  # fmt: skip
        with sqlite._engine.connect() as connection:  # noqa: SLF001 - what users rely on
            for name, value in wanted.items():
                got = connection.execute(text(f"PRAGMA {name}")).scalar()
                assert got == value or (name == "mmap_size" and got is None), name

    def test_a_writer_takes_its_turn_at_once_and_a_reader_does_not(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        def other_may_write() -> bool:
            with closing(sqlite3.connect(tmp_path / "alertd.db", timeout=0)) as other:
                try:
                    other.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    return False
                return True

        engine = sqlite._engine  # noqa: SLF001 - every connection of the store comes from here
        with engine.begin():
            assert not other_may_write()
        with engine.connect().execution_options(**connect.READING) as reader, reader.begin():
            assert other_may_write()

    @pytest.mark.parametrize(
        ("version", "safe"),
        [
            ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False),
            ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 0), False), ((3, 51, 3), True),
            ((3, 52, 0), True),
        ],
    )  # fmt: skip
    def test_wal_is_used_only_where_its_reset_bug_is_mended(
        self,
        version: tuple[int, ...],
        safe: bool,  # noqa: FBT001
    ) -> None:
        assert connect.safe_wal(version) is safe
        assert connect.journal(version)[0] == f"journal_mode={'WAL' if safe else 'DELETE'}"

    def test_reading_a_database_that_is_not_there_finds_none(self, tmp_path: Path) -> None:
        assert connect.open_existing(tmp_path / "alertd.db") is None
        assert not (tmp_path / "alertd.db").exists()
