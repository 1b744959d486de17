"""Which process holds the lock of a file?

/proc/locks, a line each    1: FLOCK  ADVISORY  WRITE 4242 08:01:131102 0 EOF

To find out by taking the lock would keep a daemon that starts just then from having it.
"""

from __future__ import annotations

from pathlib import Path

LOCKS = Path("/proc/locks")

_KIND, _PROCESS, _FILE = 1, 4, 5


def holder(file: Path, locks: Path = LOCKS) -> int | None:
    """Return the process that holds a file's lock; None where none does, or nobody can tell."""
    try:
        asked, lines = file.stat().st_ino, locks.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    for fields in map(str.split, lines):
        # Whoever waits for a lock has an arrow in front of its kind.
        if len(fields) > _FILE and fields[_KIND] == "FLOCK":
            number = fields[_FILE].rpartition(":")[2]
            if number == str(asked):
                return int(fields[_PROCESS])
    return None
