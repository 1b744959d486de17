"""What `make bench` compares does the same work, and what it says follows from what it measured."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alertd.core.ladder import Ladder
from alertd.core.rules import AlertId
from alertd.core.states import Side, State
from tests.bench import crowds, cycle, live, livedays
from tests.bench.courses import DIGITS, FIRST, PRICE, armed, minutes
from tests.bench.machine import described
from tests.bench.report import BEGIN, END, Measured, Run, written
from tests.bench.rivals import Arrayed, Contender, JudgingLoop, Listed, SearchingLoop
from tests.support.build import flat, rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alertd.core.bars import Bar
    from alertd.core.rules import Rule

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "BENCHMARKS.md"


def contenders(rules: list[Rule], states: Mapping[AlertId, State]) -> list[Contender]:
    return [
        Ladder(rules, states, DIGITS),
        SearchingLoop(rules, states, DIGITS, Listed),
        SearchingLoop(rules, states, DIGITS, Arrayed),
        JudgingLoop(rules, states, DIGITS),
    ]


def decided(contender: Contender, course: list[Bar]) -> list[set[tuple[object, ...]]]:
    """Return what a contender decides at each bar."""
    found = (contender.feed(bar, whole=True) for bar in course)
    return [{(d.alert, d.price, d.state) for d in decisions} for decisions in found]


def cycle_of(**more: float) -> dict[str, float]:
    """Return what a cycle over a thousand symbols cost: eleven requests of quotes, two of bars."""
    usual = {
        "near": 1, "pointed": 1, "swept": 1, "quotes": 11, "charts": 2, "connections": 0, "told": 1,
        "wall": 0.5, "cpu": 0.25, "memory": 200_000_000, "files": 20, "threads": 5,
    }  # fmt: skip
    return {**usual, **more}


def crowd_of(*cycles: dict[str, float], peak: int = 300_000_000) -> dict[str, object]:
    return {"symbols": 1000, "sweep": "15m", "cycles": [*cycles], "peak": peak}


def day_of(missing: int = 0, others: int = 0, withdrawn: int = 0) -> dict[str, object]:
    shape = {
        "missing": missing, "others": others, "withdrawn": withdrawn, "median": 7.0, "worst": 70.0,
        "bars": 100.0, "quotes": 390.0,
    }  # fmt: skip
    return {
        "course": "walk", "sessions": 1, "interval": 60.0, "sweep": 900.0, "events": 10,
        "glimpsed": 5, "whole": shape, "growing": {**shape, "withdrawn": 3},
    }  # fmt: skip


def measured(few: float, many: float, plain: float) -> Measured:
    """Return what these seconds a point come to."""
    seconds = {("ladder", 10): few, ("ladder", 100_000): many, ("plain", 100_000): plain}
    runs = [
        Run(2 * cost, {"course": "walk", "contender": c, "levels": n, "points": 2, "visits": 1})
        for (c, n), cost in seconds.items()
    ]
    spent: Mapping[str, object] = {
        "kind": "levels", "cycle": "next", "symbols": 10, "told": 0, "wall": 1.5, "cpu": 1.0,
        "stages": {"claim": 0.5}, "peak": 1 << 20,
    }  # fmt: skip
    memories = {"alerts": 10, "rules_and_states": 400, "ladder": 200}
    usual: Mapping[str, object] = {
        "each": 10, "symbols": 100, "wall": 2.0, "cpu": 1.0, "requests": 100, "connections": 100,
        "threads": 0, "grown": 1_000_000,
    }  # fmt: skip
    crowd = crowd_of(*[cycle_of()] * 20)
    return Measured(
        "2026-03-09", {"memory": "8 GiB"}, runs, [spent], memories, [crowd], [usual], [day_of()]
    )


@pytest.mark.parametrize("dense", [False, True], ids=["spared", "dense"])
def test_all_contenders_come_to_the_same_decisions(dense: bool) -> None:  # noqa: FBT001
    course = minutes(FIRST, sessions=1)[:120]
    ladder, *others = [one.fork() for one in contenders(*armed(60, PRICE, dense=dense))]
    expected = decided(ladder, course)
    assert [decided(other, course) for other in others] == [expected] * len(others)
    assert all(other.states == ladder.states for other in others)
    assert any(state.fired_at for state in ladder.states.values())


def test_all_contenders_judge_a_price_exactly_where_an_alert_is_armed_again() -> None:
    rules = [rule("below 150", id="low"), rule("above 150", id="high")]
    sides = {AlertId("low"): State(side=Side.ABOVE), AlertId("high"): State(side=Side.BELOW)}
    course = flat("09:30", 150, 149, 151, 151.5, 149, 148.5, 150)
    expected, *others = [decided(one, course) for one in contenders(rules, sides)]
    assert others == [expected] * len(others)
    assert [len(at_bar) for at_bar in expected] == [0, 1, 2, 1, 2, 1, 0]


def test_however_many_levels_there_are_the_course_meets_the_same_few() -> None:
    course = minutes(FIRST, sessions=20)
    few, many = (Ladder(*armed(count, PRICE), DIGITS) for count in (10, 1000))
    met = [len(few.feed(bar, whole=True)) for bar in course]
    assert met == [len(many.feed(bar, whole=True)) for bar in course]
    assert sum(met) > 100


@pytest.mark.parametrize("kind", ["levels", "mixed"])
def test_a_measured_cycle_polls_every_symbol_and_says_where_the_time_went(
    kind: str, tmp_path: Path
) -> None:
    found = cycle.measured(3, kind, tmp_path)
    assert [one["cycle"] for one in found] == ["next"] if kind == "levels" else ["first", "next"]
    for one in found:
        stages = one["stages"]
        assert isinstance(stages, dict)
        assert one["symbols"] == 3
        assert {"claim", "source", "judging", "record"} <= stages.keys()
        assert sum(stages.values()) == pytest.approx(one["wall"])


def test_symbols_that_are_not_judged_are_left_as_if_they_had_been(tmp_path: Path) -> None:
    kept = []
    for name, most in (("judged", None), ("spread", 1)):
        folder = tmp_path / name
        folder.mkdir()
        # One batch is judged, and four are left over.
        bench = cycle.bench(20, "levels", folder)
        bench.judge(most)
        if most:
            bench.spread()
        with closing(sqlite3.connect(bench.database)) as connection:
            symbols = connection.execute("select * from symbols order by symbol").fetchall()
            alerts = connection.execute("select * from alerts order by alert").fetchall()
        kept.append((symbols, alerts))
    assert kept[0] == kept[1]


def test_a_cycle_asks_for_what_it_needs_and_leaves_nothing_behind() -> None:
    # In a process of its own: yfinance has one session for all, and threads are counted.
    command = [sys.executable, "-m", "tests.bench.crowd", "500", "1h", "6"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    *usual, crash = json.loads(done.stdout)["cycles"]
    for one in (*usual, crash):
        assert one["quotes"] == 6
        assert one["charts"] == one["pointed"] + one["swept"]
        assert one["pointed"] <= one["near"]
    # Six minutes of an hour's sweep: a tenth of the symbols.
    assert sum(one["swept"] for one in usual) == 50
    assert (crash["pointed"], crash["told"]) == (50, 50)
    assert sum(one["connections"] for one in (*usual, crash)) == 0
    for what in ("files", "threads"):
        assert len({one[what] for one in (*usual, crash)}) == 1


def test_in_the_first_cycle_every_symbol_gets_its_bars() -> None:
    command = [sys.executable, "-m", "tests.bench.crowd", "120", "15m", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (first,) = json.loads(done.stdout)["cycles"]
    assert (first["charts"], first["swept"], first["told"]) == (120, 120, 0)


def test_the_usual_way_asks_for_every_symbol_by_itself() -> None:
    command = [sys.executable, "-m", "tests.bench.usual", "30", "10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert (found["symbols"], found["requests"]) == (30, 30)


def test_memory_grows_with_the_alerts() -> None:
    # In a process of its own, as the benchmark has it: this one may have room left from before.
    command = [sys.executable, "-m", "tests.bench.memory", "20000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert 100 < found["rules_and_states"] + found["ladder"] < 2000


def test_the_promise_is_kept_at_its_bounds_and_broken_past_them() -> None:
    assert [promise.kept for promise in measured(1.0, 2.0, 100.0).of_points()] == [True, True]
    assert [promise.kept for promise in measured(1.0, 2.1, 100.0).of_points()] == [False, False]
    assert [promise.kept for promise in measured(1.0, 1.0, 49.0).of_points()] == [True, False]


@pytest.mark.parametrize(
    ("odd", "broken"),
    [
        ({}, []),
        ({"charts": 3}, [0]),
        ({"charts": 3, "near": 2}, []),
        ({"quotes": 12}, [0]),
        ({"wall": 20.0}, [1]),
        ({"memory": 210_000_000}, [3]),
        ({"files": 21}, [4]),
        ({"threads": 6}, [4]),
        ({"threads": 4}, []),
    ],
)
def test_what_is_promised_of_many_symbols_is_broken_by_its_last_cycle(
    odd: dict[str, int], broken: list[int]
) -> None:
    run = crowd_of(*[cycle_of()] * 20, cycle_of(**odd))
    promises = list(crowds.promises([run]))
    assert [number for number, promise in enumerate(promises) if not promise.kept] == broken


def test_memory_is_promised_at_its_peak() -> None:
    heavy = crowd_of(*[cycle_of()] * 20, peak=400_000_000)
    assert [promise.kept for promise in crowds.promises([heavy])][2] is False


def test_of_a_few_cycles_nothing_is_promised() -> None:
    assert list(crowds.promises([crowd_of(cycle_of(wall=99.0))])) == []


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        (day_of(), [True, True, True]),
        (day_of(missing=1), [False, True, True]),
        (day_of(others=1), [True, False, True]),
        (day_of(withdrawn=1), [True, True, False]),
    ],
)
def test_what_is_promised_of_live_days_is_broken_by_one_event(
    day: dict[str, object], kept: list[bool]
) -> None:
    promises = livedays.promises([day_of(), day])
    assert [promise.kept for promise in promises] == kept


def test_the_page_is_written_anew_between_its_marks_and_nowhere_else() -> None:
    page = f"before\n{BEGIN}\nof yesterday\n{END}\nafter\n"
    once = written(page, measured(1.0, 2.1, 1000.0))
    assert "BROKEN: a point among 100,000 levels" in once
    assert "yesterday" not in once
    assert (once.startswith(f"before\n{BEGIN}\n"), once.endswith(f"{END}\nafter\n")) == (True, True)
    assert written(once, measured(1.0, 2.1, 1000.0)) == once


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.0004, "0.000"), (1.0664, "1.07"), (999.7, "1,000"), (24987.0, "25,000")]
)
def test_a_ratio_is_told_in_three_digits(ratio: float, words: str) -> None:
    told = str(measured(1.0, ratio, 1.0).of_points()[0])
    assert told.endswith(f"measured: {words}")


def test_live_days_are_measured_in_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALERTD_SHARED", raising=False)
    monkeypatch.setattr(live, "INTERVALS", (timedelta(minutes=5),))
    rows = live.measured(sessions=1)
    assert [row["sweep"] for row in rows] == [None, 900.0]
    assert all(promise.kept for promise in livedays.promises(rows))
    assert "| walk, 1 session | 5m | 15m |" in livedays.tables(rows)


def test_the_page_has_its_marks() -> None:
    assert written(PAGE.read_text(encoding="utf-8"), measured(1.0, 1.0, 60.0)).count(BEGIN) == 1


def test_the_machine_is_described_without_its_name_or_a_path() -> None:
    said = " ".join(described().values())
    assert Path("/proc/sys/kernel/hostname").read_text().strip() not in said.split()
    assert " /" not in said
