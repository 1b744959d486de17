"""Which channels are left alone, and until when?

open --takes nothing--> closed --an hour--> tried with one message --taken--> open
                          ^                           '--takes nothing--.
                          '---------------------------------------------'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update

from alertd.core.retry import CLOSED_FOR
from alertd.store.leases import SLACK, leased
from alertd.store.tables import ERROR_LENGTH, channels, deliveries

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from sqlalchemy import Connection


def room(connection: Connection, channel: str, now: datetime, lease: timedelta, limit: int) -> int:
    """Return how many messages a channel may be given now, of at most `limit`."""
    asked = select(_closed(now)).where(channels.c.channel == channel)
    found = connection.execute(asked).scalar()
    if found is None:
        return limit
    return 0 if found or _under_way(connection, channel, now, lease) else min(limit, 1)


def closed(connection: Connection, now: datetime) -> set[str]:
    """Return the channels that are left alone now."""
    return set(connection.execute(select(channels.c.channel).where(_closed(now))).scalars())


def close(connection: Connection, channel: str, until: datetime, why: str, now: datetime) -> None:
    """Leave a channel alone; one that is found closed again has been so since the first time."""
    values = {"closed_until": until, "why": why[:ERROR_LENGTH]}
    known = update(channels).where(channels.c.channel == channel).values(values)
    if connection.execute(known).rowcount == 0:
        row = {"channel": channel, "since": now, **values}
        connection.execute(insert(channels).values(row))


def reopen(connection: Connection, names: Collection[str] | None = None) -> list[str]:
    """Leave these channels alone no longer, or none of all; return those that were."""
    asked, ended = select(channels.c.channel), delete(channels)
    if names is not None:
        ours = channels.c.channel.in_(names)
        asked, ended = asked.where(ours), ended.where(ours)
    found = list(connection.execute(asked).scalars())
    connection.execute(ended)
    return found


def _closed(now: datetime) -> ColumnElement[bool]:
    until = channels.c.closed_until
    return and_(until > now, until <= now + CLOSED_FOR + SLACK)


def _under_way(connection: Connection, channel: str, now: datetime, lease: timedelta) -> bool:
    asked = select(func.count()).where(deliveries.c.channel == channel, leased(now, lease))
    return connection.execute(asked).scalar_one() > 0
