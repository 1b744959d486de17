"""Levels by name over years of real days, counted a second time without the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.quotes import csv
from alertd.replay import replay
from tests.support.build import NEW_YORK, rule

if TYPE_CHECKING:
    from pathlib import Path

BABA, NVDA = listing(Symbol("BABA")), listing(Symbol("NVDA"))
YEAR = pd.DateOffset(years=1)


def by_pandas(days: pd.DataFrame) -> list[str]:
    """Return the days on which the year's high is broken, first ones after a retreat by 1 %."""
    broken, armed = [], True
    for day, bar in days.iterrows():
        year = days[(days.index >= day - YEAR) & (days.index < day)]
        if days.index[0] > day - YEAR:
            continue
        level = year["High"].max()
        low_first = bar["Open"] - bar["Low"] < bar["High"] - bar["Open"]
        turns = [bar["Low"], bar["High"]] if low_first else [bar["High"], bar["Low"]]
        for price in (bar["Open"], *turns, bar["Close"]):
            if armed and price > level:
                broken.append(f"{day:%Y-%m-%d}")
                armed = False
            elif price <= round(level * 0.99, 4):
                armed = True
    return list(dict.fromkeys(broken))


def test_a_new_high_of_the_year_is_told_on_the_days_that_pandas_finds(shared: Path) -> None:
    place = shared / "data" / "baba" / "1d_2014-09-19_2026-07-02.csv"
    days = pd.read_csv(place, index_col=0, parse_dates=True).round(4)
    days.columns = [name.title() for name in days.columns]
    high = rule("above 52w high")
    events = replay([high], csv.read(place, BABA), BABA).events
    fired = [f"{event.at.astimezone(NEW_YORK):%Y-%m-%d}" for event in events]
    assert "2025-10-01" in fired
    assert fired == by_pandas(days)


def test_a_level_of_a_thousand_is_a_hundred_after_the_split_and_fires_on_neither_side_of_it(
    shared: Path,
) -> None:
    place = shared / "data" / "nvda_1d_raw_and_adjusted_split_2024-06-10.csv"
    below = rule("below 1000", symbol="NVDA")
    found = replay([below], csv.read(place, NVDA), NVDA)
    (split,) = [event for event in found.events if event.kind == "split"]
    assert (split.level, split.origin and split.origin.price) == (100, 1000)
    near = [event for event in found.events if f"{event.at:%Y-%m}" == "2024-06"]
    assert near == [split]
