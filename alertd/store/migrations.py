"""How does a database get the tables of this version?

    none ------------------> VERSION        all tables as they are today
    1 --step--> 2 --step--> VERSION         nothing is lost on the way

A step knows only the two versions that it stands between, and stays as it is for good: what
`tables` says may be several steps further on. All of it is one transaction of the owner's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Column,
    Integer,
    MetaData,
    String,
    Table,
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


def _add(connection: Connection, table: str, *columns: Column[Any]) -> None:
    for column in Table(table, MetaData(), *columns).columns:
        described = CreateColumn(column).compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {described}"))


# The first leads from version 1 to 2, and so on.
_STEPS = (_named_levels_and_standings,)
