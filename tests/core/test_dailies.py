"""Daily bars beside past bars, in one kind of shares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alertd.core.almanac import Almanac
from alertd.core.bars import Bar, Last, Split
from alertd.core.dailies import as_of, beside, by_session, closes, is_daily, joined, shares
from alertd.core.splits import Rebase
from tests.support.build import SESSIONS, at, bar, daily, flat

if TYPE_CHECKING:
    from datetime import datetime

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


BEFORE, AFTER = at("15:59", "2026-03-06"), at("09:31")


@pytest.mark.parametrize("through", [BEFORE, SPLIT.at], ids=["ahead", "passed"])
@pytest.mark.parametrize(
    ("days", "last"),
    [
        ([*OLD, *NEW], None),
        (SCALED, None),
        (OLD, Last(100.0, BEFORE)),
        (SCALED[:2], Last(100.0, BEFORE)),
        (OLD, Last(50.0, AFTER)),
        (SCALED[:2], Last(50.0, AFTER)),
        (SCALED[:2], None),
    ],
    ids=[
        "raw by its rows", "rescaled by its rows", "raw by the price before",
        "rescaled by the price before", "raw by the price after", "rescaled by the price after",
        "by the source's word",
    ],
)  # fmt: skip
def test_history_is_in_the_shares_that_a_cursor_is_in(
    days: list[Bar], last: Last | None, through: datetime
) -> None:
    if last and last.start < SPLIT.at <= through:
        last = Last(last.price / SPLIT.ratio, last.start)
    found = as_of(days, [SPLIT], last, through)
    old = through < SPLIT.at
    assert [day.close for day in found.days[:2]] == ([100, 100] if old else [50, 50])
    assert found.splits == ((SPLIT,) if old else ())


def test_a_split_of_long_ago_is_in_a_sources_daily_bars_whatever_they_look_like() -> None:
    later = daily("2026-03-17", "50 50 50 50")
    assert as_of([*OLD, later], [SPLIT], None, SPLIT.at).days == (*OLD, later)
    assert as_of([*OLD, *NEW], [SPLIT], None, SPLIT.at).days[0].close == 50


@pytest.mark.parametrize(("ratio", "close"), [(1.2, 100), (0.85, 100), (1.3, 100 / 1.3)])
def test_a_split_that_prices_cannot_show_is_in_a_sources_daily_bars(
    ratio: float, close: float
) -> None:
    new = daily("2026-03-09", " ".join([str(100 / ratio)] * 4))
    found = as_of([*OLD, new], [Split(SPLIT.at, ratio)], None, SPLIT.at)
    assert found.days[0].close == close


@pytest.mark.parametrize(
    ("first", "close"),
    [(None, 100.55), (at("16:00", "2026-03-06"), 100.55), (BEFORE, 33.52)],
    ids=["no bar", "a bar after the close", "a bar before the close"],
)
def test_a_close_meets_a_level_in_the_shares_of_the_bars_up_to_then(
    first: datetime | None, close: float
) -> None:
    days, split = (daily("2026-03-06", "100 101 99 100.55"),), replace(SPLIT, ratio=3)
    change = Rebase(split, BEFORE, rescaled=True)
    assert list(closes(Almanac(days, (split,)), [change], first, 2).values()) == [close]
    raw = replace(change, at=split.at, rescaled=False)
    assert list(closes(Almanac(days, (split,)), [raw], first, 2).values()) == [100.55]
    assert list(closes(Almanac(days), [change], first, 2).values()) == [100.55]
