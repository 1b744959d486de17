"""What is drawn in a message, as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import nan
from typing import TYPE_CHECKING

import pytest

from alertd.charts.glances import Crossing, Glance, Level, Session, glance
from alertd.core.events import EventId, Kind
from alertd.core.rules import AlertId
from tests.core.telling import BAND, CLOSE, FIGURES, SPLIT, told
from tests.support.build import at, daily, history

if TYPE_CHECKING:
    from alertd.core.bars import Bar
    from alertd.core.notices import Notice

DAYS = history("2025-12-01", "2026-03-06", d2026_03_06="151 152 150 150.5")
FIRED = told("below 150", 149.62, 150.0)


def drawn(notice: Notice, days: tuple[Bar, ...] = DAYS) -> Glance:
    found = glance(notice, days)
    assert found is not None
    return found


def test_the_last_forty_sessions_are_drawn_and_end_with_the_day_of_the_message() -> None:
    found = drawn(replace(FIRED, price_now=148.9))
    assert len(found.sessions) == 40
    assert [f"{each.day}" for each in found.sessions[-2:]] == ["2026-03-06", "2026-03-09"]
    assert found.sessions[-2] == Session(found.sessions[-2].day, 152.0, 150.0, 150.5)
    assert found.sessions[-1] == Session(found.sessions[-1].day, 149.62, 148.9, 148.9)
    assert found.title == "BABA in USD, 40 sessions"


def test_a_chart_is_told_in_words() -> None:
    assert drawn(replace(FIRED, price_now=148.9)).words == (
        "BABA, last 40 sessions: from $150.00 to $148.90; level $150.00 crossed on 2026-03-09"
    )


def test_a_history_that_has_the_day_already_changes_nothing() -> None:
    later = (*DAYS, daily("2026-03-09", "150 151 140 141"), daily("2026-03-10", "141 142 139 140"))
    assert glance(FIRED, later) == glance(FIRED, DAYS)
    evening = replace(FIRED, detected_at=at("18:00"))
    assert glance(evening, later) == glance(evening, DAYS)


def test_a_session_that_began_the_evening_before_is_still_the_day_of_the_message() -> None:
    night = replace(DAYS[-1], start=at("18:00", "2026-03-08"), length=timedelta(hours=23))
    assert glance(FIRED, (*DAYS, night)) == glance(FIRED, DAYS)


def test_the_crossing_is_marked_in_its_session_at_its_price() -> None:
    assert drawn(FIRED).crossings == (Crossing(39, 149.62),)


def test_a_crossing_before_the_market_opens_belongs_to_that_day() -> None:
    early = replace(FIRED, event=replace(FIRED.event, at=at("08:00")))
    assert drawn(early).crossings == (Crossing(39, 149.62),)


def test_a_late_message_marks_the_day_on_which_it_happened() -> None:
    event = replace(FIRED.event, at=at("15:00", "2026-03-04"))
    late = replace(FIRED, event=event, late=True, together=(FIRED.event,))
    found = drawn(late)
    assert found.crossings == (Crossing(36, 149.62),)
    assert f"{found.sessions[36].day}" == "2026-03-04"
    assert found.words.endswith("crossed on 2026-03-04")


def test_what_happened_before_all_that_is_drawn_is_not_marked() -> None:
    event = replace(FIRED.event, at=at("15:00", "2025-12-02"))
    assert drawn(replace(FIRED, event=event, late=True)).crossings == ()


def test_a_message_found_on_a_weekend_ends_with_the_last_session() -> None:
    friday = at("15:59", "2026-03-06")
    event = replace(FIRED.event, at=friday)
    found = replace(FIRED, event=event, price_at=friday, detected_at=friday + timedelta(days=1))
    assert f"{drawn(found).sessions[-1].day}" == "2026-03-06"
    assert drawn(found).crossings == (Crossing(39, 149.62),)


def test_a_band_is_drawn_with_both_edges() -> None:
    found = drawn(told("inside 148..152", 149.62, 152.0, **BAND))
    assert found.levels == (Level(148.0, 152.0),)
    assert found.levels[0].edges == (148.0, 152.0)
    assert "band $148.00 to $152.00 crossed on" in found.words


def test_all_levels_that_one_message_tells_are_drawn() -> None:
    further = tuple(
        replace(FIRED.event, id=EventId(FIRED.event.id), alert=AlertId(f"{level}"), level=level)
        for level in (148.0, 145.0)
    )
    found = drawn(replace(FIRED, together=further))
    assert [level.low for level in found.levels] == [150.0, 148.0, 145.0]
    assert found.crossings == (Crossing(39, 149.62),)
    assert "levels $150.00, $148.00 and $145.00 crossed" in found.words


def test_of_many_levels_a_few_are_drawn_and_the_rest_is_counted() -> None:
    further = tuple(replace(FIRED.event, level=149.0 - n) for n in range(9))
    found = drawn(replace(FIRED, together=further))
    assert len(found.levels) == 5
    assert "$146.00 and 5 more crossed" in found.words


def test_a_ratio_is_drawn_as_the_price_that_it_stands_for() -> None:
    found = drawn(told("above 20", 20.13, 20.0, **FIGURES["pe"]))
    assert found.levels == (Level(160.0, 160.0),)
    assert found.crossings == (Crossing(39, 161.04),)


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (told("below 150", 151.6, 150.0, Kind.RECOVERED), "crossed back on 2026-03-09"),
        (
            told("below 150", 149.6, 150.0, Kind.WITHDRAWN, about="fired"),
            "not crossed on 2026-03-09 after all",
        ),
        (told("falls 5%", 142.2, 142.5, origin=CLOSE), "level $142.50 crossed on 2026-03-09"),
    ],
    ids=["recovered", "withdrawn", "move"],
)
def test_the_words_say_what_became_of_the_level(notice: Notice, words: str) -> None:
    assert drawn(notice).words.endswith(words)
    assert drawn(notice).taken_back is (notice.event.kind is Kind.WITHDRAWN)


@pytest.mark.parametrize(
    "notice",
    [
        told("above 3", 3.1, 3.0, **FIGURES["volume"]),
        told("below 1000", 100.0, 100.0, Kind.SPLIT, origin=SPLIT),
        told("above analyst target", 150.0, 0.0, Kind.HELD, about="it is in CNY"),
        told("below 150", 150.0, 150.0, Kind.STALE),
    ],
    ids=["volume", "split", "refused", "silence"],
)
def test_what_is_no_price_at_a_level_is_not_drawn(notice: Notice) -> None:
    assert glance(notice, DAYS) is None


def test_fewer_than_two_days_are_no_chart() -> None:
    assert glance(FIRED, DAYS[-1:]) is None
    assert glance(FIRED, ()) is None
    assert len(drawn(FIRED, DAYS[-2:]).sessions) == 3


def test_a_day_without_a_price_is_left_out() -> None:
    gap = replace(DAYS[-1], close=nan)
    assert f"{drawn(FIRED, (*DAYS[:-1], gap)).sessions[-2].day}" == "2026-03-05"
