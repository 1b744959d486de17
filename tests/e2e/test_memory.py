"""The daemon is small, and two hours of polls make it no larger."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from alertd.core.bars import Bar
from tests.e2e.polls import INTERVAL, OPEN
from tests.e2e.process import ROOT
from tests.support.webhook import Receiver
from tests.support.yahoo import YahooServer

if TYPE_CHECKING:
    from pathlib import Path

WARM, AN_HOUR, TWO_HOURS = 20, 60, 120
EVERY = 10


def minute(number: int) -> Bar:
    """Return one minute of a market that falls through 150 and comes back every ten."""
    low = 149.0 if number % EVERY == 0 else 151.0
    return Bar(OPEN + number * INTERVAL, INTERVAL, 152, 153, low, 152, 1000.0)


def test_two_hours_of_polls_stay_under_200_mb_and_do_not_grow(tmp_path: Path) -> None:
    with YahooServer(tmp_path) as yahoo, Receiver() as receiver:
        yahoo.play("BABA", [minute(number) for number in range(TWO_HOURS + 1)])
        counts = [str(count) for count in (WARM, AN_HOUR, TWO_HOURS)]
        done = subprocess.run(
            [sys.executable, "-m", "tests.e2e.polls", str(tmp_path), receiver.url, *counts],
            cwd=ROOT, env=yahoo.env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        calls = len(receiver.calls)
    assert done.returncode == 0, done.stderr
    warm, hour, two_hours = map(float, done.stdout.split())
    assert len(yahoo.charts) == TWO_HOURS
    assert calls >= TWO_HOURS // EVERY
    assert two_hours < 200
    assert hour - warm < 4
    assert two_hours - warm < 4
