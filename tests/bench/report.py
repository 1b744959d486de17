"""What was measured, in tables, and is the promise kept?

pytest-benchmark, cycles, memory, crowds, days, machine -> Measured -> tables -> BENCHMARKS.md
                                                                    -> promises, kept or broken
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench import crowds, livedays
from tests.bench.layout import Promise, number, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BEGIN, END = "<!-- measured: written by `make bench` -->", "<!-- end of what is measured -->"

FEW, MANY = 10, 100_000
# What 100,000 levels may cost compared with ten, and how much more a plain loop must cost.
MOST_AGAINST_FEW, LEAST_AGAINST_PLAIN = 2.0, 50.0

_CONTENDERS = {
    "ladder": "ladder", "numpy": "NumPy", "plain": "plain loop", "judging": "judging loop",
}  # fmt: skip
_STAGES = ("claim", "source", "almanac", "judging", "record")
_MIB = 1 << 20


@dataclass(frozen=True)
class Run:
    """The fastest round of one benchmark, in seconds, with what it says of itself."""

    seconds: float
    info: Mapping[str, Any]

    @property
    def a_point(self) -> float:
        return self.seconds / int(self.info["points"])


@dataclass(frozen=True)
class Measured:
    """All that one run of the bench has found."""

    day: str
    machine: Mapping[str, str]
    runs: Sequence[Run]
    cycles: Sequence[Mapping[str, Any]]
    memory: Mapping[str, int]
    crowds: Sequence[Mapping[str, Any]]
    usual: Sequence[Mapping[str, Any]]
    days: Sequence[Mapping[str, Any]]

    def point(self, contender: str, levels: int) -> float:
        """Return the seconds that a point of the random walk costs."""
        wanted = {"course": "walk", "contender": contender, "levels": levels}
        return next(run.a_point for run in self.runs if wanted.items() <= run.info.items())

    def promises(self) -> list[Promise]:
        """Return all that is promised: of points, of many symbols, of live days."""
        return [
            *self.of_points(), *crowds.promises(self.crowds), *livedays.promises(self.days),
        ]  # fmt: skip

    def of_points(self) -> tuple[Promise, Promise]:
        """Return what is promised of a price among many levels."""
        few, many = self.point("ladder", FEW), self.point("ladder", MANY)
        plain = self.point("plain", MANY)
        return (
            Promise(
                f"a point among {MANY:,} levels costs at most {MOST_AGAINST_FEW:g} times one "
                f"among {FEW}", many / few, many <= MOST_AGAINST_FEW * few,
            ),
            Promise(
                f"a point among {MANY:,} levels costs a plain loop at least "
                f"{LEAST_AGAINST_PLAIN:g} times as much", plain / many,
                plain >= LEAST_AGAINST_PLAIN * many,
            ),
        )  # fmt: skip


def written(page: str, measured: Measured) -> str:
    """Return a page with what is between its marks written anew."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{tables(measured)}\n{END}{rest.split(END)[1]}"


def tables(measured: Measured) -> str:
    """Return all tables, each under its heading."""
    return "\n".join(
        [
            table([f"measured on {measured.day}", ""], measured.machine.items()),
            "### Promises\n",
            "".join(f"- {promise}\n" for promise in measured.promises()),
            "### Many symbols\n",
            crowds.tables(measured.crowds, measured.usual),
            "### A live day\n",
            livedays.tables(measured.days),
            "### Points\n",
            _points([run for run in measured.runs if "contender" in run.info]),
            "### Replay\n",
            _replays([run for run in measured.runs if "bars" in run.info]),
            "### Cycles\n",
            _cycles(measured.cycles),
            "### Memory\n",
            _memory(measured.memory),
        ]
    )


def _points(runs: Iterable[Run]) -> str:
    rows: dict[tuple[str, int], dict[str, Run]] = {}
    for run in runs:
        row = rows.setdefault((run.info["course"], run.info["levels"]), {})
        row[run.info["contender"]] = run
    return table(
        ["course", "levels", "judged per 1,000 points", *_CONTENDERS.values()],
        (
            [course, f"{levels:,}", _judged(row["ladder"]), *(_speed(row, c) for c in _CONTENDERS)]
            for (course, levels), row in rows.items()
        ),
    )


def _replays(runs: Iterable[Run]) -> str:
    return table(
        ["bars", "how many", "alerts told", "bars a second"],
        (
            [
                run.info["course"], f"{run.info['bars']:,}", f"{run.info['told']:,}",
                number(run.info["bars"] / run.seconds),
            ]
            for run in runs
        ),
    )  # fmt: skip


def _cycles(cycles: Iterable[Mapping[str, Any]]) -> str:
    return table(
        ["cycle", "alerts", "symbols", "seconds", "of these computed", "ms a symbol",
         *(f"{stage}, s" for stage in _STAGES), "peak, MiB"],
        (
            [
                one["cycle"], one["kind"], f"{one['symbols']:,}", number(one["wall"]),
                number(one["cpu"]), number(1000 * one["wall"] / one["symbols"]),
                *(number(one["stages"].get(stage, 0)) for stage in _STAGES),
                number(one["peak"] / _MIB),
            ]
            for one in cycles
        ),
    )  # fmt: skip


def _memory(memory: Mapping[str, int]) -> str:
    parts = {
        "rules and states": memory["rules_and_states"],
        "places in the ladder": memory["ladder"],
    }
    rows = [*parts.items(), ("together", sum(parts.values()))]
    return table(
        [f"of {memory['alerts']:,} alerts", "bytes an alert", "MiB for a million"],
        ([name, f"{size:,}", f"{size * 1_000_000 / _MIB:,.0f}"] for name, size in rows),
    )


def _speed(row: Mapping[str, Run], contender: str) -> str:
    if contender not in row:
        return ""
    cost = row[contender].a_point
    return f"{number(1 / cost)}/s, {number(1e6 * cost)} µs"


def _judged(run: Run) -> str:
    return number(1000 * int(run.info["visits"]) / int(run.info["points"]))
