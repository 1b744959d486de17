"""What do ten thousand symbols cost, in tables, and what would they cost the usual way?

crowd.measured -> rows, promises        usual.measured -> rows
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from tests.bench.layout import Promise, number, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOGETHER = 99
MOST_SECONDS, MOST_MEMORY, MOST_GROWTH = 20.0, 400.0, 1.05
_MB = 1_000_000
# Until then caches fill: of sessions, of statements, of connections.
_WARM = 10

Run = Mapping[str, Any]


def promises(runs: Sequence[Run]) -> Iterator[Promise]:
    """Yield what is promised of many symbols, by the runs that had cycles enough to tell."""
    long = [run for run in runs if len(run["cycles"]) > _WARM]
    if long:
        symbols = f"{long[0]['symbols']:,} symbols"
        yield _of_requests(symbols, long)
        yield from _of_cost(symbols, long)
        yield from _of_staying(max((run["cycles"] for run in long), key=len))


def _of_requests(symbols: str, runs: Sequence[Run]) -> Promise:
    share = max(_asked(cycle) / _allowed(run, cycle) for run in runs for cycle in run["cycles"])
    return Promise(
        f"sweeps apart, a cycle over {symbols} asks at most one request for {TOGETHER} of them and "
        "one for each that came to a level; measured as a share of that, at its worst",
        share, share <= 1,
    )  # fmt: skip


def _of_cost(symbols: str, runs: Sequence[Run]) -> Iterator[Promise]:
    slowest = max(cycle["wall"] for run in runs for cycle in run["cycles"])
    yield Promise(
        f"a cycle over {symbols} takes less than {MOST_SECONDS:g} s, even one with a crash",
        slowest, slowest < MOST_SECONDS,
    )  # fmt: skip
    peak = max(run["peak"] for run in runs) / _MB
    yield Promise(
        f"{symbols} with ten alerts each take less than {MOST_MEMORY:g} MB",
        peak, peak < MOST_MEMORY,
    )  # fmt: skip


def _of_staying(cycles: Sequence[Run]) -> Iterator[Promise]:
    first, last = cycles[_WARM], cycles[-1]
    grown = last["memory"] / first["memory"]
    yield Promise(
        f"over {len(cycles):,} cycles memory grows by less than {MOST_GROWTH - 1:.0%}; measured as "
        "a ratio", grown, grown < MOST_GROWTH,
    )  # fmt: skip
    more = sum(max(0, last[what] - first[what]) for what in ("files", "threads"))
    yield Promise(
        f"over {len(cycles):,} cycles no file and no thread stays behind", more, more == 0
    )


def tables(runs: Sequence[Run], usual: Sequence[Run]) -> str:
    """Return what was measured of many symbols, and the usual way beside it."""
    return f"{_cycles(runs)}\n{_usual(runs, usual)}"


def _cycles(runs: Sequence[Run]) -> str:
    head = [
        "cycles", "symbols", "sweep", "of quotes", "pointed at", "swept", "told",
        "seconds: median, worst", "of these computed", "ms a symbol asked for", "MB", "files",
        "threads",
    ]  # fmt: skip
    return table(head, (row for run in runs for row in _rows(run)))


def _rows(run: Run) -> Iterator[list[str]]:
    """Yield one row for all usual cycles, and one for the last, in which many symbols crash."""
    *usual, last = run["cycles"]
    if usual:
        yield [f"{len(usual):,} usual", *_row(run, usual)]
        yield ["1, a tenth crashes", *_row(run, [last])]
    else:
        yield ["1, the very first", *_row(run, [last])]


def _row(run: Run, cycles: Sequence[Run]) -> list[str]:
    walls = [cycle["wall"] for cycle in cycles]
    asked = sum(cycle["pointed"] + cycle["swept"] for cycle in cycles)
    return [
        f"{run['symbols']:,}", run["sweep"],
        *(_mean(cycles, what) for what in ("quotes", "pointed", "swept", "told")),
        f"{number(median(walls))}, {number(max(walls))}",
        _mean(cycles, "cpu"),
        number(1000 * sum(walls) / asked),
        f"{max(cycle['memory'] for cycle in cycles) / _MB:,.0f}",
        *(f"{cycles[0][what]} to {cycles[-1][what]}" for what in ("files", "threads")),
    ]  # fmt: skip


def _usual(runs: Sequence[Run], usual: Sequence[Run]) -> str:
    """Return what one look at every symbol costs, that of the usual way multiplied."""
    symbols = max(run["symbols"] for run in runs)
    found = [
        [
            f"`yf.download` of {run['each']}", f"{run['symbols']:,}",
            *(number(run[what] / run["symbols"] * symbols) for what in ("requests", "connections")),
            number(run["wall"] / run["symbols"] * symbols),
            number(run["grown"] / _MB),
            str(run["threads"]),
        ]
        for run in usual
    ]  # fmt: skip
    for run in (run for run in runs if run["symbols"] == symbols and len(run["cycles"]) > 1):
        cycles = run["cycles"][:-1]
        asked = mean(cycle["quotes"] + cycle["charts"] for cycle in cycles)
        found.append(
            [
                f"alertd, sweep {run['sweep']}",
                f"{symbols:,}",
                number(asked),
                "0",
                number(mean(cycle["wall"] for cycle in cycles)),
                number((cycles[-1]["memory"] - cycles[0]["memory"]) / _MB),
                str(cycles[-1]["threads"] - cycles[0]["threads"]),
            ]
        )
    head = [
        f"one look at {symbols:,} symbols", "of which measured", "requests", "connections",
        "seconds", "MB grown", "threads grown",
    ]  # fmt: skip
    return table(head, found)


def _asked(cycle: Run) -> int:
    return int(cycle["quotes"] + cycle["charts"] - cycle["swept"])


def _allowed(run: Run, cycle: Run) -> int:
    return ceil(int(run["symbols"]) / TOGETHER) + int(cycle["near"])


def _mean(cycles: Sequence[Run], what: str) -> str:
    return number(mean(cycle[what] for cycle in cycles))
