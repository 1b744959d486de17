"""Until when messages wait, by what the user types."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.sessions import Sessions
from alertd.core.snoozes import LONGEST, NoEnd, until
from tests.support.build import MONDAY, NEW_YORK, SESSIONS, XNYS, at

TUESDAY = "2026-03-10"
FRIDAY = "2026-03-13"
NOW = at("10:30")


def ends(text: str, now: datetime = NOW) -> datetime:
    return until(text, now, SESSIONS, NEW_YORK)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2h", timedelta(hours=2)),
        ("90m", timedelta(minutes=90)),
        ("1 day 2h", timedelta(days=1, hours=2)),
        ("  1  day   2h ", timedelta(days=1, hours=2)),
        ("52w", timedelta(weeks=52)),
    ],
)
def test_a_length_of_time_counts_from_now(text: str, span: timedelta) -> None:
    assert ends(text) == NOW + span


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (at("09:30"), at("16:00")),
        (at("15:59"), at("16:00")),
        (at("16:00"), at("16:00", TUESDAY)),
        (at("08:00"), at("16:00")),
        (at("17:00", FRIDAY), at("16:00", "2026-03-16")),
        (at("12:00", "2026-11-27"), at("13:00", "2026-11-27")),
    ],
    ids=["at the open", "at the end", "at the close", "before", "over a weekend", "half day"],
)
def test_until_close_is_the_end_of_the_session_that_is_open_or_comes_next(
    now: datetime, end: datetime
) -> None:
    assert ends("until close", now) == end


def test_a_day_begins_at_midnight_on_the_clock_of_the_exchange() -> None:
    end = ends(f"until {TUESDAY}")
    assert (end, end.tzinfo) == (at("00:00", TUESDAY), UTC)


def test_a_day_that_the_clock_begins_late_begins_then() -> None:
    # On the night to 2026-03-08 New York's clocks go from 02:00 to 03:00.
    now = at("20:00", "2026-03-07")
    assert ends("until 2026-03-08 02:30", now) == at("03:30", "2026-03-08")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("until 2026-03-10 09:30", at("09:30", TUESDAY)),
        ("Until  2026-03-10  09:30", at("09:30", TUESDAY)),
        ("until 2026-03-10T09:30", at("09:30", TUESDAY)),
        ("until 2026-03-10 09:30+01:00", at("04:30", TUESDAY)),
        ("UNTIL CLOSE", at("16:00")),
    ],
)
def test_a_moment_is_read_on_the_clock_of_the_exchange_unless_it_names_another(
    text: str, end: datetime
) -> None:
    assert ends(text) == end


@pytest.mark.parametrize(
    "text",
    [
        "", "until", "2 hours ago", "-2h", "2", "h", "close", "2026-12-01", "until 2h",
        "until 2026-02-30", "until tomorrow", "until close 2h", "until 2026-03-10 25:00", "\uff12h",
    ],
)  # fmt: skip
def test_what_says_no_end_is_answered_with_what_does(text: str) -> None:
    with pytest.raises(NoEnd, match=r'expected a time such as "2h".*"until close".*, found "'):
        ends(text)


def test_a_unit_that_comes_twice_is_refused() -> None:
    with pytest.raises(NoEnd, match='expected each unit once, found "2h 3h"'):
        ends("2h 3h")


@pytest.mark.parametrize(
    "text",
    ["0s", f"until {MONDAY}", "until 2026-03-09 10:30", "until 0001-01-01", "until 2020-01-01"],
)
def test_what_is_not_to_come_is_refused_with_the_time_it_is(text: str) -> None:
    with pytest.raises(NoEnd, match=r"a moment to come, found .*; it is 2026-03-09 10:30 EDT now"):
        ends(text)


@pytest.mark.parametrize(
    "text", ["53w", "9999999w", "until 2027-03-11", "until 9999-12-31 23:59-23:59"]
)
def test_what_lies_more_than_a_year_ahead_is_refused(text: str) -> None:
    with pytest.raises(NoEnd, match=r"expected at most 366 days, found .*`alertd pause`"):
        ends(text)


def test_a_calendar_that_ends_here_knows_no_next_close() -> None:
    over = XNYS.sessions(date(2026, 1, 2), date(2026, 3, 9))
    with pytest.raises(NoEnd, match="expected a day instead"):
        until("until close", at("16:00"), over, NEW_YORK)
    with pytest.raises(NoEnd, match="expected a day instead"):
        until("until close", NOW, Sessions(()), NEW_YORK)


def test_what_was_found_is_quoted_short_and_on_one_line() -> None:
    with pytest.raises(NoEnd) as wrong:
        ends("until\n\x1b[31m" + "x" * 500)
    assert "\x1b" not in str(wrong.value)
    assert len(str(wrong.value)) < 200


_WORDS = st.sampled_from(["until", "close", "2h", "1 day", "9999999w", "2026-03-10", "12:00", "Z"])


@given(st.one_of(st.text(), st.lists(_WORDS).map(" ".join), st.datetimes().map(str)))
def test_every_text_is_an_end_within_a_year_or_refused(text: str) -> None:
    for said in (text, f"until {text}"):
        try:
            end = ends(said)
        except NoEnd:
            continue
        assert NOW < end <= NOW + LONGEST
        assert end.tzinfo is UTC
