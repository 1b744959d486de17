"""What waits goes out as one, what fails goes elsewhere too, a full disk sends nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calm import Calm, Quiet, Rate
from alertd.core.claims import Progress
from alertd.core.messages import Chart
from alertd.core.notices import Severity
from alertd.core.retry import Closed, Failed, Recipients, Rejected, Sent
from alertd.core.rules import AlertId
from alertd.deliver import Deliver, Route
from alertd.errors import StoreBroken, StoreError, StoreFull
from alertd.store.database import Database
from alertd.store.desk import Desk
from alertd.store.reading import Reader
from alertd.watch import LEASE
from tests.support.build import at, found, rule
from tests.support.fakes import HandClock, Letterbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from alertd.core.claims import Delivery
    from alertd.core.parcels import Parcel
    from alertd.core.retry import Settlement
    from alertd.core.rules import Rule

NOW = at("09:32")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PATIENCE = timedelta(seconds=10)
LEVELS = tuple(rule(f"below {level}", id=f"below-{level}") for level in (150, 149, 148))
# The clock of these tests is UTC: 09:32 in New York is 13:32 here.
AFTERNOON = Calm(quiet=Quiet(time(13), time(15)))


class Shy(Database):
    """A store that cannot keep the end of an attempt at first, as on a full disk."""

    refusals = 0
    refusal: type[StoreError] = StoreFull

    def settle(self, delivery: Delivery, settlement: Settlement, now: datetime) -> bool:
        if self.refusals:
            self.refusals -= 1
            raise self.refusal(str(self))
        return super().settle(delivery, settlement, now)


class Post:
    """A store, the service that empties it, and a clock in the test's hands."""

    def __init__(self, path: Path, routes: Mapping[str, Route]) -> None:
        self.path = path / "db"
        self.clock = HandClock(NOW)
        self.store = Shy.own(self.path)
        self.routes = routes
        self.store.adopt(LEVELS, NOW)
        self.service = Deliver(self.clock, self.store, routes, lambda: 0.5)

    def tell(
        self, one: Rule, price: float, minute: str, severity: Severity = Severity.WARNING
    ) -> None:
        """Record that an alert fired, for every channel but a fallback."""
        told = replace(found(one, price, minute), severity=severity, detected_at=self.clock.now())
        stand_ins = {route.fallback for route in self.routes.values()}
        names = tuple(name for name in self.routes if name not in stand_ins)
        self.store.wake(self.clock.now())
        (claim,) = self.store.claim_symbols(self.clock.now(), LEASE, 1)
        later = self.clock.now() + timedelta(days=30)
        progress = Progress(claim.cursor, claim.states, [(told, names)], later)
        assert self.store.record(claim, progress, self.clock.now())

    def tick(self, moment: datetime) -> int:
        self.clock.to(moment)
        begun = self.service.tick()
        assert self.service.wait(PATIENCE)
        return begun

    @property
    def desk(self) -> Desk:
        desk = Desk.open(self.path)
        assert desk is not None
        return desk

    @property
    def reader(self) -> Reader:
        reader = Reader.open(self.path)
        assert reader is not None
        return reader


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Callable[..., Post]]:
    made: list[Post] = []

    def begin(**routes: Route) -> Post:
        made.append(Post(tmp_path, routes))
        return made[-1]

    yield begin
    for one in made:
        one.service.stop()
        one.store.close()


def test_what_quiet_hours_held_comes_as_one_message_when_they_end(
    post: Callable[..., Post],
) -> None:
    phone = Letterbox()
    box = post(phone=Route(phone, AFTERNOON))
    for number, level in enumerate(LEVELS):
        box.tell(level, 147, f"09:3{number}")
    assert box.tick(NOW) == 0
    assert box.tick(NOW + HOUR) == 0
    assert box.tick(at("11:00")) == 1
    (digest,) = phone.messages
    assert digest.payload["type"] == "alert.digest"
    assert all(level.id in digest.text for level in LEVELS)
    assert box.tick(at("12:00")) == 0


