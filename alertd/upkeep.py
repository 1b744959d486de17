"""What is done for the store besides using it?

    once a day    a backup, the oldest ones go       not while there is little room on the disk
    every time    what was delivered long ago is forgotten
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loguru import logger

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
        made = store.backup(folder, settings.backups, now)
        logger.info("backed up", path=str(made))
    if settings.keep is not None and (gone := store.forget(now - settings.keep)):
        logger.info("forgot what was delivered long ago", events=gone)
