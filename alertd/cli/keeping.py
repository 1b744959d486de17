"""How is the database looked after, and is there room for it?

/var/lib/alertd/alertd.db, 1.2 MB; last backup 3h ago; 21 GB free
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alertd.cli import output
from alertd.core import words

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.config.settings import StoreSettings


def state(settings: StoreSettings, now: datetime) -> list[str]:
    """Return how large the database is, when it was last backed up, and how much room is left."""
    size = output.size(settings.path.stat().st_size)
    return [f"{settings.path}, {size}", _backup(settings, now), *_room(settings)]


def _backup(settings: StoreSettings, now: datetime) -> str:
    if not settings.backups:
        return "no backups are made"
    made_at = last_backup(settings.path)
    return f"last backup {output.about(now - made_at)} ago" if made_at else "no backup yet"


def last_backup(path: Path) -> datetime | None:
    """Return when the newest backup of a database file was made; None where there is none."""
    from alertd.upkeep import backups

    made = max(backups(path).glob("alertd-*.db"), default=None)
    return datetime.fromtimestamp(made.stat().st_mtime, UTC) if made else None


def _room(settings: StoreSettings) -> list[str]:
    from alertd.ops import disk

    try:
        left = disk.free(settings.path)
    except OSError:
        return []
    low = left < settings.free
    wanted = f", less than the {output.size(settings.free)} that are wanted" if low else ""
    return [f"{output.size(left)} free{wanted}"]


def plan(settings: StoreSettings) -> list[str]:
    """Return how the database is to be looked after."""
    floor = f", while {output.size(settings.free)} of the disk are free" if settings.free else ""
    backups = output.count(settings.backups, "daily backup") if settings.backups else "no backups"
    return [
        str(settings.path),
        f"what was delivered is forgotten after {words.duration(settings.keep)}"
        if settings.keep
        else "nothing is forgotten",
        f"{backups}{floor if settings.backups else ''}",
    ]
