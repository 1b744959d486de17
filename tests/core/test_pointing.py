"""What a quote points at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.bars import Symbol
from alertd.core.pointing import FREE, UNSEEN, Bounds, Pointer, Quote, Seen, pointer, seen_after
from alertd.core.sessions import Hours
from tests.support.build import SESSIONS, at, bar, flat

TUESDAY = "2026-03-10"
OPEN = at("09:30")
LEVELS = Bounds(148.0, 152.0)
SEEN = Seen(LEVELS, OPEN, 149.0, 151.0)
SESSION = SESSIONS.at(OPEN, Hours.REGULAR)
NEXT = SESSIONS.at(at("09:30", TUESDAY), Hours.REGULAR)
PRICES = st.one_of(st.none(), st.integers(290, 310).map(lambda half: half / 2))


def quote(
    price: float | None = 150.0,
    clock: str = "10:00",
    low: float | None = None,
    high: float | None = None,
) -> Quote:
    return Quote(Symbol("BABA"), price, at(clock), low, high)


@pytest.mark.parametrize(
    ("price", "found"),
    [
        (150.0, Pointer.QUIET), (148.01, Pointer.QUIET), (151.99, Pointer.QUIET),
        (148.0, Pointer.PRICE), (152.0, Pointer.PRICE), (140.0, Pointer.PRICE),
        (160.0, Pointer.PRICE), (None, Pointer.QUIET),
    ],
)  # fmt: skip
def test_a_price_at_or_beyond_a_bound_points(price: float | None, found: Pointer) -> None:
    assert pointer(quote(price), SEEN, OPEN) is found


def test_a_price_points_before_and_after_hours_too() -> None:
    assert pointer(quote(152.0, "08:00"), SEEN, None) is Pointer.PRICE


def test_a_new_high_or_low_of_the_day_beyond_a_bound_points() -> None:
    assert pointer(quote(high=152.0), SEEN, OPEN) is Pointer.HIGH
    assert pointer(quote(low=148.0), SEEN, OPEN) is Pointer.LOW
    assert pointer(quote(low=148.01, high=151.99), SEEN, OPEN) is Pointer.QUIET


def test_a_high_or_low_of_the_day_that_the_bars_have_shown_points_no_more() -> None:
    shown = replace(SEEN, low=147.0, high=153.0)
    assert pointer(quote(low=147.0, high=153.0), shown, OPEN) is Pointer.QUIET
    assert pointer(quote(low=147.0, high=153.01), shown, OPEN) is Pointer.HIGH
    assert pointer(quote(low=146.99, high=153.0), shown, OPEN) is Pointer.LOW


def test_the_range_of_an_earlier_session_hides_no_high_of_this_one() -> None:
    friday = replace(SEEN, day=at("09:30", "2026-03-06"), low=140.0, high=160.0)
    assert pointer(quote(high=155.0), friday, OPEN) is Pointer.HIGH
    assert pointer(quote(low=145.0), friday, OPEN) is Pointer.LOW


def test_the_range_of_a_session_without_a_bar_so_far_hides_nothing() -> None:
    assert pointer(quote(high=152.0), Seen(LEVELS, OPEN), OPEN) is Pointer.HIGH


def test_the_range_of_a_trade_before_todays_open_is_yesterdays() -> None:
    assert pointer(quote(150.0, "09:29", 140.0, 160.0), SEEN, OPEN) is Pointer.QUIET
    assert pointer(quote(150.0, "09:30", 150.0, 160.0), SEEN, OPEN) is Pointer.HIGH


def test_a_range_counts_only_while_the_regular_session_is_open_and_with_a_time() -> None:
    assert pointer(quote(150.0, "17:00", 140.0, 160.0), SEEN, None) is Pointer.QUIET
    untimed = replace(quote(150.0, "10:00", 140.0, 160.0), at=None)
    assert pointer(untimed, SEEN, OPEN) is Pointer.QUIET


@given(PRICES, PRICES, PRICES)
def test_where_no_price_matters_no_quote_points(
    price: float | None, low: float | None, high: float | None
) -> None:
    assert pointer(quote(price, "10:00", low, high), UNSEEN, OPEN) is Pointer.QUIET


@given(PRICES, PRICES, PRICES)
def test_once_bars_have_shown_a_quote_its_range_points_no_more(
    price: float | None, low: float | None, high: float | None
) -> None:
    shown = Seen(LEVELS, OPEN, low, high)
    found = pointer(quote(price, "10:00", low, high), shown, OPEN)
    assert found in (Pointer.QUIET, Pointer.PRICE)


def test_the_range_grows_with_the_regular_bars_of_the_session() -> None:
    first = seen_after(UNSEEN, LEVELS, [bar("09:30", "150 151 149 150")], SESSION)
    assert first == Seen(LEVELS, OPEN, 149.0, 151.0)
    second = seen_after(first, FREE, [bar("09:31", "150 150.5 148 149")], SESSION)
    assert second == Seen(FREE, OPEN, 148.0, 151.0)


def test_bars_that_cover_a_part_of_the_session_leave_the_range_as_it_was() -> None:
    assert seen_after(SEEN, LEVELS, flat("11:00", 150.0), SESSION) == SEEN
    assert seen_after(SEEN, LEVELS, [], SESSION) == SEEN


def test_bars_outside_of_the_regular_hours_are_not_in_the_days_range() -> None:
    bars = [bar("09:29", "160"), bar("16:00", "140")]
    assert seen_after(SEEN, LEVELS, bars, SESSION) == SEEN


def test_the_range_starts_anew_with_a_session() -> None:
    assert NEXT
    later = seen_after(SEEN, LEVELS, [bar("15:59", "170"), *flat("09:30", 155, day=TUESDAY)], NEXT)
    assert later == Seen(LEVELS, NEXT.open, 155.0, 155.0)
    assert seen_after(SEEN, LEVELS, [], NEXT) == Seen(LEVELS, NEXT.open)


def test_before_any_session_only_the_bounds_are_new() -> None:
    assert seen_after(SEEN, FREE, flat("10:00", 170.0), None) == replace(SEEN, bounds=FREE)
