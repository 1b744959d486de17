"""What is due goes out, what must not go out now waits, and what has waited goes out as one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

from alertd.core.calm import LONGEST_HOLD, NEVER, Calm, Held, Quiet, Rate
from alertd.core.notices import Severity
from alertd.core.parcels import alone
from alertd.core.retry import Again, Dead, Delivered, Recipients
from alertd.store.tables import deliveries
from tests.store.written import ABOVE, BELOW, NOW, desk_of, due, recorded, table
from tests.support.build import at, found

if TYPE_CHECKING:
    from alertd.core.claims import Delivery
    from alertd.store.database import Database

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# The clock of these tests is UTC: 09:32 in New York is 13:32 here.
QUIET = Calm(quiet=Quiet(time(13), time(15)))
AFTER = at("11:00")
DAILY = Calm(digest_at=time(18))
THREE = tuple(found(BELOW, 149, clock) for clock in ("09:29", "09:30", "09:31"))


class TestHolding:
    def test_what_is_due_in_quiet_hours_waits_for_their_end(self, database: Database) -> None:
        recorded(database, THREE[0])
        assert due(database, NOW, calm=QUIET) == []
        assert due(database, AFTER - timedelta(seconds=1), calm=QUIET) == []
        (delivery,) = due(database, AFTER, calm=QUIET)
        assert delivery.parcel == replace(alone(THREE[0]), held=Held.QUIET)
        assert (delivery.attempt, delivery.tried, delivery.ready_at) == (1, 1, AFTER)

    def test_waiting_is_no_attempt(self, database: Database) -> None:
        recorded(database, THREE[0])
        due(database, NOW, calm=QUIET)
        assert table(database, deliveries.c.attempt, deliveries.c.held) == [(0, "quiet")]

    def test_a_critical_message_does_not_wait(self, database: Database) -> None:
        urgent = replace(THREE[1], severity=Severity.CRITICAL)
        recorded(database, THREE[0], urgent)
        (delivery,) = due(database, NOW, calm=QUIET)
        assert (delivery.parcel.notices, delivery.parcel.held) == ((urgent,), None)

    def test_what_failed_waits_too_and_goes_out_by_itself(self, database: Database) -> None:
        recorded(database, *THREE)
        for one in due(database, NOW):
            database.settle(one, Again(NOW + MINUTE, "503"), NOW)
        assert due(database, NOW + MINUTE, calm=QUIET) == []
        again = due(database, AFTER, calm=QUIET)
        assert [one.parcel.notices for one in again] == [(notice,) for notice in THREE]
        assert [(one.attempt, one.tried, one.ready_at) for one in again] == [(2, 2, AFTER)] * 3

    def test_a_daily_digest_waits_once(self, database: Database) -> None:
        recorded(database, *THREE)
        assert due(database, NOW, calm=DAILY) == []
        evening = at("14:00")
        (delivery,) = due(database, evening, calm=DAILY)
        assert len(delivery.parcel.notices) == 3
        database.settle(delivery, Again(evening + MINUTE, "503"), evening)
        assert len(due(database, evening + MINUTE, calm=DAILY)) == 1

    def test_an_alert_of_another_channel_is_not_held(self, database: Database) -> None:
        recorded(database, THREE[0], channels=("desk", "mail"))
        assert due(database, NOW, calm=QUIET) == []
        assert len(due(database, NOW, "mail")) == 1


class TestRate:
    CALM = Calm(rate=Rate(2, HOUR))

    def test_beyond_its_rate_a_channel_gets_the_rest_as_one(self, database: Database) -> None:
        recorded(database, *(found(BELOW, 149, f"09:2{n}") for n in range(6)))
        first = due(database, NOW, calm=self.CALM)
        assert [len(one.parcel.notices) for one in first] == [1, 1]
        for one in first:
            database.settle(one, Delivered(), NOW + MINUTE)
        assert due(database, NOW + HOUR, calm=self.CALM) == []
        (rest,) = due(database, NOW + HOUR + MINUTE, calm=self.CALM)
        assert len(rest.parcel.notices) == 4
        assert rest.parcel.held is Held.RATE

    def test_however_few_a_channel_takes_the_rest_is_one(self, database: Database) -> None:
        calm = Calm(rate=Rate(1, HOUR))
        recorded(database, *THREE)
        (first,) = due(database, NOW, calm=calm)
        database.settle(first, Delivered(), NOW)
        assert [len(one.parcel.notices) for one in due(database, NOW + HOUR, calm=calm)] == [2]

    def test_what_is_under_way_counts(self, database: Database) -> None:
        recorded(database, *THREE)
        assert len(due(database, NOW, calm=self.CALM, limit=2)) == 2
        assert due(database, NOW, calm=self.CALM) == []

    def test_a_digest_that_was_sent_counts_as_one(self, database: Database) -> None:
        recorded(database, *THREE)
        due(database, NOW, calm=QUIET)
        (digest,) = due(database, AFTER, calm=QUIET)
        database.settle(digest, Delivered(), AFTER)
        recorded(database, found(BELOW, 148, "11:01"))
        assert len(due(database, at("11:02"), calm=self.CALM)) == 1

    def test_what_failed_does_not_count(self, database: Database) -> None:
        recorded(database, *THREE[:2])
        for one in due(database, NOW):
            database.settle(one, Again(NOW + MINUTE, "503"), NOW)
        assert len(due(database, NOW + MINUTE, calm=self.CALM)) == 2


class TestClock:
    def test_quiet_hours_from_before_the_clock_was_set_back_do_not_hold(
        self, database: Database
    ) -> None:
        recorded(database, THREE[0])
        due(database, NOW, calm=QUIET)
        back = AFTER - LONGEST_HOLD - timedelta(seconds=61)
        assert due(database, back + timedelta(seconds=2)) == []
        assert len(due(database, back)) == 1

    def test_a_snooze_and_a_pause_hold_however_far_ahead_they_end(self, database: Database) -> None:
        recorded(database, THREE[0], found(ABOVE, 193, "09:31"))
        desk = desk_of(database)
        desk.snooze(BELOW.id, NOW + timedelta(days=200), NOW)
        desk.pause(ABOVE.id, NOW)
        assert due(database, NOW) == []
        assert due(database, NOW + timedelta(days=1)) == []
        assert {row[0] for row in table(database, deliveries.c.due_at)} == {
            NOW + timedelta(days=200),
            NEVER,
        }

    def test_a_retry_of_what_was_snoozed_is_due_when_the_clock_is_set_back(
        self, database: Database
    ) -> None:
        desk_of(database).snooze(BELOW.id, NOW + HOUR, NOW)
        recorded(database, THREE[0])
        due(database, NOW)
        (delivery,) = due(database, NOW + HOUR)
        database.settle(delivery, Again(NOW + HOUR + MINUTE, "503"), NOW + HOUR)
        desk_of(database).wake(BELOW.id, NOW)
        assert len(due(database, NOW - timedelta(days=10))) == 1


class TestSettling:
    def test_who_is_done_with_stays_so_over_attempts(self, database: Database) -> None:
        recorded(database, THREE[0])
        (one,) = due(database, NOW)
        first = Recipients(frozenset({"a@x"}), {"c@x": "550"})
        database.settle(one, Again(NOW, "put off", first), NOW)
        (two,) = due(database, NOW)
        assert two.done == first
        database.settle(two, Dead("no more", Recipients(frozenset({"b@x"}))), NOW)
        (kept,) = table(database, deliveries.c.recipients)
        assert kept == ({"reached": ["a@x", "b@x"], "refused": {"c@x": "550"}},)

    def test_an_error_is_kept_short(self, database: Database) -> None:
        recorded(database, THREE[0])
        (one,) = due(database, NOW)
        database.settle(one, Again(NOW, "x" * 900, closed=True), NOW)
        assert table(database, deliveries.c.error) == [("x" * 500,)]


def test_two_that_claim_at_once_get_nothing_twice(database: Database) -> None:
    recorded(database, *(found(BELOW, 149, f"09:{n}") for n in range(10, 30)))

    def claim(_number: int) -> list[Delivery]:
        return list(due(database, NOW, calm=Calm(rate=Rate(15, HOUR)), limit=4))

    with ThreadPoolExecutor(4) as pool:
        claimed = [one.parcel.id for going in pool.map(claim, range(8)) for one in going]
    assert len(claimed) == len(set(claimed)) == 15


def test_more_than_a_claim_looks_at_is_put_off_in_a_few(database: Database) -> None:
    notices = [
        replace(found(BELOW, 149, f"{8 + n // 60:02}:{n % 60:02}"), detected_at=NOW)
        for n in range(210)
    ]
    recorded(database, *notices)
    urgent = replace(
        found(ABOVE, 193, "09:31"), severity=Severity.CRITICAL, detected_at=NOW + MINUTE
    )
    recorded(database, urgent)
    assert due(database, NOW + MINUTE, calm=QUIET) == []
    (delivery,) = due(database, NOW + MINUTE, calm=QUIET)
    assert delivery.parcel.notices == (urgent,)
