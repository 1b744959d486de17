"""Whatever comes in whatever order: nothing is lost, nothing is told in two digests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from alertd.core.calm import FREELY, Calm, Quiet, Rate
from alertd.core.notices import Severity
from alertd.core.retry import Again, Dead, Delivered, Recipients
from alertd.store.database import Database
from alertd.store.tables import deliveries
from tests.store.written import ABOVE, BELOW, NOW, desk_of, progress
from tests.support import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.claims import Delivery
    from alertd.core.notices import Notice

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANNELS = ("desk", "mail")
RULES = (BELOW, ABOVE, build.rule("below 140", id="deep"))
CALMS = (
    FREELY,
    Calm(quiet=Quiet(time(13), time(15))),
    Calm(digest_at=time(18)),
    Calm(rate=Rate(1, HOUR)),
)
# What the rows of one message have in common.
SHARED = (
    "status", "attempt", "tried_before", "due_at", "ready_at", "lease_until", "held", "closed_at",
)  # fmt: skip

ALERTS = some.sampled_from([one.id for one in RULES])
channels = some.sampled_from(CHANNELS)
steps = some.sampled_from((MINUTE, 15 * MINUTE, HOUR, 5 * HOUR, DAY, -HOUR, -10 * DAY))


class Outbox(RuleBasedStateMachine):
    """A daemon and its user, both without a plan."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.store = Database.own(Path(self.folder.name) / "db")
        self.desk = desk_of(self.store)
        self.store.adopt(RULES, NOW)
        self.now, self.found = NOW, 0
        self.promised: set[tuple[str, str]] = set()
        self.under_way: list[Delivery] = []
        self.sent: set[tuple[str, str, int]] = set()
        self.digests: dict[tuple[str, str, int], str] = {}

    @rule(
        alerts=some.lists(some.sampled_from(RULES), min_size=1, max_size=3, unique=True),
        severity=some.sampled_from(Severity),
        told=some.sets(channels, min_size=1),
    )
    def fire(self, alerts: Sequence[Any], severity: Severity, told: set[str]) -> None:
        every = 15 * MINUTE if severity is Severity.CRITICAL else None
        notices = [self.notice(one, severity=severity, repeat_every=every) for one in alerts]
        head = replace(notices[0], together=tuple(other.event for other in notices[1:]))
        self.store.wake(self.now)
        self.store.free_leases()
        self.under_way = []
        (claim,) = self.store.claim_symbols(self.now, MINUTE, 1)
        assert self.store.record(claim, progress(head, channels=tuple(told)), self.now)
        self.promised |= {(str(head.event.id), channel) for channel in told}

    def notice(self, alert: Any, **more: Any) -> Notice:  # noqa: ANN401 - a rule of ours
        self.found += 1
        clock = f"{8 + self.found // 60:02}:{self.found % 60:02}"
        return replace(build.found(alert, 149, clock), detected_at=self.now, **more)

    @rule(channel=channels, calm=some.sampled_from(CALMS), limit=some.integers(1, 3))
    def claim(self, channel: str, calm: Calm, limit: int) -> None:
        going = self.store.claim_deliveries(self.now, channel, MINUTE, limit, calm)
        assert len(going) <= limit
        for one in going:
            assert not self.rows(one) & self.sent
        self.under_way += going

    @rule(end=some.integers(0, 4), which=some.integers(0, 9))
    def settle(self, end: int, which: int) -> None:
        if not self.under_way:
            return
        one = self.under_way.pop(which % len(self.under_way))
        rows = self.rows(one)
        settlement = (
            Delivered(),
            Again(self.now + MINUTE, "503", Recipients(frozenset({"a@x"}))),
            Again(self.now + 4 * HOUR, "503"),
            Again(self.now + HOUR, "410", closed=True),
            Dead("550"),
        )[end]
        kept = self.store.settle(one, settlement, self.now)
        if kept and end == 0:
            self.sent |= rows

    @rule(step=steps)
    def pass_time(self, step: timedelta) -> None:
        self.now += step

    @rule()
    def crash(self) -> None:
        self.under_way = []
        self.store.free_leases()
        self.store.reopen(self.now)

    @rule()
    def look_after(self) -> None:
        self.store.remind(self.now)
        self.store.hand_over(self.now, {"desk": "mail"})

    @rule(alert=ALERTS, act=some.sampled_from(("snooze", "pause", "wake", "ack", "arm")))
    def say(self, alert: Any, act: str) -> None:  # noqa: ANN401 - an id of ours
        match act:
            case "snooze":
                self.desk.snooze(alert, self.now + HOUR, self.now)
            case "pause":
                self.desk.pause(alert, self.now)
            case "wake":
                self.desk.wake(alert, self.now)
            case "ack":
                self.desk.acknowledge(alert, self.now)
            case _:
                self.desk.arm(alert, self.now)

    @rule()
    def retry(self) -> None:
        self.desk.retry(self.now)

    @invariant()
    def a_message_is_one(self) -> None:
        messages = defaultdict(set)
        for row in self.table():
            shared = tuple(row[name] for name in SHARED)
            messages[row["channel"], row["message"]].add(shared)
        assert {len(shared) for shared in messages.values()} <= {1}

    @invariant()
    def nothing_is_in_two_digests(self) -> None:
        for row in self.table():
            key = (row["channel"], row["event"], row["round"])
            if row["closed_at"]:
                assert self.digests.setdefault(key, row["message"]) == row["message"]
            else:
                assert key not in self.digests

    @invariant()
    def what_is_promised_is_there(self) -> None:
        kept = {(row["event"], row["channel"]) for row in self.table() if row["round"] == 0}
        assert kept >= self.promised

    @invariant()
    def what_was_sent_stays_sent(self) -> None:
        status = {
            (row["channel"], row["event"], row["round"]): row["status"] for row in self.table()
        }
        assert {status[key] for key in self.sent} <= {"sent"}

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        for one in RULES:
            self.desk.acknowledge(one.id, self.now)
            self.desk.arm(one.id, self.now)
        self.crash()
        self.desk.retry(self.now)
        for channel in CHANNELS:
            while going := self.store.claim_deliveries(self.now, channel, MINUTE, 9, FREELY):
                assert all(self.store.settle(one, Delivered(), self.now) for one in going)
        # Only what waits by calm may be left; nothing holds that for longer than a day.
        self.now += 11 * DAY
        for channel in CHANNELS:
            while going := self.store.claim_deliveries(self.now, channel, MINUTE, 9, FREELY):
                assert all(self.store.settle(one, Delivered(), self.now) for one in going)
        assert {row["status"] for row in self.table()} <= {"sent"}
        self.store.close()
        self.folder.cleanup()

    def rows(self, one: Delivery) -> set[tuple[str, str, int]]:
        return {
            (row["channel"], row["event"], row["round"])
            for row in self.table()
            if (row["channel"], row["message"]) == (one.channel, str(one.parcel.id))
        }

    def table(self) -> Sequence[Any]:
        engine = self.store._engine  # noqa: SLF001 - what is in the table
        with engine.connect() as connection:
            return connection.execute(select(deliveries)).mappings().all()


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=12, stateful_step_count=40, deadline=None)
