"""Many symbols: quotes say which to look at now, and the others are swept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.rules import Closes
from alertd.core.sessions import Hours
from alertd.watch import Plan
from tests.config.builders import load
from tests.support.build import at, bar, flat, rule
from tests.support.floor import MINUTE, Crowd

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Bar

BABA, IBM = Symbol("BABA"), Symbol("IBM")
TUESDAY = "2026-03-10"


def two(path: Path, baba: list[Bar], ibm: list[Bar], **more: object) -> Crowd:
    """Return a crowd of two with a level each, judged at 10:00."""
    rules = [rule("below 150"), rule("above 300", id="b", symbol="IBM")]
    made = Crowd(path / "db", "09:59", rules, {"BABA": baba, "IBM": ibm}, **more)  # type: ignore[arg-type]
    made.polled("10:00")
    return made


def test_what_no_quote_points_at_is_swept(tmp_path: Path) -> None:
    made = two(tmp_path, flat("09:30", *[151] * 120), flat("09:30", *[290] * 120))
    asked = {minute: [*made.polled(f"10:{minute}")] for minute in range(10, 40)}
    assert {minute: symbols for minute, symbols in asked.items() if symbols} == {
        15: [BABA, IBM],
        30: [BABA, IBM],
    }


def test_a_price_beyond_a_level_is_found_at_the_next_interval(tmp_path: Path) -> None:
    made = two(tmp_path, flat("09:30", *[151] * 35, 149.5), flat("09:30", *[290] * 60))
    assert made.polled("10:05") == []
    assert made.polled("10:06") == [BABA]
    assert made.told() == ["a fired"]


def test_a_wick_to_a_new_low_of_the_day_is_found_at_the_next_interval(tmp_path: Path) -> None:
    wick = [*flat("09:30", *[151] * 35), bar("10:05", "151 151 149 151"), *flat("10:06", 151)]
    made = two(tmp_path, wick, flat("09:30", *[290] * 60))
    assert made.polled("10:07") == [BABA]
    assert made.told() == ["a fired"]


def test_a_wick_inside_the_range_of_the_day_is_found_by_the_sweep(tmp_path: Path) -> None:
    course = [
        *flat("09:30", 151, 148, 152, 152), *flat("09:34", *[152] * 31),
        bar("10:05", "152 152 149 152"), *flat("10:06", *[152] * 20),
    ]  # fmt: skip
    made = two(tmp_path, course, flat("09:30", *[290] * 60))
    for minute in range(6, 15):
        assert made.polled(f"10:{minute:02}") == []
    assert made.polled("10:15") == [BABA, IBM]
    assert made.told() == ["a fired"]


def test_one_glance_is_one_request_for_ninety_nine_symbols(tmp_path: Path) -> None:
    rules = [rule("below 150", id=f"n{n:03}", symbol=f"S{n:03}") for n in range(200)]
    tapes = {f"S{n:03}": flat("09:30", *[151] * 60) for n in range(200)}
    made = Crowd(tmp_path / "db", "09:59", rules, tapes)
    assert len(made.polled("10:00")) == 200
    made.turn(at("10:01"))
    assert sorted(len(batch) for batch in made.floor.asked_quotes) == [2, 99, 99]
    assert made.floor.asked == []
    made.turn(at("10:01") + timedelta(seconds=30))
    assert made.floor.asked_quotes == []


def test_with_few_symbols_all_get_their_bars_at_each_interval_and_no_quote_is_asked_for(
    tmp_path: Path,
) -> None:
    made = two(tmp_path, flat("09:30", *[151] * 60), flat("09:30", *[290] * 60), sweep=None)
    assert made.polled("10:01") == [BABA, IBM]
    assert made.floor.asked_quotes == []


def test_with_more_than_ten_symbols_they_are_swept_every_quarter_of_an_hour(
    tmp_path: Path,
) -> None:
    names = [f"S{n:02}" for n in range(11)]
    rules = [rule("below 150", id=f"n{name}", symbol=name) for name in names]
    tapes = {name: flat("09:30", *[151] * 60) for name in names}
    made = Crowd(tmp_path / "db", "09:59", rules, tapes, sweep=None)
    made.polled("10:00")
    assert made.polled("10:14") == []
    assert len(made.polled("10:15")) == 11


def test_a_sweep_shorter_than_the_interval_is_the_interval(tmp_path: Path) -> None:
    made = two(tmp_path, flat("09:30", 151), flat("09:30", 290), sweep=timedelta(seconds=1))
    assert made.plan.pace == MINUTE


@pytest.mark.parametrize(
    ("symbols", "poll", "minutes"),
    [(10, "", 1), (11, "", 15), (10, 'sweep = "7m"', 7), (11, 'sweep = "1h"', 60)],
)
def test_the_sweep_of_the_configuration_counts_else_the_number_of_symbols(
    tmp_path: Path, symbols: int, poll: str, minutes: int
) -> None:
    alerts = (f'[[alert]]\nid = "a{n}"\nsymbol = "A{n}"\nbelow = 9\n' for n in range(symbols))
    plan = Plan.configured(load(tmp_path, f"[poll]\n{poll}\n{''.join(alerts)}"))
    assert plan.pace == minutes * MINUTE


def test_without_quotes_there_is_no_sweep(tmp_path: Path) -> None:
    made = two(tmp_path, flat("09:30", *[151] * 60), flat("09:30", *[290] * 60))
    made.watch = type(made.watch)(made.clock, made.floor, made.store, made.plan)
    made.polled("10:15")
    assert made.polled("10:16") == [BABA, IBM]


def test_an_alert_that_has_to_hold_is_looked_at_at_each_interval(tmp_path: Path) -> None:
    rules = [
        rule("below 150", hold=timedelta(minutes=30)),
        rule("above 300", id="b", symbol="IBM"),
    ]
    tapes = {"BABA": flat("09:30", *[151] * 32, *[149] * 60), "IBM": flat("09:30", *[290] * 90)}
    made = Crowd(tmp_path / "db", "09:59", rules, tapes)
    made.polled("10:00")
    looked = [[*made.polled(f"10:{minute:02}")] for minute in range(1, 6)]
    assert looked == [[], [], [BABA], [BABA], [BABA]]


def test_a_close_that_counts_is_asked_for_at_the_close_and_not_at_the_next_sweep(
    tmp_path: Path,
) -> None:
    rules = [rule("below 150", hold=Closes(1)), rule("above 300", id="b", symbol="IBM")]
    tapes = {"BABA": flat("15:50", *[149] * 10), "IBM": flat("15:50", *[290] * 10)}
    made = Crowd(tmp_path / "db", "15:49", rules, tapes)
    made.polled("15:50:30")
    assert made.polled("15:59") == []
    assert made.polled("16:00") == [BABA]
    assert made.polled("16:01") == [BABA]


def test_the_last_bars_of_a_session_are_settled_for_all(tmp_path: Path) -> None:
    made = two(tmp_path, flat("15:50", *[151] * 10), flat("15:50", *[290] * 10))
    made.polled("15:59")
    assert made.polled("16:04:59") == []
    assert made.polled("16:05") == [BABA, IBM]
    assert made.polled("23:00") == []


def test_at_the_open_symbols_are_spread_over_the_first_sweep_and_quotes_cover_them(
    tmp_path: Path,
) -> None:
    tape = [*flat("15:50", *[151] * 10), *flat("09:30", *[151] * 3, 149, day=TUESDAY)]
    made = two(tmp_path, tape, flat("15:50", *[290] * 10), chance=0.5)
    made.polled("15:59")
    made.polled("16:05")
    assert made.polled("09:30", TUESDAY) == []
    assert made.polled("09:31", TUESDAY) == []
    assert made.polled("09:33:30", TUESDAY) == [BABA]
    assert made.told() == ["a fired"]
    assert made.polled("09:37:29", TUESDAY) == []
    assert made.polled("09:37:30", TUESDAY) == [IBM]


def test_levels_that_go_by_the_session_are_fixed_at_its_open(tmp_path: Path) -> None:
    rules = [
        rule("rises 5%"),
        rule("rises 5%", id="x", symbol="IBM"),
        rule("above 300", id="b", symbol="IBM", session=Hours.EXTENDED),
    ]
    made = Crowd(tmp_path / "db", "15:58", rules, {}, chance=0.9)
    made.polled("15:59")
    made.polled("16:05")
    assert BABA not in made.polled("09:29:59", TUESDAY)
    assert {BABA, IBM} <= {*made.polled("09:30", TUESDAY)}


def test_sweeps_come_a_little_early_by_chance_and_never_late(tmp_path: Path) -> None:
    made = two(tmp_path, flat("09:30", *[151] * 60), flat("09:30", *[290] * 60), chance=0.5)
    assert made.polled("10:14:14") == []
    assert made.polled("10:14:15") == [BABA, IBM]


def test_intervals_are_a_little_shorter_by_chance_too(tmp_path: Path) -> None:
    course = flat("09:30", *[151] * 60)
    made = two(tmp_path, course, flat("09:30", *[290] * 60), sweep=None, chance=0.5)
    assert made.polled("10:00:56") == []
    assert made.polled("10:00:57") == [BABA, IBM]


def test_the_delay_that_a_source_says_counts_unless_the_user_has_said_one(tmp_path: Path) -> None:
    made = two(tmp_path, flat("09:30", *[151] * 60), flat("09:30", *[290] * 60))
    place = made.plan.listings[IBM]
    by_user = replace(place, delay=timedelta(minutes=1), asked_delay=True)
    made.plan = replace(made.plan, listings={**made.plan.listings, IBM: by_user})
    made.floor.delay = timedelta(minutes=20)
    made.begin()
    made.polled("10:01")
    made.polled("10:02")
    made.polled("10:16")
    made.store.wake(made.clock.now())
    claims = {each.symbol: each for each in made.store.claim_symbols(made.clock.now(), MINUTE, 9)}
    assert claims[BABA].delay == timedelta(minutes=20)
    assert (claims[BABA].cursor.at, claims[IBM].cursor.at) == (at("09:55"), at("10:10"))
