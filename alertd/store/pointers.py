"""Which symbols are to be judged out of turn, and what is a quote compared with to tell?

    seen --a quote is beyond it: hasten--> pointed, due now --judged: record--> seen anew

What was pointed at stays so until its bars are judged, whatever keeps them from coming. Who holds a
symbol is left alone: if its bars do not show what the quote did, the next quote points again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from alertd.core.bars import Symbol
from alertd.core.claims import Glimpse
from alertd.core.pointing import Bounds, Seen
from alertd.store.batches import batches
from alertd.store.leases import sooner
from alertd.store.tables import symbols

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

Row = dict[str, Any]


def from_seen(seen: Seen) -> Row:
    """Return the columns of what a symbol's bars have shown."""
    return {
        "below": seen.bounds.below,
        "above": seen.bounds.above,
        "closely": seen.bounds.closely,
        "day": seen.day,
        "day_low": seen.low,
        "day_high": seen.high,
    }


def to_seen(row: RowMapping) -> Seen:
    """Return what a symbol's bars have shown."""
    bounds = Bounds(row["below"], row["above"], bool(row["closely"]))
    return Seen(bounds, row["day"], row["day_low"], row["day_high"])


def to_delay(seconds: float | None) -> timedelta | None:
    """Return by how much a source lags; None where it does not say."""
    return None if seconds is None else timedelta(seconds=seconds)


def glimpses(connection: Connection) -> list[Glimpse]:
    """Return what quotes are compared with, of the symbols that a quote could point at."""
    c = symbols.c
    asked = select(
        c.symbol, c.due_at, c.below, c.above, c.closely, c.day, c.day_low, c.day_high,
        c.good_until, c.silent_since, c.delay,
    ).where(c.lease_token.is_(None), ~c.pointed, c.unknown_since.is_(None))  # fmt: skip
    # Thousands of them each cycle: a row by its places takes half the time of one by its names.
    return [
        Glimpse(
            Symbol(symbol),
            due_at,
            Seen(Bounds(below, above, bool(closely)), day, low, high),
            good_until,
            silent_since,
            to_delay(delay),
        )
        for symbol, due_at, below, above, closely, day, low, high, good_until, silent_since, delay
        in connection.execute(asked)
    ]  # fmt: skip


def hasten(connection: Connection, named: Collection[Symbol], now: datetime) -> None:
    """Make symbols due now, before all others, those apart that somebody holds."""
    c = symbols.c
    for batch in batches(sorted(named)):
        found = update(symbols).where(c.symbol.in_(batch), c.lease_token.is_(None), ~c.pointed)
        connection.execute(found.values(pointed=True, due_at=sooner(now)))


def keep_delays(connection: Connection, delays: Mapping[Symbol, timedelta]) -> None:
    """Keep by how much the source of some symbols lags."""
    rows = [{"of": symbol, "delay": lag.total_seconds()} for symbol, lag in sorted(delays.items())]
    if rows:
        connection.execute(update(symbols).where(symbols.c.symbol == bindparam("of")), rows)
