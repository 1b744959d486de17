"""Where levels lay, as decisions tell it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.bars import Bar, Split
from alertd.core.book import Book, Cursor
from alertd.core.courses import Courses, Step
from alertd.core.lines import Lines
from alertd.core.rules import Figure
from alertd.core.splits import Rebase
from tests.support.build import almanac, at, bar, daily, flat, market, rule

if TYPE_CHECKING:
    from alertd.core.rules import Rule

BAND = Lines(148, 152)


def course(one: Rule, bars: list[Bar], *splits: Split) -> list[tuple[str, float | None]]:
    """Return the New York days and times at which a level began to lie elsewhere."""
    return [
        (f"{step.at:%d %H:%M}", step.where.low if step.where else None)
        for step in steps(one, bars, *splits)
    ]


def steps(one: Rule, bars: list[Bar], *splits: Split) -> tuple[Step, ...]:
    rebases = tuple(Rebase(split, split.at, rescaled=False) for split in splits)
    days = almanac(daily("2026-03-06", "100 104 98 102"), daily("2026-03-09", "102 109 102 108"))
    place = replace(market(), splits=rebases, almanac=days)
    book = Book([one], {}, Cursor(), place)
    found = Courses([one], bars[0].start, 4)
    for each in bars:
        for decision in book.feed(each):
            found.add(decision)
    return found.of(one.id, splits)


def test_a_written_level_lies_where_it_was_written_from_the_first_bar_on() -> None:
    assert course(rule("below 150"), flat("09:30", 151, 149)) == [("09 13:30", 150)]


def test_a_band_has_two_lines() -> None:
    (step,) = steps(rule("inside 148..152"), flat("09:30", 140, 150))
    assert step.where == BAND


def test_a_named_level_has_a_step_for_each_session() -> None:
    bars = [*flat("09:30", 101), *flat("09:30", 101, day="2026-03-10")]
    assert course(rule("above previous close"), bars) == [("09 13:30", 102), ("10 13:30", 108)]


def test_a_level_that_is_not_known_yet_has_no_line() -> None:
    bars = [*flat("09:30", 101, day="2026-03-06"), *flat("09:30", 101)]
    assert course(rule("above previous close"), bars) == [("06 14:30", None), ("09 13:30", 102)]


def test_the_stop_of_a_trail_rises_with_the_price_and_never_falls() -> None:
    bars = flat("09:30", 100, 110, 105)
    assert course(rule("trails 10%"), bars) == [("09 13:30", 90), ("09 13:31", 99)]


def test_a_level_that_is_done_has_no_line_any_more() -> None:
    bars = flat("09:30", 151, 149, 151)
    assert course(rule("below 150", once=True), bars) == [("09 13:30", 150), ("09 13:31", None)]


def test_an_alert_that_expires_has_no_line_from_then_on() -> None:
    one = rule("below 150", expires=at("09:31"))
    assert course(one, flat("09:30", 151, 149, 151)) == [("09 13:30", 150), ("09 13:31", None)]


def test_levels_are_in_the_shares_after_the_last_split() -> None:
    split = Split(at("04:00", "2026-03-10"), 2)
    bars = [bar("09:30", "100"), bar("09:30", "50", "2026-03-10")]
    assert course(rule("below 90"), bars, split) == [("09 13:30", 45), ("10 08:00", 45)]


def test_figures_that_are_no_prices_and_moves_in_a_trailing_time_have_no_course() -> None:
    bars = flat("09:30", 100, 101)
    assert course(rule("above 3", of=Figure.VOLUME), bars) == []
    assert course(rule("rises 5% within 1h"), bars) == [("09 13:30", None)]
