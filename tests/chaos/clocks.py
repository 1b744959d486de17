"""What does it cost when somebody sets the clock of a daemon that runs?

    the world  ------|--------------->   bars happen
    the clock  ------|------------>      an hour ahead of the world, and put right: -1 h, -10 d
                     '==============>    asleep, and awake again: +1 h, +10 y

The daemon is the real one, and its process alone is told another time. After each step a level is
crossed, and both channels have to tell it at once, one message each. So they have to when they were
refusing a message while the clock was set.
"""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from alertd.core.bars import Bar
from alertd.core.words import stamp
from tests.chaos.findings import compared
from tests.e2e.house import MINUTE, House, housed, this_minute
from tests.e2e.process import resident_mb
from tests.support.webhook import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.findings import Finding

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DECADE = 3652 * DAY
NO_TIME = timedelta()
_SIZES = {HOUR: "1 h", 10 * DAY: "10 d", DECADE: "10 y"}

# A poll each second, and a second until the step is seen: more than this is a stall. Where nobody
# looks, it would be an hour.
AT_ONCE_S, NEVER_S = 8.0, 4.0
# By so much a process may grow that has told its first event before.
GROWTH_MB = 20.0

_FIRST_LEVEL = 150
_REFUSES, _TAKES = Answer(503), Answer()


@dataclass(frozen=True, slots=True)
class Step:
    """By how much the clock is set, and whether the receivers are down meanwhile."""

    by: timedelta
    down: bool = False

    def __str__(self) -> str:
        sign = "-" if self.by < NO_TIME else "+"
        return f"{sign}{_SIZES[abs(self.by)]}{' with the receivers down' if self.down else ''}"


STEPS = (Step(-HOUR), Step(-10 * DAY), Step(HOUR), Step(DECADE))
DOWN = (Step(-HOUR, down=True), Step(HOUR, down=True))


def play(seed: int, rounds: int, folder: Path) -> list[Finding]:
    """Play so many steps on one daemon, and meanwhile one on a daemon that does not look."""
    steps = chosen(random.Random(seed), rounds)
    with ThreadPoolExecutor(2) as both:
        kept = both.submit(_played, folder / "guarded", steps)
        lost = both.submit(_played, folder / "unguarded", [Step(-HOUR)], control=True)
        return [kept.result(), lost.result()]


