"""`alertd health` fails when the daemon cannot keep what it finds, and says why in one line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.cli.kept import BELOW, keeping
from tests.support.disks import fill, tiny

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.typed import Answer, Home

ALERTS = """
[[alert]]
id = "support"
symbol = "BABA"
name = "Support at 150"
below = 150

[channel.screen]
type = "console"

[store]
path = "{path}"
free = "{free}"
"""


def health(home: Home, path: Path, free: str = "0 MB") -> Answer:
    config = home.folder / "alerts.toml"
    config.write_text(ALERTS.format(path=path, free=free), encoding="utf-8")
    config.chmod(0o600)
    return home.alertd("health", "--config", config.name)


def alive(path: Path, *, ago: timedelta = timedelta(0)) -> None:
    """Leave a database behind in which the daemon gave its last sign of life so long ago."""
    with keeping(path, BELOW) as database:
        database.beat(datetime.now(UTC) - ago)


def test_a_living_daemon_with_room_on_its_disk_is_healthy(home: Home) -> None:
    alive(home.folder / "alertd.db")
    answer = health(home, home.folder / "alertd.db", free="1 MB")
    assert (answer.status, answer.out, answer.err) == (0, "", "")


def test_little_room_on_the_disk_is_not_healthy(home: Home) -> None:
    alive(home.folder / "alertd.db")
    answer = health(home, home.folder / "alertd.db", free="900000 GB")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("disk_low: ")
    assert answer.err.endswith("alertd.db, less than 900 TB\n")


def test_a_full_disk_is_named_although_the_daemon_can_write_nothing_there(home: Home) -> None:
    with tiny(home.folder, "size=4m") as folder:
        path = folder / "alertd.db"
        alive(path, ago=timedelta(hours=2))
        ballast = fill(folder)
        answer = health(home, path)
        assert (answer.status, answer.out) == (1, "")
        assert answer.err == f"disk_full: 0 B left for {path}, nothing more can be kept there\n"
        ballast.unlink()
        assert health(home, path).err == "no sign of life for 2h\n"


def test_a_daemon_that_was_silent_too_long_is_not_healthy(home: Home) -> None:
    alive(home.folder / "alertd.db", ago=timedelta(seconds=100))
    answer = health(home, home.folder / "alertd.db")
    assert (answer.status, answer.err) == (1, "no sign of life for 1m\n")


def test_a_locked_database_is_said_to_be_locked(home: Home) -> None:
    path = home.folder / "alertd.db"
    alive(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = health(home, path)
    assert (answer.status, answer.out) == (1, "")
    assert "another program is writing to the database" in answer.err
    assert "Traceback" not in answer.err


def test_a_damaged_database_is_said_to_be_damaged(home: Home) -> None:
    path = home.folder / "alertd.db"
    alive(path)
    path.write_bytes(b"no database at all" + path.read_bytes())
    answer = health(home, path)
    assert (answer.status, answer.out) == (1, "")
    assert "the database is damaged, or its disk fails" in answer.err
