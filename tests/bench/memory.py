"""How much memory do a million alerts take?

Run in a process of its own: what has been freed before is not given back to the system.
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

from alertd.core.ladder import Ladder
from tests.bench.courses import DIGITS, PRICE, armed

_KIB = 1024


def resident() -> int:
    """Return how many bytes of this process are in memory now."""
    return _of_status("VmRSS")


def peak() -> int:
    """Return the most bytes of this process that were in memory at once."""
    return _of_status("VmHWM")


def measured(count: int) -> dict[str, int]:
    """Return how many bytes an alert takes: its rule with its state, and its place in a ladder."""
    empty = resident()
    rules, states = armed(count, PRICE)
    listed = resident()
    ladder = Ladder(rules, states, DIGITS)
    del states
    gc.collect()
    assert len(ladder.states) == count
    return {
        "alerts": count,
        "rules_and_states": (listed - empty) // count,
        "ladder": (resident() - listed) // count,
    }


def _of_status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * _KIB


if __name__ == "__main__":
    json.dump(measured(int(sys.argv[1])), sys.stdout)
