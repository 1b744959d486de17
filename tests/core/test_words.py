from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core import words
from alertd.core.rules import Figure

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("value", "digits", "currency", "text"),
    [
        (150.0, 2, "USD", "$150.00"),
        (150.0, 4, "USD", "$150.00"),
        (150.0, 2, "EUR", "150.00 EUR"),
        (127.7494, 2, "USD", "$127.7494"),
        (127.5, 2, None, "127.50"),
        (0.00001234, 8, "USD", "$0.00001234"),
        (64250.5, 2, "USD", "$64,250.50"),
        (2750.0, 0, "JPY", "2,750 JPY"),
        (-1.5, 2, "USD", "-$1.50"),
        (0.1 + 0.2, 2, "USD", "$0.30"),
    ],
)
def test_a_price_has_its_currency_and_all_the_decimals_it_needs(
    value: float, digits: int, currency: str | None, text: str
) -> None:
    assert words.price(value, digits, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.28, "+1.3 %"), (-0.52, "-0.5 %"), (28.0, "+28.0 %"), (0.04, "+0.04 %"),
        (-0.04, "-0.04 %"), (0.0, "0.0 %"), (0.001, "0.0 %"),
    ],
)  # fmt: skip
def test_a_percentage_has_a_sign_and_shows_what_is_small(value: float, text: str) -> None:
    assert words.percent(value) == text


def test_a_moment_is_said_in_exchange_time_and_in_utc() -> None:
    at = datetime(2026, 3, 9, 13, 34, tzinfo=UTC)

    assert words.moment(at, NEW_YORK) == "2026-03-09 09:34 EDT (13:34 UTC)"


def test_a_moment_may_be_said_in_exchange_time_alone() -> None:
    at = datetime(2026, 1, 10, 0, 30, tzinfo=UTC)

    assert words.local(at, NEW_YORK) == "2026-01-09 19:30 EST"


def test_a_moment_that_is_another_day_in_utc_says_so() -> None:
    at = datetime(2026, 1, 10, 0, 30, tzinfo=UTC)

    assert words.moment(at, NEW_YORK) == "2026-01-09 19:30 EST (2026-01-10 00:30 UTC)"


def test_a_moment_of_a_utc_market_is_said_once() -> None:
    assert words.moment(datetime(2026, 3, 9, tzinfo=UTC), ZoneInfo("UTC")) == "2026-03-09 00:00 UTC"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=30), "30m"),
        (timedelta(hours=2), "2h"),
        (timedelta(days=1, hours=4), "1d 4h"),
        (timedelta(seconds=90), "1m 30s"),
        (timedelta(0), "0s"),
    ],
)
def test_a_duration_is_said_as_it_is_written_in_the_configuration(
    span: timedelta, text: str
) -> None:
    assert words.duration(span) == text


def test_a_stamp_is_utc_and_ends_in_z() -> None:
    at = datetime(2026, 3, 9, 9, 34, 5, 900, tzinfo=NEW_YORK)

    assert words.stamp(at) == "2026-03-09T13:34:05Z"


@pytest.mark.parametrize(
    ("value", "of", "inside", "alone"),
    [
        (149.62, Figure.PRICE, "$149.62", "$149.62"),
        (20.126, Figure.PE, "20.13", "P/E 20.13"),
        (15.0, Figure.FORWARD_PE, "15", "forward P/E 15"),
        (3.1, Figure.VOLUME, "3.1 times", "3.1 times the usual volume"),
        (1234.5, Figure.PE, "1,234.5", "P/E 1,234.5"),
    ],
)
def test_a_figure_is_said_inside_a_sentence_and_alone(
    value: float, of: Figure, inside: str, alone: str
) -> None:
    assert words.number(value, of, 2, "USD") == inside
    assert words.figure(value, of, 2, "USD") == alone


@pytest.mark.parametrize(
    ("of", "level", "band"),
    [
        (Figure.PRICE, "$3.50", "$3.50 to $5.00"),
        (Figure.PE, "3.5", "3.5 to 5"),
        (Figure.VOLUME, "3.5 times its 20-session mean", "3.5 to 5 times its 20-session mean"),
    ],
)
def test_a_level_is_said_in_its_own_unit(of: Figure, level: str, band: str) -> None:
    assert words.level(3.5, of, 2, "USD") == level
    assert words.band(3.5, 5, of, 2, "USD") == band


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("52w high", "52-week high"),
        ("52w low + 1.5%", "52-week low plus 1.5 %"),
        ("previous close - 3%", "previous close less 3 %"),
        ("sma 200", "200-day average"),
        ("all-time high", "all-time high"),
        ("analyst target", "mean analyst target"),
        ("analyst high", "highest analyst target"),
        ("analyst low", "lowest analyst target"),
    ],
)
def test_every_named_level_has_words(asked: str, text: str) -> None:
    level = words.by_name(asked)
    assert level is not None
    assert words.named(level) == text
    assert words.made_of(asked) == text


@pytest.mark.parametrize("asked", ["150", "[148, 152]", "5% within 1h", ""])
def test_a_level_that_is_no_name_is_none(asked: str) -> None:
    assert words.by_name(asked) is None
    assert words.made_of(asked) == asked


@pytest.mark.parametrize(
    ("value", "text"),
    [(150.0, "150"), (148.5, "148.5"), (0.1 + 0.2, "0.3"), (1234567.25, "1234567.25")],
)
def test_a_plain_number_is_said_as_the_configuration_takes_it(value: float, text: str) -> None:
    assert words.plain(value) == text


@given(st.text(), st.integers(min_value=20, max_value=200))
def test_a_line_is_one_printable_line_whatever_it_is_made_from(text: str, limit: int) -> None:
    line = words.line(text, limit)

    assert line.splitlines() in ([], [line])
    assert len(line) <= limit
    line.encode()


@given(st.text(), st.integers(min_value=20, max_value=200))
def test_a_block_keeps_its_lines_and_no_other_control_character(text: str, limit: int) -> None:
    block = words.block(text, limit)

    assert all(each == "\n" or each >= " " for each in block)
    assert len(block) <= limit
    block.encode()


def test_text_that_is_too_long_is_cut_with_a_mark() -> None:
    assert words.block("word " * 100, 30) == "word word word word wor… [cut]"
