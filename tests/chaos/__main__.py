"""Plays every fault, writes what was found as JSON, and with `--write` into RELIABILITY.md.

    python -m tests.chaos --seed 20261123 --report build/chaos.json

Leaves with status 1 when anything is not as it should be.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from loguru import logger

from tests.chaos.matrices import MATRICES
from tests.chaos.report import document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.findings import Finding, Matrix

SEED = 20261123


def main(arguments: Sequence[str] | None = None) -> int:
    """Play what is asked for; return the exit status."""
    asked = _parser().parse_args(arguments)
    # What goes wrong here is meant to.
    logger.remove()
    findings: list[Finding] = []
    begun = time.monotonic()
    for matrix in MATRICES:
        if asked.only and asked.only not in matrix.name:
            continue
        findings += _played(matrix, asked.seed, short=asked.short)
    seconds = round(time.monotonic() - begun)
    report = {
        "seed": asked.seed,
        "short": asked.short,
        "seconds": seconds,
        "good": all(finding.good for finding in findings),
        "findings": [{**asdict(finding), "good": finding.good} for finding in findings],
    }
    asked.report.parent.mkdir(parents=True, exist_ok=True)
    asked.report.write_text(json.dumps(report, indent=2) + "\n")
    if asked.write:
        asked.write.write_text(document(findings, asked.seed, seconds))
    return 0 if report["good"] else 1


def _played(matrix: Matrix, seed: int, *, short: bool) -> list[Finding]:
    rounds = matrix.short if short else matrix.full
    begun = time.monotonic()
    with TemporaryDirectory(prefix="chaos-") as folder:
        findings = matrix.play(seed, rounds, Path(folder))
    took = time.monotonic() - begun
    for finding in findings:
        verdict = "as it should be" if finding.good else "NOT AS IT SHOULD BE"
        sys.stdout.write(
            f"{finding.fault}: {finding.rounds} rounds, {finding.expected} expected, "
            f"lost {finding.lost}, phantom {finding.phantom}, "
            f"duplicates {finding.duplicates} of at most {finding.bound}: {verdict}"
            f"{''.join(f'; {wrong}' for wrong in finding.wrong)}\n"
        )
    sys.stdout.write(f"    {matrix.name}: {took:.0f} s\n")
    sys.stdout.flush()
    return findings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--short", action="store_true", help="few rounds of each, as the tests do")
    parser.add_argument("--only", metavar="WORDS", help="only faults whose name holds these")
    parser.add_argument("--report", type=Path, default=Path("build/chaos.json"))
    parser.add_argument("--write", type=Path, metavar="FILE", help="write RELIABILITY.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
