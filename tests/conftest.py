"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data, or skip where there is none."""
    place = os.environ.get("ALERTD_SHARED")
    if not place:
        pytest.skip("ALERTD_SHARED is not set: it names the folder of real market data")
    return Path(place)
