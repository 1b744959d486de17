"""How is a store kept small and safe?

    backup    a copy that was read back, private, one a day; the newest few stay
    forget    events that were delivered long ago go, with all that was told together with them

What was not delivered is never forgotten, however old it is.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, date
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, select, union

from alertd.errors import StoreBroken, StoreError
from alertd.store import connect, failures
from alertd.store.batches import batches
from alertd.store.tables import OPEN, SENT, deeds, deliveries, events, reminders

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine, Select

_BACKUP = re.compile(r"alertd-(\d{4}-\d{2}-\d{2})\.db")
_UNFINISHED = "alertd-unfinished.part"
_NONE_MADE = "no backup was made"


def backup_due(folder: Path, now: datetime) -> bool:
    """Tell whether there is no backup of this day, in UTC, yet."""
    return not (folder / _name(now)).exists()


def backup(engine: Engine, folder: Path, keep: int, now: datetime) -> Path | None:
    """Copy a SQLite database into a folder, and leave the newest `keep` copies there; None for 0.

    raises: StoreFull when there is no room; StoreError when the folder cannot be used, or the copy
            cannot be read back. What is there stays as it is then.
    """
    if keep == 0:
        return None
    made, unfinished = folder / _name(now), folder / _UNFINISHED
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One that was broken off by a crash is of no use.
        _discard(unfinished)
        try:
            _copy(engine, unfinished)
            unfinished.replace(made)
        finally:
            _discard(unfinished)
        _sync(folder)
        _thin_out(folder, keep, now)
    except OSError as error:
        raise failures.refused(folder, error, _NONE_MADE) from error
    return made


def forget(engine: Engine, before: datetime) -> int:
    """Remove what is older than `before` and was delivered to all; return how many events.

    An event stays while anything that was told in one message with it has not arrived, while its
    bar may still change, and while it is reminded of.
    """
    with engine.connect().execution_options(**connect.READING) as connection:
        gone = connection.execute(_delivered(before)).scalars().all()
    # What has arrived stays so: between question and removal nothing here can become due again.
    for batch in batches(gone):
        with engine.begin() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.event.in_(batch)))
            connection.execute(delete(events).where(events.c.id.in_(batch)))
    with engine.begin() as connection:
        connection.execute(delete(deeds).where(deeds.c.at < before))
    return len(gone)


def _delivered(before: datetime) -> Select[tuple[str]]:
    """Return the question for the events that may go, those told together side by side."""
    # Events that are told together are recorded together, and so come of age together.
    old = and_(events.c.at < before, events.c.detected_at < before)
    head = func.coalesce(events.c.told_with, events.c.id)
    told = select(head.label("head")).join(deliveries, deliveries.c.event == events.c.id)
    kept = union(
        select(head.label("head")).where(events.c.standing == OPEN),
        select(head.label("head")).join(reminders, reminders.c.event == events.c.id),
        told.where(deliveries.c.status != SENT),
    ).cte("kept")
    waiting = (
        select(deliveries.c.channel, deliveries.c.message)
        .join(events, deliveries.c.event == events.c.id)
        .where(head.in_(select(kept)))
        .cte("waiting")
    )
    same = and_(
        deliveries.c.channel == waiting.c.channel, deliveries.c.message == waiting.c.message
    )
    return (
        select(events.c.id)
        .where(old, head.not_in(select(kept)), head.not_in(told.join(waiting, same)))
        .order_by(events.c.detected_at, head)
    )


def _copy(engine: Engine, target: Path) -> None:
    # An empty file is the only one that SQLite writes over: so nobody else may ever read it.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with engine.connect().execution_options(**connect.ALONE) as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
        connect.check(target)
    except StoreBroken as error:
        # It may be the copy's disk alone, and no reason for the daemon to leave.
        why = str(error).partition("\n")[0]
        hint = "look for errors of the disk: there is no newer backup than the last one here"
        raise StoreError(failures.words(target.parent, f"{_NONE_MADE}: {why}", hint)) from error
    _sync(target)


def _discard(unfinished: Path) -> None:
    for file in (unfinished, unfinished.with_name(f"{unfinished.name}-journal")):
        file.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _thin_out(folder: Path, keep: int, now: datetime) -> None:
    """Remove all but the newest backups; one from the future, made by a wrong clock, goes first."""
    today = now.astimezone(UTC).date()
    found = {file: day for file in folder.iterdir() if (day := _day(file)) is not None}
    newest = sorted(found, key=lambda file: (found[file] <= today, found[file]), reverse=True)
    for file in newest[keep:]:
        file.unlink()


def _day(file: Path) -> date | None:
    """Return the day of a backup; None for a file that is none of ours."""
    matched = _BACKUP.fullmatch(file.name)
    if matched is None or file.is_symlink() or not file.is_file():
        return None
    try:
        return date.fromisoformat(matched[1])
    except ValueError:
        return None


def _name(now: datetime) -> str:
    return f"alertd-{now.astimezone(UTC):%Y-%m-%d}.db"
