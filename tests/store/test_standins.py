"""What a channel does not take goes to its fallback too, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

from alertd.core.calm import Calm, Quiet
from alertd.core.retry import Again, Dead, Delivered
from alertd.store.tables import deliveries
from tests.store.written import BELOW, NOW, desk_of, due, recorded, table
from tests.support.build import at, found

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.claims import Delivery
    from alertd.store.database import Database
    from alertd.store.desk import Desk

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LATER = NOW + 15 * MINUTE
TO_MAIL = {"desk": "mail"}
QUIET = Calm(quiet=Quiet(time(13), time(15)))
FIRST, SECOND = (found(BELOW, 149, clock) for clock in ("09:30", "09:31"))
FIRED = found(BELOW, 149, "09:31")


def fail(database: Database, now: datetime, next_at: datetime) -> Delivery:
    """Try the one message that is due to the desk, in vain."""
    (delivery,) = due(database, now)
    assert database.settle(delivery, Again(next_at, "503"), now)
    return delivery


def test_what_has_been_due_for_15_minutes_is_due_to_the_fallback_too(database: Database) -> None:
    recorded(database, FIRED)
    failed = fail(database, NOW, NOW + 20 * MINUTE)
    assert database.hand_over(LATER - timedelta(seconds=1), TO_MAIL) == 0
    assert database.hand_over(LATER, TO_MAIL) == 1
    (handed,) = due(database, LATER, "mail")
    assert handed.parcel == replace(failed.parcel, instead_of="desk")
    assert (handed.attempt, handed.ready_at) == (1, LATER)
    assert len(due(database, NOW + 20 * MINUTE)) == 1


def test_it_is_handed_over_once(database: Database) -> None:
    recorded(database, FIRED)
    fail(database, NOW, NOW + HOUR)
    assert database.hand_over(LATER, TO_MAIL) == 1
    (handed,) = due(database, LATER, "mail")
    database.settle(handed, Delivered(), LATER)
    assert database.hand_over(LATER + HOUR, TO_MAIL) == 0
    assert database.hand_over(LATER + HOUR, {"desk": "phone"}) == 0
    assert due(database, LATER + HOUR, "mail") == []


def test_what_nobody_got_round_to_is_handed_over_too(database: Database) -> None:
    recorded(database, FIRED)
    assert database.hand_over(LATER, TO_MAIL) == 1


def test_what_was_sent_or_has_no_fallback_is_not_handed_over(database: Database) -> None:
    recorded(database, FIRED, channels=("desk", "phone"))
    (delivery,) = due(database, NOW)
    database.settle(delivery, Delivered(), NOW)
    assert database.hand_over(LATER, TO_MAIL) == 0
    assert database.hand_over(LATER, {}) == 0


def test_what_is_dead_is_handed_over_at_once(database: Database) -> None:
    recorded(database, FIRED)
    (delivery,) = due(database, NOW)
    database.settle(delivery, Dead("550"), NOW)
    assert database.hand_over(NOW, TO_MAIL) == 1


def test_what_died_days_ago_is_no_news_to_a_new_fallback(database: Database) -> None:
    recorded(database, FIRED)
    (delivery,) = due(database, NOW)
    database.settle(delivery, Dead("550"), NOW)
    assert database.hand_over(NOW + timedelta(hours=72), TO_MAIL) == 0


def test_everything_that_is_ready_for_a_closed_channel_is_handed_over_at_once(
    database: Database,
) -> None:
    recorded(database, FIRST, SECOND)
    (probe,) = due(database, NOW, limit=1)
    database.settle(probe, Again(NOW + HOUR, "410", closed=True), NOW)
    assert database.hand_over(NOW, TO_MAIL) == 2
    assert len(due(database, NOW, "mail")) == 2


def test_what_waits_by_calm_is_not_handed_over(database: Database) -> None:
    recorded(database, FIRED)
    due(database, NOW, calm=QUIET)
    assert database.hand_over(at("10:59"), TO_MAIL) == 0


def test_a_digest_is_handed_over_as_one(database: Database) -> None:
    recorded(database, FIRST, SECOND)
    due(database, NOW, calm=QUIET)
    noon = at("11:00")
    (digest,) = due(database, noon, calm=QUIET)
    database.settle(digest, Again(noon + HOUR, "503"), noon)
    assert database.hand_over(noon + 15 * MINUTE, TO_MAIL) == 1
    (handed,) = due(database, noon + 15 * MINUTE, "mail")
    assert handed.parcel == replace(digest.parcel, instead_of="desk")


def test_a_digest_that_was_handed_over_joins_no_other(database: Database) -> None:
    recorded(database, FIRST, SECOND)
    due(database, NOW, calm=QUIET)
    (digest,) = due(database, at("11:00"), calm=QUIET)
    database.settle(digest, Again(at("23:00"), "503"), at("11:00"))
    recorded(database, *(found(BELOW, 148, f"09:2{n}") for n in range(2)), channels=("mail",))
    due(database, NOW, "mail", QUIET)
    database.hand_over(at("11:15"), TO_MAIL)
    going = due(database, at("11:15"), "mail")
    assert [len(one.parcel.notices) for one in going] == [2, 2]
    assert digest.parcel.id in {one.parcel.id for one in going}


def test_a_fallback_that_has_the_message_already_keeps_its_own(database: Database) -> None:
    recorded(database, FIRED, channels=("desk", "mail"))
    (own,) = due(database, NOW, "mail")
    database.settle(own, Delivered(), NOW)
    assert database.hand_over(LATER, TO_MAIL) == 0
    assert sorted(table(database, deliveries.c.channel, deliveries.c.status)) == [
        ("desk", "due"),
        ("mail", "sent"),
    ]


def test_two_channels_may_stand_in_for_each_other(database: Database) -> None:
    recorded(database, FIRED)
    both = {"desk": "mail", "mail": "desk"}
    assert database.hand_over(LATER, both) == 1
    assert database.hand_over(LATER + HOUR, both) == 0
    assert len(table(database, deliveries.c.event)) == 2


def dead(database: Database) -> Desk:
    """Give up the one message that is due to the desk; return the user's desk."""
    (delivery,) = due(database, NOW)
    database.settle(delivery, Dead("550"), NOW)
    return desk_of(database)


def test_what_is_sent_again_by_command_is_not_handed_over_again(database: Database) -> None:
    recorded(database, FIRED)
    desk = dead(database)
    assert database.hand_over(NOW, TO_MAIL) == 1
    assert desk.retry(NOW) == 1
    assert database.hand_over(LATER, TO_MAIL) == 0
    assert len(table(database, deliveries.c.event)) == 2


def test_what_is_sent_again_by_command_may_go_to_a_fallback_that_was_named_since(
    database: Database,
) -> None:
    recorded(database, FIRED)
    desk, later = dead(database), NOW + timedelta(days=30)
    assert database.hand_over(later, TO_MAIL) == 0
    assert desk.retry(later) == 1
    assert database.hand_over(later + 15 * MINUTE, TO_MAIL) == 1


def test_the_time_in_which_nothing_ran_is_not_the_channels_fault(database: Database) -> None:
    recorded(database, FIRED)
    tomorrow = NOW + timedelta(days=1)
    database.reopen(tomorrow)
    assert database.hand_over(tomorrow, TO_MAIL) == 0
    assert database.hand_over(tomorrow + 15 * MINUTE, TO_MAIL) == 1