def test_a_critical_message_passes_quiet_hours(post: Callable[..., Post]) -> None:
    phone = Letterbox()
    box = post(phone=Route(phone, AFTERNOON))
    box.tell(LEVELS[0], 147, "09:31")
    box.tell(LEVELS[1], 147, "09:31", Severity.CRITICAL)
    assert box.tick(NOW) == 1
    assert phone.messages[0].thread == LEVELS[1].id


def test_beyond_its_rate_a_channel_gets_the_rest_as_one(post: Callable[..., Post]) -> None:
    phone = Letterbox()
    box = post(phone=Route(phone, Calm(rate=Rate(1, HOUR))))
    for number, level in enumerate(LEVELS):
        box.tell(level, 147, f"09:3{number}")
    assert box.tick(NOW) == 1
    assert box.tick(NOW + 59 * MINUTE) == 0
    assert box.tick(NOW + HOUR) == 1
    first, rest = phone.messages
    assert first.thread == LEVELS[0].id
    assert all(level.id in rest.text for level in LEVELS[1:])


def test_a_snooze_is_seen_at_once_and_its_end_too(post: Callable[..., Post]) -> None:
    phone = Letterbox()
    box = post(phone=Route(phone))
    box.tell(LEVELS[0], 147, "09:31")
    box.desk.snooze(LEVELS[0].id, NOW + 2 * HOUR, NOW)
    box.tell(LEVELS[1], 147, "09:31")
    assert box.tick(NOW) == 1
    assert box.tick(NOW + HOUR) == 0
    assert box.desk.wake(LEVELS[0].id, NOW + HOUR)
    assert box.tick(NOW + HOUR + MINUTE) == 1
    assert [message.thread for message in phone.messages] == [LEVELS[1].id, LEVELS[0].id]


def test_what_a_channel_has_not_taken_for_15_minutes_goes_to_its_fallback_too(
    post: Callable[..., Post],
) -> None:
    phone, mail = Letterbox(lambda _count: Failed("503")), Letterbox()
    box = post(phone=Route(phone, fallback="mail"), mail=Route(mail))
    box.tell(LEVELS[0], 147, "09:31")
    for minute in range(15):
        box.tick(NOW + minute * MINUTE)
    assert mail.messages == []
    box.tick(NOW + 15 * MINUTE)
    box.tick(NOW + 16 * MINUTE)
    (told,) = mail.messages
    assert told.id == phone.messages[0].id
    assert told.payload["data"]["instead_of"] == "phone"  # type: ignore[index]
    (row,) = box.reader.events(10)
    assert {one.channel: one.status for one in row.deliveries} == {"phone": "due", "mail": "sent"}


def test_a_closed_channel_is_left_alone_for_an_hour_and_its_fallback_has_everything(
    post: Callable[..., Post],
) -> None:
    phone = Letterbox(lambda count: Closed("410") if count == 1 else Sent())
    mail = Letterbox()
    box = post(phone=Route(phone, fallback="mail"), mail=Route(mail))
    box.tell(LEVELS[0], 147, "09:31")
    box.tick(NOW)
    box.tell(LEVELS[1], 147, "09:31")
    box.tick(NOW + MINUTE)
    box.tick(NOW + 2 * MINUTE)
    assert len(phone.messages) == 1
    assert {message.thread for message in mail.messages} == {level.id for level in LEVELS[:2]}
    (row,) = [row for row in box.reader.channels() if row.channel == "phone"]
    assert row.closed_why == "410"
    # One message tries whether it is open again; then come the others.
    assert [box.tick(NOW + HOUR + MINUTE) for _ in range(2)] == [1, 1]
    assert {message.thread for message in phone.messages[1:]} == {level.id for level in LEVELS[:2]}


