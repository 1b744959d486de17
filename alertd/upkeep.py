"""What is done for the store besides using it?

once a day    a backup, the oldest ones go       not while there is little room on the disk
every time    what was delivered long ago is forgotten
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loguru import logger

from alertd.errors import StoreError
from alertd.ops import disk

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from alertd.config.settings import StoreSettings
    from alertd.store.database import Database


def backups(path: Path) -> Path:
    """Return the folder in which the backups of a database file lie."""
    return path.parent / "backups"


def upkeep(store: Database, settings: StoreSettings, now: datetime) -> None:
    """Look after a store; often is as good as seldom.

    raises: StoreError.
    """
    folder = backups(settings.path)
    if trouble := disk.trouble(settings.path, settings.free):
        logger.error("no backup is made", why=trouble)
    elif settings.backups and store.backup_due(folder, now):
        _back_up(store, folder, settings.backups, now)
    if settings.keep is not None:
        _forget(store, now - settings.keep)


def _forget(store: Database, before: datetime) -> None:
    # Where nothing has happened for all that time, a clock that is years ahead is likelier.
    if store.has_event_since(before) and (gone := store.forget(before)):
        logger.info("forgot what was delivered long ago", events=gone)


def _back_up(store: Database, folder: Path, keep: int, now: datetime) -> None:
    try:
        made = store.backup(folder, keep, now)
    except StoreError as error:
        # The store itself may be as well as ever: the rest is done.
        logger.error("no backup is made", why=str(error))
    else:
        logger.info("backed up", path=str(made))
