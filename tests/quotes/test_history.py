"""Real history files are read whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.quotes.csv import read

if TYPE_CHECKING:
    from pathlib import Path

BABA = listing(Symbol("BABA"))
MINUTE = timedelta(minutes=1)


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_twelve_years_of_days(shared: Path) -> None:
    found = read(shared / "data/baba/1d_2014-09-19_2026-07-02.csv", BABA).bars
    whole, half = timedelta(hours=6.5), timedelta(hours=3.5)
    assert len(found) == 2963
    assert found[0] == Bar(utc("2014-09-19T13:30"), whole, 92.7, 99.7, 89.95, 93.89, 271879400)
    assert found[-1] == Bar(utc("2026-07-02T13:30"), whole, 96.89, 97.95, 95.19, 96.14, 11764200)
    assert {bar.length for bar in found} == {whole, half}
    half_day = next(bar for bar in found if bar.start == utc("2025-07-03T13:30"))
    assert half_day.end == utc("2025-07-03T17:00")
    assert [bar.start.date().isoformat() for bar in found if bar.high == 192.67] == ["2025-10-02"]


def test_minutes_of_the_regular_session_with_float_noise(shared: Path) -> None:
    found = read(shared / "data/baba/1m_regular_2026-03-09_2026-05-05.csv", BABA).bars
    assert len(found) == 11307
    assert found[0] == Bar(utc("2026-03-09T13:30"), MINUTE, 130.24, 130.28, 130.0, 130.25, 543529)
    assert (found[-1].start, found[-1].close) == (utc("2026-05-05T19:59"), 132.27)
    assert {bar.length for bar in found} == {MINUTE}


def test_minutes_from_before_the_open_to_after_the_close(shared: Path) -> None:
    found = read(shared / "data/baba/1m_extended_2025-01.csv", BABA).bars
    assert len(found) == 12855
    assert found[0] == Bar(utc("2025-01-02T09:00"), MINUTE, 84.13, 84.13, 84.13, 84.13, 826)
    assert (found[-1].start, found[-1].close) == (utc("2025-01-31T23:59"), 97.57)


def test_dates_that_were_written_as_midnights_with_further_columns(shared: Path) -> None:
    name = "data/nvda_1d_raw_and_adjusted_split_2024-06-10.csv"
    found = read(shared / name, listing(Symbol("NVDA"))).bars
    assert len(found) == 502
    assert (found[0].start, found[0].close) == (utc("2024-04-01T13:30"), 903.63)
    assert (found[-1].start, found[-1].close) == (utc("2026-03-31T13:30"), 174.4)
