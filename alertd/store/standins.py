"""What does a channel not take, so that its fallback gets it too?

    due for 15 minutes, due to a closed channel, or dead --> the same message, due to the fallback

It stays the channel's too, and is handed over once. What is sent again by command may be handed
over again: the fallback has it then unless it was named only since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, or_, select, update

from alertd.core.retry import FALLBACK_AFTER, LIFETIME
from alertd.store import closures
from alertd.store.leases import one_at_a_time
from alertd.store.tables import DEAD, DUE, deliveries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping


def untaken(
    connection: Connection, now: datetime, fallbacks: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return what is to be handed over, by channel and message."""
    c = deliveries.c
    closed = and_(c.channel.in_(closures.closed(connection, now)), c.ready_at <= now)
    failing = and_(c.status == DUE, or_(c.ready_at <= now - FALLBACK_AFTER, closed))
    # What died long ago is no news when a fallback is named later.
    dead = and_(c.status == DEAD, c.settled_at > now - LIFETIME)
    asked = (
        select(c.channel, c.message)
        .distinct()
        .where(c.channel.in_(fallbacks), c.handed_at.is_(None), or_(failing, dead))
        .order_by(c.channel, c.message)
    )
    return [(channel, message) for channel, message in connection.execute(asked)]


def hand_over(connection: Connection, now: datetime, fallbacks: Mapping[str, str]) -> int:
    """Promise to its fallback what a channel has not taken; return how many messages."""
    one_at_a_time(connection)
    return sum(
        _hand_over(connection, channel, message, fallbacks[channel], now)
        for channel, message in untaken(connection, now, fallbacks)
    )


def _hand_over(
    connection: Connection, channel: str, message: str, fallback: str, now: datetime
) -> bool:
    c = deliveries.c
    own = and_(c.channel == channel, c.message == message)
    rows = connection.execute(select(deliveries).where(own)).mappings().all()
    asked = select(c.event, c.round).where(
        c.channel == fallback, c.event.in_([row["event"] for row in rows])
    )
    has = {(event, number) for event, number in connection.execute(asked)}
    new = [_copy(row, fallback, now) for row in rows if (row["event"], row["round"]) not in has]
    if new:
        connection.execute(insert(deliveries), new)
    connection.execute(update(deliveries).where(own).values(handed_at=now))
    return bool(new)


def _copy(row: RowMapping, fallback: str, now: datetime) -> dict[str, Any]:
    return {
        "event": row["event"],
        "channel": fallback,
        "round": row["round"],
        "message": row["message"],
        "status": DUE,
        "attempt": 0,
        "due_at": now,
        "ready_at": now,
        # Why a message had to wait there is no matter here; a digest is one because of it.
        "held": row["held"] if row["closed_at"] else None,
        "closed_at": row["closed_at"],
        "instead_of": row["channel"],
    }
