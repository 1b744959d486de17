"""Dates and moments find their sessions, as far back as a calendar knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import Calendar, listing
from alertd.quotes.csv import read
from alertd.quotes.days import by_day, known_by_day, trading_from
from tests.quotes.build import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.quotes.yahoo import Yahoo
    from tests.support.yahoo import YahooServer

NEW_YORK, TOKYO = Calendar("XNYS"), Calendar("XTKS")
HALF_PAST_TWO = timedelta(hours=14, minutes=30)


def opens(calendar: Calendar, *days: date) -> list[str]:
    """Return when the sessions of these dates open, in UTC."""
    found = known_by_day(calendar, days)
    return [f"{found[day].open:%Y-%m-%dT%H:%M}" for day in days if day in found]


def begins(calendar: Calendar, moment: str) -> str:
    found = trading_from(calendar, datetime.fromisoformat(f"{moment}+00:00"))
    return f"{found:%Y-%m-%dT%H:%M}"


def day_bar(day: date, price: float = 1.0) -> Bar:
    """Return the row of a New York day as Yahoo stamps it in winter."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + HALF_PAST_TWO
    return Bar(start, timedelta(hours=6.5), price, price, price, price, 1.0)


def test_sixty_years_of_new_york_are_known() -> None:
    days = (date(1962, 1, 2), date(1980, 12, 12), date(2026, 11, 20))
    assert opens(NEW_YORK, *days) == ["1962-01-02T14:30", "1980-12-12T14:30", "2026-11-20T14:30"]


def test_years_before_the_calendar_begins_are_left_out() -> None:
    days = (date(1983, 1, 4), date(1996, 12, 30), date(1997, 1, 6), date(2000, 1, 4))
    assert opens(TOKYO, *days) == ["1997-01-06T00:00", "2000-01-04T00:00"]


def test_dates_that_a_history_file_names_are_not_left_out_in_silence() -> None:
    with pytest.raises(ValueError, match="1997"):
        by_day(TOKYO, [date(1983, 1, 4), date(2000, 1, 4)])


def test_dates_of_which_the_calendar_knows_none_are_refused() -> None:
    with pytest.raises(ValueError, match="1997"):
        known_by_day(TOKYO, [date(1983, 1, 4)])


def test_a_date_next_to_the_calendars_first_day_is_known() -> None:
    assert opens(Calendar("XSHG"), date(1990, 12, 20)) == ["1990-12-20T01:30"]


def test_a_moment_belongs_to_the_session_that_holds_it_evening_and_morning_included() -> None:
    for clock in ("09:00", "14:29", "18:00", "21:30"):
        assert begins(NEW_YORK, f"2026-11-20T{clock}") == "2026-11-20T09:00"


def test_a_moment_between_sessions_belongs_to_the_next_one() -> None:
    assert begins(NEW_YORK, "2026-11-20T08:59") == "2026-11-20T09:00"
    assert begins(NEW_YORK, "2026-11-21T12:00") == "2026-11-23T09:00"
    assert begins(NEW_YORK, "2022-12-31T12:00") == "2023-01-03T09:00"


def test_a_moment_in_the_last_days_that_a_calendar_knows_has_a_session() -> None:
    assert begins(Calendar("XBOM"), "2026-12-31T05:00") == "2026-12-31T03:45"


def test_a_moment_that_no_calendar_knows_has_no_session() -> None:
    assert trading_from(TOKYO, datetime(1980, 1, 4, tzinfo=UTC)) is None


def test_all_that_yahoo_has_goes_back_to_the_first_trade(yahoo: YahooServer, client: Yahoo) -> None:
    days = [day_bar(date(1980, 12, 12)), day_bar(date(2026, 11, 19))]
    yahoo.play("AAPL", days, "1d")
    found = client.daily(listing(Symbol("AAPL")), None, NOON).bars
    assert [f"{bar.start:%Y-%m-%dT%H:%M}" for bar in found] == [
        "1980-12-12T14:30", "2026-11-19T14:30",
    ]  # fmt: skip
    (seen,) = yahoo.charts
    assert (seen.params["period1"], seen.params["interval"]) == ("0", "1d")


def test_of_all_that_yahoo_has_the_days_before_the_calendar_are_left_out(
    yahoo: YahooServer, client: Yahoo
) -> None:
    toyota = listing(Symbol("7203.T"))
    years = [datetime(year, 6, 10, tzinfo=UTC) for year in (1990, 1996, 1998, 2026)]
    yahoo.describe("7203.T", exchangeTimezoneName="Asia/Tokyo")
    hours = timedelta(hours=6)
    yahoo.play("7203.T", [Bar(start, hours, 1, 1, 1, 1) for start in years], "1d")
    found = client.daily(toyota, None, NOON).bars
    assert [bar.start.year for bar in found] == [1998, 2026]


def test_every_session_of_baba_since_its_listing_is_there(
    yahoo: YahooServer, client: Yahoo, shared: Path
) -> None:
    baba = listing(Symbol("BABA"))
    history = read(shared / "data/baba/1d_2014-09-19_2026-07-02.csv", baba).bars
    yahoo.play("BABA", history, "1d")
    found = client.daily(baba, None, NOON).bars
    assert [(bar.start, bar.end) for bar in found] == [(bar.start, bar.end) for bar in history]
    assert all(one.start < other.start for one, other in pairwise(found))
    assert [bar.high for bar in found] == [bar.high for bar in history]
