"""When another source stands in: what was told stands, and is not told again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core.bars import Symbol
from alertd.core.rules import AlertId
from alertd.core.states import Phase
from alertd.store.reading import Reader
from tests.support.build import at, bar, flat, rule
from tests.support.floor import MINUTE, Crowd

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Bar

BABA = Symbol("BABA")
CALM = flat("09:30", *[151] * 31)
FELL = bar("10:01", "151 151 149.9 150.5")


def told_by_first(path: Path) -> Crowd:
    """Return a crowd in which the first source's bar of 10:01 has fired the alert."""
    after = flat("10:02", *[150.5] * 60)
    made = Crowd(path / "db", "09:59", [rule("below 150")], {"BABA": [*CALM, FELL, *after]})
    made.floor.whose[BABA] = "floor"
    made.polled("10:00")
    made.turn(at("10:02"))
    assert made.told() == ["a fired"]
    return made


def switched(made: Crowd, tape: list[Bar], source: str = "alpaca") -> None:
    made.floor.whose[BABA], made.floor.tapes[BABA] = source, tape
    made.store.wake(made.clock.now())
    made.turn(made.clock.now() + MINUTE)


def standings(made: Crowd) -> list[str]:
    reader = Reader.open(made.path)
    assert reader
    return [row.standing for row in reader.events(9)]


def test_what_one_source_has_shown_is_not_taken_back_by_bars_of_another(tmp_path: Path) -> None:
    made = told_by_first(tmp_path)
    switched(made, [*CALM, *flat("10:01", *[150.5] * 60)])
    assert standings(made) == ["settled"]
    made.turn(at("10:20"))
    assert made.told() == ["a fired"]
    assert standings(made) == ["settled"]


def test_it_stands_too_where_the_other_source_comes_when_its_bar_has_settled(
    tmp_path: Path,
) -> None:
    made = told_by_first(tmp_path)
    made.clock.to(at("10:19"))
    switched(made, [*CALM, *flat("10:01", *[150.5] * 60)])
    assert made.told() == ["a fired"]
    assert standings(made) == ["settled"]


def test_without_a_switch_it_would_be_taken_back(tmp_path: Path) -> None:
    made = told_by_first(tmp_path)
    switched(made, [*CALM, *flat("10:01", *[150.5] * 60)], source="floor")
    made.turn(at("10:20"))
    assert made.told() == ["a fired", "a withdrawn"]


def test_the_same_crossing_in_another_minute_of_the_other_source_is_not_told_again(
    tmp_path: Path,
) -> None:
    made = told_by_first(tmp_path)
    other = [*CALM, bar("10:01", "151 151 150.1 150.5"), bar("10:02", "150.5 150.5 149.8 150.5")]
    switched(made, [*other, *flat("10:03", *[150.5] * 60)])
    made.turn(at("10:04"))
    assert made.told() == ["a fired"]
    made.turn(at("10:20"))
    assert made.told() == ["a fired"]
    claim = next(iter(made.store.claim_symbols(at("10:40"), MINUTE, 9)))
    assert claim.states[AlertId("a")].phase is Phase.FIRED
    assert claim.source == "alpaca"


def test_a_crossing_after_the_switch_is_told(tmp_path: Path) -> None:
    made = told_by_first(tmp_path)
    other = flat("10:01", *[150.5] * 20, 149, 149)
    switched(made, [*CALM, *other])
    made.turn(at("10:22"))
    assert made.told() == ["a fired", "a fired"]


def test_bars_that_do_not_come_are_no_switch(tmp_path: Path) -> None:
    made = told_by_first(tmp_path)
    switched(made, [])
    claim = next(iter(made.store.claim_symbols(at("10:40"), MINUTE, 9)))
    assert (claim.source, len(claim.open)) == ("floor", 1)


def test_a_message_says_whose_its_prices_are_and_who_was_asked_first(tmp_path: Path) -> None:
    made = told_by_first(tmp_path)
    switched(made, [*CALM, *flat("10:01", *[150.5] * 20, 149, 149)])
    made.turn(at("10:22"))
    reader = Reader.open(made.path)
    assert reader
    told = sorted((row.notice for row in reader.events(9)), key=lambda notice: notice.detected_at)
    whose = [(notice.source, notice.first_source) for notice in told]
    assert whose == [("floor", ""), ("alpaca", "floor")]
