"""A house for each test, on ports and in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.house import House, housed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Return a house whose daemon has not been started yet; none may log a bug in any test."""
    with housed(tmp_path) as found:
        yield found
    assert found.bugs() == []
