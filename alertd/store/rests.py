"""For how long are sources left alone? It is kept, so that a restart brings no new traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from alertd.core.rests import Rest
from alertd.store.tables import ERROR_LENGTH, sources

if TYPE_CHECKING:
    from sqlalchemy import Connection


def rests(connection: Connection) -> dict[str, Rest]:
    """Return the newest rest of each source that ever had one, by name."""
    found = connection.execute(select(sources).order_by(sources.c.name)).mappings()
    return {
        row["name"]: Rest(row["since"], row["until"], row["times"], row["why"]) for row in found
    }


def keep(connection: Connection, source: str, rest: Rest) -> None:
    """Keep a source's newest rest in place of the one before."""
    values = {
        "since": rest.since,
        "until": rest.until,
        "times": rest.times,
        "why": rest.why[:ERROR_LENGTH],
    }
    known = update(sources).where(sources.c.name == source).values(values)
    if connection.execute(known).rowcount == 0:
        connection.execute(insert(sources).values({"name": source, **values}))
