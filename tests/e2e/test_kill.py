"""Fifty times kill -9 at a random moment, and a receiver that fails a third of the time.

    every event a replay finds  ==  every event that the receiver took

An event may come twice, when its sender died or the receiver's word was lost before the store knew.
With the outbox the wrong way round the same rounds find losses: they can.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

import pytest

from alertd.replay import replay
from tests.e2e.process import PATIENCE, ROOT
from tests.e2e.worker import LISTING, RULES, market
from tests.support.webhook import Answer, Call, Receiver, Reply, Reset

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 50
SHORTEST_MS, LONGEST_MS = 5.0, 300.0
# As many messages as one channel sends at a time: what a kill can leave taken but not settled.
IN_FLIGHT = 2


@dataclass
class Moody:
    """Takes most of what comes. Of the rest it refuses, drops, or takes and never says so."""

    moods: random.Random
    well: bool = False
    unsaid: int = 0
    taken: list[Call] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, call: Call) -> Reply:
        with self._lock:
            mood = "takes" if self.well else self.moods.choice(["takes"] * 6 + list(_BAD))
            # A sender may die in the middle of a request.
            whole = len(call.body) == int(call.headers["content-length"])
            if whole and mood in {"takes", "says nothing"}:
                self.taken.append(call)
                self.unsaid += mood != "takes"
        return _BAD.get(mood, Answer())


_BAD: dict[str, Reply] = {"refuses": Answer(503), "drops": Reset(), "says nothing": Reset()}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What fifty rounds came to."""

    seed: int
    expected: int
    lost: int
    unknown: int
    again: int
    allowed: int
    changed: int


def rounds(path: Path, seed: int, store: str) -> Outcome:
    """Play all rounds and a last one without trouble; say what the receiver has then."""
    chance = random.Random(seed)
    moody = Moody(random.Random(seed + 1))
    with Receiver(moody) as receiver:
        command = [sys.executable, "-m", "tests.e2e.worker", str(path / "db"), receiver.url, store]
        with subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as nursery:  # fmt: skip
            for number in range(ROUNDS):
                # Some die while they open the store, most at work.
                stage = "open" if number % 5 else "start"
                ask(nursery, f"kill {stage} {chance.uniform(SHORTEST_MS, LONGEST_MS):.1f}")
            moody.well = True
            end = datetime.fromisoformat(ask(nursery, "finish"))
            _, complaints = nursery.communicate(timeout=PATIENCE)
    assert complaints == ""
    return outcome(seed, moody, end)


def ask(nursery: subprocess.Popen[str], order: str) -> str:
    """Give an order, and return its answer."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(order + "\n")
    nursery.stdin.flush()
    line = nursery.stdout.readline()
    assert line, f"the nursery is gone: {nursery.communicate()[1]}"
    return line.strip()


def outcome(seed: int, moody: Moody, end: datetime) -> Outcome:
    """Hold what was taken against what a replay of the same market tells."""
    expected = {f"msg_{event.id}" for event in replay(RULES, market(end), LISTING).events}
    counts = Counter(call.headers["webhook-id"] for call in moody.taken)
    bodies = {(call.headers["webhook-id"], call.body) for call in moody.taken}
    return Outcome(
        seed=seed,
        expected=len(expected),
        lost=len(expected - counts.keys()),
        unknown=len(counts.keys() - expected),
        again=counts.total() - len(counts),
        allowed=moody.unsaid + ROUNDS * IN_FLIGHT,
        changed=len(bodies) - len(counts),
    )


@pytest.mark.parametrize("seed", [20261122])
def test_fifty_kills_lose_nothing_invent_nothing_and_repeat_only_under_the_same_id(
    tmp_path: Path, seed: int
) -> None:
    found = rounds(tmp_path, seed, "real")
    assert found.expected > ROUNDS, found
    assert (found.lost, found.unknown, found.changed) == (0, 0, 0), found
    assert found.again <= found.allowed, found


@pytest.mark.parametrize("seed", [20261122])
def test_the_same_kills_find_losses_when_messages_are_struck_off_before_they_are_sent(
    tmp_path: Path, seed: int
) -> None:
    found = rounds(tmp_path, seed, "hasty")
    assert found.lost > 0, found
