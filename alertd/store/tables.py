"""How is it kept?

    symbols --< alerts              where judgement stands: one row a symbol, one an alert
    almanacs                        the daily history and outlook of a symbol
    events  --< deliveries          what was promised, and to which channel it still has to go
    reminders                       firings that are told again until somebody acknowledges them
    hushes, deeds                   what the user has said of alerts: what holds, and all of it
    channels, sources               those that are left alone for a while

    event:     open --its bar has settled--> settled      not every kind of event begins open
                    '--in another shape----> withdrawn

    delivery:  due --claim, attempt + 1--> due and leased --sent---> sent
                                    |                     |--again--> due
                                    '--hold--> due later  '--dead---> dead --retry--> due

Moments are UTC. What has no columns of its own is JSON, as `documents` writes it. Changing a table
raises `VERSION` and takes a step in `migrations`.
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
    false,
)

if TYPE_CHECKING:
    from typing import Any

VERSION = 4

# What a delivery can be; only a due one is ever leased.
DUE, SENT, DEAD = "due", "sent", "dead"

# What an event can be: told of a bar that may still change, told for good, or taken back.
OPEN, SETTLED, WITHDRAWN = "open", "settled", "withdrawn"

# What went wrong is cut to this length.
ERROR_LENGTH = 500

# A value that is not there is NULL, and not the JSON that says so.
Document = JSON(none_as_null=True)


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
    # Whose bars were the newest, and by how many seconds they lag, as that source says.
    Column("source", String(16)),
    Column("delay", Float),
    # What the bars had shown when it was judged last: quotes of all symbols are compared with it.
    Column("below", Float),
    Column("above", Float),
    Column("closely", Boolean),
    Column("day", Moment),
    Column("day_low", Float),
    Column("day_high", Float),
    # There is reason to judge it before all others.
    Column("pointed", Boolean, nullable=False, server_default=false()),
    Column("unknown_since", Moment),
)
# Who claims walks along it, and stops when there is enough.
Index("symbols_due", symbols.c.pointed.desc(), symbols.c.due_at)

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
    Column("basis", Document),
    Column("lately", Document),
)

almanacs = Table(
    "almanacs",
    metadata,
    Column("symbol", String(32), primary_key=True),
    Column("kept_at", Moment, nullable=False),
    Column("body", Document, nullable=False),
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
    Column("details", Document),
    Column("context", Document, nullable=False),
    # The event whose message tells this one too; NULL where it has a message of its own.
    Column("told_with", String(36)),
    Column("standing", String(12), nullable=False, server_default=SETTLED),
    # Which of the events that one cycle found came first.
    Column("place", Integer, nullable=False, server_default="0"),
    Index("events_standing", "symbol", "standing"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("event", ForeignKey("events.id"), primary_key=True),
    Column("channel", String(64), primary_key=True),
    # 0 is the message itself, then its reminders.
    Column("round", Integer, primary_key=True, server_default="0"),
    # The parcel that tells it; those of a digest share one, and are claimed and settled together.
    Column("message", String(36), nullable=False),
    Column("status", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    # How many attempts there were before it was made ready, so that pauses begin with the short.
    Column("tried_before", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False),
    Column("ready_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("settled_at", Moment),
    Column("error", String(500)),
    Column("held", String(16)),
    # Why it had waited by its first attempt: every later one says the same.
    Column("told_held", String(16)),
    # When the digest was put together; NULL for a message of its own.
    Column("closed_at", Moment),
    Column("instead_of", String(64)),
    Column("handed_at", Moment),
    Column("recipients", Document),
    Index("deliveries_due", "status", "due_at"),
    Index("deliveries_message", "channel", "message"),
    # What a channel has been sent lately.
    Index("deliveries_settled", "channel", "settled_at"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("event", ForeignKey("events.id"), primary_key=True),
    Column("alert", String(64), nullable=False, index=True),
    Column("every", Float, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("round", Integer, nullable=False),
)

hushes = Table(
    "hushes",
    metadata,
    Column("alert", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
    # NULL until it is armed.
    Column("until", Moment),
)

deeds = Table(
    "deeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("alert", String(64), nullable=False, index=True),
    Column("act", String(16), nullable=False),
    Column("until", Moment),
)

channels = Table(
    "channels",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("closed_until", Moment, nullable=False),
    Column("why", String(500), nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("why", String(500), nullable=False),
)
