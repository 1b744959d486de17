"""Who holds a lock is read from the system, without taking the lock."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest

from alertd.ops.holder import LOCKS, holder

if TYPE_CHECKING:
    from pathlib import Path

needs_locks = pytest.mark.skipif(not LOCKS.exists(), reason="this system does not list its locks")


@needs_locks
def test_the_process_that_holds_a_lock_is_named_until_it_lets_go(tmp_path: Path) -> None:
    file = tmp_path / "alertd.db.lock"
    with file.open("w") as held:
        assert holder(file) is None
        fcntl.flock(held, fcntl.LOCK_EX)
        assert holder(file) == os.getpid()
        fcntl.flock(held, fcntl.LOCK_UN)
        assert holder(file) is None


def test_who_only_waits_for_a_lock_does_not_hold_it(tmp_path: Path) -> None:
    file, locks = tmp_path / "lock", tmp_path / "locks"
    file.touch()
    number = file.stat().st_ino
    waiting = f"1: -> FLOCK ADVISORY WRITE 7 08:01:{number} 0 EOF\n"
    others = (
        f"2: POSIX  ADVISORY  READ 8 08:01:{number} 0 EOF\n3: FLOCK  ADVISORY  WRITE 9 08:01:1\n"
    )
    locks.write_text(waiting + others)
    assert holder(file, locks) is None
    locks.write_text(f"{waiting}{others}4: FLOCK  ADVISORY  WRITE 10 08:01:{number} 0 EOF\n")
    assert holder(file, locks) == 10


def test_where_there_is_no_file_or_no_list_nobody_holds_it(tmp_path: Path) -> None:
    assert holder(tmp_path / "none") is None
    (tmp_path / "lock").touch()
    assert holder(tmp_path / "lock", tmp_path / "none") is None
