"""What does kill -9 cost, at random moments, with a receiver that fails a quarter of the time?

    every event that a replay finds  ==  every event that the receiver took

An event may come twice, when its sender died or the receiver's word was lost before the store knew.
With the outbox the wrong way round the same rounds find losses.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from alertd.replay import replay
from tests.chaos.findings import compared
from tests.chaos.nursery import LISTING, RULES, market
from tests.chaos.telling import counted, grouped, oddities, told
from tests.e2e.process import PATIENCE, ROOT
from tests.support.webhook import Answer, Receiver, Reply, Reset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.chaos.findings import Finding
    from tests.support.webhook import Call

SHORTEST_MS, LONGEST_MS = 5.0, 300.0
# As many messages as one channel sends at a time: what a kill can leave taken but not settled.
IN_FLIGHT = 2

_FAULT = "kill -9 while a receiver refuses, resets, and takes without a word"
_MOODS = {"takes": 75, "refuses": 10, "resets": 5, "takes and resets": 10}
_REPLIES: dict[str, Reply] = {
    "takes": Answer(), "refuses": Answer(503), "resets": Reset(), "takes and resets": Reset(),
}  # fmt: skip


def play(seed: int, rounds: int, folder: Path) -> list[Finding]:
    """Play the rounds, half as many with digests and snoozes, and the control's."""
    with _nursery(folder / "scratch") as nursery:
        return [
            _played(nursery, World(folder / "free", seed, rounds)),
            _played(nursery, World(folder / "calm", seed + 1, (rounds + 1) // 2, calm="seldom")),
            _played(
                nursery, World(folder / "hasty", seed + 2, max(rounds // 4, 30), store="hasty")
            ),
        ]


@dataclass(frozen=True, slots=True)
class World:
    """One store, how it is kept, and how often its owner is killed."""

    path: Path
    seed: int
    rounds: int
    calm: str = "freely"
    store: str = "real"

    @property
    def fault(self) -> str:
        if self.store == "hasty":
            return f"{_FAULT}, struck off before it is sent"
        return f"{_FAULT}{', in digests, after snoozes' if self.calm == 'seldom' else ''}"


@dataclass
class Moody:
    """Takes most of what comes. Of the rest it refuses, drops, or takes and never says so."""

    moods: random.Random
    well: bool = False
    met: Counter[str] = field(default_factory=Counter)
    taken: list[Call] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, call: Call) -> Reply:
        with self._lock:
            (mood,) = self.moods.choices([*_MOODS], [*_MOODS.values()])
            mood = "takes" if self.well else mood
            # A sender may die in the middle of a request.
            if len(call.body) == int(call.headers["content-length"]):
                self.met[mood] += 1
                self.taken += [call] if "takes" in mood else []
        return _REPLIES[mood]


Nursery = subprocess.Popen[str]


@contextmanager
def _nursery(scratch: Path) -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.chaos.nursery", str(scratch)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as nursery:  # fmt: skip
        yield nursery
        _, complaints = nursery.communicate(timeout=PATIENCE)
    assert complaints == ""


def _played(nursery: Nursery, world: World) -> Finding:
    """Play all rounds and a last one without trouble; say what the receiver has then."""
    moody = Moody(random.Random(world.seed))
    with Receiver(moody) as receiver:
        _ask(nursery, f"open {world.path} {receiver.url} {world.store} {world.calm}")
        _trouble(nursery, world)
        moody.well = True
        end = datetime.fromisoformat(_ask(nursery, "finish"))
    return _found(world, moody, end)


def _trouble(nursery: Nursery, world: World) -> None:
    chance = random.Random(world.seed)
    for number in range(world.rounds):
        # Some die while they open the store, most at work.
        stage = "open" if number % 5 else "start"
        _ask(nursery, f"kill {stage} {chance.uniform(SHORTEST_MS, LONGEST_MS):.1f}")
        if world.calm == "seldom" and number % 6 == 0:
            _ask(nursery, f"snooze {chance.uniform(10, 60):.0f}")


def _ask(nursery: Nursery, order: str) -> str:
    """Give an order, and return its answer."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(order + "\n")
    nursery.stdin.flush()
    line = nursery.stdout.readline()
    assert line, f"the nursery is gone: {nursery.communicate()[1]}"
    return line.strip()


def _found(world: World, moody: Moody, end: datetime) -> Finding:
    """Hold what was taken against what a replay of the same market tells."""
    expected = {str(event.id) for event in replay(RULES, market(end), LISTING).events}
    others = grouped(world.path)
    messages = [told(call.headers["webhook-id"], call.body, others) for call in moody.taken]
    digests = {one.message for one in messages if one.digest}
    again = len(messages) - len({one.message for one in messages})
    met = moody.met
    return compared(
        world.fault,
        world.rounds,
        expected,
        counted(messages),
        bound=met["takes and resets"] + world.rounds * IN_FLIGHT,
        control=world.store == "hasty",
        wrong=oddities(messages),
        counts={
            "kills": world.rounds,
            "messages taken": len(messages),
            "of them again": again,
            "digests": len(digests),
            "refused": met["refuses"],
            "reset": met["resets"],
            "taken without a word": met["takes and resets"],
        },
    )
