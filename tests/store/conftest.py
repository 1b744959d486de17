"""Databases for tests: real files in a folder of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alertd.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.own(tmp_path / "alertd.db")
    yield opened
    opened.close()
