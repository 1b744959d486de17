"""A day that is lived through tells what a replay of it tells, however seldom it is looked at.

The source is in memory: these days are looked at a hundred thousand times. The last test has one
day of the real client.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest

from alertd.core.calendars import listing
from alertd.core.sessions import Hours
from tests.live import days
from tests.live.courses import Live
from tests.live.days import BABA, Way, alerts, glimpsed, lived, replayed, waited
from tests.live.shelf import morning, real, walk
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.courses import Course
    from tests.live.days import Lived

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
OFTEN = (15 * SECOND, 30 * SECOND, MINUTE)
SELDOM = (2 * MINUTE, 5 * MINUTE)
SWEEPS = (timedelta(0), 5 * MINUTE, 15 * MINUTE)
PLACE = listing(BABA, currency="USD")


@pytest.fixture
def folder() -> Iterator[Path]:
    with days.folder() as place:
        yield place


def ways(intervals: tuple[timedelta, ...]) -> list[Way]:
    """Return every way to live through a day; a sweep of nothing is one at each look."""
    every = product(intervals, SWEEPS, (False, True))
    # With a look every five minutes, a sweep of five minutes is one at each look.
    return list(
        dict.fromkeys(Way(interval, max(sweep, interval), g) for interval, sweep, g in every)
    )


def tells_what_the_replay_tells(course: Course, way: Way, path: Path, hours: Hours) -> Lived:
    rules = alerts(course.bars[0].open, hours)
    happened, day = replayed(course, rules), lived(course, rules, way, path)
    assert len(happened) > 10
    assert day.told.keys() == happened.keys()
    if not way.growing:
        assert day.withdrawn == {}
        assert {key: event.price for key, event in day.told.items()} == {
            key: event.price for key, event in happened.items()
        }
    return day


@pytest.mark.parametrize("way", ways(SELDOM), ids=str)
def test_no_event_of_a_real_day_is_missing_and_none_is_too_many(
    way: Way, shared: Path, folder: Path
) -> None:
    course = real(shared, "regular", 1, 1)
    tells_what_the_replay_tells(course, way, folder / "db", Hours.REGULAR)


@pytest.mark.parametrize("way", ways(OFTEN), ids=str)
def test_nor_in_the_first_hour_of_it_when_it_is_looked_at_more_often(
    way: Way, shared: Path, folder: Path
) -> None:
    course = morning(real(shared, "regular", 1, 1), HOUR)
    tells_what_the_replay_tells(course, way, folder / "db", Hours.REGULAR)


@pytest.mark.parametrize("growing", [False, True], ids=["whole", "growing"])
def test_nor_before_the_open_and_after_the_close_where_alerts_watch_them(
    growing: bool,  # noqa: FBT001
    shared: Path,
    folder: Path,
) -> None:
    course, way = real(shared, "extended", 2, 1), Way(5 * MINUTE, 15 * MINUTE, growing)
    tells_what_the_replay_tells(course, way, folder / "db", Hours.EXTENDED)


@pytest.mark.parametrize("sweep", [5, 15])
def test_a_night_between_two_days_makes_no_difference(sweep: int, folder: Path) -> None:
    way = Way(5 * MINUTE, sweep * MINUTE, growing=True)
    tells_what_the_replay_tells(walk(2), way, folder / "db", Hours.REGULAR)


@pytest.mark.parametrize("interval", [MINUTE, 5 * MINUTE], ids=str)
@pytest.mark.parametrize("sweep", [timedelta(0), 15 * MINUTE], ids=str)
def test_what_happens_is_told_at_the_next_look_and_a_wick_by_the_end_of_the_sweep(
    interval: timedelta, sweep: timedelta, folder: Path
) -> None:
    course, way = walk(1), Way(interval, max(sweep, interval))
    rules = alerts(course.bars[0].open)
    day = tells_what_the_replay_tells(course, way, folder / "db", Hours.REGULAR)
    late = waited(course, replayed(course, rules), day, way)
    assert late[-1] <= (way.sweep + interval if sweep else interval)
    assert late[len(late) // 2] <= interval


def test_a_bar_that_grows_may_tell_what_its_last_shape_takes_back(folder: Path) -> None:
    course = morning(walk(1), HOUR)
    rules = alerts(course.bars[0].open)
    day = lived(course, rules, Way(15 * SECOND, 15 * SECOND, growing=True), folder / "db")
    assert day.told.keys() == replayed(course, rules).keys()
    assert len(day.withdrawn) > 0


def test_whoever_looks_at_the_last_price_alone_misses_much() -> None:
    course, rules = walk(1), alerts(walk(1).bars[0].open)
    found = {each: glimpsed(course, rules, each) for each in (SECOND, MINUTE, 5 * MINUTE)}
    happened = len(replayed(course, rules))
    assert found[5 * MINUTE] < found[MINUTE] < 0.9 * happened
    # At every second he sees it all, but for a level that is reached and left within one.
    assert found[SECOND] > 0.95 * happened


def test_a_bar_grows_to_what_it_is_and_never_beyond(folder: Path) -> None:
    course = walk(1)
    for bar in course.bars:
        shapes = [course.grown(bar, bar.start + seconds * SECOND) for seconds in range(0, 61, 5)]
        assert shapes[-1] == bar
        assert all(a.high <= b.high and a.low >= b.low for a, b in pairwise(shapes))
        assert all(shape.low <= shape.close <= shape.high for shape in shapes)


def test_bars_that_are_served_whole_are_not_seen_before_they_are_over() -> None:
    course = walk(1)
    bar = course.bars[3]
    clock = HandClock(bar.end - SECOND)
    whole, growing = Live(course, clock, growing=False), Live(course, clock, growing=True)
    ends = [
        source.bars(PLACE, course.bars[0].start, bar.end).bars[-1] for source in (whole, growing)
    ]
    assert [each.start for each in ends] == [course.bars[2].start, bar.start]
    clock.to(bar.end)
    assert whole.bars(PLACE, course.bars[0].start, bar.end).bars[-1] == bar
