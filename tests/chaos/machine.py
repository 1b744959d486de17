"""What do crashes at any commit cost, among edits, snoozes and bars in any order?

    bars, polls, sends, each maybe with a crash --> at the end: what must be told == what came

Hypothesis chooses what happens and in which order, by the seed; when something is wrong it looks
for the shortest story that is.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.reporting import with_reporter
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from alertd.core.bars import Bar
from alertd.errors import StoreError
from alertd.store.database import Database
from tests.chaos import lives
from tests.chaos.findings import Finding
from tests.chaos.fragile import WAYS, Crash, Fragile, Torn
from tests.chaos.lives import ALERTS, FEEDS, HOUR, MINUTE, MOODS, URGENT, World
from tests.chaos.telling import counted, oddities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from alertd.core.rules import AlertId

_FAULT = "a process dies at any commit, among edits, snoozes and odd bars"

# What a crash can leave taken but not settled: as many as one channel sends at a time.
_IN_FLIGHT = 2
_STEPS_FEW, _STEPS_MANY = 20, 50
# Among so many short stories some lose what a control does not keep.
_CONTROLS = 100
_AT_MOST = 400

WORDS = ("snooze", "pause", "wake", "arm", "acknowledge", "retry")

_fuses = st.one_of(st.none(), st.tuples(st.integers(1, 4), st.sampled_from(WAYS)))
_bars = st.lists(st.lists(st.integers(-10, 10), min_size=4, max_size=4), min_size=1, max_size=4)
_feeds, _moods = st.sampled_from(FEEDS), st.sampled_from(["takes", *MOODS])
_alerts = st.sampled_from(ALERTS)

_FuseSet = tuple[int, str] | None
_Prices = list[list[int]]


class Broken(Exception):
    """A story did not end as it has to."""

    def __init__(self, found: Finding) -> None:
        self.found = found
        super().__init__(f"lost {found.lost}, phantom {found.phantom}, {'; '.join(found.wrong)}")


@dataclass
class Tally:
    """What all stories came to."""

    stories: int = 0
    expected: int = 0
    duplicates: int = 0
    bound: int = 0
    met: Counter[str] = field(default_factory=Counter)


class Stories(RuleBasedStateMachine):
    """One story: whatever may happen to a daemon in a day."""

    kind: ClassVar[type[Fragile]] = Fragile
    tally: ClassVar[Tally]
    folder: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        place = Path(mkdtemp(dir=self.folder))
        self.world = World(place / "db", self.kind, self.folder / "empty")
        self.world.note()

    @rule(prices=_bars)
    def trade(self, prices: _Prices) -> None:
        for four in prices:
            now = self.world.clock.now()
            low, *two, high = (150 + tick * 0.25 for tick in sorted(four))
            opened, closed = two if four[0] < four[1] else two[::-1]
            self.world.feed.tape.append(Bar(now, MINUTE, opened, high, low, closed))
            self.world.clock.to(now + MINUTE)

    @rule(prices=_bars, feed=_feeds, fuse=_fuses, mood=_moods, other=_fuses)
    def live(self, prices: _Prices, feed: str, fuse: _FuseSet, mood: str, other: _FuseSet) -> None:
        self.trade(prices)
        self.poll(feed, fuse)
        self.deliver(mood, other)

    @rule(pause=st.sampled_from([MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR]))
    def wait(self, pause: timedelta) -> None:
        self.world.clock.to(self.world.clock.now() + pause)

    @rule(mood=_feeds, fuse=_fuses)
    def poll(self, mood: str, fuse: _FuseSet) -> None:
        self.world.feed.mood = mood
        with self._in_danger(fuse):
            self.world.poll()

    @rule(mood=_moods, fuse=_fuses)
    def deliver(self, mood: str, fuse: _FuseSet) -> None:
        self.world.box.mood = mood
        with self._in_danger(fuse):
            for _ in range(2):
                self.world.deliver()

    @rule(alert=_alerts, level=st.sampled_from([149.0, 150.0, 151.0]), fuse=_fuses)
    def edit(self, alert: AlertId, level: float, fuse: _FuseSet) -> None:
        self.world.rules[alert] = lives.rule(alert, level)
        with self._in_danger(fuse):
            self.world.reload()

    @rule()
    def die(self) -> None:
        self.world.die()
        self.world.note()

    @rule(word=st.sampled_from(WORDS), alert=_alerts)
    def say(self, word: str, alert: AlertId) -> None:
        desk, now = self.world.desk, self.world.clock.now()
        words: dict[str, Callable[[], object]] = {
            "snooze": lambda: desk.snooze(alert, now + HOUR / 4, now),
            "pause": lambda: desk.pause(alert, now),
            "wake": lambda: desk.wake(alert, now),
            "arm": lambda: desk.arm(alert, now),
            "acknowledge": lambda: desk.acknowledge(alert, now),
            "retry": lambda: desk.retry(now),
        }
        words[word]()
        self.world.note()

    def teardown(self) -> None:
        """End the story well, and hold what came against what had to."""
        try:
            self._settle_down()
            self._judge()
        finally:
            self.world.close()

    @contextmanager
    def _in_danger(self, fuse: _FuseSet) -> Iterator[None]:
        """Do something that may end at one of its commits; begin again where it did."""
        self.world.fuse.set(*fuse or (None,))
        try:
            yield
        except Crash:
            pass
        except StoreError:
            self.tally.met["refused commits"] += 1
        if self.world.fuse.dead:
            self.tally.met["crashes"] += 1
            self.world.die()
        self.world.fuse.set(None)
        self.world.note()

    def _settle_down(self) -> None:
        world = self.world
        world.die()
        world.feed.mood, world.box.mood = "well", "takes"
        world.clock.to(world.clock.now() + HOUR)
        world.poll()
        world.note()
        for alert in ALERTS:
            world.desk.arm(alert, world.clock.now())
        for _ in range(_AT_MOST):
            for alert in ALERTS:
                world.desk.acknowledge(alert, world.clock.now())
            world.desk.retry(world.clock.now())
            world.deliver()
            if not world.waiting():
                return
            world.clock.to(world.clock.now() + HOUR / 2)
        raise Broken(Finding("a story", 1, 0, wrong=("messages wait for ever",)))

    def _judge(self) -> None:
        world, tally = self.world, self.tally
        must, messages, recorded = world.expected(), world.arrived(), world.recorded()
        # Of these there are reminders, which tell them again.
        urgent = {event for event, alert in recorded.items() if alert == URGENT}
        came = Counter(counted(messages, urgent))
        found = Finding(
            "a story", 1, len(must),
            lost=len(must - came.keys()),
            phantom=len(came.keys() - must) + len(recorded.keys() - must),
            duplicates=came.total() - len(came),
            bound=world.box.unsaid + _IN_FLIGHT * world.deaths,
            wrong=tuple(oddities(messages, urgent)),
        )  # fmt: skip
        tally.stories += 1
        tally.met["messages"] += len(messages)
        tally.met["digests"] += sum(one.digest for one in messages)
        tally.met["lives of the process"] += world.deaths + 1
        tally.expected += found.expected
        tally.bound += found.bound
        tally.duplicates += found.duplicates
        if not found.holds:
            raise Broken(found)


def play(number: int, rounds: int, folder: Path) -> list[Finding]:
    """Play so many stories; and others until one shows the safeguard that the control lacks."""
    Database.own(folder / "empty").close()
    return [
        _played(number, rounds, folder),
        _played(number, max(rounds, _CONTROLS), folder, Torn),
    ]


def _played(number: int, rounds: int, folder: Path, kind: type[Fragile] = Fragile) -> Finding:
    tally, control = Tally(), kind is not Fragile
    story = type("Story", (Stories,), {"kind": kind, "tally": tally, "folder": folder})
    broken = _broken(seed(number)(story), rounds, shrink=not control)
    found = Finding(
        _FAULT, tally.stories, tally.expected,
        duplicates=tally.duplicates, bound=tally.bound, counts=dict(tally.met),
    )  # fmt: skip
    if control:
        lost, phantom = (broken.found.lost, broken.found.phantom) if broken else (0, 0)
        fault = f"{_FAULT}, judgement and events kept by two commits"
        return replace(found, fault=fault, lost=lost, phantom=phantom, control=True)
    # What is wrong comes with the shortest story in which it is.
    wrong = (str(broken), *getattr(broken, "__notes__", ())) if broken else ()
    return replace(found, wrong=wrong)


def _broken(machine: type[RuleBasedStateMachine], rounds: int, *, shrink: bool) -> Broken | None:
    """Play a machine; return what is wrong with it."""
    asked = settings(
        max_examples=rounds,
        stateful_step_count=_STEPS_MANY if rounds > _CONTROLS else _STEPS_FEW,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        suppress_health_check=list(HealthCheck),
        deadline=None, database=None, report_multiple_bugs=False, print_blob=False,
    )  # fmt: skip
    try:
        with with_reporter(lambda _line: None):
            run_state_machine_as_test(machine, settings=asked)
    except Broken as error:
        return error
    return None
