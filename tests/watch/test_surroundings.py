"""What a message says besides its event: the other levels as they are now, the last price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core.bars import Split, Symbol
from alertd.core.events import Kind
from alertd.core.rules import AlertId, Condition, Name, Named, Rule
from alertd.errors import SourceDown
from tests.support.build import almanac, at, flat, rule
from tests.support.world import World

if TYPE_CHECKING:
    from pathlib import Path

TUESDAY = "2026-03-10"


def test_on_the_day_of_a_split_other_levels_are_in_new_shares_before_anything_has_settled(
    tmp_path: Path,
) -> None:
    tape = [*flat("15:50", *[1200.0] * 10), *flat("09:30", 120.5, 118, day=TUESDAY)]
    rules = [rule("below 1190"), rule("above 1300", id="b")]
    world = World(tmp_path / "db", "15:50", rules, tape)
    world.poll("16:06")
    world.source.splits = [Split(at("04:00", TUESDAY), 10.0)]
    world.poll("09:32", TUESDAY)
    (fired,) = [notice for notice in world.notices() if notice.event.kind is Kind.FIRED]
    assert [other.level for other in fired.others] == [130]


def test_another_level_by_name_is_listed_as_it_is_in_the_first_minute_of_a_session(
    tmp_path: Path,
) -> None:
    high = Rule(AlertId("b"), Symbol("BABA"), Condition.ABOVE, Named(Name.YEAR_HIGH))
    world = World(tmp_path / "db", "09:30", [rule("below 150"), high], flat("09:30", 150.5, 149))
    world.source.official = list(almanac().days)
    world.poll("09:32")
    (fired,) = world.notices()
    assert [other.level for other in fired.others] == [151.5]


def test_a_message_of_silence_says_the_last_price_in_its_currency(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151.25, 151.25))
    world.plan.stale_after.clear()  # type: ignore[attr-defined]
    world.poll("09:32")
    world.source.errors.append(SourceDown("down"))
    world.poll("10:30")
    (stale,) = world.notices()
    assert (stale.price_now, stale.currency, stale.digits) == (151.25, "USD", 2)
