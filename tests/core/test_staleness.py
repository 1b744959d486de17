from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from alertd.core.bars import Bar
from alertd.core.calendars import Calendar
from alertd.core.records import Gap
from alertd.core.sessions import Hours
from alertd.core.staleness import gaps, is_back, news_at, silence, silent_since
from tests.support.build import MONDAY, SESSIONS, at, bar, daily, flat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.sessions import Sessions

MINUTE = timedelta(minutes=1)
LIMIT = timedelta(minutes=10)
HONG_KONG = Calendar("XHKG")
HK_SESSIONS = HONG_KONG.sessions(date(2026, 3, 9), date(2026, 3, 13))
COINS, FUTURES, CURRENCIES = (
    Calendar(name).sessions(date(2026, 3, 1), date(2026, 3, 15))
    for name in ("24/7", "CMES", "24/5")
)
TUESDAY = "2026-03-10"


def hk(clock: str) -> datetime:
    """Return a time of day in Hong Kong."""
    return datetime.combine(date(2026, 3, 9), time.fromisoformat(clock), HONG_KONG.zone)


def utc(day: int, clock: str) -> datetime:
    """Return a time of day in March."""
    return datetime.combine(date(2026, 3, day), time.fromisoformat(clock), UTC)


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


def test_where_sessions_abut_silence_goes_on_over_midnight() -> None:
    def found(good_until: datetime | None, now: datetime) -> datetime | None:
        return silent_since(COINS, good_until, now, delay=0 * MINUTE, limit=LIMIT)

    late = utc(9, "23:52")
    assert found(late, utc(10, "00:02")) is None
    assert found(late, utc(10, "00:03")) == late
    assert found(late, utc(12, "00:03")) == late
    assert found(None, utc(12, "00:11")) == utc(12, "00:00")


def test_over_a_weekend_sessions_do_not_abut() -> None:
    friday, monday = utc(6, "20:00"), utc(9, "00:11")
    found = silent_since(CURRENCIES, friday, monday, delay=0 * MINUTE, limit=LIMIT)
    assert found == utc(9, "00:00")


def test_the_hour_of_rest_at_the_end_of_a_session_is_no_silence() -> None:
    for good_until, now, minutes in (
        ("21:00", "21:59", 0), ("20:55", "21:59", 5), ("21:00", "22:05", 5), ("20:55", "22:05", 10),
    ):  # fmt: skip
        found = silence(FUTURES, utc(10, good_until), utc(10, now), 0 * MINUTE)
        assert found == minutes * MINUTE


def back(good_until: datetime, now: datetime, delay: int = 0) -> bool:
    return is_back(SESSIONS, good_until, now, delay=delay * MINUTE, limit=LIMIT)


def test_bars_are_back_once_they_reach_near_enough_to_now() -> None:
    assert not back(at("11:00"), at("11:10:01"))
    assert back(at("11:00"), at("11:10"))
    assert back(at("11:00"), at("11:25"), delay=15)


def test_a_session_that_closes_does_not_bring_its_bars_back() -> None:
    for clock, day, delay in (("16:00", MONDAY, 0), ("16:15", MONDAY, 15), ("08:00", TUESDAY, 0)):
        assert not back(at("15:49"), at(clock, day), delay)
        assert back(at("15:50"), at(clock, day), delay)


def news(good_until: datetime | None, now: datetime, delay: int = 0) -> datetime | None:
    return news_at(SESSIONS, good_until, now, delay=delay * MINUTE, limit=LIMIT)


def test_silence_becomes_news_in_the_session_that_is_open_or_else_in_the_next() -> None:
    assert news(at("11:00"), at("11:02")) == at("11:10:01")
    assert news(at("11:00"), at("11:02"), delay=15) == at("11:25:01")
    assert news(None, at("09:35")) == at("09:40:01")
    assert news(at("15:00"), at("08:00", TUESDAY)) == at("09:40:01", TUESDAY)
    assert news(at("15:55"), at("15:56")) is None


def test_silence_becomes_news_after_lunch_or_midnight_where_it_goes_on_over_them() -> None:
    def found(sessions: Sessions, good_until: datetime) -> datetime | None:
        now = good_until + MINUTE
        return news_at(sessions, good_until, now, delay=0 * MINUTE, limit=LIMIT)

    assert found(HK_SESSIONS, hk("11:55")) == hk("13:05:01")
    assert found(COINS, utc(9, "23:52")) == utc(10, "00:02:01")


@given(st.sampled_from([COINS, FUTURES, HK_SESSIONS]), st.integers(0, 9000), st.integers(0, 600))
def test_silence_is_told_when_it_becomes_news_and_not_before(
    sessions: Sessions, minute: int, since: int
) -> None:
    now = utc(3, "00:00") + minute * MINUTE
    good_until = now - since * MINUTE
    told_at = news_at(sessions, good_until, now, delay=15 * MINUTE, limit=LIMIT)

    def found(moment: datetime) -> datetime | None:
        return silent_since(sessions, good_until, moment, delay=15 * MINUTE, limit=LIMIT)

    if told_at and told_at > now:
        assert found(told_at)
        assert found(told_at - timedelta(seconds=2)) is None
        assert found(now) is None


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


def test_a_gap_over_midnight_is_one_where_sessions_abut() -> None:
    bars = [Bar(start, MINUTE, 1, 1, 1, 1) for start in (utc(9, "23:51"), utc(10, "00:07"))]
    found = gaps(COINS, None, bars, LIMIT)
    assert found == (Gap(utc(9, "23:52"), utc(10, "00:07")),)


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
