"""Is a due time or a lease over, and who may have their hands in the outbox?

What is kept outlives the clock it was written by: a moment further ahead than any that we write
comes from before the clock was set back, and holds no more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, case, literal, or_, select

from alertd.core.calm import HUSHED, LONGEST_HOLD
from alertd.core.retry import LONGEST_STEP
from alertd.store.tables import DUE, Moment, deliveries, facts, symbols

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Column, Connection

SLACK = timedelta(seconds=60)

# It waits by calm, and for no next attempt: those are due later than it was ready.
WAITS = and_(deliveries.c.held.is_not(None), deliveries.c.due_at == deliveries.c.ready_at)


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other host has its hands in the outbox.

    A rate and a digest are right only if nobody claims at the same moment; SQLite has one writer
    anyway.
    """
    first = select(facts.c.value).where(facts.c.name == "schema")
    connection.execute(first.with_for_update())


def free(moment: Column[datetime], now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Tell whether a lease of at most `longest` is over, or a moment that is so far ahead."""
    return or_(moment.is_(None), moment <= now, moment > now + longest + SLACK)


def sooner(now: datetime) -> ColumnElement[datetime]:
    """Return when a symbol is due that is to be due now: what was due before has waited longer."""
    due_at = symbols.c.due_at
    return case((due_at < now, due_at), else_=literal(now, Moment()))


def due(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Tell whether a delivery may be claimed now, its channel apart."""
    c = deliveries.c
    hushed = c.held.in_(sorted(HUSHED))
    come = or_(
        c.due_at <= now,
        and_(~WAITS, c.due_at > now + LONGEST_STEP + SLACK),
        and_(WAITS, ~hushed, c.due_at > now + LONGEST_HOLD + SLACK),
    )
    return and_(c.status == DUE, come, free(c.lease_until, now, lease))


def leased(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Tell whether a delivery is under way."""
    until = deliveries.c.lease_until
    return and_(deliveries.c.status == DUE, until > now, until <= now + lease + SLACK)
