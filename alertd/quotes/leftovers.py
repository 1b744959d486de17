"""Which files of yfinance's cache can it still read?

It keeps cookies and time zones in SQLite files and fails on one that is malformed. It makes a new
file where there is none.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def sweep(cache_dir: Path) -> None:
    """Delete the cache files that cannot be read."""
    with suppress(OSError):
        cache_dir.mkdir(parents=True, exist_ok=True)
        for path in cache_dir.glob("*.db"):
            if not _sound(path):
                for part in cache_dir.glob(f"{path.name}*"):
                    part.unlink(missing_ok=True)


def _sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=1.0)) as database:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False
