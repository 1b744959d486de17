from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import SUFFIXES, Calendar, canonical, known, listing
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("symbol", "calendar"),
    [
        ("BABA", "XNYS"), ("BRK-B", "XNYS"), ("9988.HK", "XHKG"), ("SAP.DE", "XETR"),
        ("VOD.L", "XLON"), ("BTC-USD", "24/7"), ("ETH-EUR", "24/7"), ("EURUSD=X", "24/5"),
        ("ES=F", "CMES"), ("^GSPC", "XNYS"),
    ],
)  # fmt: skip
def test_the_calendar_follows_from_the_suffix(symbol: str, calendar: str) -> None:
    assert listing(Symbol(symbol)).calendar == Calendar(calendar)


def test_what_the_user_says_wins_over_the_suffix() -> None:
    found = listing(Symbol("BABA"), "XHKG", "HKD", timedelta(minutes=15))
    assert found.calendar == Calendar("XHKG")
    assert (found.currency, found.delay) == ("HKD", timedelta(minutes=15))


def test_a_delay_is_the_users_word_else_the_sources_else_what_the_suffix_says() -> None:
    minutes = {count: timedelta(minutes=count) for count in (0, 15, 20)}
    guessed = listing(Symbol("9988.HK"))
    assert (guessed.delay, guessed.lagging(None)) == (minutes[15], guessed)
    assert guessed.lagging(minutes[0]).delay == minutes[0]
    asked = listing(Symbol("9988.HK"), delay=minutes[15])
    assert asked.lagging(minutes[20]).delay == minutes[15]


def test_a_calendar_has_one_name_whatever_it_is_called() -> None:
    assert {canonical(name) for name in ("XNYS", "NYSE", "NASDAQ")} == {"XNYS"}
    assert canonical("24/7") == "24/7"


def test_a_suffix_that_nobody_knows_needs_a_calendar() -> None:
    with pytest.raises(LookupError, match=r"no calendar is known for FOO.ZZ"):
        listing(Symbol("FOO.ZZ"))
    assert listing(Symbol("FOO.ZZ"), "XNYS").calendar == Calendar("XNYS")


@pytest.mark.parametrize("name", sorted({name for name, _ in SUFFIXES.values()}))
def test_every_suffix_has_a_calendar_that_knows_this_year_and_the_last(name: str) -> None:
    assert known(name)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    sessions = Calendar(name).around(now - timedelta(days=365), now)
    assert sessions.last(now, Hours.REGULAR) is not None
    assert sessions.next_start(now, Hours.REGULAR) is not None


@pytest.mark.parametrize("name", ["CMES", "XNYS", "XSHG"])
def test_in_january_the_longest_look_back_is_as_long_as_in_december(name: str) -> None:
    january = datetime(2026, 1, 2, tzinfo=UTC)
    sessions = Calendar(name).around(january, january)
    assert len([day for day in sessions.days if day.close < january]) >= 999


@pytest.mark.parametrize(("name", "year"), [("XTKS", 1998), ("XSHG", 1992), ("XSES", 1988)])
def test_a_calendar_that_begins_late_is_known_from_where_it_begins(name: str, year: int) -> None:
    now = datetime(year, 6, 15, tzinfo=UTC)
    sessions = Calendar(name).around(now, now)
    assert sessions.days[0].open.year < year
    assert sessions.next_start(now, Hours.REGULAR) is not None


def test_a_calendar_around_the_clock_has_a_session_every_day() -> None:
    weekend = Calendar("24/7").sessions(date(2026, 11, 21), date(2026, 11, 22)).days
    assert [day.close - day.open for day in weekend] == [timedelta(days=1)] * 2


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [("XHKG", "12:00", "13:00"), ("XTKS", "11:30", "12:30"), ("XSHG", "11:30", "13:00")],
)
def test_exchanges_that_rest_over_lunch_say_so(name: str, start: str, end: str) -> None:
    calendar = Calendar(name)
    day = calendar.sessions(date(2026, 3, 9), date(2026, 3, 10)).days[0]
    assert day.rest
    rest = [f"{moment.astimezone(calendar.zone):%H:%M}" for moment in day.rest]
    assert rest == [start, end]


def test_half_days_and_most_exchanges_have_no_lunch_break() -> None:
    christmas = Calendar("XHKG").sessions(date(2025, 12, 23), date(2025, 12, 24)).days
    assert [day.rest is None for day in christmas] == [False, True]
    assert Calendar("XNYS").sessions(date(2026, 3, 9), date(2026, 3, 10)).days[0].rest is None


def test_futures_rest_for_an_hour_before_each_session_ends_unless_that_ends_early() -> None:
    chicago = Calendar("CMES")
    days = chicago.sessions(date(2026, 11, 25), date(2026, 11, 30)).days
    clocks = [
        [f"{moment.astimezone(chicago.zone):%H:%M}" for moment in day.rest or ()] for day in days
    ]
    assert clocks == [["16:00", "17:00"], [], [], ["16:00", "17:00"]]


def test_currencies_rest_from_friday_afternoon_in_new_york() -> None:
    for thursday, hour in ((date(2026, 3, 5), 22), (date(2026, 3, 12), 21)):
        quiet, friday = Calendar("24/5").sessions(thursday, thursday + timedelta(days=1)).days
        assert quiet.rest is None
        assert friday.rest == (quiet.close.replace(hour=hour), friday.close)


def test_new_yorks_holidays_and_half_days_are_those_of_the_exchange(shared: Path) -> None:
    facts = json.loads((shared / "data" / "xnys_holidays_2025_on.json").read_text())
    days = Calendar("XNYS").sessions(date(2025, 1, 1), date(2026, 12, 31)).days
    open_days = {day.open.date().isoformat() for day in days}
    assert not open_days & set(facts["holidays_weekday"])
    short = {d.open.date().isoformat() for d in days if d.close - d.open < timedelta(hours=6)}
    assert short == {d for d in facts["early_closes_13:00_ET"] if d >= "2025"}
