"""What does it cost when the store takes nothing for a while?

    the disk is full         StoreFull
    another writes to it     StoreLocked, where that takes longer than the store waits
    it may only be read      StoreError

Each fault begins around the time at which messages are being sent, and lasts for some ticks. The
receiver has moods of its own all the while. Nothing may come twice but what it took without a word,
and the first tick after a fault goes on as if nothing had been.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import TYPE_CHECKING

from alertd.channels.webhook import Webhook
from alertd.deliver import Unsettled
from alertd.errors import StoreError, StoreFull, StoreLocked
from alertd.watch import LEASE
from tests.chaos.findings import compared
from tests.chaos.kills import Moody
from tests.chaos.places import OwnDisk, place
from tests.chaos.services import MINUTE, Market, Services, read
from tests.chaos.telling import counted, oddities
from tests.e2e.process import ROOT
from tests.support.webhook import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.chaos.findings import Finding
    from tests.support.webhook import Call, Reply

    Hold = Callable[[str, float], AbstractContextManager[None]]

_MOST_TICKS = 4
_LEAST = 6
_A_MOMENT, _IN_BETWEEN = 0.004, 0.5
_PATIENCE = 10.0

# In the clock's time, which runs on while a fault lasts.
_DEADLINE = 15 * MINUTE

# The store waits for 5 s, and hardly at all if it is told so.
_IMPATIENT = "busy_timeout=60"
_SHORT, _TOO_LONG = (0, 0.4), (0.3, 0.5)
_FAR_TOO_LONG, _EVERY = (5.5, 9.5), 20
_CERTAIN = ("BEGIN IMMEDIATE", 0.4)
_BEGINNINGS = ("BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "BEGIN")


def full(seed: int, rounds: int, folder: Path) -> list[Finding]:
    """Fill the disk and free it; the control forgets how attempts ended."""
    fault = "the disk is full, and freed"
    real = Rounds(fault, StoreFull, seed)
    found = [_on_disk(real, rounds, folder / "real", "full")]
    # SQLite, told to let a file grow no more, still takes the end of an attempt: it needs no page.
    if real.met[OwnDisk.name]:
        control = Rounds(f"{fault}, ends of attempts are forgotten", StoreFull, seed, control=True)
        found += [_on_disk(control, _fewer(rounds), folder / "control", "full", Forgetting)]
    return found


def sealed(seed: int, rounds: int, folder: Path) -> list[Finding]:
    """Let the disk be read only; the control forgets how attempts ended."""
    fault = "the file may only be read, for a while"
    real = Rounds(fault, StoreError, seed)
    control = Rounds(f"{fault}, ends of attempts are forgotten", StoreError, seed, control=True)
    return [
        _on_disk(real, rounds, folder / "real", "sealed"),
        _on_disk(control, _fewer(rounds), folder / "control", "sealed", Forgetting),
    ]


def locked(seed: int, rounds: int, folder: Path) -> list[Finding]:
    """Let another program have the file; the control begins to write only after it has read."""
    fault = "another program has locked the file for 0 to 10 s"
    real = Rounds(fault, StoreLocked, seed)
    control = Rounds(f"{fault}, transactions begin deferred", StoreLocked, seed, control=True)
    return [
        _beside_another(real, rounds, folder / "real"),
        _beside_another(control, max(3, rounds // 10), folder / "control"),
    ]


def _fewer(rounds: int) -> int:
    """Return how many rounds a control needs to be found out."""
    return max(_LEAST, rounds // 4)


class Forgetting(Unsettled):
    """Ends of attempts that the store did not take, all of them forgotten."""

    def put(self, *_: object, **__: object) -> None:
        """Keep nothing."""


class Gated:
    """What answers like `Moody`, but can keep its answers back while something else happens."""

    def __init__(self, chance: Random) -> None:
        self.moody = Moody(chance)
        self.called, self.open = Event(), Event()
        self.open.set()

    def __call__(self, call: Call) -> Reply:
        self.called.set()
        self.open.wait(_PATIENCE)
        return self.moody(call)


@dataclass
class Rounds:
    """The rounds of one fault, and what they have met so far. `refusal` is what the store says."""

    fault: str
    refusal: type[StoreError]
    seed: int
    control: bool = False
    met: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    chance: Random = field(init=False)
    gated: Gated = field(init=False)

    def __post_init__(self) -> None:
        self.chance, self.gated = Random(self.seed), Gated(Random(self.seed))

    def play(
        self, services: Services, fault: AbstractContextManager[None], *, heard: bool = True
    ) -> None:
        """Play one round; `heard` says that the store may well refuse meanwhile."""
        meanwhile = "in the fault" if heard else "in a wait that is short enough"
        self._begin(services)
        with fault:
            self.gated.open.set()
            services.rest()
            for _ in range(self.chance.randint(1, _MOST_TICKS)):
                services.market.swing()
                self._look(services.turn(), meanwhile, self.refusal if heard else None)
                services.rest()
            kept = services.deliver.unsettled.qsize()
            self.met["ends of attempts kept for later"] += kept
            if kept and not heard:
                self.wrong[f"an end was not taken {meanwhile}"] += 1
        self._look(services.turn(), "after the fault")
        services.rest()

    def _begin(self, services: Services) -> None:
        """Begin to send, and return while messages are on their way, or a moment later."""
        # A symbol that was leased when the store refused is due again by then.
        services.market.clock.to(services.market.clock.now() + LEASE)
        if between := self.control or self.chance.random() < _IN_BETWEEN:
            self.gated.called.clear()
            self.gated.open.clear()
        services.market.swing()
        self._look(services.turn(), "before the fault")
        if between:
            self.met["begun in the midst of a send"] += self.gated.called.wait(_PATIENCE)
        else:
            time.sleep(_A_MOMENT * self.chance.random())

    def _look(
        self, refused: list[StoreError], when: str, expected: type[StoreError] | None = None
    ) -> None:
        for error in refused:
            if type(error) is expected:
                self.met["ticks refused"] += 1
            else:
                self.wrong[f"{type(error).__name__} {when}"] += 1

    def finding(self, services: Services, rounds: int) -> Finding:
        """Go on until nothing waits any more, and hold what came against what must have come."""
        self.gated.moody.well = True
        self._look(services.finish(), "after all faults")
        services.close()
        if not self.control and not self.met["ticks refused"]:
            self.wrong["the store never refused anything"] += 1
        moody = self.gated.moody
        messages = read(moody.taken, services.path)
        wrong = [f"{count} times {what}" for what, count in self.wrong.items()]
        without_a_word = moody.met["takes and resets"]
        return compared(
            self.fault, rounds, services.market.events(), counted(messages),
            bound=without_a_word, control=self.control, wrong=[*wrong, *oddities(messages)],
            counts={**self.met, "taken without a word": without_a_word},
        )  # fmt: skip


@contextmanager
def _served(
    rounds: Rounds, path: Path, unsettled: Callable[[], Unsettled] = Unsettled
) -> Iterator[Services]:
    with Receiver(rounds.gated) as receiver:
        desk = Webhook(
            url=receiver.url, allow_http=True, allow_hosts=("localhost",), deadline=_DEADLINE
        )
        yield Services(path, desk, Market(), unsettled=unsettled)


def _on_disk(
    rounds: Rounds,
    count: int,
    folder: Path,
    fault: str,
    unsettled: Callable[[], Unsettled] = Unsettled,
) -> Finding:
    with (
        place(folder) as disk,
        _served(rounds, disk.folder / "alertd.db", unsettled) as services,
    ):
        for _ in range(count):
            rounds.play(services, getattr(disk, fault)(services, rounds.chance))
        rounds.met[disk.name] += count
        return rounds.finding(services, count)


def _beside_another(rounds: Rounds, count: int, folder: Path) -> Finding:
    folder.mkdir()
    path = folder / "alertd.db"
    with _served(rounds, path) as services, _another(path) as hold:
        if rounds.control:
            engine = services.store._engine  # noqa: SLF001 - its transactions begin here
            engine.update_execution_options(alertd_begins="BEGIN DEFERRED")
        for number in range(count):
            if rounds.control:
                rounds.play(services, hold(*_CERTAIN), heard=False)
            else:
                _contend(rounds, services, hold, number)
        return rounds.finding(services, count)


def _contend(rounds: Rounds, services: Services, hold: Hold, number: int) -> None:
    """Play one round of three kinds: short enough to be waited for, too long, and far too long."""
    chance = rounds.chance
    begin, seconds = chance.choice(_BEGINNINGS), chance.uniform(*_SHORT)
    with ExitStack() as told_to_hurry:
        if number % _EVERY == _EVERY - 1:
            seconds, heard = chance.uniform(*_FAR_TOO_LONG), True
        elif heard := number % 2 == 0:
            seconds = chance.uniform(*_TOO_LONG)
            told_to_hurry.enter_context(services.told(_IMPATIENT))
        rounds.play(services, hold(begin, seconds), heard=heard)


@contextmanager
def _another(path: Path) -> Iterator[Hold]:
    """Run a program that takes the database for itself when it is asked to."""
    command = [sys.executable, "-m", "tests.chaos.locker", str(path)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        says, hears = other.stdout, other.stdin
        assert says is not None
        assert hears is not None

        @contextmanager
        def hold(begin: str, seconds: float) -> Iterator[None]:
            hears.write(f"{begin} {seconds:.3f}\n")
            assert says.readline() == "taken\n"
            try:
                yield
            finally:
                assert says.readline() == "free\n"

        yield hold
