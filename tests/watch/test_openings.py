"""Many symbols at a session's open: levels that go by the session count from its first trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loguru import logger

from alertd.core.bars import Symbol
from alertd.core.pointing import Quote
from alertd.core.sessions import Hours
from alertd.errors import Crowded, SourceDown, SourceError
from tests.support.build import at, daily, flat, rule
from tests.support.floor import MINUTE, Crowd

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Bar
    from alertd.core.rules import Rule

BABA = Symbol("BABA")
TUESDAY = "2026-03-10"
DAYS = [
    daily("2026-03-05", "150 150 150 150"),
    daily("2026-03-06", "150 150 150 150"),
    daily("2026-03-09", "150 155 149 154.5"),
]
# 5 % under Monday's close is 146.78, and 5 % under Friday's, which counted on Monday, is 142.50.
EVENING = flat("15:50", *[154.5] * 10)


def overnight(path: Path, tape: list[Bar], *rules: Rule) -> Crowd:
    """Return a crowd that has judged Monday and waits for Tuesday."""
    made = Crowd(path / "db", "15:49", rules or [rule("falls 5%")], {"BABA": tape})
    made.floor.official = DAYS
    for moment in ("15:50:30", "15:59", "16:05"):
        made.turn(at(moment))
    return made


def looked(made: Crowd, clock: str, count: int) -> list[int]:
    """Return after how many of these minutes of Tuesday bars are asked for."""
    start = at(clock, TUESDAY)
    return [n for n in range(count) if made.turn(start + n * MINUTE) or made.floor.asked]


def test_a_gap_beyond_a_level_of_the_new_session_is_found_at_the_next_interval(
    tmp_path: Path,
) -> None:
    made = overnight(tmp_path, [*EVENING, *flat("09:30", *[146] * 30, day=TUESDAY)])
    assert looked(made, "09:30", 12) == [0, 1]
    assert made.told() == ["a fired"]


def test_a_first_trade_that_comes_late_is_found_at_the_next_interval(tmp_path: Path) -> None:
    made = overnight(tmp_path, [*EVENING, *flat("09:37", *[146] * 30, day=TUESDAY)])
    assert looked(made, "09:30", 12) == [0, 8]
    assert made.told() == ["a fired"]


def test_a_first_trade_before_hours_counts_for_levels_of_those_hours(tmp_path: Path) -> None:
    early = rule("falls 5%", session=Hours.EXTENDED)
    made = overnight(tmp_path, [*EVENING, *flat("04:03", *[146] * 30, day=TUESDAY)], early)
    assert looked(made, "04:00", 12) == [0, 4]
    assert made.told() == ["a fired"]


def test_a_first_trade_means_nothing_to_levels_that_stay(tmp_path: Path) -> None:
    tape = [*EVENING, *flat("09:30", *[150] * 30, day=TUESDAY)]
    made = overnight(tmp_path, tape, rule("below 145"))
    assert looked(made, "09:30", 12) == [0]


def test_a_first_trade_that_no_bar_shows_is_asked_for_while_bars_settle(tmp_path: Path) -> None:
    made = overnight(tmp_path, EVENING)
    made.floor.odd[BABA] = Quote(BABA, 150, at("09:30", TUESDAY))
    assert looked(made, "09:30", 14) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("error", [Crowded("no room", at("09:34", TUESDAY)), SourceDown("no")])
def test_a_level_that_lacks_its_days_is_looked_at_each_interval_until_it_has_them(
    tmp_path: Path, error: SourceError
) -> None:
    made = overnight(tmp_path, [*EVENING, *flat("09:30", *[146] * 30, day=TUESDAY)])
    made.floor.daily_error, warned = error, list[str]()
    sink = logger.add(lambda line: warned.append(str(line)), format="{message}", level="WARNING")
    assert looked(made, "09:30", 4) == [0, 1, 2, 3]
    logger.remove(sink)
    assert ("no daily history\n" in warned) is not isinstance(error, Crowded)
    made.floor.daily_error = None
    assert looked(made, "09:34", 4) == [0]
    assert made.told() == ["a fired"]
