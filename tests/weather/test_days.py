"""Days unlike others: a session that Yahoo does not have, a half day, a change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from tests.support.build import at, bar, flat, rule
from tests.support.yahoo_markets import unfolding
from tests.weather.sky import BELOW, MINUTE

if TYPE_CHECKING:
    from tests.weather.conftest import Skies

FIVE = timedelta(minutes=5)
FRIDAY, MONDAY, TUESDAY = "2026-03-06", "2026-03-09", "2026-03-10"


def test_a_session_that_is_missing_is_said_to_be_and_what_it_hid_is_told_once(
    skies: Skies,
) -> None:
    sky = skies(BELOW, start=at("15:50", FRIDAY), interval=FIVE)
    after = [*flat("15:50", *[151] * 10, day=FRIDAY), *flat("09:30", *[149] * 60, day=TUESDAY)]
    sky.play(bars=after)
    sky.until(at("10:00", TUESDAY))
    assert sorted(sky.told()) == [
        "fired BABA 149 at 09:30 (gap)",
        "resumed BABA 149 at 09:30",
        "stale BABA 151 at 09:30",
    ]


def test_a_missing_session_that_comes_a_day_later_is_judged_then_and_told_once_as_late(
    skies: Skies,
) -> None:
    sky = skies(BELOW, start=at("15:50", FRIDAY), interval=FIVE)
    before, after = flat("15:50", *[151] * 10, day=FRIDAY), flat("09:30", *[149] * 60, day=TUESDAY)
    fell = [*flat("11:59", 151, day=MONDAY), bar("12:00", "151 151 149.5 149.5", MONDAY)]
    sky.play(bars=[*before, *after])
    sky.until(at("09:25", TUESDAY))
    sky.play(bars=[*before, *fell, *after])
    sky.until(at("10:00", TUESDAY))
    assert sorted(sky.told()) == [
        "fired BABA 149.5 at 12:00 (late)",
        "resumed BABA 149 at 09:30",
        "stale BABA 151 at 09:30",
    ]


def test_on_a_half_day_its_last_minute_counts_and_the_afternoon_does_not(skies: Skies) -> None:
    thanksgiving_friday = "2026-11-27"
    sky = skies(BELOW, start=at("12:55:05", thanksgiving_friday))
    evening = [bar("13:00", "149 149 148 148.5", thanksgiving_friday)]
    closing = bar("12:59", "151 151 149.5 149.6", thanksgiving_friday)
    calm = flat("12:50", *[151] * 9, day=thanksgiving_friday)
    sky.play(bars=[*calm, closing, *evening])
    sky.until(at("13:30", thanksgiving_friday))
    assert sky.told() == ["fired BABA 149.5 at 12:59"]
    assert sky.asked(at("13:06", thanksgiving_friday), at("13:31", thanksgiving_friday)) == 0


def test_over_lunch_nothing_is_asked_and_the_first_minute_after_it_is_told(skies: Skies) -> None:
    noon, one = (datetime(2026, 3, 9, hour, tzinfo=UTC) for hour in (4, 5))
    place = listing(Symbol("9988.HK"))
    calm = [Bar(noon - n * MINUTE, MINUTE, *[121.0] * 4) for n in range(20, 0, -1)]
    fell = Bar(one, MINUTE, 121.0, 121.0, 119.5, 119.5)
    alibaba = rule("below 120", symbol="9988.HK")
    sky = skies(alibaba, start=noon - FIVE)
    late = place.delay
    sky.yahoo.play("9988.HK", unfolding([*calm, fell], lambda: sky.clock.now() - late))
    sky.until(one + late + FIVE)
    settled = noon + late + FIVE
    assert sky.asked(noon, settled) > 15
    assert sky.asked(settled + MINUTE, one) == 0
    assert sky.told() == ["fired 9988.HK 119.5 at 13:00"]


@pytest.mark.parametrize(
    ("symbol", "friday", "monday", "opens_at"),
    [
        pytest.param("BABA", "2026-03-06", "2026-03-09", "13:30", id="New York, forward"),
        pytest.param("BABA", "2026-10-30", "2026-11-02", "14:30", id="New York, back"),
        pytest.param("SAP.DE", "2026-03-27", "2026-03-30", "07:00", id="Frankfurt, forward"),
        pytest.param("SAP.DE", "2026-10-23", "2026-10-26", "08:00", id="Frankfurt, back"),
        pytest.param("VOD.L", "2026-03-27", "2026-03-30", "07:00", id="London, forward"),
    ],
)
def test_the_first_minute_after_the_clocks_change_is_polled_and_told_in_the_new_time(
    skies: Skies, symbol: str, friday: str, monday: str, opens_at: str
) -> None:
    place = listing(Symbol(symbol), delay=timedelta(0))
    opening = datetime.fromisoformat(f"{monday}T{opens_at}+00:00")
    days = date.fromisoformat(friday), date.fromisoformat(monday)
    last, _ = place.calendar.sessions(*days).days
    before = [Bar(last.close - n * MINUTE, MINUTE, *[151.0] * 4) for n in (3, 2, 1)]
    fell = Bar(opening, MINUTE, 151.0, 151.0, 149.5, 149.5)
    sky = skies(
        rule("below 150", symbol=symbol), places=[place], start=last.close - FIVE, interval=FIVE
    )
    sky.play(symbol, [*before, fell])
    sky.until(opening - FIVE)
    assert sky.asked(last.close + 2 * FIVE, opening) == 0
    sky.until(opening + FIVE)
    there = opening.astimezone(place.calendar.zone)
    assert sky.told() == [f"fired {symbol} 149.5 at {there:%H:%M}"]
    (body,) = sky.bodies()
    assert body["data"]["at"] == f"{opening:%Y-%m-%dT%H:%M:%SZ}"
    assert f"{there:%Y-%m-%d %H:%M %Z} ({opening:%H:%M} UTC)" in sky.letters.messages[0].text
