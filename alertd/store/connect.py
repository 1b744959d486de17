"""How is the database opened so that what is acknowledged is kept?

Every writer begins IMMEDIATE, so that two of them wait for each other instead of failing; readers
do not block. WAL is used only where SQLite's WAL-reset bug is mended, else the rollback journal
with one more sync. One daemon owns a file: it holds a lock beside it for as long as it lives.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from alertd.errors import StoreBusy, StoreError, StoreTooNew, StoreTooOld
from alertd.store import migrations
from alertd.store.tables import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

READING = {"alertd_reading": True}

_SETTINGS = ("busy_timeout=5000", "foreign_keys=ON", "mmap_size=0", "trusted_schema=OFF")


def safe_wal(version: tuple[int, ...]) -> bool:
    """Tell whether this SQLite resets its write-ahead log without losing commits."""
    return (
        version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    )


def journal(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> tuple[str, ...]:
    """Return the journal settings under which no acknowledged commit is lost."""
    if safe_wal(version):
        return ("journal_mode=WAL", "synchronous=FULL")
    return ("journal_mode=DELETE", "synchronous=EXTRA")


def lock(path: Path) -> int:
    """Take the lock beside a database file and return its descriptor.

    raises: StoreBusy when another daemon holds it; StoreError when it cannot be made.
    """
    try:
        _private(path.parent)
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(_unusable(path, error.strerror or str(error))) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        hint = "stop it, or give [store] path another file"
        raise StoreBusy(_words(path, "another alertd is running on this database", hint)) from error
    return descriptor


def create(path: Path) -> Engine:
    """Open a database file for its owner, with all tables: made, or brought up to date.

    raises: StoreError when it is damaged or no database; StoreTooNew when a newer alertd wrote it.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(_unusable(path, error.strerror or str(error))) from error
    engine = _engine(path)
    with _readable(path), engine.begin() as connection:
        _check(connection, path)
        _not_newer(migrations.version(connection), path)
        migrations.prepare(connection)
    return engine


def open_existing(path: Path) -> Engine | None:
    """Open a database file for reading; None where there is none yet.

    raises: StoreError, StoreTooNew as `create`; StoreTooOld when no daemon of this version has
            opened it yet.
    """
    if not path.exists():
        return None
    engine = _engine(path)
    with _readable(path), engine.connect().execution_options(**READING) as connection:
        found = migrations.version(connection)
        if found is None:
            return None
        _not_newer(found, path)
        _not_older(found, path)
    return engine


def _engine(path: Path) -> Engine:
    # No pool: a connection belongs to the thread and the moment that use it.
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # Without this the driver would begin transactions by itself, and deferred ones.
    connection.isolation_level = None
    for setting in (*_SETTINGS, *journal()):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("alertd_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _check(connection: Connection, path: Path) -> None:
    found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    if found != "ok":
        hint = "restore a backup, or move the file away to start afresh"
        raise StoreError(_words(path, f"the database is damaged: {found}", hint))


def _not_newer(found: int | None, path: Path) -> None:
    if found is not None and found > VERSION:
        what = f"written by a newer alertd (schema {found}, this one knows {VERSION})"
        hint = "run that version, or give [store] path another file"
        raise StoreTooNew(_words(path, what, hint))


def _not_older(found: int, path: Path) -> None:
    # Only the owner of a file may change its tables.
    if found < VERSION:
        what = f"written by an older alertd (schema {found}, this one reads {VERSION})"
        hint = "start the daemon once: it brings the file up to date, and nothing in it is lost"
        raise StoreTooOld(_words(path, what, hint))


def _private(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)


def _unusable(path: Path, why: str) -> str:
    hint = "see [store] path, and who may write there"
    return _words(path, f"the database cannot be opened: {why}", hint)


def _words(path: Path, what: str, hint: str) -> str:
    return f"{path}: {what}\n    hint: {hint}"


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a broken or foreign file into our words."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_unusable(path, str(error.orig or error))) from error