def chosen(chance: random.Random, rounds: int) -> list[Step]:
    """Return steps of both kinds, the receivers down in every third."""
    down, well = chance.sample(DOWN, 2), chance.sample(STEPS, 4)
    few = max(rounds // 3, 1)
    steps = [*(well * rounds)[: rounds - few], *(down * rounds)[:few]]
    chance.shuffle(steps)
    return steps


@dataclass
class Skewed:
    """A house whose daemon has a clock of its own, and a world whose time may run ahead too."""

    house: House
    file: Path
    patience_s: float
    clock: timedelta = NO_TIME
    world: timedelta = NO_TIME
    must: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    tardy: list[str] = field(default_factory=list)

    def set(self, clock: timedelta) -> None:
        """Set the daemon's clock, by so much off the real one."""
        self.clock = clock
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{clock.total_seconds():+.0f}")
        fresh.replace(self.file)

    def sleep(self, span: timedelta) -> None:
        """Let so much time pass while the daemon does nothing."""
        self.world += span
        self.set(self.clock + span)

    def fall(self, level: int, asleep: timedelta = NO_TIME) -> None:
        """Let the price fall through a level in the world's minute, whatever the clock shows.

        asleep: for so long the daemon is going to sleep now; it falls while it does.
        """
        now = this_minute() + self.world + max(asleep, NO_TIME)
        bars, low = self.house.bars, level - 0.5
        if bars[-1].start == now:
            bars[-1] = replace(bars[-1], low=low, close=low)
        else:
            bars.append(Bar(now, MINUTE, bars[-1].close, bars[-1].close, low, low))
        self.house.play(tuple(bars))
        self.must += [f"{channel}: {_crossing(level, now)}" for channel in ("desk", "mail")]

    def arrived(self) -> list[str]:
        """Return what both channels have taken, by what it tells."""
        calls = [(call.headers["webhook-id"], call.body) for call in tuple(self.house.desk.taken)]
        known = {name: _told(body) for name, body in calls}
        mails = [str(mail.message["Message-ID"]) for mail in self.house.mail.mails]
        names = [each.strip("<>").partition("@")[0] for each in mails]
        return [
            *(f"desk: {known[name]}" for name, _ in calls),
            *(f"mail: {known.get(name, name)}" for name in names),
        ]

    def meet(self, what: str) -> None:
        """Wait for all that must have come by now, after what was done; it has to come at once."""
        begun = time.monotonic()
        while not set(self.must) <= set(self.arrived()):
            if time.monotonic() - begun > self.patience_s:
                self.tardy.append(f"not within {self.patience_s:g} s: {what}")
                break
            time.sleep(0.02)
        self.slowest_s = max(self.slowest_s, time.monotonic() - begun)


def _crossing(level: int, at: datetime) -> str:
    return f"fired below-{level} at {stamp(at)}"


def _told(body: bytes) -> str:
    data = json.loads(body)["data"]
    return f"{data['kind']} {data['alert']} at {data['at']}"


def _played(folder: Path, steps: Sequence[Step], *, control: bool = False) -> Finding:
    folder.mkdir()
    with housed(folder) as house:
        skewed = _started(house, folder / "clock", 1 + len(steps), blind=control)
        skewed.fall(_FIRST_LEVEL)
        skewed.meet("no step yet")
        before = resident_mb(house.daemon.pid)
        for number, step in enumerate(steps, start=1):
            _take(skewed, step, _FIRST_LEVEL - number)
        after = resident_mb(house.daemon.pid)
        if not control:
            house.polled(2)
        return _found(skewed, steps, after - before, control=control)


def _started(house: House, file: Path, levels: int, *, blind: bool) -> Skewed:
    """Start a daemon whose clock can be set."""
    skewed = Skewed(house, file, NEVER_S if blind else AT_ONCE_S)
    skewed.set(NO_TIME)
    house.environ |= _clock_of_its_own(file)
    house.write(*(_FIRST_LEVEL - number for number in range(levels)))
    if blind:
        house.program = "tests.chaos.unguarded"
    house.start()
    return skewed


def _take(skewed: Skewed, step: Step, level: int) -> None:
    """Set the clock, and see that what is crossed next, or was not taken before, comes."""
    house, back = skewed.house, step.by < NO_TIME
    # Each crossing has a bar of its own: to a clock that is ahead, one that grows has settled.
    skewed.sleep(MINUTE)
    if back:
        skewed.set(skewed.clock - step.by)
        house.polled(2)
    if step.down:
        _refuse(skewed, level)
    if back:
        skewed.set(skewed.clock + step.by)
    if not step.down:
        skewed.fall(level, asleep=step.by)
    if not back:
        skewed.sleep(step.by)
    house.desk.reply = _TAKES
    house.mail.replies.clear()
    skewed.meet(str(step))


def _refuse(skewed: Skewed, level: int) -> None:
    """Let a level be crossed while both receivers refuse, until both have done so."""
    house = skewed.house
    house.desk.reply = _REFUSES
    house.mail.replies["MAIL"] = "451 later"
    skewed.fall(level)
    for channel in ("desk", "mail"):
        house.logged("not delivered, will try again", f"channel={channel}", f"below-{level}")


def _found(skewed: Skewed, steps: Sequence[Step], grown: float, *, control: bool) -> Finding:
    wrong = [*skewed.tardy, *skewed.house.bugs()]
    if grown > GROWTH_MB:
        wrong.append(f"grew by {grown:.0f} MB")
    set_by = ", ".join(map(str, dict.fromkeys(steps)))
    return compared(
        f"the clock is set {set_by}{', and nobody watches it' if control else ''}",
        len(steps),
        skewed.must,
        skewed.arrived(),
        control=control,
        wrong=wrong,
        counts={
            "polls": len(skewed.house.yahoo.charts),
            "ms until the slowest message": round(skewed.slowest_s * 1000),
            "MB grown": round(grown),
        },
    )


def _clock_of_its_own(file: Path) -> dict[str, str]:
    """Return the environment in which a process reads how far its clock is off from a file."""
    package = find_spec("libfaketime")
    assert package is not None
    assert package.origin is not None
    library = Path(package.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
