"""Bars and levels at their places."""

from __future__ import annotations

from math import isnan

from alertd.core.courses import Step
from alertd.core.lines import Lines
from alertd.core.records import Gap
from tests.charts.build import panel, track
from tests.support.build import at


def test_a_moment_lies_in_the_bar_that_holds_it() -> None:
    one = panel(1, 2, 3)
    assert [one.holding(at(clock)) for clock in ("09:29", "09:30", "09:31", "16:00")] == [
        0, 0, 1, 2,
    ]  # fmt: skip


def test_columns_lose_no_extreme() -> None:
    columns = panel(*[5, 9, 1, 4] * 25).columns(10)
    assert len(columns) == 10
    assert {(column.high, column.low) for column in columns} == {(9, 1)}
    assert [column.place for column in columns][:3] == [0, 10, 20]


def test_few_bars_have_a_column_each() -> None:
    assert [column.close for column in panel(1, 2, 3).columns(10)] == [1, 2, 3]


def test_a_level_reaches_from_its_step_to_the_last_bar() -> None:
    lined = panel(1, 2, 3, 4).lined(track(("09:30", 10), ("09:32", 20)).course)
    assert (lined.places, lined.lows) == ([0, 2, 3], [10, 20, 20])
    assert lined.is_single


def test_a_level_that_nobody_knows_is_not_drawn() -> None:
    lined = panel(1, 2, 3).lined(track(("09:30", None), ("09:31", 20)).course)
    assert isnan(lined.lows[0])
    assert panel(1).lined(()).places == []


def test_a_band_is_not_a_single_line() -> None:
    assert not panel(1).lined([Step(at("09:30"), Lines(1, 2))]).is_single


def test_sessions_that_are_missing_are_counted_at_the_next_bar() -> None:
    gaps = (Gap(at("09:30", "2026-03-06"), at("16:00", "2026-03-06")),) * 2
    assert panel(1, 2, gaps=gaps).breaks() == {0: 2}
