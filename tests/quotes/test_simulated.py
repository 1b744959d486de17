"""A made-up market that goes where it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.almanac import Outlook
from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.quotes.simulated import Simulated, demo_market
from tests.quotes.build import MINUTE, at

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.bars import Bar

BABA = listing(Symbol("BABA"))
OPEN = at("14:30")
LATER = at("17:00")


def market(now: datetime = LATER, seed: int = 1, noise: float = 0.2) -> Simulated:
    path = [(timedelta(0), 150.0), (timedelta(minutes=10), 140.0), (timedelta(minutes=20), 160.0)]
    return Simulated(OPEN, path, seed=seed, noise=noise, now=lambda: now)


def bars(source: Simulated) -> tuple[Bar, ...]:
    return source.bars(BABA, OPEN - timedelta(hours=1), at("21:00")).bars


def test_without_noise_the_price_is_on_the_path() -> None:
    found = bars(market(noise=0.0))
    assert [found[index].open for index in (0, 5, 10, 15, 20)] == [150, 145, 140, 150, 160]


def test_waypoints_are_hit_whatever_the_noise() -> None:
    found = bars(market(noise=3.0))
    assert [found[index].open for index in (0, 10, 20)] == [150, 140, 160]


def test_noise_stays_within_its_bound() -> None:
    quiet, noisy = bars(market(noise=0.0)), bars(market(noise=0.2))
    strays = [abs(a.close - b.close) for a, b in zip(quiet, noisy, strict=True)]
    assert 0.1 < max(strays) <= 0.21


def test_another_seed_is_another_market() -> None:
    assert bars(market(seed=1)) != bars(market(seed=2))


def test_two_markets_of_one_seed_are_the_same() -> None:
    assert bars(market()) == bars(market())


def test_nothing_is_told_of_the_future() -> None:
    found = bars(market(now=at("14:35:20")))
    assert found[-1].start == at("14:35")
    assert found == bars(market(now=LATER))[:5] + found[-1:]


def test_the_minute_that_goes_on_grows_tick_by_tick() -> None:
    (at_first,) = bars(market(now=OPEN))
    (growing,) = bars(market(now=OPEN + timedelta(seconds=30)))
    whole = bars(market())[0]
    assert at_first.open == at_first.close == at_first.high == at_first.low == 150.0
    assert (growing.start, growing.length, growing.open) == (OPEN, MINUTE, 150.0)
    assert whole.low < growing.low < at_first.low


def test_nothing_trades_before_the_start_or_after_hours() -> None:
    found = market(now=at("23:00") + timedelta(days=1)).bars(
        BABA, OPEN - timedelta(hours=3), OPEN + timedelta(days=2)
    )
    first, last = found.bars[0].start, found.bars[-1].start
    # New York's evening ends at 01:00 UTC in winter, and the next day is a Saturday.
    assert (first, last) == (OPEN, OPEN + timedelta(hours=10, minutes=29))


def test_the_daily_bar_holds_the_minutes_of_its_session() -> None:
    (day,) = market().daily(BABA, OPEN, LATER).bars
    assert (day.start, day.end, day.open) == (OPEN, at("21:00"), 150.0)
    assert 139.0 < day.low <= 140.0
    assert 160.0 <= day.high < 161.0


def test_there_is_no_daily_bar_before_the_session_opens() -> None:
    early = Simulated(
        at("10:00"), [(timedelta(0), 1.0)], seed=1, noise=0.0, now=lambda: at("14:29")
    )
    assert early.daily(BABA, at("00:00"), at("23:00")).bars == ()


def test_no_company_stands_behind_a_made_up_price() -> None:
    assert market().outlook(BABA, targets=True) == Outlook(LATER, "simulated")


def test_the_demo_loses_150_reclaims_it_and_crosses_192_within_40_minutes() -> None:
    found = demo_market(OPEN, lambda: OPEN + timedelta(minutes=40)).bars(BABA, OPEN, LATER).bars
    lost = next(bar.start for bar in found if bar.low < 150)
    reclaimed = next(bar.start for bar in found if bar.start > lost and bar.high >= 151.5)
    crossed = next(bar.start for bar in found if bar.high > 192)
    assert OPEN < lost < reclaimed < crossed < OPEN + timedelta(minutes=40)
    assert min(bar.low for bar in found) < 148.5


def test_no_minute_of_the_demo_jumps_so_far_that_it_is_suspect() -> None:
    found = demo_market(OPEN, lambda: LATER).bars(BABA, OPEN, LATER).bars
    assert max(bar.high / bar.low for bar in found) < 1.05
