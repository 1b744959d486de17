"""Past bars through the same engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar, Split, Symbol
from alertd.core.calendars import listing
from alertd.core.events import Kind
from alertd.core.quality import Verdict
from alertd.core.rules import Closes, Figure, OnStart, Rule
from alertd.core.sessions import Hours
from alertd.replay import counting, replay
from tests.support.build import at, bar, daily, flat, rule, series, told

if TYPE_CHECKING:
    from alertd.core.bars import Series

BABA = listing(Symbol("BABA"))
HELD = rule("below 150", hold=Closes(1))

DAYS = [
    daily("2026-03-05", "100 104 98 102"),
    daily("2026-03-06", "102 106 100 104"),
    daily("2026-03-09", "104 110 103 109"),
]


def replayed(one: Rule, bars: list[Bar], **more: Series) -> list[float]:
    found = replay([one], series(bars), BABA, daily=more.get("daily"))
    return [event.price for event in found.events]


def split(bars: list[Bar], day: str, ratio: float) -> Series:
    return replace(series(bars), splits=(Split(at("04:00", day), ratio),))


def test_a_replay_tells_what_the_engine_tells() -> None:
    bars = flat("09:30", 151, 149, 152, 148)
    assert replayed(rule("below 150"), bars) == [149, 148]
    assert len(told(rule("below 150"), bars)) == 2


def test_no_bars_tell_nothing() -> None:
    found = replay([HELD], series([]), BABA)
    assert (found.events, [each.note for each in found.summaries]) == ((), ["no bars"])


def test_rules_of_other_symbols_are_left_out() -> None:
    assert replayed(rule("below 150", symbol="NVDA"), flat("09:30", 151, 149)) == []
    assert replay([rule("below 150", symbol="NVDA")], series(DAYS), BABA).summaries == []


def test_bars_that_cannot_be_believed_are_left_out() -> None:
    bars = [bar("09:30", "151"), bar("09:31", "0.5 0.5 -1 0.5"), bar("09:32", "152")]
    found = replay([rule("below 150")], series(bars), BABA)
    assert found.events == []
    assert found.refused == {Verdict.NOT_POSITIVE: 1}


def test_bars_that_are_doubted_are_named() -> None:
    bars = flat("09:30", 151, 151, 15, 151)
    found = replay([rule("below 150")], series(bars), BABA)
    assert found.events == []
    assert [(doubt.at, doubt.verdict) for doubt in found.doubts] == [(at("09:32"), Verdict.DROPPED)]


def test_hours_may_be_given_for_all_alerts() -> None:
    evening = [*flat("15:58", 151), *flat("16:10", 149)]
    (extended,) = counting([rule("below 150")], Hours.EXTENDED)
    assert replayed(rule("below 150"), evening) == []
    assert replayed(extended, evening) == [149]
    assert counting([HELD], None) == [HELD]


def test_a_session_that_its_bars_do_not_fill_closes_only_with_an_official_close() -> None:
    thin = flat("15:50", 151, 149)
    assert replayed(HELD, thin) == []
    official = series([daily("2026-03-09", "151 151 148 148.8")])
    assert replayed(HELD, thin, daily=official) == [148.8]


def test_progress_is_heard_bar_by_bar() -> None:
    heard: list[int] = []
    replay([HELD], series(flat("09:30", 151, 149, 152)), BABA, advance=heard.append)
    assert sum(heard) == 3


def test_a_file_of_days_is_its_own_history() -> None:
    high = rule("above all-time high")
    assert [event.level for event in replay([high], series(DAYS), BABA).events] == [104, 106]


def test_minutes_are_joined_to_days_where_no_other_history_is_given() -> None:
    friday = [bar("09:30", "100 106 100 104", "2026-03-06"), bar("15:59", "104", "2026-03-06")]
    evening = bar("16:30", "109", "2026-03-06")
    monday = flat("09:30", 104, 107)
    found = replay([rule("above all-time high")], series([*friday, evening, *monday]), BABA)
    assert [(event.level, event.price) for event in found.events] == [(106, 107)]


def test_a_history_that_is_given_is_what_levels_stand_on() -> None:
    monday = flat("09:30", 103, 107)
    history = series(DAYS[:2])
    assert replayed(rule("above previous close"), monday, daily=history) == [107]
    assert replayed(rule("above previous close"), monday) == []


def test_only_a_whole_history_knows_the_highest_price_of_all_time() -> None:
    high, monday = rule("above all-time high"), series(flat("09:30", 103, 107))
    found = replay([high], monday, BABA, daily=series(DAYS[:2]), whole=False)
    assert (found.events, found.summaries[0].note[:7]) == ([], "waits: ")


def test_an_alert_that_stands_on_what_has_no_past_is_left_out_and_says_so() -> None:
    target, pe = rule("above analyst target"), rule("above 20", id="b", of=Figure.PE)
    found = replay([target, pe], series(DAYS), BABA)
    assert found.events == []
    assert [each.note for each in found.summaries] == [
        "left out: analyst target has no history", "left out: P/E has no history",
    ]  # fmt: skip


def test_an_alert_says_since_when_it_could_act() -> None:
    (found,) = replay([rule("above sma 2")], series(DAYS), BABA).summaries
    assert found.able_since == at("09:30")


def test_a_split_in_a_raw_file_rescales_the_level_and_fires_nothing() -> None:
    raw = [DAYS[0], DAYS[1], daily("2026-03-09", "10.4 10.6 10.3 10.5")]
    found = replay([rule("below 90")], split(raw, "2026-03-09", 10), BABA)
    assert [(event.kind, event.level) for event in found.events] == [(Kind.SPLIT, 9)]
    assert [bar.close for bar in found.bars] == [10.2, 10.4, 10.5]
    assert found.summaries[0].firings == ()


def test_what_fired_before_a_split_is_measured_in_the_shares_after_it() -> None:
    raw = [DAYS[0], DAYS[1], daily("2026-03-09", "10.4 10.7 10.3 10.7")]
    found = replay([rule("above 105")], split(raw, "2026-03-09", 10), BABA)
    first, *_ = found.summaries[0].firings
    assert first.price == 10.6
    assert first.after == {1: pytest.approx((10.7 / 10.6 - 1) * 100)}


def test_official_closes_are_what_the_way_after_a_firing_is_measured_by() -> None:
    minutes = [*flat("15:58", 151, 149), *flat("15:59", 155, day="2026-03-10")]
    official = [daily("2026-03-09", "151 151 149 149"), daily("2026-03-10", "150 160 150 158")]
    found = replay([rule("below 150")], series(minutes), BABA, daily=series(official))
    (firing,) = found.summaries[0].firings
    assert firing.after == {1: pytest.approx((158 / 149 - 1) * 100)}


def test_official_closes_before_a_split_are_in_the_shares_after_it_too() -> None:
    minutes = [*flat("15:59", 151, day="2026-03-05"), *flat("15:59", 149, day="2026-03-06")]
    minutes += flat("09:30", 14.9, 14.9)
    raw = [daily("2026-03-05", "149 152 148 151"), daily("2026-03-06", "151 151 140 145")]
    history = split([*raw, daily("2026-03-09", "14.9 16 14.9 15.5")], "2026-03-09", 10)
    found = replay([rule("below 152", on_start=OnStart.FIRE)], series(minutes), BABA, daily=history)
    (firing,) = found.summaries[0].firings
    assert firing.after == {1: pytest.approx((14.5 / 15.1 - 1) * 100)}


def test_a_file_in_new_shares_throughout_has_levels_in_new_shares() -> None:
    found = replay([rule("above 107")], split(DAYS, "2026-03-09", 10), BABA)
    assert [event.kind for event in found.events] == [Kind.FIRED]
    assert found.splits == []


def test_a_history_in_other_shares_than_the_bars_is_restated() -> None:
    minutes = [*flat("15:59", 104, day="2026-03-06"), *flat("09:30", 10.4, 10.7)]
    high = rule("above all-time high")
    for days in (DAYS[:2], [daily("2026-03-05", "10 10.4 9.8 10.2"), *_new(DAYS[1:])]):
        history = split([*days], "2026-03-09", 10)
        found = replay([high], series(minutes), BABA, daily=history)
        fired = [event for event in found.events if event.kind is Kind.FIRED]
        assert [(event.level, event.price) for event in fired] == [(10.6, 10.7)]


def test_sessions_without_a_bar_are_named() -> None:
    bars = [daily("2026-03-05", "100 104 98 102"), daily("2026-03-09", "104 110 103 109")]
    found = replay([HELD], series(bars), BABA)
    assert [gap.start for gap in found.gaps] == [at("09:30", "2026-03-06")]


def test_a_volume_is_marked_at_the_price_of_its_bar() -> None:
    days = [replace(day, volume=100.0) for day in _sessions(21)]
    busy = replace(days[-1], volume=500.0)
    loud = rule("above 3", of=Figure.VOLUME)
    found = replay([loud], series([*days[:-1], busy]), BABA)
    (event,) = found.events
    assert found.prices == {event.id: busy.close}


def _new(days: list[Bar]) -> list[Bar]:
    return [
        Bar(day.start, day.length, day.open / 10, day.high / 10, day.low / 10, day.close / 10)
        for day in days
    ]


def _sessions(count: int) -> list[Bar]:
    days = [f"2026-{month:02}-{day:02}" for month in (2, 3) for day in range(1, 29)]
    trading = [day for day in days if at("09:30", day) in _opens()]
    return [daily(day, "100 101 99 100") for day in trading[:count]]


def _opens() -> set[object]:
    return {session.open for session in BABA.calendar.around(at("09:30"), at("16:00")).days}
