"""A database, a tape and a clock, with the watch service between them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.alerts import Alert
from alertd.core.calendars import listing
from alertd.core.calm import FREELY
from alertd.store.database import Database
from alertd.watch import LEASE, Plan, Watch
from tests.support.build import at
from tests.support.fakes import HandClock, Tape

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from alertd.core.bars import Bar
    from alertd.core.claims import Claim
    from alertd.core.notices import Notice
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import State

MINUTE = timedelta(minutes=1)


class World:
    """A database, a tape and a clock, with the service between them.

    Tapes are short: unless a test says so, none is silent for too long.
    """

    def __init__(
        self,
        path: Path,
        start: str,
        rules: list[Rule],
        tape: list[Bar],
        patience: timedelta = timedelta(days=99),
    ) -> None:
        self.path, self.rules = path, rules
        self.clock = HandClock(at(start))
        self.source = Tape(self.clock, tape)
        self.store = Database.own(path)
        alerts = [Alert(one, f"{one.id} by name", notify=("desk",)) for one in rules]
        place = listing(rules[0].symbol, currency="USD")
        self.plan = Plan(
            alerts,
            {place.symbol: place},
            MINUTE,
            timedelta(minutes=5),
            {place.symbol: patience},
        )
        self.store.adopt(rules, self.clock.now())
        self.watch = Watch(self.clock, self.source, self.store, self.plan)

    def restart(self) -> None:
        """Let another process take over what this one has kept."""
        self.store.close()
        self.store = Database.own(self.path)
        self.store.adopt(self.rules, self.clock.now())
        self.watch = Watch(self.clock, self.source, self.store, self.plan)

    def claim(self) -> Claim:
        """Return what is kept of the symbol, and leave it as it is."""
        now = self.clock.now()
        self.store.wake(now)
        (claim,) = self.store.claim_symbols(now, LEASE, 1)
        self.store.free_leases()
        return claim

    def poll(self, clock: str, day: str = "2026-03-09") -> int | None:
        return self.poll_at(at(clock, day))

    def poll_at(self, moment: datetime) -> int | None:
        self.clock.to(moment)
        return self.watch.step()

    def notices(self) -> list[Notice]:
        now, lease = self.clock.now(), timedelta(minutes=1)
        return [d.notice for d in self.store.claim_deliveries(now, "desk", lease, 99, FREELY)]

    def states(self) -> dict[AlertId, State]:
        return dict(self.claim().states)
