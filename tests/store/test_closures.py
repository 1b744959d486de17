"""A channel that takes nothing is left alone for a while, and a fresh start tries it at once."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calm import Calm, Quiet
from alertd.core.retry import Again, Delivered
from tests.store.written import BELOW, NOW, due, recorded
from tests.support.build import found

if TYPE_CHECKING:
    from alertd.store.database import Database

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUIET = Calm(quiet=Quiet(time(13), time(15)))
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
    def test_what_is_held_stays_held(self, database: Database) -> None:
        recorded(database, THREE[0])
        due(database, NOW, calm=QUIET)
        database.reopen(NOW + MINUTE)
        assert due(database, NOW + MINUTE) == []

    def test_what_was_never_tried_is_ready_only_from_then_on(self, database: Database) -> None:
        recorded(database, *THREE[:2])
        (tried,) = due(database, NOW, limit=1)
        database.settle(tried, Again(NOW + HOUR, "503"), NOW)
        later = NOW + timedelta(days=4)
        database.reopen(later)
        assert [one.ready_at for one in due(database, later)] == [later, THREE[0].detected_at]
