"""How is it kept?

    symbols --< alerts              where judgement stands: one row a symbol, one an alert
    events  --< deliveries          what was promised, and to which channel it still has to go

    delivery:  due --claim, attempt + 1--> due and leased --sent---> sent
                                                          |--again--> due
                                                          '--dead---> dead

Moments are UTC. Changing a table raises `VERSION`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

if TYPE_CHECKING:
    from typing import Any

VERSION = 1

# What a delivery can be; only a due one is ever leased.
DUE, SENT, DEAD = "due", "sent", "dead"


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is taken off on the way in and put back on."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData()

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(256), nullable=False),
)

symbols = Table(
    "symbols",
    metadata,
    Column("symbol", String(32), primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("lease_token", String(36)),
    Column("lease_until", Moment),
    Column("cursor_at", Moment),
    Column("closed_through", Moment),
    Column("regular_price", Float),
    Column("regular_start", Moment),
    Column("extended_price", Float),
    Column("extended_start", Moment),
    Column("price", Float),
    Column("price_at", Moment),
    Column("currency", String(8)),
    Column("digits", Integer),
    Column("polled_at", Moment),
    Column("failures", Integer, nullable=False, default=0),
    Column("error", String(500)),
    Index("symbols_due", "due_at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert", String(64), primary_key=True),
    Column("revision", String(16), nullable=False),
    Column("symbol", ForeignKey("symbols.symbol"), nullable=False, index=True),
    Column("phase", String(16), nullable=False),
    Column("side", Integer),
    Column("since", Moment),
    Column("crossed_at", Moment),
    Column("closes", Integer, nullable=False),
    Column("held", Float, nullable=False),
    Column("fired_at", Moment),
    Column("suppressed", Integer, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("alert", String(64), nullable=False, index=True),
    Column("revision", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("symbol", String(32), nullable=False),
    Column("level", Float, nullable=False),
    Column("price", Float, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("gap", Boolean, nullable=False),
    Column("bar_start", Moment, nullable=False),
    Column("resolution", Float, nullable=False),
    Column("detected_at", Moment, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("context", JSON, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("event", ForeignKey("events.id"), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("status", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("settled_at", Moment),
    Column("error", String(500)),
    Index("deliveries_due", "status", "due_at"),
)
