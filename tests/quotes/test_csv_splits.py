"""History files say when shares were split, each vendor in its own column."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Split, Symbol
from alertd.core.calendars import listing
from alertd.errors import BadFile
from alertd.quotes.csv import read

if TYPE_CHECKING:
    from pathlib import Path

NVDA = listing(Symbol("NVDA"))
DAYS = ("2024-06-07", "2024-06-10", "2024-06-11")
PRE = datetime.fromisoformat("2024-06-10T08:00Z")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.csv"


def splits(file: Path, column: str, *said: str, times: tuple[str, ...] = DAYS) -> list[Split]:
    rows = [f"{time},1,1,1,1,{each}" for time, each in zip(times, said, strict=True)]
    file.write_text("\n".join([f"Date,Open,High,Low,Close,{column}", *rows]) + "\n")
    return list(read(file, NVDA).splits)


def refused(file: Path, column: str, *said: str) -> list[str]:
    with pytest.raises(BadFile) as caught:
        splits(file, column, *said)
    return [f"{each.where}: {each.what}" for each in caught.value.problems]


@pytest.mark.parametrize(
    ("column", "none"),
    [
        ("Stock Splits", "0.0"),
        ("stock_splits", "0"),
        ("splitfactor", "1.0"),
        ("splitFactor", "1"),
        ("Split Coefficient", "1.0"),
        ("SPLIT_COEFFICIENT", "1.0000"),
        ("Stock Splits", ""),
    ],
)
def test_a_split_is_read_by_any_of_its_columns_names(file: Path, column: str, none: str) -> None:
    assert splits(file, column, none, "10.0", none) == [Split(PRE, 10.0)]


def test_a_reverse_split_has_a_ratio_below_one(file: Path) -> None:
    assert splits(file, "Stock Splits", "0", "0.05", "0") == [Split(PRE, 0.05)]


def test_splits_come_oldest_first(file: Path) -> None:
    times = ("2024-06-11", "2024-06-07", "2024-06-10")
    found = splits(file, "splitfactor", "3", "2", "1", times=times)
    assert [split.ratio for split in found] == [2.0, 3.0]


def test_a_split_among_minutes_begins_with_the_pre_market_of_its_session(file: Path) -> None:
    times = ("2024-06-07 19:59Z", "2024-06-10 13:30Z", "2024-06-10 13:31Z")
    assert splits(file, "Stock Splits", "0", "10", "0", times=times) == [Split(PRE, 10.0)]


def test_a_split_that_every_minute_of_a_day_repeats_counts_once(file: Path) -> None:
    times = ("2024-06-10 08:00Z", "2024-06-10 13:30Z", "2024-06-10 23:59Z")
    assert splits(file, "Stock Splits", "10", "10", "10", times=times) == [Split(PRE, 10.0)]


def test_a_file_without_such_a_column_names_no_splits(file: Path) -> None:
    assert splits(file, "Dividends", "0", "10", "0") == []


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("-4", "split: expected a ratio above 0, found -4"),
        ("nan", 'split: expected a number, found "nan"'),
        ("inf", 'split: expected a number, found "inf"'),
        ("10:1", 'split: expected a number, found "10:1"'),
    ],
)
def test_a_ratio_that_makes_no_sense_is_named_by_its_line(file: Path, said: str, what: str) -> None:
    assert refused(file, "Stock Splits", "0", said, "0") == [f"line 3: {what}"]


def test_two_ratios_for_one_session_contradict_each_other(file: Path) -> None:
    rows = ["2024-06-10 13:30Z,1,1,1,1,10", "2024-06-10 13:31Z,1,1,1,1,4"]
    file.write_text("\n".join(["Date,Open,High,Low,Close,Stock Splits", *rows]))
    with pytest.raises(BadFile, match=r"line 3: split of 4, of 10 on line 2"):
        read(file, NVDA)


def test_two_columns_of_splits_are_refused(file: Path) -> None:
    file.write_text("Date,Open,High,Low,Close,Stock Splits,splitFactor\n2024-06-10,1,1,1,1,0,1\n")
    with pytest.raises(BadFile, match="columns twice: stock splits, splitfactor"):
        read(file, NVDA)


def test_a_real_file_with_raw_and_adjusted_columns_is_read_raw(shared: Path) -> None:
    found = read(shared / "data/nvda_1d_raw_and_adjusted_split_2024-06-10.csv", NVDA)
    assert found.splits == (Split(PRE, 10.0),)
    eve, first = (
        next(bar for bar in found.bars if f"{bar.start:%Y-%m-%d}" == day) for day in DAYS[:2]
    )
    assert (eve.open, eve.high, eve.low, eve.close) == (1197.7, 1216.9171, 1180.22, 1208.88)
    assert (first.open, first.high, first.low, first.close) == (120.37, 123.1, 117.01, 121.79)
