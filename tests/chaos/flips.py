"""What does one bit cost that is another one after a stop?

    refused when it starts, or left while it runs    the newest backup is put in its place by hand
    a bit that means nothing                         all goes on
    a value that is another one now                  nobody can know: SQLite keeps no checksums

Of the first two nothing may be lost, whatever was judged and sent since the backup: bars are judged
again, and what is found again comes again under the same id. Of the last only so much is promised:
the daemon goes on, or leaves in words of its own. How many there were is told, and what they cost.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from loguru import logger

from alertd.channels.webhook import Webhook
from alertd.errors import StoreBroken, StoreError
from tests.chaos.findings import compared
from tests.chaos.services import MINUTE, Market, Services, read
from tests.support.fakes import HandClock
from tests.support.webhook import Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.chaos.findings import Finding
    from tests.support.webhook import Call, Reply

_FAULT = "a bit of the file has flipped after a stop"
_SWINGS = 6
_STARTS = 3
_LEAST = 4

# No other first bytes are those of a database. A bit of theirs flips in every so manieth round.
_MAGIC, _EVERY = 16, 4

_DEADLINE = 15 * MINUTE
_BUG = "a send failed on a bug"

HARMLESS, NOTICED, UNNOTICED = "went on, as the bit meant nothing", "noticed", "changed a value"


def play(seed: int, rounds: int, folder: Path) -> list[Finding]:
    """Flip bits; the control puts an empty file in the place of a broken one."""
    return [
        _played(seed, rounds, folder / "real", _restored),
        _played(seed, max(_LEAST, rounds // 5), folder / "control", _emptied),
    ]


def _restored(path: Path) -> None:
    """Put the newest backup in the place of the file, as the hint of the error says."""
    newest = max((path.parent / "backups").iterdir())
    shutil.copyfile(newest, path)


def _emptied(path: Path) -> None:
    path.unlink()


@dataclass
class Desk:
    """A receiver that can be told to refuse."""

    well: bool = True
    taken: list[Call] = field(default_factory=list)

    def __call__(self, call: Call) -> Reply:
        if not self.well:
            return Answer(503)
        self.taken.append(call)
        return Answer()


@dataclass(frozen=True, slots=True)
class Past:
    """What there was before a bit flipped: files, bars, and what had been told."""

    folder: Path
    market: Market
    told: list[str]
    told_since_backup: int
    rows: list[str]

    def again(self) -> Market:
        """Return the market as it was then."""
        return Market(HandClock(self.market.clock.now()), [*self.market.bars])


@dataclass
class Tally:
    """What all rounds came to; those that are promised nothing are only counted."""

    expected: list[str] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    bound: int = 0
    met: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)


def _played(seed: int, rounds: int, folder: Path, mend: Callable[[Path], None]) -> Finding:
    chance, tally, desk = Random(seed), Tally(), Desk()
    with Receiver(desk) as receiver, _bugs(tally):
        channel = Webhook(
            url=receiver.url, allow_http=True, allow_hosts=("localhost",), deadline=_DEADLINE
        )
        past = _past(folder / "past", channel, desk)
        for number in range(rounds):
            place = folder / str(number)
            shutil.copytree(past.folder, place)
            _flip(place / "alertd.db", chance, beginning=number % _EVERY == 0)
            desk.taken.clear()
            Round(place / "alertd.db", channel, past.again(), tally, mend).play(past, desk, number)
            shutil.rmtree(place)
    return compared(
        _FAULT if mend is _restored else f"{_FAULT}, an empty file is put in its place",
        rounds, tally.expected, tally.arrived, bound=tally.bound, control=mend is not _restored,
        wrong=[f"{count} times {what}" for what, count in tally.wrong.items()],
        counts={**tally.met},
    )  # fmt: skip


def _past(folder: Path, channel: Webhook, desk: Desk) -> Past:
    """Live for a while: some is told, then backed up, then more is told, and some still waits."""
    folder.mkdir(parents=True)
    market = Market()
    services = Services(folder / "alertd.db", channel, market)
    _swing(services)
    before = len(desk.taken)
    services.store.backup(folder / "backups", 1, market.clock.now())
    _swing(services)
    desk.well = False
    _swing(services)
    desk.well = True
    services.close()
    events = _told(services.path, desk)
    since = len(events) - len(_told(services.path, Desk(taken=desk.taken[:before])))
    return Past(folder, market, events, since, _rows(services.path))


def _swing(services: Services) -> None:
    for _ in range(_SWINGS):
        services.market.swing()
        services.turn()
        services.rest()


@dataclass(frozen=True, slots=True)
class Round:
    """One start on a file in which a bit has flipped."""

    path: Path
    channel: Webhook
    market: Market
    tally: Tally
    mend: Callable[[Path], None]

    def play(self, past: Past, desk: Desk, number: int) -> None:
        """Start, mend what has to be mended, and go on until nothing waits any more."""
        same = _rows(self.path) == past.rows
        mended = self._lived(desk)
        noticed = mended is not None
        kind = NOTICED if noticed else HARMLESS if same else UNNOTICED
        self.tally.met[kind] += 1
        expected = self.market.events()
        arrived = [*past.told, *_told(self.path, desk)]
        if kind == UNNOTICED:
            self.tally.met["lost by those"] += len(expected - set(arrived))
            self.tally.met["phantom by those"] += len(set(arrived) - expected)
            return
        # What was told since the backup may come again.
        self.tally.bound += past.told_since_backup + mended if mended is not None else 0
        self.tally.expected += [f"{number}/{event}" for event in expected]
        self.tally.arrived += [f"{number}/{event}" for event in arrived]

    def _lived(self, desk: Desk) -> int | None:
        """Live until nothing waits; return how much was told before the file was mended.

        returns: None when it was not.
        """
        told_before = None
        for _ in range(_STARTS):
            try:
                broke, when = self._live(), "while it ran"
            except StoreError as error:
                broke, when = error, "at the start"
            if broke is None:
                return told_before
            self.tally.met[f"{type(broke).__name__} {when}"] += 1
            told_before = len(_told(self.path, desk))
            self.mend(self.path)
        self.tally.wrong["it never came to an end"] += 1
        return told_before

    def _live(self) -> StoreError | None:
        """Live once, until nothing waits or the store broke; return how it broke."""
        services = Services(self.path, self.channel, self.market)
        refused: list[StoreError] = []
        try:
            self.market.swing()
            refused = services.finish()
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody foresaw it
            self.tally.wrong[f"{type(error).__name__}: {error}"[:120]] += 1
        services.close()
        return next((each for each in refused if isinstance(each, StoreBroken)), None)


def _flip(path: Path, chance: Random, *, beginning: bool) -> None:
    """Flip a bit of a byte in which something is written."""
    content = bytearray(path.read_bytes())
    written = [place for place, byte in enumerate(content) if byte]
    place = chance.randrange(_MAGIC) if beginning else chance.choice(written)
    content[place] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def _rows(path: Path) -> list[str]:
    """Return all that a file says, or that it cannot be read."""
    try:
        with closing(sqlite3.connect(path)) as plain:
            return list(plain.iterdump())
    except (sqlite3.Error, UnicodeError) as error:
        return [str(error)]


def _told(path: Path, desk: Desk) -> list[str]:
    return [event for one in read(desk.taken, path) for event in one.events]


@contextmanager
def _bugs(tally: Tally) -> Iterator[None]:
    """Count what is logged as a bug."""

    def note(line: str) -> None:
        tally.wrong[line.strip()] += 1

    sink = logger.add(note, format="{message}", filter=lambda line: _BUG in line["message"])
    try:
        yield
    finally:
        logger.remove(sink)
