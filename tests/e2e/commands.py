"""What do many commands say, typed one after the other?

    each line of the input    one command line, as a shell has it
    output                    for each of them a mark, the line, all that it says, its status

One process runs them all: most of what a command costs is its start.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from alertd.cli.program import main
from tests.e2e.process import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LIMIT_S = 60
_MARK = "\0"


def typed(lines: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Return all that each of these commands writes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.commands"], cwd=ROOT, env=environ,
        input="\n".join(lines), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=_LIMIT_S, check=True,
    )  # fmt: skip
    return done.stdout.split(_MARK)[1:]


def _run(line: str) -> object:
    sys.argv = ["alertd", *shlex.split(line)]
    try:
        main()
    except SystemExit as done:
        return done.code
    return None


if __name__ == "__main__":
    for each in sys.stdin.read().splitlines():
        print(f"{_MARK}$ alertd {each}", flush=True)  # noqa: T201 - what it is for
        print(f"= {_run(each) or 0}", flush=True)  # noqa: T201 - as above
