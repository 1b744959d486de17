from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from alertd.ops import disk
from alertd.ops.disk import trouble

if TYPE_CHECKING:
    from pathlib import Path

# No disk has so much.
ENDLESS = 10**24


def test_a_disk_with_room_is_no_trouble(tmp_path: Path) -> None:
    assert trouble(tmp_path / "alertd.db", 1) is None


def test_less_room_than_is_wanted_is_said_with_both_figures(tmp_path: Path) -> None:
    said = trouble(tmp_path / "alertd.db", ENDLESS)
    assert said is not None
    assert said.startswith("disk_low: ")
    assert said.endswith(f" left for {tmp_path / 'alertd.db'}, less than 1000000000000 TB")


@pytest.mark.parametrize(
    ("left", "floor", "said"),
    [
        (0, 50_000_000, "disk_full: 0 B left for s.db, nothing more can be kept there"),
        (999_999, 0, "disk_full: 999 kB left for s.db, nothing more can be kept there"),
        (1_000_000, 0, None),
        (49_999_999, 50_000_000, "disk_low: 49 MB left for s.db, less than 50 MB"),
        (50_000_000, 50_000_000, None),
    ],
)
def test_a_full_disk_is_told_from_one_with_little_room(
    tmp_path: Path, left: int, floor: int, said: str | None
) -> None:
    found = disk.judged(tmp_path / "s.db", left, floor)
    assert found == (said and said.replace("s.db", str(tmp_path / "s.db")))


def test_what_is_free_is_asked_of_the_nearest_folder_that_is_there(tmp_path: Path) -> None:
    free = disk.free(tmp_path / "not" / "yet" / "alertd.db")
    assert abs(free - shutil.disk_usage(tmp_path).free) < 10**9


def test_where_it_cannot_be_told_nothing_is_said(tmp_path: Path) -> None:
    assert trouble(tmp_path / ("x" * 300), ENDLESS) is None
