"""How is the database opened so that what is acknowledged is kept?

Every writer begins IMMEDIATE, so that two of them wait for each other instead of failing; readers
do not block. WAL is used only where SQLite's WAL-reset bug is mended, else the rollback journal
with one more sync. One daemon owns a file: it holds a lock beside it for as long as it lives.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.pool import NullPool

from alertd.errors import StoreBusy, StoreError, StoreTooNew, StoreTooOld
from alertd.store import failures, migrations
from alertd.store.failures import words
from alertd.store.tables import VERSION, metadata

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

# How a connection begins: a reader holds up nobody, and VACUUM runs in no transaction at all.
READING = {"alertd_begins": "BEGIN"}
ALONE = {"alertd_begins": ""}

SETTINGS = ("busy_timeout=5000", "foreign_keys=ON", "mmap_size=0", "trusted_schema=OFF")

# Right with either journal.
_SAFELY = "synchronous=EXTRA"

# A whole check compares the indexes too, which takes 3 s for each gigabyte.
_WHOLE_CHECK = 200_000_000


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
        raise failures.refused(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        hint = "stop it, or give [store] path another file"
        raise StoreBusy(words(path, "another alertd is running on this database", hint)) from error
    return descriptor


def create(path: Path) -> Engine:
    """Open a database file for its owner, with all tables: made, or brought up to date.

    raises: StoreBroken when it is damaged or no database; StoreTooNew when a newer alertd wrote it;
            StoreError when it belongs to another program, or cannot be written.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise failures.refused(path, error) from error
    # The journal comes last: it is written into the file, which may be another program's.
    with failures.reading(path), _engine(path, _SAFELY).begin() as connection:
        _check(connection, path)
        _not_newer(_version(connection, path), path)
        migrations.prepare(connection)
        _complete(connection, path)
    return _engine(path, *journal())


def open_existing(path: Path) -> Engine | None:
    """Open a database file beside its owner; None where there is none yet.

    raises: StoreError, StoreTooNew as `create`; StoreTooOld when no daemon of this version has
            opened it yet.
    """
    try:
        if not path.exists():
            return None
    except OSError as error:
        raise failures.refused(path, error) from error
    # Only the owner says which journal: this program may have another SQLite.
    engine = _engine(path, _SAFELY)
    with failures.reading(path), engine.connect().execution_options(**READING) as connection:
        found = _version(connection, path)
        if found is None:
            return None
        _not_newer(found, path)
        _not_older(found, path)
    return engine


def check(path: Path) -> None:
    """Read a database file through.

    raises: StoreBroken when it is damaged; StoreError when it cannot be read.
    """
    engine = _engine(path)
    with failures.reading(path), engine.connect().execution_options(**READING) as connection:
        _check(connection, path)


def _engine(path: Path, *settings: str) -> Engine:
    # Never makes a file: one that was removed while the daemon runs must not come back empty.
    place = f"{path.absolute().as_uri()}?mode=rw"

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(place, uri=True, check_same_thread=False)

    def configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # Without this the driver would begin transactions by itself, and deferred ones.
        connection.isolation_level = None
        for setting in (*SETTINGS, *settings):
            connection.execute(f"PRAGMA {setting}")

    # No pool: a connection belongs to the thread and the moment that use it.
    engine = create_engine("sqlite://", creator=opened, poolclass=NullPool)
    failures.watch(engine, path)
    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    statement = connection.get_execution_options().get("alertd_begins", "BEGIN IMMEDIATE")
    if statement:
        connection.exec_driver_sql(statement)


def _check(connection: Connection, path: Path) -> None:
    check = "integrity_check" if path.stat().st_size < _WHOLE_CHECK else "quick_check"
    found = connection.exec_driver_sql(f"PRAGMA {check}(1)").scalar_one()
    if found != "ok":
        raise failures.broken(path, str(found))


def _version(connection: Connection, path: Path) -> int | None:
    """Return the version of the tables; None where there are none."""
    found = migrations.version(connection)
    if found is None and (tables := inspect(connection).get_table_names()):
        what = f"expected a database of alertd, found one with the tables {', '.join(tables[:5])}"
        hint = "give [store] path another file, or restore a backup"
        raise StoreError(words(path, what, hint))
    if found is not None and found < 1:
        raise failures.broken(path, f"its schema is said to be {found}")
    return found


def _complete(connection: Connection, path: Path) -> None:
    # A check finds nothing wrong in a table whose column has got another name.
    for name, table in metadata.tables.items():
        columns = {column["name"] for column in inspect(connection).get_columns(name)}
        if missing := set(table.columns.keys()) - columns:
            raise failures.broken(path, f"{name} has no column {min(missing)}")


def _not_newer(found: int | None, path: Path) -> None:
    if found is not None and found > VERSION:
        what = f"written by a newer alertd (schema {found}, this one knows {VERSION})"
        hint = "run that version, or give [store] path another file"
        raise StoreTooNew(words(path, what, hint))


def _not_older(found: int, path: Path) -> None:
    # Only the owner of a file may change its tables.
    if found < VERSION:
        what = f"written by an older alertd (schema {found}, this one reads {VERSION})"
        hint = "start the daemon once: it brings the file up to date, and nothing in it is lost"
        raise StoreTooOld(words(path, what, hint))


def _private(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
