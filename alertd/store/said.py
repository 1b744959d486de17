"""What has the user said of alerts, and what hangs on it?

    snoozed, paused --> hush        messages wait
    woken, armed    --> no hush     what waited is judged again at once
    acknowledged    --> no reminder any more, and none under way but what is being sent

Every act is kept as a deed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, insert, or_, select, update

from alertd.core.calm import HUSHED, Hush
from alertd.core.deeds import Act, Deed
from alertd.core.rules import AlertId
from alertd.store import tables
from alertd.store.leases import WAITS
from alertd.store.tables import DUE, deeds, deliveries, events, reminders

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def note(connection: Connection, deed: Deed) -> None:
    """Keep what was done."""
    row = {"at": deed.at, "alert": deed.alert, "act": deed.act.value, "until": deed.until}
    connection.execute(insert(deeds).values(row))


def hushes(connection: Connection) -> dict[AlertId, Hush]:
    """Return the alerts that are hushed, and those that were until some time ago."""
    found = connection.execute(select(tables.hushes)).mappings()
    return {AlertId(row["alert"]): Hush(row["since"], row["until"]) for row in found}


def hush(connection: Connection, alert: AlertId, hushed: Hush) -> None:
    """Hold back an alert's messages from now on, whatever was said before."""
    end_hush(connection, alert, hushed.since)
    row = {"alert": alert, "since": hushed.since, "until": hushed.until}
    connection.execute(insert(tables.hushes).values(row))


def end_hush(connection: Connection, alert: AlertId, now: datetime) -> bool:
    """Let an alert's messages be judged again; tell whether they were held back until now."""
    c = tables.hushes.c
    ended = delete(tables.hushes).where(c.alert == alert)
    active = ended.where(or_(c.until.is_(None), c.until > now))
    was_hushed = connection.execute(active).rowcount == 1
    connection.execute(ended)
    _release(connection, alert, now)
    return was_hushed


def end_reminders(connection: Connection, alert: AlertId, now: datetime) -> bool:
    """Remind of nothing of an alert any more; tell whether there was anything."""
    own = select(events.c.id).where(events.c.alert == alert)
    c = deliveries.c
    waiting = and_(c.status == DUE, or_(c.lease_until.is_(None), c.lease_until <= now))
    connection.execute(delete(deliveries).where(c.event.in_(own), c.round > 0, waiting))
    ended = connection.execute(delete(reminders).where(reminders.c.alert == alert))
    return ended.rowcount > 0


def acknowledged_at(connection: Connection, alert: AlertId) -> datetime | None:
    """Return when an alert was acknowledged last; None if it never was."""
    asked = select(func.max(deeds.c.at)).where(
        deeds.c.alert == alert, deeds.c.act == Act.ACKNOWLEDGED.value
    )
    return connection.execute(asked).scalar()


def _release(connection: Connection, alert: AlertId, now: datetime) -> None:
    """Make due what waits because of what was said of an alert.

    A message that tells it together with others is judged again, too.
    """
    heads = select(func.coalesce(events.c.told_with, events.c.id)).where(events.c.alert == alert)
    c = deliveries.c
    messages = select(c.message).where(c.event.in_(heads))
    waiting = and_(c.status == DUE, WAITS, c.held.in_(sorted(HUSHED)))
    released = update(deliveries).where(c.message.in_(messages), waiting)
    connection.execute(released.values(due_at=now, ready_at=now))
