"""A source that fails, a configuration that changes, bars that cannot be believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calendars import listing
from alertd.core.rules import Closes
from alertd.core.sessions import Hours
from alertd.errors import RateLimited, SourceDown, SourceError, UnknownSymbol
from alertd.watch import Watch
from tests.support.build import at, bar, flat, rule
from tests.support.fakes import Tape
from tests.support.world import MINUTE, World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("error", "words", "wait"),
    [
        (SourceDown("yahoo: no answer within 20 s"), "no answer within 20 s", MINUTE),
        (RateLimited("yahoo: too many requests", at("09:45")), "too many requests", 14 * MINUTE),
        (UnknownSymbol("yahoo: BABA is not known"), "BABA is not known", 15 * MINUTE),
    ],
)
def test_a_source_that_fails_leaves_the_state_says_so_and_is_asked_again(
    tmp_path: Path, lines: list[str], error: SourceError, words: str, wait: timedelta
) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:29", 151, 151, 149))
    world.poll("09:30")
    world.source.errors = [error]
    assert world.poll("09:31") == 0
    assert [line for line in lines if words in line and "BABA" in line]
    again = at("09:31") + wait
    assert world.poll_at(again - timedelta(seconds=1)) is None
    assert world.poll_at(again) == 1


def test_a_fetch_that_fails_after_the_close_is_repeated_until_the_last_bars_are_judged(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "db", "15:50", [rule("below 150")], flat("15:50", *[151] * 8, 149))
    world.poll("15:50")
    world.source.errors = [SourceDown("yahoo: no answer")] * 2
    world.poll("15:51")
    world.poll("16:05")
    assert world.poll("16:06") == 1


def test_official_closes_that_cannot_be_had_do_not_hold_up_the_minutes(
    tmp_path: Path, lines: list[str]
) -> None:
    tape = [*flat("15:58", 151, 149), *flat("16:01", 160)]
    rules = [
        rule("below 150", id="close", hold=Closes(1)),
        rule("above 155", id="minute", session=Hours.EXTENDED),
    ]
    world = World(tmp_path / "db", "15:50", rules, tape)
    world.poll("15:50")
    world.source.daily_error = SourceDown("yahoo: no days")
    assert world.poll("16:02") == 2
    assert [line for line in lines if "no official closes" in line and "no days" in line]


def test_a_calendar_that_does_not_reach_this_year_is_named_and_tried_later(
    tmp_path: Path, lines: list[str]
) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150", symbol="600519.SS")], [])
    world.clock.to(at("09:30", "2031-03-10"))
    world.store.wake(world.clock.now())
    assert world.poll("09:30", "2031-03-10") == 0
    assert [line for line in lines if "calendar XSHG does not reach 2031" in line]
    assert world.poll("10:29", "2031-03-10") is None


def test_rules_that_are_not_those_of_the_store_judge_nothing(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))
    world.store.adopt([rule("below 149.5")], world.clock.now())
    assert world.poll("09:32") == 0
    assert world.notices() == []
    world.store.adopt([rule("below 150")], at("09:30"))
    assert world.poll("09:33") == 1


def test_an_empty_answer_is_named(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], [])
    world.poll("09:31")
    assert [line for line in lines if "no new bars" in line and "BABA" in line]


def test_a_first_look_that_fails_while_the_market_is_closed_is_repeated_at_the_interval(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "db", "18:00", [rule("below 150")], flat("15:58", 151))
    world.source.errors = [SourceDown("yahoo: no answer")]
    world.poll("18:00")
    assert world.poll("18:01") == 0
    assert world.poll("18:02") is None


@pytest.mark.parametrize(
    ("day", "before"), [("2026-03-09", "2026-03-06"), ("2018-03-12", "2018-03-09")]
)
def test_a_first_look_that_succeeds_only_later_begins_before_the_alert_was_set_up(
    tmp_path: Path, day: str, before: str
) -> None:
    tape = [*flat("15:58", 151, day=before), *flat("11:00", 149, 151, day=day)]
    world = World(tmp_path / "db", "10:00", [rule("below 150")], tape)
    world.clock.to(at("10:00", day))
    world.store.adopt([], world.clock.now())
    world.store.adopt(world.rules, world.clock.now())
    world.source.errors = [SourceDown("yahoo: no answer")]
    world.poll("10:00", day)
    assert world.poll("09:35", "2026-03-11") == 1
    assert world.source.asked[-1][0] == at("04:00", before)


def test_refused_bars_are_named_and_the_good_ones_judged(tmp_path: Path, lines: list[str]) -> None:
    tape = [*flat("09:30", 151), bar("09:31", "nan"), *flat("09:32", 149)]
    world = World(tmp_path / "db", "09:30", [rule("below 150")], tape)
    assert world.poll("09:33") == 1
    assert [line for line in lines if "bars not good yet" in line and "price missing" in line]


def test_bars_in_another_currency_never_fire(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))
    world.source.currency = "CNY"
    assert world.poll("09:33") == 0
    assert [line for line in lines if "not in the expected currency" in line]


def test_a_currency_that_one_answer_lacks_is_that_of_the_answers_before(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 151, 149))
    places = {symbol: listing(symbol) for symbol in world.plan.listings}
    plan = replace(world.plan, listings=places)
    world.watch = Watch(world.clock, world.source, world.store, plan)
    world.source.currency = "CNY"
    world.poll("09:31")
    world.source.currency = None
    assert world.poll("09:33") == 1
    assert [notice.currency for notice in world.notices()] == ["CNY"]


def test_an_empty_window_changes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151))
    world.poll("09:36")
    before = world.states()
    world.source.tape = []
    world.poll("09:37")
    assert world.states() == before


def test_a_lease_that_was_lost_meanwhile_records_nothing(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))

    class Slow(Tape):
        def bars(self, *asked: object) -> object:  # type: ignore[override]
            world.store.adopt([rule("below 150")], world.clock.now())
            return super().bars(*asked)  # type: ignore[arg-type]

    world.source = Slow(world.clock, world.source.tape)
    world.restart()
    assert world.poll("09:32") == 0
    assert world.notices() == []
    assert [line for line in lines if "lease lost" in line]
