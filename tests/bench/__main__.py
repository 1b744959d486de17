"""Measures what alerts cost, writes it into BENCHMARKS.md, and says whether the promise is kept.

What needs an empty process gets one of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.machine import described
from tests.bench.report import Measured, Run, tables, written
from tests.bench.usual import CALLS

_ROOT = Path(__file__).parents[2]
_PAGE = _ROOT / "BENCHMARKS.md"
# By the processor's time: what else is busy on the machine counts as little as it can.
_PYTEST = (
    "pytest", "tests/bench", "-q", "-o", "python_files=bench_*.py", "-o",
    "python_functions=bench_*", "-p", "no:cacheprovider", "--benchmark-only", "--benchmark-quiet",
    "--benchmark-timer=time.process_time",
)  # fmt: skip


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--symbols", type=int, default=10_000, help="of which cycles are measured")
    asked.add_argument("--cycles", type=int, default=200, help="over which they must stay the same")
    asked.add_argument("--alerts", type=int, default=1_000_000, help="of which memory is measured")
    asked.add_argument("--dry", action="store_true", help="leave BENCHMARKS.md as it is")
    options = asked.parse_args()
    found = measured(options.symbols, options.cycles, options.alerts)
    sys.stdout.write(f"\n{tables(found)}\n")
    if not options.dry:
        _PAGE.write_text(written(_PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    promises = found.promises()
    sys.stdout.write("".join(f"{promise}\n" for promise in promises))
    return 0 if all(promise.kept for promise in promises) else 1


def measured(symbols: int, cycles: int, alerts: int) -> Measured:
    """Measure everything, one thing after the other."""
    machine = described()
    return Measured(
        f"{datetime.now(UTC):%Y-%m-%d}",
        machine,
        _runs(),
        [
            *_alone("tests.bench.cycle", str(symbols), "levels"),
            *_alone("tests.bench.cycle", str(max(1, symbols // 50)), "mixed"),
        ],
        _alone("tests.bench.memory", str(alerts)),
        [
            _alone("tests.bench.crowd", str(max(1, symbols // 20)), "15m", "0"),
            _alone("tests.bench.crowd", str(symbols), "15m", str(max(2, cycles // 10))),
            _alone("tests.bench.crowd", str(symbols), "1h", str(cycles)),
        ],
        [_alone("tests.bench.usual", str(symbols), str(each)) for each in CALLS],
        _alone("tests.bench.live"),
    )


def _runs() -> list[Run]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "runs.json"
        _python(*_PYTEST, f"--benchmark-json={file}")
        runs = json.loads(file.read_text(encoding="utf-8"))["benchmarks"]
    return [Run(run["stats"]["min"], run["extra_info"]) for run in runs]


def _alone(module: str, *arguments: str) -> Any:  # noqa: ANN401 -- what JSON may be
    """Return what a module measures in a process of its own."""
    sys.stderr.write(f"{module} {' '.join(arguments)}\n")
    return json.loads(_python(module, *arguments, keep=True))


def _python(module: str, *arguments: str, keep: bool = False) -> str:
    command = [sys.executable, "-m", module, *arguments]
    out = subprocess.PIPE if keep else None
    return subprocess.run(command, cwd=_ROOT, stdout=out, check=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
