"""The store keeps what it was told, once, and only from whoever may say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from alertd.core.bars import Symbol
from alertd.core.book import Cursor
from alertd.core.claims import Delivery
from alertd.core.events import Kind
from alertd.core.parcels import alone
from alertd.core.retry import LONGEST_STEP, Again, Dead, Delivered
from alertd.core.rules import AlertId
from alertd.core.states import State
from alertd.store.tables import deliveries, facts
from tests.store.written import (
    ABOVE,
    BELOW,
    CURSOR,
    LEASE,
    NOW,
    STATE,
    claimed,
    claimed_cursor,
    due,
    progress,
    recorded,
    table,
)
from tests.support.build import found, rule

if TYPE_CHECKING:
    from alertd.store.database import Database


class TestSymbols:
    def test_a_new_alert_starts_afresh_from_when_it_was_adopted(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        assert claimed(database).states == {BELOW.id: State(since=NOW)}
        assert claimed_cursor(database) == Cursor()

    def test_cursor_and_states_come_back_as_they_were_recorded(self, database: Database) -> None:
        recorded(database)
        claim = claimed(database, NOW + timedelta(minutes=1))
        assert claim.cursor == CURSOR
        assert claim.states == {BELOW.id: STATE}

    def test_a_leased_symbol_is_not_claimed_again_until_its_lease_ends(
        self, database: Database
    ) -> None:
        database.adopt([BELOW], NOW)
        claimed(database)
        assert database.claim_symbols(NOW + timedelta(seconds=89), LEASE, 10) == []
        assert len(database.claim_symbols(NOW + LEASE, LEASE, 10)) == 1

    def test_a_symbol_is_due_when_its_time_has_come(self, database: Database) -> None:
        recorded(database)
        assert database.claim_symbols(NOW + timedelta(seconds=59), LEASE, 10) == []
        assert len(database.claim_symbols(NOW + timedelta(seconds=60), LEASE, 10)) == 1

    def test_a_cycle_that_lost_its_lease_records_nothing(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        slow = claimed(database)
        claimed(database, NOW + LEASE)
        assert database.record(slow, progress(found(BELOW, 149, "09:31")), NOW) is None
        assert due(database, NOW) == []
        assert claimed_cursor(database, NOW + 2 * LEASE) == Cursor()

    def test_a_failed_poll_leaves_the_state_and_is_tried_again(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        database.postpone(claimed(database), "no answer", NOW + timedelta(minutes=5))
        assert database.claim_symbols(NOW + timedelta(minutes=4), LEASE, 10) == []
        claim = claimed(database, NOW + timedelta(minutes=5))
        assert claim.failures == 1
        assert claim.states == {BELOW.id: State(since=NOW)}

    def test_a_changed_alert_starts_afresh_and_an_unchanged_one_stays(
        self, database: Database
    ) -> None:
        recorded(database)
        later = NOW + timedelta(minutes=1)
        database.adopt([BELOW, ABOVE], later)
        assert claimed(database, later).states == {BELOW.id: STATE, ABOVE.id: State(since=later)}
        database.adopt([replace(BELOW, level=151.0), ABOVE], later)
        assert claimed(database, later).states[BELOW.id] == State(since=later)

    def test_an_alert_that_is_gone_is_forgotten_with_its_symbol(self, database: Database) -> None:
        recorded(database, found(BELOW, 149, "09:31"))
        other = replace(ABOVE, symbol=Symbol("NVDA"))
        database.adopt([other], NOW)
        assert [claim.symbol for claim in database.claim_symbols(NOW, LEASE, 10)] == ["NVDA"]
        assert len(due(database, NOW)) == 1

    def test_a_reload_ends_the_cycle_that_is_under_way(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        under_way = claimed(database)
        database.adopt([BELOW], NOW)
        assert database.record(under_way, progress(), NOW) is None

    def test_waking_makes_every_symbol_due(self, database: Database) -> None:
        recorded(database)
        database.wake(NOW)
        assert len(database.claim_symbols(NOW, LEASE, 10)) == 1

    def test_a_lease_from_before_the_clock_was_set_back_does_not_hold(
        self, database: Database
    ) -> None:
        long_before = NOW - timedelta(hours=1)
        database.adopt([BELOW], long_before)
        claimed(database)
        assert len(database.claim_symbols(long_before, LEASE, 10)) == 1

    def test_an_alert_set_up_while_the_clock_was_ahead_counts_from_now(
        self, database: Database
    ) -> None:
        ahead = NOW + timedelta(days=1)
        database.adopt([BELOW], ahead)
        database.wake(NOW)
        assert claimed(database).states[BELOW.id].since == NOW
        database.adopt([replace(BELOW, level=149.0)], ahead)
        database.adopt([replace(BELOW, level=149.0)], NOW)
        assert claimed(database).states[BELOW.id].since == NOW

    def test_waking_ends_the_cycle_that_is_under_way(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        under_way = claimed(database)
        database.wake(NOW)
        assert database.record(under_way, progress(), NOW) is None
        assert len(database.claim_symbols(NOW, LEASE, 10)) == 1


class TestSignsOfLife:
    def test_a_daemon_that_has_stopped_gives_none(self, database: Database) -> None:
        def signs() -> list[str]:
            with database._engine.connect() as connection:  # noqa: SLF001 - what is in the table
                alive = select(facts.c.value).where(facts.c.name == "alive_at")
                return list(connection.execute(alive).scalars())

        database.beat(NOW)
        database.beat(NOW + timedelta(seconds=20))
        assert signs() == [(NOW + timedelta(seconds=20)).isoformat()]
        database.rest()
        assert signs() == []


class TestEvents:
    def test_an_event_is_recorded_once_whoever_finds_it_again(self, database: Database) -> None:
        notice = found(BELOW, 149, "09:31")
        database.adopt([BELOW], NOW)
        assert database.record(claimed(database), progress(notice), NOW) == frozenset(
            {notice.event.id}
        )
        again = NOW + timedelta(minutes=1)
        assert database.record(claimed(database, again), progress(notice), again) == frozenset()
        assert len(due(database, again)) == 1

    def test_a_notice_comes_back_as_it_was_recorded(self, database: Database) -> None:
        notice = found(BELOW, 149, "09:31", kind=Kind.RECOVERED)
        recorded(database, notice)
        (delivery,) = due(database, NOW)
        assert delivery == Delivery(alone(notice), "desk", 1, 1, notice.detected_at)

    def test_every_channel_gets_its_own_delivery(self, database: Database) -> None:
        recorded(database, found(BELOW, 149, "09:31"), channels=("desk", "mail"))
        assert [[d.channel for d in due(database, NOW, name)] for name in ("desk", "mail")] == [
            ["desk"],
            ["mail"],
        ]

    def test_a_recording_that_fails_half_way_leaves_nothing(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        twice = ("desk", "desk")  # breaks the second delivery's key
        with pytest.raises(Exception, match=r"(?i)unique"):
            database.record(
                claimed(database), progress(found(BELOW, 149, "09:31"), channels=twice), NOW
            )
        assert due(database, NOW) == []
        assert claimed_cursor(database, NOW + LEASE) == Cursor()


class TestDeliveries:
    notice = found(BELOW, 149, "09:31")

    def test_a_leased_delivery_is_claimed_again_only_when_its_lease_ends(
        self, database: Database
    ) -> None:
        recorded(database, self.notice)
        assert [d.attempt for d in due(database, NOW)] == [1]
        assert due(database, NOW + timedelta(seconds=59)) == []
        assert [d.attempt for d in due(database, NOW + timedelta(seconds=60))] == [2]

    def test_what_was_sent_is_not_sent_again(self, database: Database) -> None:
        recorded(database, self.notice)
        (delivery,) = due(database, NOW)
        assert database.settle(delivery, Delivered(), NOW)
        assert due(database, NOW + timedelta(days=1)) == []

    def test_what_failed_is_due_again_at_its_time(self, database: Database) -> None:
        recorded(database, self.notice)
        (delivery,) = due(database, NOW)
        assert database.settle(delivery, Again(NOW + timedelta(seconds=5), "503"), NOW)
        assert due(database, NOW + timedelta(seconds=4)) == []
        assert [d.attempt for d in due(database, NOW + timedelta(seconds=5))] == [2]

    def test_what_is_dead_is_kept_but_not_sent(self, database: Database) -> None:
        recorded(database, self.notice)
        (delivery,) = due(database, NOW)
        assert database.settle(delivery, Dead("550 no such user"), NOW)
        assert due(database, NOW + timedelta(days=9)) == []
        kept = table(database, deliveries.c.status, deliveries.c.error)
        assert kept == [("dead", "550 no such user")]

    def test_an_attempt_that_ends_late_leaves_the_newer_one_alone(self, database: Database) -> None:
        recorded(database, self.notice)
        (first,) = due(database, NOW)
        (second,) = due(database, NOW + timedelta(seconds=60))
        assert not database.settle(first, Again(NOW + timedelta(hours=2), "slow"), NOW)
        assert database.settle(second, Delivered(), NOW)
        assert not database.settle(first, Dead("slow"), NOW)

    def test_a_due_time_from_before_the_clock_was_set_back_does_not_hold(
        self, database: Database
    ) -> None:
        recorded(database, self.notice)
        (delivery,) = due(database, NOW)
        database.settle(delivery, Again(NOW + timedelta(hours=4), "503"), NOW)
        back = NOW + timedelta(hours=4) - LONGEST_STEP - timedelta(seconds=61)
        assert due(database, back + timedelta(seconds=2)) == []
        assert len(due(database, back)) == 1

    def test_a_channel_that_is_not_configured_keeps_its_deliveries(
        self, database: Database
    ) -> None:
        recorded(database, self.notice, channels=("gone",))
        assert due(database, NOW, "desk") == []
        assert len(due(database, NOW, "gone")) == 1


def test_alert_ids_are_kept_as_they_are(database: Database) -> None:
    odd = rule("below 150", id="x.y_z-1")
    database.adopt([odd], NOW)
    assert list(claimed(database).states) == [AlertId("x.y_z-1")]
