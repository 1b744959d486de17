"""Which moments are named below a chart."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alertd.charts.ticks import MOST, ticks

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2024, 12, 30, 9, 30, tzinfo=NEW_YORK)


def texts(count: int, step: timedelta) -> list[str]:
    return [tick.text for tick in ticks([START + step * index for index in range(count)])]


def test_ten_years_of_days_are_named_by_their_years() -> None:
    assert texts(3650, timedelta(days=1))[:3] == ["2025", "2026", "2027"]


def test_a_year_of_days_is_named_by_its_months() -> None:
    assert texts(300, timedelta(days=1))[:3] == ["2025-01", "2025-02", "2025-03"]


def test_days_are_named_with_their_year_where_that_is_new() -> None:
    assert texts(40, timedelta(hours=6))[:4] == ["2024-12-30", "12-31", "01-01\n2025", "01-02"]


def test_an_hour_of_minutes_is_named_by_the_clock() -> None:
    assert texts(60, timedelta(minutes=1)) == ["2024-12-30", "09:45", "10:00", "10:15"]


def test_a_new_day_among_hours_is_named_by_its_date_as_well() -> None:
    assert "00:30\n2024-12-31" in texts(20, timedelta(hours=1))


@pytest.mark.parametrize("count", [1, 2, 100, 3_000, 12_000])
@pytest.mark.parametrize("minutes", [1, 60, 1440, 10_080])
def test_there_are_never_too_many_and_always_one(count: int, minutes: int) -> None:
    moments = [START + timedelta(minutes=minutes * index) for index in range(count)]
    found = ticks(moments)
    assert 1 <= len(found) <= MOST
    assert [tick.place for tick in found] == sorted({tick.place for tick in found})


def test_where_there_are_no_bars_there_are_no_ticks() -> None:
    assert ticks([]) == []
