"""What was measured, in tables, and is the promise kept?

runs of pytest-benchmark, cycles, memory, machine -> Measured -> tables -> BENCHMARKS.md
                                                              -> promises, kept or broken
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
# Where three digits are written without an exponent, and without decimals.
_TINY, _LARGE = 0.01, 100


@dataclass(frozen=True)
class Run:
    """The fastest round of one benchmark, in seconds, with what it says of itself."""

    seconds: float
    info: Mapping[str, Any]

    @property
    def a_point(self) -> float:
        return self.seconds / int(self.info["points"])


@dataclass(frozen=True)
class Promise:
    """What is promised of a ratio, and what it is."""

    words: str
    ratio: float
    kept: bool

    def __str__(self) -> str:
        return f"{'kept' if self.kept else 'BROKEN'}: {self.words}; measured: {_number(self.ratio)}"


@dataclass(frozen=True)
class Measured:
    """All that one run of the bench has found."""

    day: str
    machine: Mapping[str, str]
    runs: Sequence[Run]
    cycles: Sequence[Mapping[str, Any]]
    memory: Mapping[str, int]

    def point(self, contender: str, levels: int) -> float:
        """Return the seconds that a point of the random walk costs."""
        wanted = {"course": "walk", "contender": contender, "levels": levels}
        return next(run.a_point for run in self.runs if wanted.items() <= run.info.items())

    def promises(self) -> tuple[Promise, Promise]:
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
    promises = "\n".join(f"- {promise}" for promise in measured.promises())
    return "\n".join(
        [
            _table([f"measured on {measured.day}", ""], measured.machine.items()),
            f"### Points\n\n{promises}\n",
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
    return _table(
        ["course", "levels", "judged per 1,000 points", *_CONTENDERS.values()],
        (
            [course, f"{levels:,}", _judged(row["ladder"]), *(_speed(row, c) for c in _CONTENDERS)]
            for (course, levels), row in rows.items()
        ),
    )


def _replays(runs: Iterable[Run]) -> str:
    return _table(
        ["bars", "how many", "alerts told", "bars a second"],
        (
            [
                run.info["course"], f"{run.info['bars']:,}", f"{run.info['told']:,}",
                _number(run.info["bars"] / run.seconds),
            ]
            for run in runs
        ),
    )  # fmt: skip


def _cycles(cycles: Iterable[Mapping[str, Any]]) -> str:
    return _table(
        ["cycle", "alerts", "symbols", "seconds", "of these computed", "ms a symbol",
         *(f"{stage}, s" for stage in _STAGES), "peak, MiB"],
        (
            [
                one["cycle"], one["kind"], f"{one['symbols']:,}", _number(one["wall"]),
                _number(one["cpu"]), _number(1000 * one["wall"] / one["symbols"]),
                *(_number(one["stages"].get(stage, 0)) for stage in _STAGES),
                _number(one["peak"] / _MIB),
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
    return _table(
        [f"of {memory['alerts']:,} alerts", "bytes an alert", "MiB for a million"],
        ([name, f"{size:,}", f"{size * 1_000_000 / _MIB:,.0f}"] for name, size in rows),
    )


def _speed(row: Mapping[str, Run], contender: str) -> str:
    if contender not in row:
        return ""
    cost = row[contender].a_point
    return f"{_number(1 / cost)}/s, {_number(1e6 * cost)} µs"


def _judged(run: Run) -> str:
    return _number(1000 * int(run.info["visits"]) / int(run.info["points"]))


def _number(value: float) -> str:
    """Return a number in three digits, or in three decimals where it is tiny."""
    if value < _TINY:
        return f"{value:.3f}"
    short = f"{value:.3g}"
    return f"{float(short):,.0f}" if value >= _LARGE else short


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
