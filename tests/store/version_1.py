"""The tables as version 1 made them, and what a daemon of that version left in them.

This says what was, and never changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    insert,
)

from alertd.core.states import Phase, Side, State
from alertd.store.tables import Moment
from tests.store.written import BELOW, CURSOR, NOW
from tests.support.build import at, found

if TYPE_CHECKING:
    from sqlalchemy import Connection

metadata = MetaData()

facts = Table(
    "facts", metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(256), nullable=False),
)  # fmt: skip

symbols = Table(
    "symbols", metadata,
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
)  # fmt: skip

alerts = Table(
    "alerts", metadata,
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
)  # fmt: skip

events = Table(
    "events", metadata,
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
)  # fmt: skip

deliveries = Table(
    "deliveries", metadata,
    Column("event", ForeignKey("events.id"), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("status", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("settled_at", Moment),
    Column("error", String(500)),
    Index("deliveries_due", "status", "due_at"),
)  # fmt: skip

STATE = State(Phase.FIRED, Side.BELOW, at("09:00"), fired_at=at("09:31"), suppressed=2)
NOTICE = replace(found(BELOW, 149.0, "09:31"), asked="", together=(), names={})


def leave(connection: Connection) -> None:
    """Make the tables, with one symbol, one alert, and one event that waits to be sent."""
    metadata.create_all(connection)
    connection.execute(insert(facts).values(name="schema", value="1"))
    connection.execute(insert(symbols).values(_SYMBOL))
    connection.execute(insert(alerts).values(_ALERT))
    connection.execute(insert(events).values(_EVENT))
    connection.execute(insert(deliveries).values(_DELIVERY))


_SYMBOL = {
    "symbol": "BABA", "due_at": NOW, "cursor_at": CURSOR.at,
    "closed_through": CURSOR.closed_through, "price": 149.5, "price_at": at("09:31"),
    "regular_price": 149.5, "regular_start": at("09:30"),
    "extended_price": 149.5, "extended_start": at("09:30"),
    "currency": "USD", "digits": 2, "polled_at": NOW, "failures": 1, "error": "no answer",
}  # fmt: skip

_ALERT = {
    "alert": "support", "revision": BELOW.revision, "symbol": "BABA", "phase": "fired", "side": -1,
    "since": at("09:00"), "closes": 0, "held": 0.0, "fired_at": at("09:31"), "suppressed": 2,
}  # fmt: skip

_EVENT = {
    "id": str(NOTICE.event.id), "alert": "support", "revision": BELOW.revision, "kind": "fired",
    "symbol": "BABA", "level": 150.0, "price": 149.0, "at": at("09:31"), "gap": False,
    "bar_start": at("09:31"), "resolution": 60.0, "detected_at": at("09:32"), "late": False,
    "context": {
        "name": NOTICE.name, "condition": "below", "hold": None, "severity": "warning",
        "note": NOTICE.note, "currency": "USD", "zone": "America/New_York", "digits": 2,
        "price_now": 149.0, "price_at": at("09:31").isoformat(),
        "others": [["high", "52-week high", 192.0, 28.1]], "source": "yahoo", "simulated": False,
    },
}  # fmt: skip

_DELIVERY = {
    "event": str(NOTICE.event.id), "channel": "desk", "status": "due", "attempt": 3,
    "due_at": NOW, "error": "answered 503",
}  # fmt: skip
