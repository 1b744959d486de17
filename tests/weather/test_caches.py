"""yfinance's cache on disk, in every state in which it can be found: crossings are told once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.build import at
from tests.weather.sky import BELOW, FELL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.weather.conftest import Skies


def junk(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 500)


def empty(path: Path) -> None:
    path.touch()


def cut_off(path: Path) -> None:
    holding(path, "CREATE TABLE anything (value BLOB)")
    path.write_bytes(path.read_bytes()[:700])


def folder(path: Path) -> None:
    path.mkdir()
    (path / "in-the-way").touch()


def of_another_shape(path: Path) -> None:
    holding(path, "CREATE TABLE _cookieschema (something_else TEXT)")


def of_a_cookie_that_is_none(path: Path) -> None:
    holding(
        path,
        "CREATE TABLE _cookieschema (strategy VARCHAR(255) NOT NULL PRIMARY KEY,"
        " fetch_date DATETIME NOT NULL, cookie_bytes BLOB NOT NULL) WITHOUT ROWID",
        "INSERT INTO _cookieschema VALUES ('curlCffi', '2026-03-09T00:00:00', x'deadbeef')",
    )


def holding(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


@pytest.mark.parametrize(
    "damage", [junk, empty, cut_off, folder, of_another_shape, of_a_cookie_that_is_none]
)
def test_a_malformed_cache_file_hides_no_crossing(
    skies: Skies, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    (tmp_path / "cache").mkdir()
    damage(tmp_path / "cache" / "cookies.db")
    sky = skies(BELOW)
    sky.play()
    sky.until(at("09:40"))
    assert sky.told() == [FELL]


def test_a_cache_file_that_another_program_holds_hides_no_crossing(
    skies: Skies, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir()
    of_another_shape(tmp_path / "cache" / "cookies.db")
    with closing(sqlite3.connect(tmp_path / "cache" / "cookies.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        sky = skies(BELOW)
        sky.play()
        sky.until(at("09:36"))
    sky.until(at("09:45"))
    assert sky.told() == [FELL]


def test_a_cache_folder_that_cannot_be_made_hides_no_crossing(skies: Skies, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sky = skies(BELOW, cache="file/cache")
    sky.play()
    sky.until(at("09:40"))
    assert sky.told() == [FELL]


def test_a_cache_folder_that_cannot_be_written_hides_no_crossing(
    skies: Skies, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir(mode=0o500)
    sky = skies(BELOW)
    sky.play()
    sky.until(at("09:40"))
    assert sky.told() == [FELL]
