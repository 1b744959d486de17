"""The finest bars that Yahoo still has, in requests that it does not refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from alertd.core.bars import Bar
from alertd.quotes.reach import joined, stretches

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
DAYS = timedelta(days=1)


def intervals(since: datetime, until: datetime = NOW) -> list[str]:
    return [each.granularity.interval for each in stretches(since, until, NOW)]


def test_the_last_four_weeks_come_as_minutes() -> None:
    assert set(intervals(NOW - 28 * DAYS)) == {"1m"}


def test_a_few_minutes_are_one_request() -> None:
    assert intervals(NOW - timedelta(minutes=5)) == ["1m"]


def test_older_stretches_come_coarser_the_older_they_are() -> None:
    assert list(dict.fromkeys(intervals(NOW - 3000 * DAYS))) == ["1d", "1h", "5m", "1m"]


def test_the_age_is_measured_from_now_and_not_from_the_window() -> None:
    assert intervals(NOW - 400 * DAYS, NOW - 399 * DAYS) == ["1h"]


def test_a_window_that_ends_before_it_begins_asks_nothing() -> None:
    assert intervals(NOW, NOW - DAYS) == []


def test_requests_follow_each_other_without_gap_or_overlap() -> None:
    since = NOW - 3000 * DAYS
    found = list(stretches(since, NOW, NOW))
    assert (found[0].start, found[-1].end) == (since, NOW)
    assert all(one.end == other.start for one, other in pairwise(found))


def test_no_request_for_minutes_spans_more_than_seven_days() -> None:
    found = list(stretches(NOW - 28 * DAYS, NOW, NOW))
    assert max(each.end - each.start for each in found) == 7 * DAYS


@pytest.mark.parametrize(("interval", "kept"), [("1m", 29), ("5m", 59), ("1h", 729)])
def test_requests_stay_a_day_inside_of_what_yahoo_keeps(interval: str, kept: int) -> None:
    late = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
    found = stretches(late - 3000 * DAYS, late, late)
    starts = [each.start for each in found if each.granularity.interval == interval]
    assert late - kept * DAYS <= min(starts) <= late - (kept - 1) * DAYS


def test_granularities_change_at_midnight_in_utc() -> None:
    found = list(stretches(NOW - 3000 * DAYS, NOW, NOW))
    changes = [b.start for a, b in pairwise(found) if a.granularity is not b.granularity]
    assert [moment.hour * 60 + moment.minute for moment in changes] == [0, 0, 0]


def test_finer_bars_begin_where_a_coarse_one_ends() -> None:
    # A session in Sydney opens an hour before UTC's midnight.
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    day = Bar(midnight - timedelta(hours=1), timedelta(hours=6), 1, 1, 1, 1)
    hours = [Bar(midnight + index * timedelta(hours=1), timedelta(hours=1), 1, 1, 1, 1)
             for index in range(8)]  # fmt: skip
    assert joined([[day], hours]) == (day, *hours[5:])
