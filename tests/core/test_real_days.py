"""What real daily prices make of alerts, held against plain computations and known days."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from alertd.core.almanac import Almanac
from alertd.core.bars import Symbol
from alertd.core.book import Cursor
from alertd.core.calendars import Calendar, listing
from alertd.core.engine import Judgement, judge
from alertd.core.events import Kind
from alertd.core.splits import Rebase, rebases
from alertd.core.states import Origin, Phase, Reason, Side
from alertd.quotes.csv import read
from tests.support.build import at, knowing, rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alertd.core.bars import Bar, Split
    from alertd.core.rules import Rule

BELOW = rule("below 1000", symbol="NVDA")
HIGH = rule("above 52w high")


def nvidia(shared: Path) -> tuple[Sequence[Bar], Sequence[Split]]:
    file = shared / "data" / "nvda_1d_raw_and_adjusted_split_2024-06-10.csv"
    series = read(file, listing(Symbol("NVDA")))
    return series.bars, series.splits


def replayed(
    alert: Rule, bars: Sequence[Bar], splits: Sequence[Rebase] = (), days: Sequence[Bar] = ()
) -> Judgement:
    sessions = Calendar("XNYS").around(bars[0].start, bars[-1].end)
    known = Almanac(tuple(days))
    place = replace(knowing(), sessions=sessions, splits=tuple(splits), almanac=known)
    return judge([alert], {}, Cursor(), bars, market=place, now=bars[-1].end)


def test_nvidias_level_of_1000_is_100_after_its_split_and_does_not_fire_by_it(shared: Path) -> None:
    bars, splits = nvidia(shared)
    (split,) = splits
    until = next(i for i, bar in enumerate(bars) if bar.start >= split.at)
    found = replayed(BELOW, bars[until - 1 : until + 20], rebases(splits, bars))
    assert bars[until - 1].close == 1208.88
    (event,) = found.events
    assert (event.kind, event.level, event.price) == (Kind.SPLIT, 100, 120.888)
    assert event.origin == Origin("10:1", 1000, split.at)
    assert event.at == at("04:00", "2024-06-10")
    state = found.states[BELOW.id]
    assert (state.phase, state.side) == (Phase.ARMED, Side.ABOVE)
    assert [d.reason for d in found.decisions].count(Reason.RESCALED) == 1


def test_nvidias_level_fires_when_the_price_falls_below_it_in_new_shares(shared: Path) -> None:
    bars, splits = nvidia(shared)
    until = next(i for i, bar in enumerate(bars) if bar.start >= splits[0].at)
    found = replayed(BELOW, bars[until - 1 :], rebases(splits, bars))
    assert [e.kind for e in found.events].count(Kind.SPLIT) == 1
    first = next(e for e in found.events if e.kind is Kind.FIRED)
    lows = [bar for bar in bars[until:] if bar.low < 100]
    assert first.bar_start == lows[0].start
    without = replayed(BELOW, bars[until - 1 : until + 20])
    assert [event.kind for event in without.events] == [Kind.FIRED]


def baba(shared: Path) -> Path:
    return shared / "data" / "baba" / "1d_2014-09-19_2026-07-02.csv"


def new_highs(file: Path) -> list[tuple[str, float]]:
    """Return the days on which a new high of the year fires, and that high, by pandas alone.

    A day's prices go from its open to the extreme that is nearer, to the other one, to its close.
    Over the highest high of the year before it an alert fires; 1 % under that it is armed again.
    """
    days = pd.read_csv(file, parse_dates=["Date"], index_col="Date").round(4)
    found, armed, side = [], True, None
    for day in days.index:
        year = days.High[(days.index >= day - pd.DateOffset(years=1)) & (days.index < day)]
        if days.index[0] > day - pd.DateOffset(years=1):
            continue
        top, row, told = year.max(), days.loc[day], False
        before = days.Close[days.index < day].iloc[-1]
        side = "above" if before > top else "below" if before < top else side
        for price in points(row):
            if not armed and price <= round(top * 0.99, 4):
                armed = True
            if price > top:
                if armed and side == "below":
                    armed = False
                    if not told:
                        found.append((f"{day:%Y-%m-%d}", price))
                    told = True
                side = "above"
            elif price < top:
                side = "below"
    return found


def points(row: pd.Series[float]) -> list[float]:
    up, down = round(row.High - row.Open, 9), round(row.Open - row.Low, 9)
    low_first = down < up or (down == up and row.Close >= row.Open)
    extremes = [row.Low, row.High] if low_first else [row.High, row.Low]
    return [row.Open, *extremes, row.Close]


def test_a_new_high_of_the_year_fires_on_the_days_that_pandas_finds(shared: Path) -> None:
    bars = read(baba(shared), listing(Symbol("BABA"))).bars
    events = replayed(HIGH, bars, days=bars).events
    fired = [(f"{event.at:%Y-%m-%d}", event.price) for event in events]
    assert fired == new_highs(baba(shared))
    assert "2025-10-01" in [day for day, _ in fired]
    assert len(fired) > 20


def test_each_day_of_a_new_high_goes_over_the_year_before_it(shared: Path) -> None:
    bars = read(baba(shared), listing(Symbol("BABA"))).bars
    highs = {bar.start.date(): bar.high for bar in bars}
    for event in replayed(HIGH, bars, days=bars).events:
        day = event.at.date()
        start = (pd.Timestamp(day) - pd.DateOffset(years=1)).date()
        assert highs[day] > max(high for date, high in highs.items() if start <= date < day)
