"""What holds for every course that the gate sees, however it is cut into polls."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from alertd.core.bars import Bar, Last, Split
from alertd.core.quality import Sifted, sift
from alertd.core.splits import Rebase
from tests.support.build import SESSIONS, at, series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hypothesis.strategies import DrawFn

MINUTE = timedelta(minutes=1)
TUESDAY = "2026-03-10"
SPLIT = Split(at("04:00", TUESDAY), 10.0)
REBASE = Rebase(SPLIT, SPLIT.at, rescaled=False)
REBASES = st.sampled_from([[], [REBASE]])
WAITING_AND_MIXED = [(1.0, 1.0), (90.0, 110.0), (1.0, 90.0), (90.0, 90.0)]

# From an evening over the night and into the next day.
TIMES = [
    at(clock, day) + minute * MINUTE
    for clock, day in (("19:50", "2026-03-09"), ("04:00", TUESDAY), ("09:25", TUESDAY))
    for minute in range(10)
]
LEVELS = st.sampled_from([1.0, 55.0, 84.0, 100.0, 118.0, 9000.0])
JUMPY = st.sampled_from([1.0, 90.0, 100.0, 110.0, 130.0, 1000.0, 9000.0])


def gate(bars: Sequence[Bar], last: Last | None, rebases: Sequence[Rebase]) -> Sifted:
    now = TIMES[-1] + MINUTE
    return sift(series(list(bars)), "USD", now, sessions=SESSIONS, last=last, rebases=rebases)


def minute_bar(start: datetime, opened: float, *prices: float) -> Bar:
    every = (opened, *prices)
    return Bar(start, MINUTE, opened, max(every), min(every), prices[-1])


@st.composite
def courses_that_stay(draw: DrawFn) -> list[Bar]:
    """Return bars whose price jumps, inside of a bar or between two, and then stays a while."""
    prices = [100.0]
    for level in draw(st.lists(LEVELS, min_size=1, max_size=6)):
        prices += [level] * draw(st.integers(2, 4))
    first = draw(st.integers(0, len(TIMES) - len(prices)))
    return [
        minute_bar(start, draw(st.sampled_from([before, after])), after)
        for start, (before, after) in zip(TIMES[first:], pairwise(prices), strict=False)
    ]


@st.composite
def wild_courses(draw: DrawFn) -> list[Bar]:
    """Return bars of prices that jump as they like, some of them missing."""
    count = draw(st.integers(1, 20))
    first = draw(st.integers(0, len(TIMES) - count))
    prices = st.one_of(st.just([float("nan")] * 4), st.lists(JUMPY, min_size=2, max_size=4))
    return [minute_bar(start, *draw(prices)) for start in TIMES[first : first + count]]


@given(courses_that_stay())
def test_a_jump_that_stays_is_delayed_and_never_lost(course: list[Bar]) -> None:
    assert gate(course, None, ()).good == tuple(course)


@example(
    # A mixed bar comes while the one before it still waits.
    [minute_bar(at, *prices) for at, prices in zip(TIMES, WAITING_AND_MIXED, strict=False)],
    [REBASE],
    4,
)
@given(wild_courses(), REBASES, st.integers(0, len(TIMES)))
def test_going_on_from_the_last_good_price_gives_the_bars_and_verdicts_of_one_pass(
    course: list[Bar], rebases: list[Rebase], cut: int
) -> None:
    whole = gate(course, None, rebases)
    begun = gate(course[:cut], None, rebases)
    last = Last(begun.good[-1].close, begun.good[-1].start) if begun.good else None
    done = begun.good[-1].end if begun.good else course[0].start
    rest = gate([bar for bar in course if bar.start >= done], last, rebases)
    assert begun.good + rest.good == whole.good
    settled = tuple(doubt for doubt in begun.doubts if doubt.at < done)
    assert settled + rest.doubts == whole.doubts
    end = TIMES[-1] + MINUTE
    assert begun.tally(None, done) + rest.tally(done, end) == whole.tally(None, end)


@given(wild_courses())
def test_every_bar_is_good_or_refused_or_dropped_or_waits(course: list[Bar]) -> None:
    sifted = gate(course, None, ())
    dropped = [doubt for doubt in sifted.doubts if doubt.verdict.name == "DROPPED"]
    waiting = [sifted.waiting] if sifted.waiting else []
    parts = (sifted.good, sifted.refusals, dropped, waiting)
    assert sum(len(part) for part in parts) == len(course)
    starts = [bar.start for bar in sifted.good]
    assert starts == sorted(set(starts))
    assert not waiting or waiting[0].start > starts[-1]