def test_who_has_a_message_is_not_sent_it_again_not_even_by_retry(
    post: Callable[..., Post],
) -> None:
    half = Recipients(frozenset({"a@example.com"}), {"b@example.com": "550 no such user"})
    mail = Letterbox(lambda count: Rejected("one refused", half) if count == 1 else Sent())
    box = post(mail=Route(mail))
    box.tell(LEVELS[0], 147, "09:31")
    box.tick(NOW)
    assert box.tick(NOW + HOUR) == 0
    assert box.desk.retry(NOW + HOUR) == 1
    box.tick(NOW + HOUR)
    assert [done.reached for done in mail.done] == [frozenset(), frozenset({"a@example.com"})]
    assert mail.done[1].refused == {}


def test_a_message_whose_end_could_not_be_kept_is_not_sent_again(
    post: Callable[..., Post],
) -> None:
    phone = Letterbox()
    box = post(phone=Route(phone))
    box.tell(LEVELS[0], 147, "09:31")
    box.store.refusals = 3
    box.tick(NOW)
    for minute in (1, 5):
        with pytest.raises(StoreFull):
            box.tick(NOW + minute * MINUTE)
    # By now the lease has run out.
    box.tick(NOW + HOUR)
    assert len(phone.messages) == 1
    (row,) = box.reader.events(10)
    assert [one.status for one in row.deliveries] == ["sent"]


def test_an_end_that_a_failing_disk_did_not_take_is_not_written_again(
    post: Callable[..., Post],
) -> None:
    box = post(phone=Route(Letterbox()))
    box.tell(LEVELS[0], 147, "09:31")
    box.store.refusals, box.store.refusal = 1, StoreBroken
    box.tick(NOW)
    for minute in (1, 2):
        with pytest.raises(StoreBroken):
            box.tick(NOW + minute * MINUTE)
    (row,) = box.reader.events(10)
    assert [one.status for one in row.deliveries] == ["due"]


def test_a_service_that_takes_over_keeps_what_the_one_before_could_not(
    post: Callable[..., Post],
) -> None:
    phone = Letterbox()
    box = post(phone=Route(phone))
    box.tell(LEVELS[0], 147, "09:31")
    box.store.refusals = 1
    box.tick(NOW)
    old = box.service
    box.service = Deliver(box.clock, box.store, box.routes, lambda: 0.5, old.unsettled)
    old.stop()
    box.tick(NOW + HOUR)
    assert len(phone.messages) == 1


def test_reminders_come_until_they_are_acknowledged(post: Callable[..., Post]) -> None:
    phone = Letterbox()
    box = post(phone=Route(phone))
    told = replace(
        found(LEVELS[0], 147, "09:31"), severity=Severity.CRITICAL, repeat_every=15 * MINUTE
    )
    (claim,) = box.store.claim_symbols(NOW, LEASE, 1)
    later = NOW + timedelta(days=30)
    box.store.record(claim, Progress(claim.cursor, claim.states, [(told, ("phone",))], later), NOW)
    for minute in range(0, 41, 5):
        box.tick(NOW + minute * MINUTE)
    kinds = [message.payload["type"] for message in phone.messages]
    assert kinds == ["alert.fired", "alert.reminder", "alert.reminder"]
    assert len({message.id for message in phone.messages}) == 3
    assert box.desk.acknowledge(AlertId(LEVELS[0].id), NOW + 41 * MINUTE)
    for minute in range(45, 90, 5):
        box.tick(NOW + minute * MINUTE)
    assert len(phone.messages) == 3


def test_a_message_carries_the_chart_that_was_drawn_for_it_and_goes_without_a_broken_one(
    post: Callable[..., Post],
) -> None:
    def draw(parcel: Parcel) -> Chart:
        if parcel.notices[0].event.alert == LEVELS[1].id:
            raise ZeroDivisionError
        return Chart(b"png", "BABA")

    mail = Letterbox()
    box = post(mail=Route(mail, picture=draw))
    box.tell(LEVELS[0], 147, "09:31")
    box.tell(LEVELS[1], 147, "09:31")
    box.tick(NOW)
    charts = {message.thread: message.chart for message in mail.messages}
    assert charts == {LEVELS[0].id: Chart(b"png", "BABA"), LEVELS[1].id: None}
