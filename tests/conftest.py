"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

# A run finds what the run before it has found; `make explore` looks elsewhere each time.
settings.load_profile("ci")
settings.register_profile("explore", settings.get_profile("ci"), derandomize=False)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data, or skip where there is none."""
    place = os.environ.get("ALERTD_SHARED")
    if not place:
        pytest.skip("ALERTD_SHARED is not set: it names the folder of real market data")
    return Path(place)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Return what is logged meanwhile, with its fields."""
    found: list[str] = []
    sink = logger.add(lambda line: found.append(str(line)), format="{message} {extra}")
    yield found
    logger.remove(sink)
