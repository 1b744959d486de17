"""More symbols are due than may be asked for: none loses its place, and each has its turn."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import Symbol
from alertd.errors import Crowded
from tests.support.build import at, flat, rule
from tests.support.floor import MINUTE, Crowd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

QUIET = flat("09:30", *[151] * 120)
NAMES = [Symbol(f"S{n:02}") for n in range(24)]


def many(path: Path, names: Sequence[Symbol]) -> Crowd:
    """Return a crowd that was judged at 10:00."""
    rules = [rule("below 150", id=name.lower(), symbol=name) for name in names]
    made = Crowd(path / "db", "09:59", rules, dict.fromkeys(names, QUIET))
    made.polled("10:00")
    return made


def test_a_symbol_that_was_claimed_when_there_was_no_room_is_the_first_once_there_is(
    tmp_path: Path,
) -> None:
    made = many(tmp_path, NAMES[:3])
    for number, name in enumerate(NAMES[:3]):
        made.store.hasten([name], at("10:01") + timedelta(seconds=number))
    made.floor.room = 0
    made.floor.errors = dict.fromkeys(NAMES, Crowded("floor: no room", at("10:01:20")))
    assert [[*made.polled("10:01:10")], [*made.polled("10:01:19")]] == [[NAMES[0]], []]
    made.floor.errors = {}
    made.floor.room, made.floor.spends = 1, True
    assert made.polled("10:01:20")[0] == NAMES[0]


def test_symbols_that_are_pointed_at_all_the_time_leave_a_turn_to_the_others(
    tmp_path: Path,
) -> None:
    made = many(tmp_path, NAMES)
    # More of them are missing from the quotes than may be asked for in a minute.
    made.floor.odd = dict.fromkeys(NAMES[4:])
    made.floor.spends = True
    asked: set[Symbol] = set()
    for minute in range(1, 40):
        made.floor.room = 9
        made.turn(at("10:00") + minute * MINUTE)
        asked |= {*made.floor.asked}
    assert asked == {*NAMES}


def test_symbols_that_find_no_room_are_asked_for_as_soon_as_there_is(tmp_path: Path) -> None:
    made = many(tmp_path, NAMES[:2])
    made.store.hasten(NAMES[:2], at("10:01"))
    made.floor.room = 9
    made.floor.errors = dict.fromkeys(NAMES, Crowded("floor: no room", at("10:01:10")))
    made.polled("10:01")
    made.floor.errors = {}
    assert sorted(made.polled("10:01:10")) == NAMES[:2]
