"""Which firings are told again, because nobody has acknowledged them?

    firing --every--> reminder 1 --every--> reminder 2 ... until it is acknowledged or withdrawn

Of several firings of one alert only the newest is told again. A channel that has not had the
firing itself, or still waits with the reminder before, gets none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, delete, insert, or_, select, update

from alertd.core.events import EventId
from alertd.core.parcels import parcel_id
from alertd.store.leases import SLACK
from alertd.store.tables import DUE, SENT, deliveries, events, reminders

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping


def is_due(connection: Connection, now: datetime) -> bool:
    """Tell whether a reminder's time has come."""
    asked = select(reminders.c.every, reminders.c.next_at)
    return any(_has_come(row, now) for row in connection.execute(asked).mappings())


def remind(connection: Connection, now: datetime) -> int:
    """Make due the reminders whose time has come; return how many messages."""
    asked = (
        select(reminders, events.c.told_with)
        .join_from(reminders, events)
        .order_by(events.c.at, events.c.place)
    )
    rows = connection.execute(asked).mappings().all()
    newest = {row["alert"]: row["event"] for row in rows}
    made = 0
    for row in rows:
        if _has_come(row, now):
            told = _tell(connection, row, now) if newest[row["alert"]] == row["event"] else 0
            made += told
            later = {"next_at": now + _every(row), "round": row["round"] + (told > 0)}
            connection.execute(
                update(reminders).where(reminders.c.event == row["event"]).values(later)
            )
    return made


def take_back(connection: Connection, event: EventId, now: datetime) -> None:
    """Remind no more of a firing that did not stand, not even where a reminder waits already."""
    connection.execute(delete(reminders).where(reminders.c.event == str(event)))
    c = deliveries.c
    waits = and_(c.status == DUE, or_(c.lease_until.is_(None), c.lease_until <= now))
    # A digest that was put together stays as it is.
    waits = and_(waits, c.event == str(event), c.round > 0, c.closed_at.is_(None))
    connection.execute(delete(deliveries).where(waits))


def _has_come(row: RowMapping, now: datetime) -> bool:
    # One further ahead than that was written before the clock was set back.
    at: datetime = row["next_at"]
    return at <= now or at > now + _every(row) + SLACK


def _every(row: RowMapping) -> timedelta:
    return timedelta(seconds=row["every"])


def _tell(connection: Connection, row: RowMapping, now: datetime) -> int:
    event, number = EventId(UUID(row["event"])), row["round"] + 1
    made = [
        {
            "event": row["event"],
            "channel": channel,
            "round": number,
            "message": str(parcel_id(event, number)),
            "status": DUE,
            "attempt": 0,
            "due_at": now,
            "ready_at": now,
        }
        for channel in _channels(connection, row)
    ]
    if made:
        connection.execute(insert(deliveries), made)
    return len(made)


def _channels(connection: Connection, row: RowMapping) -> list[str]:
    c = deliveries.c
    head = row["told_with"] or row["event"]
    has_it = select(c.channel).where(c.event == head, c.round == 0, c.status == SENT)
    waits = select(c.channel).where(c.event == row["event"], c.round > 0, c.status == DUE)
    asked = has_it.where(c.channel.not_in(waits)).order_by(c.channel)
    return list(connection.execute(asked).scalars())
