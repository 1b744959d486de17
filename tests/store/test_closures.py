"""A channel that takes nothing is left alone for a while, and a fresh start tries it at once."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calm import Calm, Quiet
from alertd.core.retry import Again, Dead, Delivered
from tests.store.written import BELOW, NOW, desk_of, due, recorded
from tests.support.build import at, found

if TYPE_CHECKING:
    from alertd.store.database import Database

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUIET = Calm(quiet=Quiet(time(13), time(15)))
EVENING = Calm(digest_at=time(18))
AFTER = at("11:00")
THREE = tuple(found(BELOW, 149, clock) for clock in ("09:29", "09:30", "09:31"))


class TestClosed:
    @pytest.fixture
    def closed(self, database: Database) -> Database:
        recorded(database, *THREE)
        (one,) = due(database, NOW, limit=1)
        database.settle(one, Again(NOW + HOUR, "410 Gone", closed=True), NOW)
        return database

    def test_a_closed_channel_has_nothing_due_for_an_hour(self, closed: Database) -> None:
        assert due(closed, NOW + HOUR - timedelta(seconds=1)) == []

    def test_then_it_is_tried_with_one_message(self, closed: Database) -> None:
        (probe,) = due(closed, NOW + HOUR)
        assert due(closed, NOW + HOUR) == []
        closed.settle(probe, Delivered(), NOW + HOUR)
        assert len(due(closed, NOW + HOUR)) == 2

    def test_one_that_is_still_closed_is_left_alone_again(self, closed: Database) -> None:
        (probe,) = due(closed, NOW + HOUR)
        closed.settle(probe, Again(NOW + 2 * HOUR, "410", closed=True), NOW + HOUR)
        assert due(closed, NOW + 2 * HOUR - MINUTE) == []

    def test_a_message_that_is_given_up_there_closes_it_again(self, closed: Database) -> None:
        (probe,) = due(closed, NOW + HOUR)
        closed.settle(probe, Dead("given up after 72 h: 410", closed=True), NOW + HOUR)
        assert due(closed, NOW + 2 * HOUR - MINUTE) == []
        assert len(due(closed, NOW + 2 * HOUR)) == 1

    def test_other_channels_go_on(self, closed: Database) -> None:
        recorded(closed, found(BELOW, 148, "09:28"), channels=("mail",))
        assert len(due(closed, NOW, "mail")) == 1

    def test_a_clock_that_was_set_back_opens_it(self, closed: Database) -> None:
        assert due(closed, NOW - timedelta(seconds=59)) == []
        assert len(due(closed, NOW - timedelta(days=1))) == 1

    def test_a_fresh_start_opens_it_and_tries_what_failed_at_once(self, closed: Database) -> None:
        closed.reopen(NOW + MINUTE)
        assert len(due(closed, NOW + MINUTE)) == 3


class TestReopening:
    def test_what_is_held_stays_held_while_its_channel_is_as_calm_as_before(
        self, database: Database
    ) -> None:
        recorded(database, THREE[0])
        due(database, NOW, calm=QUIET)
        database.reopen(NOW + MINUTE)
        assert due(database, NOW + MINUTE, calm=QUIET) == []
        assert len(due(database, AFTER, calm=QUIET)) == 1

    def test_what_is_held_goes_out_as_one_when_its_channel_may_speak_now(
        self, database: Database
    ) -> None:
        recorded(database, *THREE)
        due(database, NOW, calm=QUIET)
        database.reopen(NOW + MINUTE)
        (digest,) = due(database, NOW + MINUTE)
        assert (len(digest.parcel.notices), digest.ready_at) == (3, NOW + MINUTE)

    def test_what_waits_for_a_digest_still_waits_where_there_is_one(
        self, database: Database
    ) -> None:
        recorded(database, *THREE)
        due(database, NOW, calm=EVENING)
        database.reopen(NOW + MINUTE, ["desk"])
        assert due(database, NOW + MINUTE, calm=EVENING) == []
        database.reopen(NOW + MINUTE, ["desk"])
        sooner = Calm(digest_at=time(14))
        assert due(database, NOW + 2 * MINUTE, calm=sooner) == []
        (digest,) = due(database, NOW.replace(hour=14, minute=0), calm=sooner)
        assert len(digest.parcel.notices) == 3

    def test_what_waits_for_a_digest_still_waits_when_the_clock_was_set(
        self, database: Database
    ) -> None:
        recorded(database, *THREE)
        due(database, NOW, calm=EVENING)
        database.wake(NOW + HOUR)
        assert due(database, NOW + HOUR, calm=EVENING) == []

    def test_a_digest_that_is_due_after_a_restart_goes_out(self, database: Database) -> None:
        recorded(database, *THREE)
        due(database, NOW, calm=EVENING)
        evening = NOW.replace(hour=18, minute=1)
        database.reopen(evening, ["desk"])
        assert len(due(database, evening, calm=EVENING)) == 1

    def test_what_waited_for_a_digest_goes_out_where_there_is_none_any_more(
        self, database: Database
    ) -> None:
        recorded(database, *THREE)
        due(database, NOW, calm=EVENING)
        database.reopen(NOW + MINUTE)
        (digest,) = due(database, NOW + MINUTE)
        assert len(digest.parcel.notices) == 3

    def test_what_its_user_holds_back_stays_so(self, database: Database) -> None:
        recorded(database, THREE[0])
        desk_of(database).pause(BELOW.id, NOW)
        due(database, NOW)
        database.reopen(NOW + MINUTE)
        assert due(database, NOW + MINUTE) == []

    def test_what_was_never_tried_is_ready_only_from_then_on(self, database: Database) -> None:
        recorded(database, *THREE[:2])
        (tried,) = due(database, NOW, limit=1)
        database.settle(tried, Again(NOW + HOUR, "503"), NOW)
        later = NOW + timedelta(days=4)
        database.reopen(later)
        assert [one.ready_at for one in due(database, later)] == [later, THREE[0].detected_at]
