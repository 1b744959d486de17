"""How does delivery go, and what may keep alerts from arriving?

a source that rests
a symbol without prices, that no source knows, or with prices from the future
a channel that is closed, fails for long, or gave up its newest message
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, distinct, func, or_, select

from alertd.core.quality import AHEAD
from alertd.core.rests import is_on
from alertd.core.retry import FALLBACK_AFTER
from alertd.store import closures, rests, tables
from alertd.store.answers import ChannelRow
from alertd.store.leases import WAITS
from alertd.store.tables import DEAD, DUE, SENT, deliveries, symbols

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy import Connection


def channels(connection: Connection) -> list[ChannelRow]:
    """Return the channels that anything was ever promised to, by name."""
    c = deliveries.c
    messages, newest = func.count(distinct(c.message)), func.max(c.settled_at)
    held = and_(c.status == DUE, WAITS, c.lease_until.is_(None))
    failing = and_(c.status == DUE, ~WAITS, c.attempt > c.tried_before, c.error.is_not(None))
    asked = (
        select(
            c.channel,
            messages.filter(c.status == DUE, ~held).label("waiting"),
            messages.filter(c.status == DEAD).label("dead"),
            messages.filter(c.status == SENT).label("sent"),
            newest.filter(c.status == SENT).label("last_sent_at"),
            func.max(c.error).filter(c.status != SENT).label("error"),
            messages.filter(held).label("held"),
            func.min(c.ready_at).filter(failing).label("failing_since"),
            func.max(tables.channels.c.closed_until).label("closed_until"),
            func.max(tables.channels.c.why).label("closed_why"),
        )
        .outerjoin_from(deliveries, tables.channels, tables.channels.c.channel == c.channel)
        .group_by(c.channel)
        .order_by(c.channel)
    )
    return [ChannelRow(**row) for row in connection.execute(asked).mappings()]


def troubles(
    connection: Connection, now: datetime, names: Collection[str] | None = None
) -> list[str]:
    """Return in words what may keep alerts from arriving; of these channels, or of all."""
    found = [*_resting(connection, now), *_without_prices(connection), *_ahead(connection, now)]
    closed, given_up = closures.closed(connection, now), _given_up(connection)
    for row in channels(connection):
        if names is not None and row.channel not in names:
            continue
        if row.channel in closed:
            found.append(f"channel {row.channel} takes nothing: {row.closed_why}")
        elif row.failing_since and row.failing_since <= now - FALLBACK_AFTER:
            since = _stamp(row.failing_since)
            found.append(f"channel {row.channel} has failed since {since}: {row.error}")
        elif row.channel in given_up:
            why = given_up[row.channel]
            found.append(f"channel {row.channel} gave up its newest message: {why}")
    return found


def _resting(connection: Connection, now: datetime) -> Iterator[str]:
    for source, rest in rests.rests(connection).items():
        if is_on(rest, now):
            yield f"{source} takes no requests until {_stamp(rest.until)}: {rest.why}"


def _without_prices(connection: Connection) -> Iterator[str]:
    c = symbols.c
    either = or_(c.unknown_since.is_not(None), c.silent_since.is_not(None))
    asked = select(c.symbol, c.source, c.unknown_since, c.silent_since).where(either)
    for symbol, source, unknown_since, silent_since in connection.execute(asked.order_by(c.symbol)):
        if unknown_since:
            who = f"{source} has not" if source else "no source has"
            yield f"{who} known {symbol} since {_stamp(unknown_since)}"
        else:
            yield f"no good price of {symbol} since {_stamp(silent_since)}"


def _ahead(connection: Connection, now: datetime) -> Iterator[str]:
    # A bar from the future is refused: a clock that lags behind the market hears nothing.
    c = symbols.c
    asked = select(c.symbol, c.price_at).where(c.price_at > now + AHEAD).order_by(c.symbol)
    for symbol, at in connection.execute(asked):
        yield f"the last price of {symbol} is of {_stamp(at)}, and this clock says {_stamp(now)}"


def _given_up(connection: Connection) -> dict[str, str]:
    """Return why, by channel, where the newest message that has an end is dead."""
    c = deliveries.c
    newest = (
        select(c.channel, func.max(c.settled_at).label("at"))
        .where(c.status.in_((SENT, DEAD)))
        .group_by(c.channel)
        .subquery()
    )
    asked = select(c.channel, c.error).join_from(
        deliveries, newest, and_(newest.c.channel == c.channel, newest.c.at == c.settled_at)
    )
    return {
        channel: error or "" for channel, error in connection.execute(asked.where(c.status == DEAD))
    }


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
