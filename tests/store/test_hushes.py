"""The messages of an alert wait when its user says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.calm import Held
from alertd.core.events import Kind
from alertd.core.notices import Severity
from alertd.core.retry import Again, Delivered
from alertd.core.rules import AlertId
from tests.store.written import ABOVE, BELOW, NOW, desk_of, due, recorded
from tests.support.build import found

if TYPE_CHECKING:
    from alertd.store.database import Database

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FIRED = found(BELOW, 149, "09:31")


def test_a_paused_alerts_messages_wait_until_it_is_armed(database: Database) -> None:
    desk_of(database).pause(BELOW.id, NOW)
    recorded(database, FIRED, found(ABOVE, 193, "09:31"))
    (other,) = due(database, NOW)
    assert other.notice.event.alert == ABOVE.id
    database.settle(other, Delivered(), NOW)
    assert due(database, NOW + timedelta(days=3000)) == []


def test_a_split_of_a_snoozed_alert_waits_too(database: Database) -> None:
    desk_of(database).snooze(BELOW.id, NOW + HOUR, NOW)
    recorded(database, found(BELOW, 149, "09:31", kind=Kind.SPLIT))
    assert due(database, NOW) == []
    (delivery,) = due(database, NOW + HOUR)
    assert delivery.parcel.held is Held.SNOOZED


def test_critical_messages_of_a_snoozed_alert_wait_too(database: Database) -> None:
    desk_of(database).snooze(BELOW.id, NOW + HOUR, NOW)
    recorded(database, replace(FIRED, severity=Severity.CRITICAL))
    assert due(database, NOW) == []


def test_a_message_of_several_alerts_waits_only_when_all_are_hushed(
    database: Database,
) -> None:
    both = replace(FIRED, together=(found(ABOVE, 193, "09:29").event,))
    desk = desk_of(database)
    desk.snooze(BELOW.id, NOW + HOUR, NOW)
    recorded(database, both)
    (delivery,) = due(database, NOW)
    database.settle(delivery, Again(NOW + MINUTE, "503"), NOW)
    desk.snooze(ABOVE.id, NOW + 2 * HOUR, NOW)
    assert due(database, NOW + HOUR - MINUTE) == []
    assert due(database, NOW + 2 * HOUR - MINUTE) == []
    assert len(due(database, NOW + 2 * HOUR)) == 1


def test_a_symbols_own_event_is_not_hushed_by_an_alert_of_that_name(
    database: Database,
) -> None:
    own = replace(FIRED.event, kind=Kind.STALE, alert=AlertId("BABA"))
    recorded(database, replace(FIRED, event=own, condition=None))
    desk_of(database).pause(AlertId("BABA"), NOW)
    assert len(due(database, NOW)) == 1
