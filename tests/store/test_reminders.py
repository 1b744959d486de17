"""A critical firing is told again until somebody acknowledges it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calm import Calm, Rate
from alertd.core.events import Kind
from alertd.core.notices import Severity, Wish
from alertd.core.parcels import parcel_id
from alertd.core.retry import Again, Dead, Delivered
from alertd.store.tables import deliveries, reminders
from tests.store.written import (
    ABOVE,
    BELOW,
    LEASE,
    NOW,
    again,
    desk_of,
    due,
    progress,
    recorded,
    table,
)
from tests.support.build import found

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.notices import Notice
    from alertd.store.database import Database

MINUTE = timedelta(minutes=1)
EVERY = 15 * MINUTE


def urgent(notice: Notice) -> Notice:
    return replace(notice, severity=Severity.CRITICAL, repeat_every=EVERY)


FIRED = urgent(found(BELOW, 149, "09:31"))


def sent(database: Database, now: datetime, channel: str = "desk") -> list[int]:
    """Send what is due to a channel; return which reminders these were."""
    going = due(database, now, channel)
    for one in going:
        assert database.settle(one, Delivered(), now)
    return [one.parcel.round for one in going]


def test_a_firing_is_told_again_and_again_under_ids_of_their_own(database: Database) -> None:
    recorded(database, FIRED)
    assert sent(database, NOW) == [0]
    assert database.remind(NOW + EVERY - timedelta(seconds=1)) == 0
    for number in (1, 2, 3):
        now = NOW + number * EVERY
        assert database.remind(now) == 1
        (delivery,) = due(database, now)
        assert delivery.parcel.notices == (FIRED,)
        assert delivery.parcel.round == number
        assert delivery.parcel.id == parcel_id(FIRED.event.id, number)
        database.settle(delivery, Delivered(), now)


@pytest.mark.parametrize("limits", [(3,), (1, 2)], ids=["in one claim", "in two"])
def test_reminders_do_not_keep_a_channel_with_a_rate_from_what_is_new(
    database: Database, limits: tuple[int, ...]
) -> None:
    calm = Calm(rate=Rate(2, timedelta(hours=1)))
    recorded(database, FIRED)
    sent(database, NOW)
    for number in (1, 2, 3):
        database.remind(NOW + number * EVERY)
        assert sent(database, NOW + number * EVERY) == [number]
    database.remind(NOW + 4 * EVERY)
    recorded(database, found(ABOVE, 193, "09:31"), found(ABOVE, 194, "09:32"))
    claims = [due(database, NOW + 4 * EVERY, calm=calm, limit=limit) for limit in limits]
    assert [one.parcel.round for claim in claims for one in claim] == [4, 0, 0]


def test_only_a_firing_that_asks_for_it_is_reminded_of(database: Database) -> None:
    back = urgent(found(BELOW, 151, "09:31", kind=Kind.RECOVERED))
    recorded(database, back, found(BELOW, 149, "09:32"))
    assert table(database, reminders.c.event) == []


def test_an_old_notice_asks_for_no_reminder(database: Database) -> None:
    recorded(database, replace(FIRED, repeat_every=None))
    assert database.remind(NOW + EVERY) == 0


def test_a_channel_is_reminded_only_of_what_it_has(database: Database) -> None:
    recorded(database, FIRED, channels=("desk", "mail", "phone"))
    assert sent(database, NOW) == [0]
    (failed,) = due(database, NOW, "mail")
    database.settle(failed, Dead("550"), NOW)
    assert database.remind(NOW + EVERY) == 1
    assert sent(database, NOW + EVERY) == [1]
    assert sent(database, NOW + EVERY, "mail") == []


def test_a_reminder_that_still_waits_is_not_followed_by_another(database: Database) -> None:
    recorded(database, FIRED)
    sent(database, NOW)
    assert database.remind(NOW + EVERY) == 1
    assert database.remind(NOW + 2 * EVERY) == 0
    assert sent(database, NOW + 2 * EVERY) == [1]
    assert database.remind(NOW + 3 * EVERY) == 1
    assert sent(database, NOW + 3 * EVERY) == [2]


def test_reminders_come_once_after_a_long_sleep(database: Database) -> None:
    recorded(database, FIRED)
    sent(database, NOW)
    later = NOW + timedelta(days=3)
    assert [database.remind(later), database.remind(later)] == [1, 0]


def test_what_is_taken_back_is_not_told_again(database: Database) -> None:
    recorded(database, FIRED, settled={FIRED.event.id: False})
    sent(database, NOW)
    assert database.remind(NOW + EVERY) == 0
    assert table(database, reminders.c.event) == []


def test_a_reminder_that_waits_goes_when_its_firing_is_taken_back(database: Database) -> None:
    recorded(database, FIRED, channels=("desk", "mail"))
    for channel in ("desk", "mail"):
        sent(database, NOW, channel)
    database.remind(NOW + EVERY)
    (under_way,) = due(database, NOW + EVERY, "mail")
    later = NOW + EVERY
    claim = database.claim_symbols(later, LEASE, 1)[0]
    database.record(claim, progress(settled={FIRED.event.id: False}), later)
    assert due(database, later) == []
    assert database.settle(under_way, Delivered(), later)


def test_of_two_firings_of_an_alert_the_newest_is_told_again(database: Database) -> None:
    newer = urgent(found(BELOW, 148, "09:33"))
    recorded(database, FIRED, newer)
    sent(database, NOW + 2 * MINUTE)
    now = NOW + 2 * MINUTE + EVERY
    assert database.remind(now) == 1
    (delivery,) = due(database, now)
    assert delivery.parcel.notices == (newer,)


def test_when_the_newest_is_taken_back_the_one_before_is_told_again(database: Database) -> None:
    newer = urgent(found(BELOW, 148, "09:33"))
    recorded(database, FIRED, newer)
    sent(database, NOW + 2 * MINUTE)
    again(database, settled={newer.event.id: False})
    now = NOW + 2 * MINUTE + EVERY
    assert database.remind(now) == 1
    (delivery,) = due(database, now)
    assert delivery.parcel.notices == (FIRED,)


def test_a_firing_that_another_message_told_is_told_again_where_that_went(
    database: Database,
) -> None:
    high = found(ABOVE, 193, "09:31").event
    wish = Wish(None, None, "192", Severity.CRITICAL, "sell", EVERY)  # type: ignore[arg-type]
    wish = replace(wish, condition=ABOVE.condition)
    head = replace(
        found(BELOW, 149, "09:31"), together=(high,), names={ABOVE.id: "high"},
        wishes={ABOVE.id: wish},
    )  # fmt: skip
    recorded(database, head)
    sent(database, NOW)
    assert database.remind(NOW + EVERY) == 1
    (delivery,) = due(database, NOW + EVERY)
    (notice,) = delivery.parcel.notices
    assert (notice.event, notice.note, notice.together) == (high, "sell", ())


def test_a_reminder_from_before_the_clock_was_set_back_comes(database: Database) -> None:
    recorded(database, FIRED)
    sent(database, NOW)
    back = NOW - timedelta(days=10)
    assert database.remind(NOW - 59 * timedelta(seconds=1)) == 0
    assert database.remind(back) == 1


class TestAcknowledging:
    def test_it_ends_the_reminders_and_those_that_wait(self, database: Database) -> None:
        recorded(database, FIRED)
        sent(database, NOW)
        database.remind(NOW + EVERY)
        assert desk_of(database).acknowledge(BELOW.id, NOW + EVERY)
        assert due(database, NOW + EVERY) == []
        assert database.remind(NOW + 2 * EVERY) == 0

    def test_what_is_being_sent_and_what_was_given_up_stays(self, database: Database) -> None:
        recorded(database, FIRED, channels=("desk", "mail"))
        for channel in ("desk", "mail"):
            sent(database, NOW, channel)
        database.remind(NOW + EVERY)
        (under_way,) = due(database, NOW + EVERY)
        (dead,) = due(database, NOW + EVERY, "mail")
        database.settle(dead, Dead("550"), NOW + EVERY)
        assert desk_of(database).acknowledge(BELOW.id, NOW + EVERY)
        assert database.settle(under_way, Delivered(), NOW + EVERY)
        rounds = table(database, deliveries.c.channel, deliveries.c.round)
        assert sorted(rounds) == [("desk", 0), ("desk", 1), ("mail", 0), ("mail", 1)]

    def test_what_has_not_gone_out_yet_goes_out(self, database: Database) -> None:
        recorded(database, FIRED)
        (first,) = due(database, NOW)
        database.settle(first, Again(NOW + MINUTE, "503"), NOW)
        assert desk_of(database).acknowledge(BELOW.id, NOW)
        assert sent(database, NOW + MINUTE) == [0]
