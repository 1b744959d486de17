"""What goes on through a fault, and how is it known afterwards what must have arrived?

    swing: a minute with a fall and a recovery --> Watch --> store --> Deliver --> channel
                   '--> replay: what must arrive

The services of one daemon in this process, with a clock that is moved by hand: what the store
refuses at one tick is left to the next, as in the daemon.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import event

from alertd.core.alerts import Alert
from alertd.core.bars import Bar
from alertd.core.notices import Severity
from alertd.deliver import Deliver, Route, Unsettled
from alertd.errors import StoreBroken, StoreError
from alertd.replay import replay
from alertd.store.database import Database
from alertd.watch import Plan, Watch
from tests.chaos.nursery import LISTING, RULES, START, SYMBOL
from tests.chaos.telling import grouped, told
from tests.support.build import series
from tests.support.fakes import HandClock, Tape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from alertd.core.rules import Rule
    from alertd.ports import Channel
    from tests.chaos.telling import Told
    from tests.support.webhook import Call

CHANNEL = "desk"
MINUTE = timedelta(minutes=1)

# What a user may write, or whoever writes for the user: every line would be an order of its own,
# to a server of mail and to one of HTTP.
SPITEFUL = "support\r\nBcc: thief@example.com\r\nx-evil: 1\r\n.\r\nMAIL FROM:<thief@example.com>"

# There are hours without a bar, and nobody is to be told.
_PATIENCE = timedelta(days=999)
_SENDS_MAY_TAKE = timedelta(seconds=30)
_HOP = timedelta(minutes=10)
_HOPS = 600


@dataclass
class Market:
    """A clock, and the bars that there have been by then."""

    clock: HandClock = field(default_factory=lambda: HandClock(START))
    bars: list[Bar] = field(default_factory=list)

    def swing(self) -> None:
        """Let a minute pass in which the price falls through every level and comes back."""
        now = self.clock.now()
        self.bars.append(Bar(now, MINUTE, 155, 156, 145, 155))
        self.clock.to(now + MINUTE)

    def events(self, rules: Sequence[Rule] = RULES) -> set[str]:
        """Return the ids of what must be told."""
        told = replay(rules, series(self.bars, digits=2), LISTING).events
        return {str(each.id) for each in told}


class Services:
    """The watch and the deliver service of one daemon, on one store."""

    def __init__(
        self,
        path: Path,
        channel: Channel,
        market: Market,
        *,
        rules: Sequence[Rule] = RULES,
        unsettled: Callable[[], Unsettled] = Unsettled,
    ) -> None:
        self.path, self.market = path, market
        self._pragmas: list[str] = []
        self.store = Database.own(path)
        event.listen(self.store._engine, "connect", self._configure)  # noqa: SLF001 - all pass here
        self.store.adopt(rules, market.clock.now())
        self.store.reopen(market.clock.now())
        alerts = [Alert(rule, SPITEFUL, SPITEFUL, Severity.CRITICAL, (CHANNEL,)) for rule in rules]
        plan = Plan(alerts, {SYMBOL: LISTING}, MINUTE, 3 * MINUTE, {SYMBOL: _PATIENCE})
        source = Tape(market.clock, market.bars)
        self._watch = Watch(market.clock, source, self.store, plan)
        self.deliver = self._delivery(channel, unsettled())

    def use(self, channel: Channel) -> None:
        """Send over another channel from now on; nothing is under way."""
        self.deliver.stop()
        self.deliver = self._delivery(channel, self.deliver.unsettled)

    def _delivery(self, channel: Channel, unsettled: Unsettled) -> Deliver:
        routes = {CHANNEL: Route(channel)}
        return Deliver(self.market.clock, self.store, routes, lambda: 0.5, unsettled)

    def _configure(self, connection: sqlite3.Connection, _entry: object) -> None:
        for pragma in self._pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def told(self, pragma: str) -> Iterator[None]:
        """Have every connection of the store begin with one more setting, for a while."""
        self._pragmas.append(pragma)
        try:
            yield
        finally:
            self._pragmas.remove(pragma)

    def turn(self) -> list[StoreError]:
        """Judge and begin to send what is due; return what the store refused."""
        met = []
        for work in (self._judge, self.deliver.tick):
            try:
                work()
            except StoreError as error:
                met.append(error)
        return met

    def _judge(self) -> None:
        while self._watch.step() is not None:
            pass

    def rest(self) -> None:
        """Wait until nothing is under way."""
        assert self.deliver.wait(_SENDS_MAY_TAKE), "a send hangs"

    def finish(self) -> list[StoreError]:
        """Go on undisturbed until nothing waits any more, or the store is broken.

        returns: what the store refused even then.
        """
        met: list[StoreError] = []
        for hop in range(_HOPS):
            met += self.turn()
            self.rest()
            # Once more, since a symbol that was leased when the store refused is due only then.
            if any(isinstance(error, StoreBroken) for error in met) or (hop and self._idle()):
                break
            self.market.clock.to(self.market.clock.now() + _HOP)
        return met

    def _idle(self) -> bool:
        return not (self.deliver.unsettled.qsize() or waiting(self.path))

    def close(self) -> None:
        """Stop as a daemon does: what is under way ends."""
        self.deliver.stop()
        self.rest()
        self.store.close()


def waiting(path: Path) -> int:
    """Return how many messages are neither sent nor dead, by none of alertd's own code."""
    with closing(sqlite3.connect(path)) as plain, suppress(sqlite3.DatabaseError):
        asked = "SELECT count(*) FROM deliveries WHERE status = 'due'"
        (count,) = plain.execute(asked).fetchone()
        return int(count)
    # What is damaged so that nobody can say is waited for no longer.
    return 0


def read(calls: Iterable[Call], path: Path) -> list[Told]:
    """Return what some calls tell, as far as the bodies say or the store does."""
    others: dict[str, list[str]] = {}
    with suppress(sqlite3.DatabaseError):
        others = grouped(path)
    return [told(call.headers["webhook-id"], call.body, others) for call in calls]
