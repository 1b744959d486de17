"""One cycle over the outbox: claim, send, settle."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.claims import Progress
from alertd.core.retry import NOBODY, Failed, Outcome, Recipients, Rejected, Sent
from alertd.core.rules import AlertId
from alertd.deliver import Deliver, Route
from alertd.store.database import Database
from alertd.watch import LEASE
from tests.support.build import at, found, rule
from tests.support.fakes import HandClock, Letterbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from alertd.core.messages import Message
    from alertd.ports import Channel

RULE = rule("below 150", id="support")
NOW = at("09:32")
PATIENCE = timedelta(seconds=10)


class Outbox:
    """A database with one event for some channels, and the service that empties it."""

    def __init__(self, path: Path, channels: Mapping[str, Channel]) -> None:
        self.clock = HandClock(NOW)
        self.store = Database.own(path)
        self.notice = found(RULE, 149, "09:31")
        self.store.adopt([RULE], NOW)
        (claim,) = self.store.claim_symbols(NOW, LEASE, 1)
        told = [(self.notice, tuple(channels))]
        later = NOW + timedelta(days=1)
        self.store.record(claim, Progress(claim.cursor, claim.states, told, later), NOW)
        routes = {name: Route(channel) for name, channel in channels.items()}
        self.service = Deliver(self.clock, self.store, routes, lambda: 0.5)

    def tick(self, moment: datetime = NOW) -> int:
        self.clock.to(moment)
        begun = self.service.tick()
        assert self.service.wait(PATIENCE)
        return begun


@pytest.fixture
def outboxes(tmp_path: Path) -> Iterator[list[Outbox]]:
    made: list[Outbox] = []
    yield made
    for outbox in made:
        outbox.service.stop()
        outbox.store.close()


def outbox(made: list[Outbox], path: Path, **channels: Channel) -> Outbox:
    made.append(Outbox(path / "db", channels))
    return made[-1]


def test_a_due_message_reaches_every_channel_once(tmp_path: Path, outboxes: list[Outbox]) -> None:
    desk, mail = Letterbox(), Letterbox()
    box = outbox(outboxes, tmp_path, desk=desk, mail=mail)
    assert box.tick() == 2
    assert box.tick(NOW + timedelta(days=1)) == 0
    (sent,), (also,) = desk.messages, mail.messages
    assert sent == also
    assert sent.id == f"msg_{box.notice.event.id}"
    assert sent.thread == AlertId("support")


def test_a_retry_carries_the_same_message(tmp_path: Path, outboxes: list[Outbox]) -> None:
    def answer(count: int) -> Outcome:
        return Failed("503") if count < 3 else Sent()

    desk = Letterbox(answer)
    box = outbox(outboxes, tmp_path, desk=desk)
    assert box.tick() == 1
    assert box.tick(NOW + timedelta(seconds=4)) == 0
    assert box.tick(NOW + timedelta(seconds=5)) == 1
    assert box.tick(NOW + timedelta(seconds=35)) == 1
    assert box.tick(NOW + timedelta(days=9)) == 0
    assert len(desk.messages) == 3
    assert len({repr(message) for message in desk.messages}) == 1


def test_a_receivers_wish_is_granted(tmp_path: Path, outboxes: list[Outbox]) -> None:
    desk = Letterbox(lambda _count: Failed("429", after=timedelta(minutes=10)))
    box = outbox(outboxes, tmp_path, desk=desk)
    box.tick()
    assert box.tick(NOW + timedelta(minutes=9)) == 0
    assert box.tick(NOW + timedelta(minutes=10)) == 1


def test_what_is_rejected_is_not_tried_again(tmp_path: Path, outboxes: list[Outbox]) -> None:
    desk = Letterbox(lambda _count: Rejected("410 Gone"))
    box = outbox(outboxes, tmp_path, desk=desk)
    assert box.tick() == 1
    assert box.tick(NOW + timedelta(hours=5)) == 0


def test_a_channel_that_fails_for_72_hours_is_given_up(
    tmp_path: Path, outboxes: list[Outbox]
) -> None:
    desk = Letterbox(lambda _count: Failed("503"))
    box = outbox(outboxes, tmp_path, desk=desk)
    for hour in range(200):
        box.tick(NOW + timedelta(hours=hour))
    tries = len(desk.messages)
    box.tick(NOW + timedelta(hours=400))
    assert len(desk.messages) == tries
    assert 10 < tries < 40


class Stuck:
    """A channel that answers only when it is let go."""

    deadline = timedelta(seconds=15)

    def __init__(self) -> None:
        self.go, self.reached = threading.Event(), threading.Semaphore(0)

    def send(self, _message: Message, _now: datetime, _done: Recipients = NOBODY) -> Outcome:
        self.reached.release()
        assert self.go.wait(PATIENCE.total_seconds())
        return Sent()


def test_a_channel_that_hangs_holds_up_no_other(tmp_path: Path, outboxes: list[Outbox]) -> None:
    stuck, desk = Stuck(), Letterbox()
    box = outbox(outboxes, tmp_path, stuck=stuck, desk=desk)
    assert box.service.tick() == 2
    assert stuck.reached.acquire(timeout=PATIENCE.total_seconds())
    assert not box.service.wait(timedelta(0))
    assert box.service.tick() == 0  # its lease holds
    stuck.go.set()
    assert box.service.wait(PATIENCE)
    assert len(desk.messages) == 1


def test_a_send_whose_lease_ran_out_does_not_overwrite_the_one_after_it(
    tmp_path: Path, outboxes: list[Outbox]
) -> None:
    stuck = Stuck()
    box = outbox(outboxes, tmp_path, stuck=stuck)
    assert box.service.tick() == 1
    assert stuck.reached.acquire(timeout=PATIENCE.total_seconds())
    box.clock.to(NOW + timedelta(seconds=76))
    assert box.service.tick() == 1
    stuck.go.set()
    assert box.service.wait(PATIENCE)
    assert box.tick(NOW + timedelta(days=1)) == 0


def test_a_service_that_has_stopped_claims_nothing(tmp_path: Path, outboxes: list[Outbox]) -> None:
    desk = Letterbox()
    box = outbox(outboxes, tmp_path, desk=desk)
    box.service.stop()
    assert box.tick() == 0
    after = Deliver(box.clock, box.store, {"desk": Route(desk)}, lambda: 0.5)
    assert after.tick() == 1
    assert after.wait(PATIENCE)
    after.stop()


class Interrupting(HandClock):
    """Tells the time, while somebody else begins to stop the service."""

    stopper: threading.Thread | None = None

    def now(self) -> datetime:
        if self.stopper is not None and self.stopper.ident is None:
            self.stopper.start()
        return super().now()


def test_a_stop_waits_for_the_tick_that_is_claiming(tmp_path: Path, outboxes: list[Outbox]) -> None:
    desk = Letterbox()
    box = outbox(outboxes, tmp_path, desk=desk)
    clock = Interrupting(NOW)
    service = Deliver(clock, box.store, {"desk": Route(desk)}, lambda: 0.5)
    clock.stopper = threading.Thread(target=service.stop)
    assert service.tick() == 1
    clock.stopper.join(PATIENCE.total_seconds())
    assert service.wait(PATIENCE)
    assert len(desk.messages) == 1
    assert service.tick() == 0


class Broken:
    """A channel with a bug."""

    deadline = timedelta(seconds=15)

    def __init__(self) -> None:
        self.calls = 0

    def send(self, _message: Message, _now: datetime, _done: Recipients = NOBODY) -> Outcome:
        self.calls += 1
        raise ZeroDivisionError


def test_a_bug_in_a_channel_loses_nothing(tmp_path: Path, outboxes: list[Outbox]) -> None:
    broken = Broken()
    box = outbox(outboxes, tmp_path, broken=broken)
    box.tick()
    assert box.tick(NOW + timedelta(seconds=76)) == 1
    assert broken.calls == 2
