"""Is there room left on a disk?

disk_full    the store can keep nothing more
disk_low     less than the configuration wants: what can be done without is not written
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# With less than this a transaction and its journal may not fit any more.
FULL = 1_000_000

_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"), (1, "B"))


def free(path: Path) -> int:
    """Return how many bytes an ordinary user may still write on the disk of a file or folder.

    raises: OSError where that cannot be told.
    """
    place = path.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def trouble(path: Path, floor: int) -> str | None:
    """Return what is wrong with the room for a file, in one line; None when nothing is.

    Where that cannot be told nothing is said: whoever uses the file meets the reason.
    """
    try:
        left = free(path)
    except OSError:
        return None
    return judged(path, left, floor)


def judged(path: Path, left: int, floor: int) -> str | None:
    """Return what it means that so many bytes are left for a file."""
    if left < FULL:
        return f"disk_full: {_size(left)} left for {path}, nothing more can be kept there"
    if left < floor:
        return f"disk_low: {_size(left)} left for {path}, less than {_size(floor)}"
    return None


def _size(count: int) -> str:
    unit, name = next(((unit, name) for unit, name in _UNITS if count >= unit), (1, "B"))
    return f"{count // unit} {name}"
