"""What quotes point at besides prices, and what is done when they are odd or cannot be had."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.pointing import Quote
from alertd.core.sessions import Hours
from alertd.errors import Crowded, RateLimited, SourceDown
from tests.support.build import NEW_YORK, at, bar, flat, rule
from tests.support.floor import MINUTE, Crowd

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Bar
    from alertd.core.rules import Rule

BABA, IBM = Symbol("BABA"), Symbol("IBM")
QUIET = flat("09:30", *[151] * 120)
TEN_MINUTES = timedelta(minutes=10)


def crowd(path: Path, tape: list[Bar] = QUIET, *rules: Rule, **more: object) -> Crowd:
    """Return a crowd of one symbol that is swept, judged at 10:00."""
    tapes = {"BABA": tape}
    made = Crowd(path / "db", "09:59", rules or [rule("below 150")], tapes, **more)  # type: ignore[arg-type]
    made.polled("10:00")
    return made


def minutes(made: Crowd, first: str, last: str, seconds: int = 0) -> list[str]:
    """Return at which minutes bars are asked for, of all those between two times of day."""
    found, moment = [], at(first)
    while moment <= at(last):
        made.turn(moment + timedelta(seconds=seconds))
        if made.floor.asked:
            found.append(moment)
        moment += MINUTE
    return [f"{one.astimezone(NEW_YORK):%H:%M}" for one in found]


def test_a_symbol_that_is_missing_from_the_quotes_gets_its_bars_at_each_interval(
    tmp_path: Path,
) -> None:
    made = crowd(tmp_path)
    made.floor.odd[BABA] = None
    assert minutes(made, "10:01", "10:04") == ["10:01", "10:02", "10:03", "10:04"]


def test_quotes_that_cannot_be_had_leave_bars_at_each_interval_and_one_line(
    tmp_path: Path, lines: list[str]
) -> None:
    made = crowd(tmp_path)
    made.floor.quote_error = SourceDown("floor: no answer")
    assert minutes(made, "10:01", "10:03") == ["10:01", "10:02", "10:03"]
    made.floor.quote_error = None
    assert minutes(made, "10:04", "10:06") == []
    said = [line for line in lines if "no quotes, bars" in line or "quotes come again" in line]
    assert ["no quotes, bars" in line for line in said] == [True, False]


@pytest.mark.parametrize("error", [RateLimited("floor: wait", at("10:30"))])
def test_quotes_that_are_limited_point_at_nothing(tmp_path: Path, error: RateLimited) -> None:
    made = crowd(tmp_path)
    made.floor.quote_error = error
    assert minutes(made, "10:01", "10:05") == []


def test_a_high_that_no_bar_shows_is_asked_for_during_the_time_in_which_bars_settle(
    tmp_path: Path,
) -> None:
    made = crowd(tmp_path, QUIET, rule("above 160"))
    made.floor.odd[BABA] = Quote(BABA, 151, at("10:00:30"), 151, 161)
    asked = minutes(made, "10:01", "10:14")
    assert asked == ["10:01", "10:02", "10:03", "10:04", "10:05", "10:06"]


def test_a_new_low_is_news_beside_a_high_that_no_bar_shows(tmp_path: Path) -> None:
    made = crowd(tmp_path, QUIET, rule("above 160"), rule("below 150", id="b"))
    made.floor.odd[BABA] = Quote(BABA, 151, at("10:00:30"), 151, 161)
    minutes(made, "10:01", "10:08")
    made.floor.odd[BABA] = Quote(BABA, 151, at("10:08:30"), 149, 161)
    assert minutes(made, "10:09", "10:09") == ["10:09"]


def test_a_price_that_no_bar_confirms_is_asked_for_while_it_is_new(tmp_path: Path) -> None:
    made = crowd(tmp_path)
    made.floor.odd[BABA] = Quote(BABA, 149, at("10:00:30"))
    assert minutes(made, "10:01", "10:14")[-1] == "10:06"
    made.floor.odd[BABA] = Quote(BABA, 149, at("10:20:30"))
    assert minutes(made, "10:21", "10:22") == ["10:21", "10:22"]


def test_silence_is_told_as_soon_as_with_polls_at_each_interval(tmp_path: Path) -> None:
    made = crowd(tmp_path, flat("09:30", *[151] * 33), patience=TEN_MINUTES)
    assert "10:13" not in minutes(made, "10:01", "10:13")
    assert made.told() == []
    made.turn(at("10:14"))
    assert made.told() == ["BABA stale"]


def test_the_end_of_a_silence_is_told_at_the_next_interval(tmp_path: Path) -> None:
    tape = [*flat("09:30", *[151] * 33), *flat("10:32", *[151] * 9)]
    made = crowd(tmp_path, tape, patience=TEN_MINUTES)
    minutes(made, "10:01", "10:32")
    made.turn(at("10:33"))
    assert made.told() == ["BABA stale", "BABA resumed"]


def test_quotes_without_bars_end_no_silence_and_are_left_to_the_sweep(tmp_path: Path) -> None:
    made = crowd(tmp_path, flat("09:30", *[151] * 33), patience=TEN_MINUTES)
    minutes(made, "10:01", "10:31")
    asked = []
    for minute in range(32, 60):
        made.floor.odd[BABA] = Quote(BABA, 151, at(f"10:{minute - 1}:30"))
        asked += [minute] * len(made.polled(f"10:{minute}"))
    assert asked == [32, 33, 34, 35, 36, 37, 52]
    assert made.told() == ["BABA stale"]


def test_a_symbol_that_trades_is_not_called_silent_because_one_sweep_fails(
    tmp_path: Path,
) -> None:
    made = crowd(tmp_path, patience=TEN_MINUTES)
    minutes(made, "10:01", "10:14")
    made.floor.errors[BABA] = SourceDown("floor: no answer")
    made.turn(at("10:15"))
    assert made.floor.asked == [BABA]
    assert made.told() == []


def test_a_symbol_that_is_closed_is_not_asked_for(tmp_path: Path) -> None:
    made = crowd(tmp_path)
    for clock, asked in [("15:59", 1), ("16:04", 1), ("16:06", 0), ("20:00", 0)]:
        made.turn(at(clock))
        assert len(made.floor.asked_quotes) == asked, clock


def test_a_symbol_watched_before_hours_is_asked_for_before_hours(tmp_path: Path) -> None:
    made = crowd(tmp_path, QUIET, rule("below 150", session=Hours.EXTENDED))
    made.turn(at("16:30"))
    assert made.floor.asked_quotes == [[BABA]]
    made.floor.tapes[BABA] = [*QUIET, bar("16:30", "149")]
    assert minutes(made, "16:31", "16:31") == ["16:31"]


def test_nobody_is_asked_for_bars_over_lunch(tmp_path: Path) -> None:
    noon = at("23:30", "2026-03-08")
    tape = flat("22:30", *[151] * 90, day="2026-03-08")
    made = Crowd(tmp_path / "db", "23:00", [rule("below 150", symbol="9988.HK")], {"9988.HK": tape})
    made.clock.to(noon - timedelta(minutes=10))
    made.store.wake(made.clock.now())
    assert made.turn(noon - timedelta(minutes=10)) == 0
    asked = []
    for minute in range(130):
        made.turn(noon + minute * MINUTE)
        asked += [(minute, "bars")] * len(made.floor.asked)
        asked += [(minute, "quotes")] * len(made.floor.asked_quotes)
    during = [minute for minute, _ in asked if 50 < minute < 90]
    assert during == []
    assert {"bars", "quotes"} == {what for minute, what in asked if minute >= 90}
    assert {"bars", "quotes"} == {what for minute, what in asked if minute <= 50}


def test_a_round_without_room_goes_on_where_it_stopped(tmp_path: Path) -> None:
    names = [f"S{n:04}" for n in range(1000)]
    rules = [rule("below 150", id=name, symbol=name) for name in names]
    made = Crowd(tmp_path / "db", "09:59", rules, dict.fromkeys(names, QUIET))
    made.polled("10:00")
    made.floor.room = 3
    made.clock.to(at("10:01"))
    made.floor.asked_quotes.clear()
    made.watch.step()
    assert len(made.floor.asked_quotes) == 1
    made.floor.room = 0
    assert made.watch.step() is None
    made.floor.room = 6
    while made.watch.step() is not None:
        pass
    read = [symbol for batch in made.floor.asked_quotes for symbol in batch]
    assert sorted(read) == names


def test_quotes_that_found_no_room_are_read_once_there_is(tmp_path: Path) -> None:
    made = crowd(tmp_path, flat("09:30", *[151] * 31, 149))
    made.floor.quote_error = Crowded("floor: as many as allowed", at("10:02:30"))
    assert minutes(made, "10:02", "10:02") == []
    made.floor.quote_error = None
    assert made.polled("10:02:29") == []
    assert made.polled("10:02:30") == [BABA]


def test_where_room_is_short_quotes_and_bars_take_turns(tmp_path: Path) -> None:
    names = [f"S{n:04}" for n in range(400)]
    rules = [rule("below 150", id=name, symbol=name) for name in names]
    made = Crowd(tmp_path / "db", "09:59", rules, dict.fromkeys(names, QUIET))
    made.polled("10:00")
    made.turn(at("10:01"))
    made.store.wake(made.clock.now())
    made.clock.to(at("10:02"))
    made.floor.asked.clear()
    made.floor.asked_quotes.clear()
    made.floor.spends = True
    spent = []
    for _ in range(6):
        made.floor.room = 1
        while made.floor.room:
            made.watch.step()
        spent.append((len(made.floor.asked_quotes), len(made.floor.asked)))
    assert spent == [(1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (3, 3)]


def test_a_clock_that_is_set_back_puts_no_quotes_off(tmp_path: Path) -> None:
    made = crowd(tmp_path)
    made.turn(at("12:00"))
    made.turn(at("10:05"))
    assert made.floor.asked_quotes == [[BABA]]
