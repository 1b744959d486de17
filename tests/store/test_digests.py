"""What has waited goes out as one message, and stays one."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

from alertd.core.calm import Calm, Quiet
from alertd.core.parcels import DIGEST_LIMIT, digest_id, parcel_id
from alertd.core.retry import Again, Delivered, Recipients
from alertd.store.tables import deliveries
from tests.store.written import BELOW, NOW, due, recorded, table
from tests.support.build import at, found

if TYPE_CHECKING:
    from alertd.core.claims import Delivery
    from alertd.store.database import Database

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# The clock of these tests is UTC: 09:32 in New York is 13:32 here.
QUIET = Calm(quiet=Quiet(time(13), time(15)))
AFTER = at("11:00")
THREE = tuple(found(BELOW, 149, clock) for clock in ("09:29", "09:30", "09:31"))


def test_what_has_waited_goes_out_as_one_in_the_order_in_which_it_happened(
    database: Database,
) -> None:
    recorded(database, THREE[2], THREE[0], THREE[1])
    due(database, NOW, calm=QUIET)
    (digest,) = due(database, AFTER, calm=QUIET)
    assert digest.parcel.notices == THREE
    assert digest.parcel.id == digest_id(parcel_id(THREE[0].event.id), "desk")
    assert (digest.parcel.closed_at, digest.ready_at) == (AFTER, AFTER)


def test_it_stays_one_at_every_attempt(database: Database) -> None:
    recorded(database, *THREE)
    due(database, NOW, calm=QUIET)
    (digest,) = due(database, AFTER, calm=QUIET)
    done = Recipients(frozenset({"a@example.com"}))
    assert database.settle(digest, Again(AFTER + MINUTE, "503", done), AFTER)
    recorded(database, found(BELOW, 148, "11:01"))
    second, other = due(database, at("11:02"))
    assert second == replace(digest, attempt=2, tried=2, done=done)
    assert len(other.parcel.notices) == 1
    assert database.settle(second, Delivered(), AFTER)
    assert sorted(table(database, deliveries.c.status)) == [("due",)] + [("sent",)] * 3


def test_one_that_failed_is_held_again_as_a_whole_and_never_joins_another(
    database: Database,
) -> None:
    recorded(database, *THREE)
    due(database, NOW, calm=QUIET)
    (digest,) = due(database, AFTER, calm=QUIET)
    database.settle(digest, Again(AFTER + HOUR, "503"), AFTER)
    recorded(database, *(found(BELOW, 148, f"11:0{n}") for n in range(2)))
    tomorrow = NOW + timedelta(days=1)
    assert due(database, tomorrow, calm=QUIET) == []
    again = due(database, tomorrow + 2 * HOUR, calm=QUIET)
    assert [len(one.parcel.notices) for one in again] == [3, 2]
    assert again[0].parcel.id == digest.parcel.id


def test_a_sender_that_died_with_it_leaves_it_whole(database: Database) -> None:
    recorded(database, *THREE)
    due(database, NOW, calm=QUIET)
    (digest,) = due(database, AFTER, calm=QUIET)
    assert due(database, AFTER + timedelta(seconds=59), calm=QUIET) == []
    (second,) = due(database, AFTER + MINUTE, calm=QUIET)
    assert second.parcel == digest.parcel
    assert not database.settle(digest, Delivered(), AFTER)
    assert database.settle(second, Delivered(), AFTER)


def test_what_is_new_does_not_join_what_has_waited(database: Database) -> None:
    recorded(database, *THREE[:2])
    due(database, NOW, calm=QUIET)
    recorded(database, THREE[2])
    assert [len(one.parcel.notices) for one in due(database, AFTER, calm=QUIET)] == [1, 2]


def test_it_has_a_limit_and_the_next_one_takes_the_rest(database: Database) -> None:
    many = [
        found(BELOW, 149 - n / 100, f"{10 + n // 60}:{n % 60:02}") for n in range(DIGEST_LIMIT + 3)
    ]
    recorded(database, *many)
    night = at("12:00")
    for _ in range(2):
        due(database, night, calm=Calm(quiet=Quiet(time(13), time(17))), limit=2)
    (first,) = due(database, at("13:00"), limit=1)
    (second,) = due(database, at("13:00"), limit=1)
    assert len(first.parcel.notices) == DIGEST_LIMIT
    assert len(second.parcel.notices) == 3
    assert first.parcel.notices + second.parcel.notices == tuple(many)


def test_each_channel_has_one_of_its_own(database: Database) -> None:
    recorded(database, *THREE, channels=("desk", "mail"))
    made: list[Delivery] = []
    for channel in ("desk", "mail"):
        due(database, NOW, channel, QUIET)
        made += due(database, AFTER, channel, QUIET)
    assert len({one.parcel.id for one in made}) == 2


def test_a_message_that_was_tried_and_is_held_since_says_what_it_said_before(
    database: Database,
) -> None:
    recorded(database, THREE[0])
    (first,) = due(database, NOW)
    database.settle(first, Again(NOW + MINUTE, "503"), NOW)
    assert due(database, NOW + MINUTE, calm=QUIET) == []
    (second,) = due(database, AFTER, calm=QUIET)
    assert second.parcel == first.parcel
    assert second.parcel.held is None
