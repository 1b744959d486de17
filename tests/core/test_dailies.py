"""Daily bars beside past bars, in one kind of shares."""

from __future__ import annotations

import pytest

from alertd.core.bars import Bar, Split
from alertd.core.dailies import beside, by_session, is_daily, joined, shares
from tests.support.build import SESSIONS, at, bar, daily, flat

OLD = [daily("2026-03-05", "100 100 100 100"), daily("2026-03-06", "100 100 100 100")]
NEW = [daily("2026-03-09", "50 50 50 50"), daily("2026-03-10", "50 50 50 50")]
SCALED = [daily("2026-03-05", "50 50 50 50"), daily("2026-03-06", "50 50 50 50"), *NEW]
SPLIT = Split(at("04:00"), 2)


def test_bars_that_fill_their_sessions_are_daily_and_others_are_not() -> None:
    assert is_daily(OLD, SESSIONS)
    assert not is_daily([*OLD, bar("09:30", "50")], SESSIONS)


def test_the_bars_of_a_session_are_those_of_its_regular_hours() -> None:
    bars = [*flat("09:29", 1, 2), *flat("15:59", 3, 4)]
    ((session, own),) = by_session(bars, SESSIONS)
    assert (session.open, [each.close for each in own]) == (at("09:30"), [2, 3])
    assert list(by_session([], SESSIONS)) == []


def test_a_session_without_bars_between_others_is_yielded_without_any() -> None:
    bars = [*flat("09:30", 1, day="2026-03-06"), *flat("09:30", 1, day="2026-03-10")]
    assert [len(own) for _, own in by_session(bars, SESSIONS)] == [1, 0, 1]


def test_a_day_has_the_first_open_the_extremes_and_the_last_close() -> None:
    parts = by_session([bar("09:30", "10 12 9 11"), bar("15:59", "11 13 10 12")], SESSIONS)
    (day,) = joined(parts, by=at("16:00"))
    assert day == daily("2026-03-09", "10 13 9 12")


def test_a_session_that_is_not_over_makes_no_day() -> None:
    assert list(joined(by_session(flat("09:30", 1), SESSIONS), by=at("15:59"))) == []


def test_volumes_are_added_up_where_there_are_any() -> None:
    first, second = (Bar(b.start, b.length, 1, 1, 1, 1, 5.0) for b in flat("09:30", 1, 1))
    (day,) = joined(by_session([first, second], SESSIONS), by=at("16:00"))
    assert day.volume == 10


@pytest.mark.parametrize(
    ("days", "bars", "closes", "ahead"),
    [
        ([*OLD, *NEW], [*OLD, *NEW], [100, 100, 50, 50], (SPLIT,)),
        (SCALED, [*OLD, *NEW], [100, 100, 50, 50], (SPLIT,)),
        ([*OLD, *NEW], SCALED, [50, 50, 50, 50], ()),
        (SCALED, SCALED, [50, 50, 50, 50], ()),
        ([*OLD, *NEW], NEW, [50, 50, 50, 50], ()),
        (SCALED, NEW, [50, 50, 50, 50], ()),
        (OLD, NEW, [50, 50], ()),
        ([*OLD, *NEW], OLD, [100, 100, 50, 50], ()),
    ],
    ids=[
        "raw beside raw", "rescaled beside raw", "raw beside rescaled", "rescaled beside rescaled",
        "raw beside later", "rescaled beside later", "earlier beside later", "split not reached",
    ],
)  # fmt: skip
def test_history_is_in_the_shares_in_which_the_bars_begin(
    days: list[Bar], bars: list[Bar], closes: list[float], ahead: tuple[Split, ...]
) -> None:
    found = beside(days, (SPLIT,), bars, whole=True)
    assert [day.close for day in found.days] == closes
    assert found.splits == ahead


def test_no_history_is_an_empty_almanac() -> None:
    assert beside([], (SPLIT,), NEW, whole=False).days == ()


def test_a_share_of_old_becomes_as_many_as_all_later_splits_make_of_it() -> None:
    splits = (SPLIT, Split(at("04:00", "2026-03-11"), 5))
    assert [shares(splits, at("09:30", f"2026-03-{day}")) for day in ("06", "09", "11")] == [
        10, 5, 1,
    ]  # fmt: skip
