"""A bar that cannot be believed, and what another source says of its minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core.bars import Symbol
from alertd.core.quality import Verdict
from tests.support.build import at, flat, rule
from tests.support.floor import MINUTE, Crowd

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Bar

BABA = Symbol("BABA")
FALLS = flat("09:30", *[151] * 31, 120)
SAME = flat("10:01", 120.4, 120.4)
OTHER = flat("10:01", 151, 151)


def doubted(path: Path, others: list[Bar] | None, tape: list[Bar] = FALLS) -> Crowd:
    """Return a crowd of one whose bar of 10:01 is far from the one before, at 10:01:30."""
    made = Crowd(path / "db", "09:59", [rule("below 150")], {"BABA": tape}, sweep=MINUTE)
    if others is not None:
        made.floor.others[BABA] = others
    made.polled("10:00:30")
    made.polled("10:01:30")
    return made


def test_a_suspect_bar_that_another_source_bears_out_is_judged_at_once(tmp_path: Path) -> None:
    made = doubted(tmp_path, SAME)
    assert made.floor.asked_second == [(BABA, at("10:01"))]
    assert made.told() == ["a fired"]


def test_a_suspect_bar_that_another_source_does_not_show_waits(tmp_path: Path) -> None:
    assert doubted(tmp_path, OTHER).told() == []


def test_a_suspect_bar_waits_where_there_is_no_other_source(tmp_path: Path) -> None:
    assert doubted(tmp_path, None).told() == []


def test_what_was_borne_out_once_stays_so_until_it_has_settled(tmp_path: Path) -> None:
    made = doubted(tmp_path, SAME, [*FALLS, *flat("10:02", *[151] * 20)])
    made.floor.others.clear()
    for minute in range(2, 20):
        made.turn(at(f"10:{minute:02}:30"))
    assert made.told() == ["a fired"]
    assert made.floor.asked_second.count((BABA, at("10:01"))) == 1
    (claim,) = made.store.claim_symbols(at("10:40"), MINUTE, 9)
    assert claim.record.verdicts == {Verdict.AGREED: 1, Verdict.CONFIRMED: 1}


def test_another_source_is_asked_of_a_bar_once_an_interval(tmp_path: Path) -> None:
    made = doubted(tmp_path, OTHER)
    made.store.wake(made.clock.now())
    made.turn(at("10:01:45"))
    assert len(made.floor.asked_second) == 1
    made.turn(at("10:02:45"))
    assert len(made.floor.asked_second) == 2
