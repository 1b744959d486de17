"""How the store is looked after."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.config.builders import alert, load, problem

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.config import StoreSettings


def store(folder: Path, *lines: str) -> StoreSettings:
    return load(folder, "\n".join([alert(), "[store]", *lines])).store


def test_the_store_keeps_400_days_seven_backups_and_50_mb_free(tmp_path: Path) -> None:
    found = store(tmp_path)
    assert (found.keep, found.backups, found.free) == (timedelta(days=400), 7, 50_000_000)
    assert load(tmp_path, alert()).store == found


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ("1 day", timedelta(days=1)),
        ("2w", timedelta(days=14)),
        ("400 days", timedelta(days=400)),
        ("forever", None),
    ],
)
def test_what_was_delivered_is_kept_for_some_time_or_for_ever(
    tmp_path: Path, text: str, keep: timedelta | None
) -> None:
    assert store(tmp_path, f'keep = "{text}"').keep == keep


@pytest.mark.parametrize("count", [0, 1, 365])
def test_any_number_of_backups_up_to_a_year_is_kept(tmp_path: Path, count: int) -> None:
    assert store(tmp_path, f"backups = {count}").backups == count


@pytest.mark.parametrize(
    ("text", "size"),
    [("0 MB", 0), ("100KB", 100_000), ("50 MB", 50_000_000), ("2 GB", 2_000_000_000)],
)
def test_room_is_counted_in_decimal_units(tmp_path: Path, text: str, size: int) -> None:
    assert store(tmp_path, f'free = "{text}"').free == size


def test_a_unit_in_small_letters_is_told_the_capitals(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + '[store]\nfree = "50 mb"')
    assert only.hint == 'write "50 MB"'
