from __future__ import annotations

from datetime import date, timedelta

import pytest

from alertd.core.sessions import Hours, Session, Sessions, next_poll
from tests.support.build import MONDAY, SESSIONS, XNYS, at

MINUTE = timedelta(minutes=1)
SETTLE = timedelta(minutes=5)


def test_the_regular_session_begins_at_the_open_and_ends_before_the_close() -> None:
    assert SESSIONS.at(at("09:29"), Hours.REGULAR) is None
    assert SESSIONS.at(at("09:30"), Hours.REGULAR) is not None
    assert SESSIONS.at(at("15:59"), Hours.REGULAR) is not None
    assert SESSIONS.at(at("16:00"), Hours.REGULAR) is None


def test_the_extended_session_has_the_hours_before_and_after() -> None:
    assert SESSIONS.at(at("03:59"), Hours.EXTENDED) is None
    assert SESSIONS.at(at("04:00"), Hours.EXTENDED) is not None
    assert SESSIONS.at(at("19:59"), Hours.EXTENDED) is not None
    assert SESSIONS.at(at("20:00"), Hours.EXTENDED) is None


def test_a_half_day_ends_early_and_so_does_its_evening() -> None:
    friday = "2026-11-27"
    assert SESSIONS.at(at("13:00", friday), Hours.REGULAR) is None
    assert SESSIONS.at(at("16:59", friday), Hours.EXTENDED) is not None
    assert SESSIONS.at(at("17:00", friday), Hours.EXTENDED) is None


def test_a_holiday_has_no_session() -> None:
    good_friday = "2026-04-03"
    assert SESSIONS.at(at("10:00", good_friday), Hours.EXTENDED) is None


def test_sessions_follow_the_exchanges_own_summer_time() -> None:
    days = XNYS.sessions(date(2026, 3, 6), date(2026, 3, 9)).days
    assert [day.open.hour for day in days] == [14, 13]


def test_a_symbol_is_polled_at_the_interval_while_its_session_is_open() -> None:
    assert next_poll(SESSIONS, Hours.REGULAR, at("10:00"), MINUTE, SETTLE) == at("10:01")


def test_a_symbol_is_polled_until_its_last_bar_has_settled() -> None:
    assert next_poll(SESSIONS, Hours.REGULAR, at("16:03"), MINUTE, SETTLE) == at("16:04")
    assert next_poll(SESSIONS, Hours.REGULAR, at("16:04:30"), MINUTE, SETTLE) == at("16:05")


def test_outside_its_sessions_the_next_poll_is_at_the_next_open() -> None:
    tuesday = at("09:30", "2026-03-10")
    assert next_poll(SESSIONS, Hours.REGULAR, at("16:05"), MINUTE, SETTLE) == tuesday
    assert next_poll(SESSIONS, Hours.REGULAR, at("08:00", "2026-03-10"), MINUTE, SETTLE) == tuesday
    early = at("04:00", "2026-03-10")
    assert next_poll(SESSIONS, Hours.EXTENDED, at("20:05"), MINUTE, SETTLE) == early


def test_over_a_weekend_and_a_holiday_nothing_is_polled() -> None:
    thursday, monday = at("17:00", "2026-04-02"), at("09:30", "2026-04-06")
    assert next_poll(SESSIONS, Hours.REGULAR, thursday, MINUTE, SETTLE) == monday


def test_before_the_first_and_after_the_last_known_session_there_is_still_a_next_poll() -> None:
    before, after = at("12:00", "2025-12-31"), at("18:00", "2026-12-31")
    assert next_poll(SESSIONS, Hours.REGULAR, before, MINUTE, SETTLE) == at("09:30", "2026-01-02")
    assert next_poll(SESSIONS, Hours.REGULAR, after, MINUTE, SETTLE) == after + timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "pace", "due_at"),
    [
        ("11:58", 1, "11:59"),
        ("12:03", 1, "12:04"),
        ("11:58", 15, "12:05"),
        ("12:05", 1, "13:00"),
        ("12:30", 1, "13:00"),
        ("12:50", 15, "13:05"),
        ("13:00", 1, "13:01"),
    ],
)
def test_a_lunch_break_is_not_polled_once_the_last_bars_before_it_have_settled(
    now: str, pace: int, due_at: str
) -> None:
    rest = (at("12:00"), at("13:00"))
    day = Session(at("09:30"), at("09:30"), at("16:00"), at("16:00"), rest)
    every = pace * MINUTE
    assert next_poll(Sessions((day,)), Hours.REGULAR, at(now), every, SETTLE) == at(due_at)


def test_closed_names_the_sessions_whose_close_lies_between_two_moments() -> None:
    found = SESSIONS.closed(at("16:00"), at("16:00", "2026-03-11"))
    assert [day.close for day in found] == [at("16:00", "2026-03-10"), at("16:00", "2026-03-11")]
    assert list(SESSIONS.closed(at("16:00"), at("15:59", "2026-03-10"))) == []


def test_between_names_the_sessions_whose_regular_hours_meet_a_time() -> None:
    def opens(start: str, end: str, end_day: str = MONDAY) -> list[str]:
        met = SESSIONS.between(at(start), at(end, end_day))
        return [day.open.date().isoformat() for day in met]

    assert opens("10:00", "10:01") == ["2026-03-09"]
    assert opens("04:00", "09:30") == []
    assert opens("16:00", "09:30", "2026-03-10") == []
    assert opens("15:59", "09:31", "2026-03-11") == ["2026-03-09", "2026-03-10", "2026-03-11"]


def test_a_session_trades_without_its_lunch_break_and_still_holds_it() -> None:
    pre, opened, closed, post = at("04:00"), at("09:30"), at("16:00"), at("20:00")
    rest = (at("12:00"), at("13:00"))
    whole = Session(pre, opened, closed, post)
    rested = Session(pre, opened, closed, post, rest)
    assert whole.stretches == ((opened, closed),)
    assert rested.stretches == ((opened, rest[0]), (rest[1], closed))
    assert rested.holds(at("12:30"), Hours.REGULAR)
    assert Session(pre, opened, closed, post, (at("15:00"), closed)).stretches == (
        (opened, at("15:00")),
    )
