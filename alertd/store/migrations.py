"""How does a database get the tables of this version?

    none ------------------> VERSION        all tables as they are today
    1 --step--> 2 .. --step--> VERSION      nothing is lost on the way

A step knows only the two versions that it stands between, and stays as it is for good: what
`tables` says may be several steps further on. All of it is one transaction of the owner's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    false,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateColumn

from alertd.store.tables import VERSION, Moment, facts, metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection


def version(connection: Connection) -> int | None:
    """Return the version of the tables that are there; None where there are none."""
    if not inspect(connection).has_table(facts.name):
        return None
    asked = select(facts.c.value).where(facts.c.name == "schema")
    found = connection.execute(asked).scalar()
    return None if found is None else int(found)


def prepare(connection: Connection) -> None:
    """Make the tables, or bring those of an older version up to this one."""
    found = version(connection)
    if found is None:
        metadata.create_all(connection)
        connection.execute(insert(facts).values(name="schema", value=str(VERSION)))
        return
    for step in _STEPS[found - 1 :]:
        step(connection)
    stamp = update(facts).where(facts.c.name == "schema")
    connection.execute(stamp.values(value=str(VERSION)))


def _named_levels_and_standings(connection: Connection) -> None:
    """Go from 1 to 2: levels by name, splits, doubtful bars, and events that are taken back."""
    _add(
        connection,
        "symbols",
        Column("split_through", Moment),
        Column("regular_memory", JSON),
        Column("extended_memory", JSON),
        Column("good_until", Moment),
        Column("silent_since", Moment),
        Column("record", JSON),
    )
    _add(connection, "alerts", Column("basis", JSON), Column("lately", JSON))
    _add(
        connection,
        "events",
        Column("details", JSON),
        Column("told_with", String(36)),
        # Version 1 took nothing back: whatever it told has been told for good.
        Column("standing", String(12), nullable=False, server_default="settled"),
        Column("place", Integer, nullable=False, server_default="0"),
    )
    connection.execute(text("CREATE INDEX events_standing ON events (symbol, standing)"))
    Table(
        "almanacs",
        MetaData(),
        Column("symbol", String(32), primary_key=True),
        Column("kept_at", Moment, nullable=False),
        Column("body", JSON, nullable=False),
    ).create(connection)


def _digests_and_reminders(connection: Connection) -> None:
    """Go from 2 to 3: messages that wait and go out together, and what the user says of alerts."""
    tables = MetaData()
    Table("events", tables, Column("id", String(36), primary_key=True))
    # Its key grows, which no ALTER TABLE does everywhere.
    Table(
        "deliveries_3",
        tables,
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
        Column("recipients", JSON),
    )
    Table(
        "reminders",
        tables,
        Column("event", ForeignKey("events.id"), primary_key=True),
        Column("alert", String(64), nullable=False, index=True),
        Column("every", Float, nullable=False),
        Column("next_at", Moment, nullable=False),
        Column("round", Integer, nullable=False),
    )
    Table(
        "hushes",
        tables,
        Column("alert", String(64), primary_key=True),
        Column("since", Moment, nullable=False),
        Column("until", Moment),
    )
    Table(
        "deeds",
        tables,
        Column("id", Integer, primary_key=True),
        Column("at", Moment, nullable=False, index=True),
        Column("alert", String(64), nullable=False, index=True),
        Column("act", String(16), nullable=False),
        Column("until", Moment),
    )
    Table(
        "channels",
        tables,
        Column("channel", String(64), primary_key=True),
        Column("since", Moment, nullable=False),
        Column("closed_until", Moment, nullable=False),
        Column("why", String(500), nullable=False),
    )
    tables.create_all(connection)
    for statement in _MOVE_DELIVERIES:
        connection.execute(text(statement))


# Each told one event, and was ready from when that was found.
_MOVE_DELIVERIES = (
    """
    INSERT INTO deliveries_3 (
        event, channel, round, message, status, attempt, tried_before,
        due_at, ready_at, lease_until, settled_at, error
    )
    SELECT event, channel, 0, event, status, attempt, 0,
        due_at, detected_at, lease_until, settled_at, error
    FROM deliveries JOIN events ON events.id = deliveries.event
    """,
    "DROP TABLE deliveries",
    "ALTER TABLE deliveries_3 RENAME TO deliveries",
    "CREATE INDEX deliveries_due ON deliveries (status, due_at)",
    "CREATE INDEX deliveries_message ON deliveries (channel, message)",
    "CREATE INDEX deliveries_settled ON deliveries (channel, settled_at)",
)


def _quotes_and_sources(connection: Connection) -> None:
    """Go from 3 to 4: what quotes are compared with, whose bars they are, and who rests."""
    _add(
        connection,
        "symbols",
        Column("source", String(16)),
        Column("delay", Float),
        Column("below", Float),
        Column("above", Float),
        Column("closely", Boolean),
        Column("day", Moment),
        Column("day_low", Float),
        Column("day_high", Float),
        Column("pointed", Boolean, nullable=False, server_default=false()),
        Column("unknown_since", Moment),
    )
    # Nobody knows yet which of their prices matter: no quote could point at them.
    connection.execute(text("UPDATE symbols SET pointed = true"))
    connection.execute(text("DROP INDEX symbols_due"))
    connection.execute(text("CREATE INDEX symbols_due ON symbols (pointed DESC, due_at)"))
    Table(
        "sources",
        MetaData(),
        Column("name", String(16), primary_key=True),
        Column("since", Moment, nullable=False),
        Column("until", Moment, nullable=False),
        Column("times", Integer, nullable=False),
        Column("why", String(500), nullable=False),
    ).create(connection)


def _add(connection: Connection, table: str, *columns: Column[Any]) -> None:
    for column in Table(table, MetaData(), *columns).columns:
        described = CreateColumn(column).compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {described}"))


# The first leads from version 1 to 2, and so on.
_STEPS = (_named_levels_and_standings, _digests_and_reminders, _quotes_and_sources)
