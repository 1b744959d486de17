"""Is the database fit for use, and who uses it?

it opens -> read through -> room on its disk -> its backups -> the daemon that has it

Nothing is written, and nobody's lock is taken.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.cli import findings, health, keeping, output
from alertd.cli.findings import Finding, ok, trouble
from alertd.errors import StoreError, StoreTooOld
from alertd.ops import disk
from alertd.ops.holder import holder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from alertd.config.settings import StoreSettings
    from alertd.store.reading import Reader

STORE = "store"

# A daemon makes one every day.
_OLD = timedelta(days=2)


def store(settings: StoreSettings, now: datetime) -> Iterator[Finding]:
    """Look at the database, at the room for it, and at who has it."""
    from alertd.store import connect
    from alertd.store.reading import Reader

    if full := disk.trouble(settings.path, settings.free):
        yield trouble(STORE, full, "make room; alertd goes on by itself")
    try:
        reader = Reader.open(settings.path)
        if reader is None:
            yield _absent(settings.path)
            return
        connect.check(settings.path)
    except StoreTooOld as error:
        yield ok(STORE, str(error).partition("\n")[0] + "; the daemon brings it up to date")
        return
    except StoreError as error:
        yield from findings.refused(STORE, error)
        return
    state = "; ".join(keeping.state(settings, now))
    yield ok(STORE, f"{state}; read through, nothing in it is damaged")
    yield from _daemon(settings, reader, now)


def _absent(path: Path) -> Finding:
    """Return whether a daemon could make the database that is not there yet."""
    folder = path.absolute().parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if os.access(folder, os.W_OK | os.X_OK):
        return ok(STORE, f"there is no {path} yet: the daemon makes it")
    hint = "see [store] path; as a service, alertd runs as another user than you may be now"
    return trouble(STORE, f"there is no {path} yet, and {folder} cannot be written", hint)


def _daemon(settings: StoreSettings, reader: Reader, now: datetime) -> Iterator[Finding]:
    """Look at the process that has the database, and at the backups that it should make."""
    process = holder(settings.path.with_name(f"{settings.path.name}.lock"))
    silent = health.trouble(reader.alive_at(), now)
    if process is None and silent is not None:
        yield ok("daemon", "none runs on this database")
        return
    # One in another container has no number here.
    whose = f"process {process}" if process else "another process"
    if silent is not None:
        yield trouble("daemon", f"{whose} has the database: {silent}", "look at its log")
        return
    yield ok("daemon", f"{whose} has the database, and is alive")
    made_at = keeping.last_backup(settings.path) if settings.backups else None
    if made_at is not None and now - made_at > _OLD:
        age = output.about(now - made_at)
        yield trouble("daemon", f"its last backup is {age} old", "look for errors in its log")
