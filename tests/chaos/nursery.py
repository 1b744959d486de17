"""What is killed again and again, and how does it begin within milliseconds each time?

    rounds --"kill open 137"--> nursery --fork--> child: Watch and Deliver on one store
                                    '--kill -9, 137 ms after the child has opened the store

The nursery has imported everything and has no threads; every child opens the store anew, as a
daemon that starts does. The market is endless and always the same: which events there must be
follows from the time at which it ends.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger
from sqlalchemy import update

from alertd.channels.webhook import Webhook
from alertd.core.alerts import Alert
from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Series, Symbol
from alertd.core.calendars import ALWAYS, listing
from alertd.core.calm import FREELY, Calm, Rate
from alertd.core.messages import message
from alertd.core.parcels import alone
from alertd.core.retry import Delivered
from alertd.core.rules import AlertId, Condition, Rule
from alertd.deliver import Deliver, Route
from alertd.demo import QuickClock
from alertd.store.database import Database
from alertd.store.desk import Desk
from alertd.store.reading import Reader
from alertd.store.tables import deliveries
from alertd.watch import Plan, Watch
from tests.support.build import found
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.calendars import Listing
    from alertd.core.claims import Delivery
    from alertd.core.retry import Settlement
    from alertd.ports import Clock

START = datetime(2026, 3, 9, tzinfo=UTC)
SYMBOL = Symbol("BABA")
LISTING = listing(SYMBOL, ALWAYS, "USD")
LENGTH = timedelta(seconds=20)
RULES = tuple(
    Rule(AlertId(f"below-{level}"), SYMBOL, Condition.BELOW, float(level), recovery=True)
    for level in (150, 149)
)

# What a child says when it begins, and when it has opened the store.
STAGES = {"start": b"s", "open": b"o"}

# So often that most messages have to wait, and come summed up.
_SELDOM = Calm(rate=Rate(4, timedelta(minutes=1)))
CALMS = {"freely": FREELY, "seldom": _SELDOM}

# A retry after 5 s comes within 25 ms.
_SPEED = 200.0
# In the clock's time, so that no lease runs out under a send that is merely slow.
_DEADLINE = timedelta(minutes=15)
_CHANNEL = "desk"
_GLANCE, _PATIENCE = timedelta(milliseconds=5), timedelta(seconds=30)
_NEVER = START + timedelta(days=1)
_HOP = timedelta(seconds=30)


def swing(number: int) -> Bar:
    """Return one bar of the market: down through every level and back up again."""
    return Bar(START + number * LENGTH, LENGTH, 155, 156, 145, 155)


def market(until: datetime, since: datetime = START) -> Series:
    """Return the bars that begin in `[since, until)`."""
    first, end = (-(-(moment - START) // LENGTH) for moment in (since, until))
    return Series(SYMBOL, tuple(swing(number) for number in range(max(first, 0), end)), 2, "USD")


@dataclass(frozen=True, slots=True)
class Swings:
    """The source: each bar is there once it has begun, whole at once, until the market ends."""

    clock: Clock
    end: datetime
    name: str = "swings"

    def bars(self, _listing: Listing, since: datetime, _until: datetime) -> Series:
        return market(min(self.clock.now(), self.end), since)

    def daily(self, _listing: Listing, _since: datetime | None, _until: datetime) -> Series:
        return Series(SYMBOL, (), 2, "USD")

    def outlook(self, _listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's
        return Outlook(self.clock.now(), self.name)


class Hasty(Database):
    """The outbox the wrong way round: a message is struck off first, and sent then.

    One that is refused is put back. One whose sender dies in between is not, and that is the loss
    which the rounds must find.
    """

    def claim_deliveries(
        self, now: datetime, channel: str, lease: timedelta, limit: int, calm: Calm
    ) -> Sequence[Delivery]:
        claimed = super().claim_deliveries(now, channel, lease, limit, calm)
        for one in claimed:
            super().settle(one, Delivered(), now)
        return claimed

    def settle(self, delivery: Delivery, settlement: Settlement, now: datetime) -> bool:
        if isinstance(settlement, Delivered):
            return True
        event = str(delivery.notice.event.id)
        with self._engine.begin() as connection:
            connection.execute(
                update(deliveries).where(deliveries.c.event == event).values(status="due")
            )
        return super().settle(delivery, settlement, now)


STORES = {"real": Database, "hasty": Hasty}


@dataclass(frozen=True, slots=True)
class Nursery:
    """Starts children on one store, and ends them."""

    path: Path
    store: type[Database]
    desk: Webhook
    calm: Calm
    clock: QuickClock

    def killed(self, stage: bytes, after_ms: float) -> None:
        """Run a child, and kill it when that much time has passed since it came to a stage."""
        begun, begins = os.pipe()
        child = os.fork()
        if child == 0:
            self._child(begins)
        while os.read(begun, 1) != stage:
            pass
        time.sleep(after_ms / 1000)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(begun)
        os.close(begins)
        assert os.WIFSIGNALED(status), f"the child left by itself: {status}"

    def snooze(self, seconds: float) -> None:
        """Hold back all messages for some time, as a user does between two lives of a daemon."""
        desk, now = Desk.open(self.path), self.clock.now()
        for rule in RULES if desk else ():
            assert desk is not None
            desk.snooze(rule.id, now + timedelta(seconds=seconds), now)

    def finish(self) -> datetime:
        """Run undisturbed until nothing waits any more; return when the market ended.

        The clock now stands while anything is sent, and hops to the next retry when nothing is.
        """
        clock = HandClock(self.clock.now())
        end = clock.now()
        life = _Life(self, clock, end)
        while life.turn(_PATIENCE) or life.waiting():
            clock.to(clock.now() + _HOP)
        life.end()
        return end

    def _child(self, begins: int) -> None:
        try:
            os.write(begins, STAGES["start"])
            life = _Life(self, self.clock, _NEVER)
            os.write(begins, STAGES["open"])
            while True:
                life.turn(_GLANCE)
        finally:
            os._exit(1)


class _Life:
    """The services of one daemon, from when it opens the store."""

    def __init__(self, nursery: Nursery, clock: Clock, end: datetime) -> None:
        alerts = [Alert(rule, rule.id, notify=(_CHANNEL,)) for rule in RULES]
        patience = {SYMBOL: timedelta(days=30)}
        plan = Plan(alerts, {SYMBOL: LISTING}, LENGTH, 3 * LENGTH, patience)
        route = Route(nursery.desk, nursery.calm)
        self._store = nursery.store.own(nursery.path)
        self._store.adopt(RULES, START)
        self._path = nursery.path
        self._watch = Watch(clock, Swings(clock, end), self._store, plan)
        self._deliver = Deliver(clock, self._store, {_CHANNEL: route}, lambda: 0.5)

    def turn(self, patience: timedelta) -> bool:
        """Judge and send what is due; tell whether there was anything to do."""
        judged = self._watch.step()
        sent = self._deliver.tick()
        return not self._deliver.wait(patience) or bool(judged or sent)

    def waiting(self) -> int:
        reader = Reader.open(self._path)
        assert reader is not None
        return sum(channel.waiting + channel.held for channel in reader.channels())

    def end(self) -> None:
        self._deliver.stop()
        self._store.close()


def main() -> None:
    """Obey the lines of stdin, and answer each with one line."""
    scratch = Path(sys.argv[1])
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    _warm_up(scratch)
    nursery: Nursery | None = None
    for line in sys.stdin:
        word, *details = line.split()
        if word == "open":
            nursery = _opened(*details)
        assert nursery is not None, "open one first"
        sys.stdout.write(f"{_obeyed(nursery, word, details)}\n")
        sys.stdout.flush()


def _opened(path: str, url: str, store: str, calm: str) -> Nursery:
    desk = Webhook(url=url, allow_http=True, allow_hosts=("127.0.0.1",), deadline=_DEADLINE)
    return Nursery(Path(path), STORES[store], desk, CALMS[calm], QuickClock(START, _SPEED))


def _obeyed(nursery: Nursery, word: str, details: Sequence[str]) -> str:
    """Do as an order says, and return the answer."""
    match word, details:
        case "kill", [stage, after]:
            nursery.killed(STAGES[stage], float(after))
        case "snooze", [seconds]:
            nursery.snooze(float(seconds))
        case "finish", []:
            return nursery.finish().isoformat()
        case _:
            pass
    return "done"


def _warm_up(scratch: Path) -> None:
    """Do once here what is slow the first time: calendars, statements, templates."""
    LISTING.calendar.around(START, START)
    message(alone(found(RULES[0], 149, "09:31")))
    store = Database.own(scratch)
    store.adopt(RULES, START)
    store.close()


if __name__ == "__main__":
    main()
