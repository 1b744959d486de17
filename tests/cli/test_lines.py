"""An event as a row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alertd.cli.lines import HEADINGS, cells
from alertd.core.events import Kind
from tests.core.telling import BAND, FIGURES, SPLIT, told
from tests.support.build import NEW_YORK

if TYPE_CHECKING:
    from alertd.core.notices import Notice


def cell(notice: Notice, heading: str) -> str:
    """Return what stands in one column."""
    found = cells(notice.event, NEW_YORK, notice.digits, notice.currency)
    return dict(zip(HEADINGS, found, strict=True))[heading]


@pytest.mark.parametrize(
    ("notice", "level"),
    [
        (told("below 150", 149.6, 150.0), "$150.00"),
        (told("inside 148..152", 151.9, 152.0, **BAND), "$148.00 to $152.00"),
        (told("above 20", 20.13, 20.0, **FIGURES["pe"]), "P/E 20"),
        (told("inside 18..22", 18.5, 18.0, band=(18.0, 22.0), **FIGURES["pe"]), "P/E 18 to 22"),
        (told("below 1000", 100.0, 100.0, Kind.SPLIT, origin=SPLIT), "$1,000.00, now $100.00"),
        (told("below 150", 150.0, 150.0, Kind.STALE), ""),
    ],
)
def test_a_level_is_shown_whole(notice: Notice, level: str) -> None:
    assert cell(notice, ">level") == level


def test_only_a_firing_is_over_a_gap() -> None:
    fired = told("below 150", 149.0, 150.0, gap=True)
    recovered = told("below 150", 152.0, 150.0, Kind.RECOVERED, gap=True)
    assert [cell(each, "event") for each in (fired, recovered)] == ["fired over a gap", "recovered"]
