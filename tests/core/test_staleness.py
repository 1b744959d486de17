from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from alertd.core.bars import Bar
from alertd.core.calendars import Calendar
from alertd.core.records import Gap
from alertd.core.sessions import Hours
from alertd.core.staleness import gaps, silence, silent_since
from tests.support.build import MONDAY, SESSIONS, at, bar, daily, flat

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTE = timedelta(minutes=1)
LIMIT = timedelta(minutes=10)
HONG_KONG = Calendar("XHKG")
HK_SESSIONS = HONG_KONG.sessions(date(2026, 3, 9), date(2026, 3, 13))
TUESDAY = "2026-03-10"


def hk(clock: str) -> datetime:
    """Return a time of day in Hong Kong."""
    return datetime.combine(date(2026, 3, 9), time.fromisoformat(clock), HONG_KONG.zone)


def silent(good_until: datetime | None, now: datetime, delay: int = 0) -> datetime | None:
    return silent_since(SESSIONS, good_until, now, delay=delay * MINUTE, limit=LIMIT)


def hole(start: str, end: str, day: str = MONDAY) -> Gap:
    return Gap(at(start, day), at(end, day))


def missing(bars: Sequence[Bar], after: datetime | None = None) -> tuple[Gap, ...]:
    return gaps(SESSIONS, after, bars, LIMIT)


def test_an_open_session_without_a_good_bar_for_longer_than_the_limit_is_silent() -> None:
    assert silent(at("11:00"), at("11:10")) is None
    assert silent(at("11:00"), at("11:10:01")) == at("11:00")


def test_what_the_source_still_delays_is_not_silence() -> None:
    assert silent(at("11:00"), at("11:25"), delay=15) is None
    assert silent(at("11:00"), at("11:25:01"), delay=15) == at("11:00")


def test_silence_begins_no_earlier_than_the_session() -> None:
    for good_until in (None, at("16:00", "2026-03-06"), at("09:00")):
        assert silent(good_until, at("09:40")) is None
        assert silent(good_until, at("09:41")) == at("09:30")


def test_nothing_is_silent_while_no_session_is_open() -> None:
    for clock, day in (("09:29", MONDAY), ("16:00", MONDAY), ("12:00", "2026-03-08")):
        assert silent(at("12:00", "2026-03-06"), at(clock, day)) is None
        assert silence(SESSIONS, None, at(clock, day), 0 * MINUTE) == timedelta(0)
    assert silent(at("15:00"), at("15:59")) == at("15:00")


def test_a_delayed_session_is_open_for_as_long_as_its_prices_come() -> None:
    assert silent(at("15:30"), at("16:14"), delay=15) == at("15:30")
    assert silent(at("15:30"), at("16:15"), delay=15) is None


def test_silence_is_the_time_since_the_newest_good_bar() -> None:
    assert silence(SESSIONS, at("11:00"), at("11:25"), 15 * MINUTE) == 10 * MINUTE
    assert silence(SESSIONS, at("11:25"), at("11:25"), 15 * MINUTE) == timedelta(0)


def test_lunch_is_no_silence() -> None:
    for since, now, minutes in (
        ("11:55", "12:30", 5), ("11:55", "13:03", 8), ("12:00", "13:03", 3), ("12:00", "12:59", 0),
    ):  # fmt: skip
        assert silence(HK_SESSIONS, hk(since), hk(now), 0 * MINUTE) == minutes * MINUTE


def test_silence_after_lunch_begins_with_its_end() -> None:
    found = silent_since(HK_SESSIONS, hk("12:00"), hk("13:11"), delay=0 * MINUTE, limit=LIMIT)
    assert found == hk("13:00")


def test_a_gap_is_time_of_trading_that_no_bar_covers_for_longer_than_the_limit() -> None:
    assert missing([bar("10:00", "1"), bar("10:11", "1")]) == ()
    assert missing([bar("10:00", "1"), bar("10:12", "1")]) == (hole("10:01", "10:12"),)


def test_gaps_are_counted_from_the_last_settled_bar_else_from_the_first_one() -> None:
    bars = flat("12:00", 1, 1)
    assert missing(bars) == ()
    assert missing(bars, after=at("11:00")) == (hole("11:00", "12:00"),)
    assert missing(bars, after=at("12:01")) == ()
    assert missing([], after=at("11:00")) == ()


def test_time_outside_of_regular_hours_is_no_gap() -> None:
    assert missing([bar("15:59", "1"), bar("09:30", "1", TUESDAY)]) == ()
    assert missing([bar("04:00", "1"), bar("09:30", "1")]) == ()
    assert missing([bar("15:59", "1"), bar("18:00", "1")]) == ()
    assert missing([bar("15:49", "1"), bar("09:30", "1", TUESDAY)]) == ()


def test_a_gap_over_nights_is_split_by_session() -> None:
    found = missing([bar("15:00", "1"), bar("09:45", "1", "2026-03-11")])
    assert found == (
        hole("15:01", "16:00"),
        hole("09:30", "16:00", TUESDAY),
        hole("09:30", "09:45", "2026-03-11"),
    )


def test_a_gap_has_no_lunch_in_it() -> None:
    bars = [Bar(hk(clock), MINUTE, 1, 1, 1, 1) for clock in ("11:29", "13:20")]
    found = gaps(HK_SESSIONS, None, bars, LIMIT)
    assert found == (Gap(hk("11:30"), hk("12:00")), Gap(hk("13:00"), hk("13:20")))
    over_lunch = [Bar(hk(clock), MINUTE, 1, 1, 1, 1) for clock in ("11:59", "13:00")]
    assert gaps(HK_SESSIONS, None, over_lunch, LIMIT) == ()


def test_bars_of_mixed_lengths_cover_what_they_last() -> None:
    bars = [
        daily("2026-03-06", "1 1 1 1"),
        bar("09:30", "1", minutes=60),
        bar("09:50", "1"),
        bar("10:30", "1", minutes=5),
        bar("11:00", "1"),
    ]
    assert missing(bars) == (hole("10:35", "11:00"),)


COUNTED = st.lists(
    st.tuples(st.integers(0, 900), st.sampled_from([1, 5, 60])), min_size=1, max_size=12
).map(sorted)


@given(COUNTED)
def test_a_minute_is_in_a_gap_or_covered_or_in_a_short_hole(placed: list[tuple[int, int]]) -> None:
    start = at("09:00")
    bars = [Bar(start + n * MINUTE, length * MINUTE, 1, 1, 1, 1) for n, length in placed]
    moments = [start + n * MINUTE for n in range(placed[-1][0] + 1)]
    open_ones = [
        moment
        for moment in moments
        if moment >= bars[0].start
        and SESSIONS.at(moment, Hours.REGULAR)
        and not any(bar.start <= moment < bar.end for bar in bars)
    ]
    runs: list[list[datetime]] = []
    for moment in open_ones:
        if runs and moment - runs[-1][-1] == MINUTE:
            runs[-1].append(moment)
        else:
            runs.append([moment])
    expected = [Gap(run[0], run[-1] + MINUTE) for run in runs if len(run) > 10]
    assert list(missing(bars)) == expected
