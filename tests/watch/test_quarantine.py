"""A symbol that no source knows: left alone for longer and longer, and told once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from alertd.core.events import Kind
from alertd.errors import RateLimited, SourceDown, UnknownSymbol
from tests.support.build import at, flat, rule
from tests.support.world import MINUTE, World

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path

    from alertd.core.bars import Bar

UNKNOWN = UnknownSymbol("yahoo: BABA is not known, it may be delisted")
TUESDAY = "2026-03-10"


def unknown(path: Path, tape: list[Bar], times: int) -> World:
    """Return a world whose symbol is unknown for so many times from 10:00 on."""
    made = World(path / "db", "09:59", [rule("below 150")], tape)
    if tape:
        made.poll("09:59")
    made.source.errors = [UNKNOWN] * times
    return made


def asked_after(made: World, times: int) -> list[timedelta]:
    """Return how long it takes from each time that the symbol is asked for to the next."""
    moments: list[datetime] = []
    moment = at("10:00")
    while len(moments) <= times:
        if made.poll_at(moment) is not None:
            moments.append(moment)
        moment += MINUTE
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def kinds(made: World) -> list[Kind]:
    return [notice.event.kind for notice in made.notices()]


def test_an_unknown_symbol_is_asked_for_after_pauses_that_double_up_to_a_day(
    tmp_path: Path,
) -> None:
    made = unknown(tmp_path, [], 99)
    minutes = [pause / MINUTE for pause in asked_after(made, 9)]
    assert minutes == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_a_symbol_that_never_had_a_bar_is_told_at_once_and_once(tmp_path: Path) -> None:
    made = unknown(tmp_path, [], 99)
    asked_after(made, 4)
    (notice,) = made.notices()
    assert (notice.event.kind, notice.event.at) == (Kind.STALE, at("10:00"))
    assert notice.event.about.startswith(f"{UNKNOWN}; asked for again after growing pauses")
    assert notice.event.about.endswith("look up how it is written, or remove its alerts")


def test_a_symbol_that_had_bars_is_told_when_it_is_unknown_twice_in_a_row(tmp_path: Path) -> None:
    made = unknown(tmp_path, flat("09:30", *[151] * 29), 99)
    assert made.poll("10:00") == 0
    assert made.poll("10:15") == 1
    (notice,) = made.notices()
    assert (notice.event.kind, notice.event.bar_start) == (Kind.STALE, at("09:59"))


def test_a_symbol_that_is_forgotten_for_a_moment_is_not_told(tmp_path: Path) -> None:
    made = unknown(tmp_path, flat("09:30", *[151] * 60), 1)
    assert [made.poll("10:00"), made.poll("10:15")] == [0, 0]
    assert made.claim().unknown_since is None
    assert made.notices() == []


def test_a_symbol_that_is_known_again_is_told_and_what_it_missed_is_judged(
    tmp_path: Path,
) -> None:
    tape = [*flat("09:30", *[151] * 40), *flat("10:10", 149, 151, *[151] * 60)]
    made = unknown(tmp_path, tape, 2)
    for clock in ("10:00", "10:15"):
        made.poll(clock)
    assert made.poll("10:45") == 2
    assert sorted(kinds(made)) == [Kind.FIRED, Kind.RESUMED, Kind.STALE]
    assert made.poll("10:46") == 0


def test_a_symbol_is_unknown_since_the_first_time_over_other_failures_and_a_restart(
    tmp_path: Path,
) -> None:
    made = unknown(tmp_path, [], 1)
    made.poll("10:00")
    made.source.errors = [SourceDown("down"), RateLimited("wait", at("10:20")), UNKNOWN]
    made.poll("10:15")
    assert made.claim().unknown_since == at("10:00")
    made.poll("10:16")
    made.restart()
    made.poll("10:30")
    assert made.poll("11:14:59") is None
    assert made.poll("11:15") is not None
    assert kinds(made) == [Kind.STALE]


def test_an_unknown_symbol_that_no_alert_waits_for_is_not_told(tmp_path: Path) -> None:
    over = rule("below 150", expires=at("09:45"))
    made = World(tmp_path / "db", "09:59", [over], [])
    made.source.errors = [UNKNOWN] * 3
    asked_after(made, 2)
    assert made.notices() == []
