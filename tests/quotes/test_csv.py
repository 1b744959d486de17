"""History files: what is read, and how a file that cannot be trusted is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.errors import BadFile
from alertd.quotes.csv import read

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.calendars import Listing

BABA = listing(Symbol("BABA"), currency="USD")
HEADER = "Date,Open,High,Low,Close,Volume"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.csv"


def bars(file: Path, *lines: str, of: Listing = BABA) -> tuple[Bar, ...]:
    file.write_text("\n".join(lines) + "\n")
    return read(file, of).bars


def starts(file: Path, *times: str, of: Listing = BABA) -> list[str]:
    found = bars(file, HEADER, *(f"{moment},1,1,1,1,1" for moment in times), of=of)
    return [f"{each.start:%Y-%m-%dT%H:%M:%S}" for each in found]


def refused(file: Path, *lines: str) -> list[str]:
    """Return the problems of a file, each as "where: what"."""
    with pytest.raises(BadFile) as caught:
        bars(file, *lines)
    assert caught.value.path == str(file)
    return [f"{each.where}: {each.what}" for each in caught.value.problems]


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


# What is read.


def test_a_date_alone_is_a_daily_bar_from_open_to_close(file: Path) -> None:
    (found,) = bars(file, HEADER, "2025-07-02,110.5,111.25,109.75,110.0,1200")
    assert found == Bar(
        utc("2025-07-02T13:30"), timedelta(hours=6.5), 110.5, 111.25, 109.75, 110.0, 1200
    )


def test_a_half_day_ends_at_its_early_close(file: Path) -> None:
    (found,) = bars(file, HEADER, "2025-07-03,1,1,1,1,1")
    assert found.end == utc("2025-07-03T17:00")


def test_dates_written_as_midnights_are_dates(file: Path) -> None:
    midnights = ("2025-07-02 00:00:00+00:00", "2025-07-01 00:00:00+00:00")
    assert starts(file, *midnights) == ["2025-07-01T13:30:00", "2025-07-02T13:30:00"]


def test_dates_written_as_local_midnights_are_dates(file: Path) -> None:
    assert starts(file, "2025-07-02 00:00:00-04:00") == ["2025-07-02T13:30:00"]


def test_a_day_of_coins_is_a_day_in_utc(file: Path) -> None:
    coin = listing(Symbol("BTC-USD"))
    (found,) = bars(file, HEADER, "2025-07-05,1,1,1,1,1", of=coin)
    assert (found.start, found.length) == (utc("2025-07-05T00:00"), timedelta(days=1))


def test_times_with_an_offset_become_utc(file: Path) -> None:
    times = ("2025-07-02 09:30:00-04:00", "2025-07-02T13:31:00Z", "2025-07-02 13:32+00:00")
    assert starts(file, *times) == [
        "2025-07-02T13:30:00", "2025-07-02T13:31:00", "2025-07-02T13:32:00",
    ]  # fmt: skip


def test_naive_times_are_on_the_exchanges_clock_in_summer_and_winter(file: Path) -> None:
    times = ("2025-07-02 09:30", "2025-12-02 09:30")
    assert starts(file, *times) == ["2025-07-02T13:30:00", "2025-12-02T14:30:00"]


def test_the_smallest_spacing_is_the_length_of_every_bar(file: Path) -> None:
    rows = (f"2025-07-02 {clock}:00Z,1,1,1,1,1" for clock in ("13:30", "13:45", "13:50", "14:30"))
    assert {each.length for each in bars(file, HEADER, *rows)} == {timedelta(minutes=5)}


def test_rows_may_come_in_any_order(file: Path) -> None:
    times = ("2025-07-02 13:32Z", "2025-07-02 13:30Z", "2025-07-02 13:31Z")
    assert starts(file, *times) == [
        "2025-07-02T13:30:00", "2025-07-02T13:31:00", "2025-07-02T13:32:00",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Date", "DATE", "Datetime", "datetime", "timestamp", "Timestamp"])
def test_the_time_column_has_three_names_in_any_case(file: Path, name: str) -> None:
    found = bars(file, f"{name},OPEN,High,low,CLOSE", "2025-07-02,1,2,1,2")
    assert [(each.open, each.close, each.volume) for each in found] == [(1.0, 2.0, None)]


def test_columns_may_come_in_any_order_and_others_are_passed_over(file: Path) -> None:
    found = bars(file, "Close,Adj Close,High,Low,Open,Date", "2,9,3,1,1.5,2025-07-02")
    assert [(b.open, b.high, b.low, b.close) for b in found] == [(1.5, 3.0, 1.0, 2.0)]


def test_prices_lose_their_float_noise(file: Path) -> None:
    noisy = "2025-07-02,130.24000549316406,130.27999877929688,130.0749969482422,130.25,"
    (found,) = bars(file, HEADER, noisy)
    assert (found.open, found.high, found.low) == (130.24, 130.28, 130.075)
    assert found.volume is None


def test_semicolons_quotes_blank_lines_and_a_byte_order_mark_are_read(file: Path) -> None:
    text = '\ufeff"Date";"Open";"High";"Low";"Close"\r\n\r\n"2025-07-02";1;1;1;1\r\n\r\n'
    file.write_bytes(text.encode())
    assert len(read(file, BABA).bars) == 1


def test_a_series_is_of_the_listing_and_has_four_decimals(file: Path) -> None:
    file.write_text(f"{HEADER}\n2025-07-02,1,1,1,1,1\n")
    found = read(file, BABA)
    assert (found.symbol, found.currency, found.digits) == ("BABA", "USD", 4)


# How a file is refused.


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("2025-07-02,x,1,1,1,1", 'open: expected a number, found "x"'),
        ("2025-07-02,1,nan,1,1,1", 'high: expected a number, found "nan"'),
        ("2025-07-02,1,inf,1,1,1", 'high: expected a number, found "inf"'),
        ("2025-07-02,1_0,1,1,1,1", 'open: expected a number, found "1_0"'),
        ("2025-07-02,1,1,1,,1", "close is empty"),
        ("2025-07-02,1,1,0,1,1", "low: expected a price above 0, found 0"),
        ("2025-07-02,1,1,-1,1,1", "low: expected a price above 0, found -1"),
        ("2025-07-02,1,1,0.00001,1,1", "low: expected a price above 0, found 0.00001"),
        ("2025-07-02,3,2,1,2,1", "high 2 and low 1 do not contain open 3, close 2"),
        ("2025-07-02,2,3,1,0.5,1", "high 3 and low 1 do not contain open 2, close 0.5"),
        ("2025-07-02,1,1,2,1,1", "high 1 and low 2 do not contain open 1, close 1"),
        ("2025-07-02,1,1,1,1,many", 'volume: expected a number, found "many"'),
        ("2025-07-02,1,1,1,1", "expected 6 columns, found 5"),
        ("2025-07-02,1,1,1,1,1,1", "expected 6 columns, found 7"),
        (",1,1,1,1,1", 'expected a date or a time, found ""'),
        ("02/07/2025,1,1,1,1,1", 'expected a date or a time, found "02/07/2025"'),
        ("2025-13-02,1,1,1,1,1", 'expected a date or a time, found "2025-13-02"'),
        ("1751463000,1,1,1,1,1", 'expected a date or a time, found "1751463000"'),
        ("0205-07-02,1,1,1,1,1", "expected a year from 1900 to 2100, found 205"),
        ("2025-07-04,1,1,1,1,1", "2025-07-04 is not a trading day of XNYS"),
        ("2025-07-01,1,1,1,1,1", "the same time as line 2"),
    ],
)
def test_a_bad_row_is_named_by_its_line(file: Path, row: str, what: str) -> None:
    good = "2025-07-01,1,1,1,1,1"
    assert refused(file, HEADER, good, row) == [f"line 3: {what}"]


def test_all_bad_rows_are_named_at_once_in_their_order(file: Path) -> None:
    rows = ("2025-07-04,1,1,1,1,1", "2025-07-02,1,1,1,1,1", "2025-07-02,x,1,1,1,1", "2025-07-03")
    assert [each.split(":")[0] for each in refused(file, HEADER, *rows)] == [
        "line 2", "line 4", "line 5",
    ]  # fmt: skip


def test_a_bad_row_does_not_hide_behind_what_the_others_lack(file: Path) -> None:
    rows = ("2025-07-02 13:30Z,1,1,1,1,1", "2025-07-02 13:31Z,x,1,1,1,1")
    assert refused(file, HEADER, *rows) == ['line 3: open: expected a number, found "x"']


def test_after_twenty_bad_rows_the_rest_is_counted(file: Path) -> None:
    found = refused(file, HEADER, *["2025-07-02,x,1,1,1,1"] * 33)
    assert (len(found), found[-1]) == (21, ": and 13 more bad lines")


def test_a_line_number_counts_blank_lines(file: Path) -> None:
    assert refused(file, HEADER, "", "", "x") == ["line 4: expected 6 columns, found 1"]


def test_a_date_among_times_is_a_bad_row(file: Path) -> None:
    rows = ("2025-07-02 09:30,1,1,1,1,1", "2025-07-03,1,1,1,1,1", "2025-07-02 09:31,1,1,1,1,1")
    (found,) = refused(file, HEADER, *rows)
    assert found == "line 3: expected a time, as in the other rows, found only a date"


def test_a_local_time_that_does_not_exist_is_a_bad_row(file: Path) -> None:
    rows = ("2025-03-09 02:30,1,1,1,1,1", "2025-03-10 09:30,1,1,1,1,1")
    (found,) = refused(file, HEADER, *rows)
    assert found.startswith("line 2: 2025-03-09 02:30:00 does not exist in America/New_York")


def test_a_local_time_that_exists_twice_is_a_bad_row(file: Path) -> None:
    rows = ("2025-11-02 01:30,1,1,1,1,1", "2025-11-03 09:30,1,1,1,1,1")
    (found,) = refused(file, HEADER, *rows)
    assert found.startswith("line 2: 2025-11-02 01:30:00 exists twice in America/New_York")


def test_one_time_alone_does_not_tell_how_long_a_bar_is(file: Path) -> None:
    (found,) = refused(file, HEADER, "2025-07-02 09:30,1,1,1,1,1")
    assert found == ": the rows have one time only, which does not tell how long a bar is"


def test_days_that_the_calendar_does_not_know_refuse_the_file(file: Path) -> None:
    file.write_text(f"{HEADER}\n1950-07-03,1,1,1,1,1\n")
    with pytest.raises(BadFile, match="XHKG holidays are only recorded back to") as caught:
        read(file, listing(Symbol("9988.HK")))
    assert "in sessions that the symbol's calendar knows" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("Date,Open,High,Low", "columns missing close; found date, open, high, low"),
        ("Open,High,Low,Close", "columns missing date; found open, high, low, close"),
        ("a,b", "columns missing open, high, low, close, date; found a, b"),
        ("Date,Open,open,High,Low,Close", "columns twice: open; "),
    ],
)
def test_columns_that_do_not_fit_are_told_with_what_was_found(
    file: Path, header: str, what: str
) -> None:
    (found,) = refused(file, header, "2025-07-02,1,1,1,1")
    assert found.startswith(f"line 1: {what}")


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(BadFile, match=r"the file is empty\n.*hint: expected a header such as Date"):
        read(file, BABA)


def test_a_header_alone_is_refused(file: Path) -> None:
    assert refused(file, HEADER) == [": no rows below the header"]


def test_a_missing_file_is_refused(file: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read: No such file") as caught:
        read(file, BABA)
    assert "hint: check the path" in str(caught.value)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read: Is a directory"):
        read(tmp_path, BABA)


def test_text_that_is_not_utf_8_is_refused(file: Path) -> None:
    file.write_bytes(HEADER.encode() + b"\n2025-07-02,\xff,1,1,1,1\n")
    with pytest.raises(BadFile, match="not UTF-8 text: byte 0xff"):
        read(file, BABA)


def test_a_stray_quote_is_refused(file: Path) -> None:
    (found,) = refused(file, HEADER, '2025-07-02,"1,1,1,1,1')
    assert "not CSV" in found
