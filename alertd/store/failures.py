"""What does it mean when SQLite refuses?

    no room                 StoreFull     nothing is kept for now, and nothing that was kept is lost
    somebody else writes    StoreLocked   the same again later
    the disk, the file      StoreBroken   do not write on: what was just written may not be there
    the place               StoreError    a person must look who may write there

Every error of an engine that is watched comes out in these words, those of a commit and of a
connection that cannot be made too.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from alertd.errors import StoreBroken, StoreError, StoreFull, StoreLocked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import ExceptionContext

OPENED = "the database cannot be opened"

# The lowest byte of SQLite's code says what, the others where exactly.
_WHAT = 0xFF

_FULL = {sqlite3.SQLITE_FULL}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_BROKEN = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CLOSED = {
    sqlite3.SQLITE_CANTOPEN: OPENED,
    sqlite3.SQLITE_PERM: OPENED,
    sqlite3.SQLITE_READONLY: "the database cannot be written",
}

# What SQLite says when a journal, a shared index or a sync has found no room.
_MAYBE_FULL = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_LITTLE = 1_000_000

# What reading a row can raise that is not as alertd writes it.
_ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def watch(engine: Engine, path: Path) -> None:
    """Let what SQLite says to this engine come out in our words."""

    def ours(context: ExceptionContext) -> StoreError | None:
        return meaning(context.original_exception, path)

    event.listen(engine, "handle_error", ours)


def meaning(error: BaseException | None, path: Path) -> StoreError | None:
    """Return what an error of SQLite means; None for a bug of ours, such as wrong SQL."""
    if not isinstance(error, sqlite3.Error):
        return None
    what = _code(error) & _WHAT
    said = f"{error} ({getattr(error, 'sqlite_errorname', 'no code')})"
    if what in _FULL or (what in _MAYBE_FULL and no_room(path.parent)):
        return full(path, said)
    if what in _LOCKED:
        hint = "close what else has it open; alertd goes on by itself"
        return StoreLocked(words(path, f"another program is writing to the database: {said}", hint))
    if what in _BROKEN:
        return broken(path, said)
    if what in _CLOSED:
        return unusable(path, said, _CLOSED[what])
    return None


def full(path: Path, said: str) -> StoreFull:
    """Return what to raise when there is no room for a file."""
    hint = "make room; nothing that was kept is lost, and alertd goes on by itself"
    return StoreFull(words(path, f"the disk is full: {said}", hint))


def broken(path: Path, said: str) -> StoreBroken:
    """Return what to raise when a file, or the disk below it, cannot be trusted."""
    hint = "look for errors of the disk, and restore a backup or move the file away"
    return StoreBroken(words(path, f"the database is damaged, or its disk fails: {said}", hint))


def unusable(path: Path, why: str, what: str = OPENED) -> StoreError:
    """Return what to raise when a file or folder may not be used."""
    return StoreError(words(path, f"{what}: {why}", "see [store] path, and who may write there"))


def refused(path: Path, error: OSError, what: str = OPENED) -> StoreError:
    """Return what to raise when the system itself does not let us at a file or folder."""
    why = error.strerror or str(error)
    return full(path, why) if error.errno in _NO_ROOM else unusable(path, why, what)


def words(path: Path, what: str, hint: str) -> str:
    """Return what every error of the store looks like."""
    return f"{path}: {what}\n    hint: {hint}"


def no_room(folder: Path) -> bool:
    """Tell whether a file in this folder may not grow: the disk, the inodes or a quota are used up.

    It is tried, since no figure tells of all three.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, _LITTLE)
    except OSError as error:
        return error.errno in _NO_ROOM
    return False


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what cannot be read into our words: a foreign file, and rows that we never wrote."""
    try:
        yield
    except DBAPIError as error:
        raise meaning(error.orig, path) or unusable(path, str(error.orig)) from error
    except _ODD as error:
        what = f"a row cannot be read ({type(error).__name__}: {error})"
        raise broken(path, what) from error


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code
    # Python itself refuses text that is no UTF-8, which only a damaged row holds.
    undecodable = "decode to UTF-8" in str(error)
    return sqlite3.SQLITE_CORRUPT if undecodable else sqlite3.SQLITE_ERROR
