"""Panels as tests like to write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.charts.panels import Mark, Panel, Track
from alertd.core.courses import Step
from alertd.core.lines import Lines
from tests.support.build import NEW_YORK, at, flat

if TYPE_CHECKING:
    from alertd.core.bars import Split
    from alertd.core.records import Gap


def panel(
    *prices: float,
    tracks: tuple[Track, ...] = (),
    splits: tuple[Split, ...] = (),
    gaps: tuple[Gap, ...] = (),
) -> Panel:
    """Return the panel of one-minute bars from 09:30 on."""
    bars = tuple(flat("09:30", *prices))
    return Panel("BABA, two hours", "price in USD", NEW_YORK, bars, tracks, splits, gaps)


def track(
    *steps: tuple[str, float | None], name: str = "floor", marks: tuple[Mark, ...] = ()
) -> Track:
    """Return an alert's track: from which times on its level lay where."""
    course = tuple(
        Step(at(clock), None if level is None else Lines(level, level)) for clock, level in steps
    )
    return Track(name, f"below {name}: fired {len(marks)}", course, marks)


def mark(clock: str, price: float, *, up: bool = False, back: bool = False) -> Mark:
    return Mark(at(clock), price, up, back, f"{price:.2f}")
