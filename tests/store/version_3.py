"""The tables as version 3 made them, and what a daemon of that version left in them.

This says what was, and never changes.
"""

from __future__ import annotations

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

from alertd.core.states import Basis, Phase, Side, State
from alertd.store.tables import Moment
from tests.store.written import BELOW, CURSOR, NOW
from tests.support.build import at, found

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from alertd.core.notices import Notice

metadata = MetaData()

Document = JSON(none_as_null=True)

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
    Column("split_through", Moment),
    Column("regular_memory", Document),
    Column("extended_memory", Document),
    Column("price", Float),
    Column("price_at", Moment),
    Column("good_until", Moment),
    Column("silent_since", Moment),
    Column("record", Document),
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
    Column("basis", Document),
    Column("lately", Document),
)  # fmt: skip

almanacs = Table(
    "almanacs", metadata,
    Column("symbol", String(32), primary_key=True),
    Column("kept_at", Moment, nullable=False),
    Column("body", Document, nullable=False),
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
    Column("details", Document),
    Column("context", Document, nullable=False),
    Column("told_with", String(36)),
    Column("standing", String(12), nullable=False, server_default="settled"),
    Column("place", Integer, nullable=False, server_default="0"),
    Index("events_standing", "symbol", "standing"),
)  # fmt: skip

deliveries = Table(
    "deliveries", metadata,
    Column("event", ForeignKey("events.id"), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("round", Integer, primary_key=True, server_default="0"),
    Column("message", String(36), nullable=False),
    Column("status", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("tried_before", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False),
    Column("ready_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("settled_at", Moment),
    Column("error", String(500)),
    Column("held", String(16)),
    Column("told_held", String(16)),
    Column("closed_at", Moment),
    Column("instead_of", String(64)),
    Column("handed_at", Moment),
    Column("recipients", Document),
    Index("deliveries_due", "status", "due_at"),
    Index("deliveries_message", "channel", "message"),
    Index("deliveries_settled", "channel", "settled_at"),
)  # fmt: skip

reminders = Table(
    "reminders", metadata,
    Column("event", ForeignKey("events.id"), primary_key=True),
    Column("alert", String(64), nullable=False, index=True),
    Column("every", Float, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("round", Integer, nullable=False),
)  # fmt: skip

hushes = Table(
    "hushes", metadata,
    Column("alert", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
)  # fmt: skip

deeds = Table(
    "deeds", metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("alert", String(64), nullable=False, index=True),
    Column("act", String(16), nullable=False),
    Column("until", Moment),
)  # fmt: skip

channels = Table(
    "channels", metadata,
    Column("channel", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("closed_until", Moment, nullable=False),
    Column("why", String(500), nullable=False),
)  # fmt: skip

STATE = State(
    Phase.FIRED, Side.BELOW, at("09:00"), fired_at=at("09:31"), suppressed=2,
    basis=Basis(scale=0.1, told_level=15.0),
)  # fmt: skip
FOUND = found(BELOW, 149.0, "09:31")


def leave(connection: Connection) -> None:
    """Make the tables, with two symbols, an alert, and its event that waits to be told again."""
    metadata.create_all(connection)
    connection.execute(insert(facts).values(name="schema", value="3"))
    connection.execute(insert(symbols), [_SYMBOL, _SYMBOL | {"symbol": "NVDA"}])
    connection.execute(insert(alerts).values(_ALERT))
    connection.execute(insert(events), [_event(FOUND)])
    connection.execute(insert(deliveries).values(_DELIVERY))


def _event(notice: Notice) -> dict[str, object]:
    event = notice.event
    return {
        "id": str(event.id), "alert": "support", "revision": BELOW.revision, "kind": "fired",
        "symbol": "BABA", "level": 150.0, "price": event.price, "at": event.at, "gap": False,
        "bar_start": event.at, "resolution": 60.0, "detected_at": notice.detected_at,
        "late": False, "standing": "open", "told_with": None, "place": 0,
        "context": {
            "name": notice.name, "condition": "below", "hold": None, "severity": "warning",
            "note": notice.note, "currency": "USD", "zone": "America/New_York", "digits": 2,
            "price_now": notice.price_now, "price_at": notice.price_at.isoformat(),
            "others": [["high", "52-week high", 192.0, 28.1]], "source": "yahoo",
            "simulated": False, "asked": "150", "names": {}, "together": [], "wishes": {},
            "repeat_every": None,
        },
    }  # fmt: skip


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
    "basis": {
        "scale": 0.1, "level": None, "origin": None, "fixed_for": None, "lack": None,
        "told_level": 15.0, "peak": None, "peak_at": None, "gone": [], "anew": None, "edge": None,
    },
}  # fmt: skip

_DELIVERY = {
    "event": str(FOUND.event.id), "channel": "desk", "round": 0, "message": str(FOUND.event.id),
    "status": "due", "attempt": 3, "tried_before": 1, "due_at": at("09:40"),
    "ready_at": at("09:35"), "error": "answered 503", "held": "quiet", "told_held": "quiet",
}  # fmt: skip
