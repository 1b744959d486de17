"""What a cycle writes: builders for tests of the store, on either database.

recorded(database, found(BELOW, 149, "09:31"), channels=("desk", "mail"))
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import event, select

from alertd.core.bars import Last
from alertd.core.book import Cursor
from alertd.core.calm import FREELY, Calm
from alertd.core.claims import Claim, Delivery, Progress
from alertd.core.states import Phase, Side, State
from alertd.store.desk import Desk
from tests.support.build import at, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Column, Connection

    from alertd.core.events import EventId
    from alertd.core.notices import Notice
    from alertd.store.database import Database

_CHANGES = ("INSERT", "UPDATE", "DELETE")

LEASE = timedelta(seconds=90)
NOW = at("09:32")
BELOW = rule("below 150", id="support")
ABOVE = rule("above 192", id="high")
STATE = State(
    Phase.PENDING, Side.BELOW, at("09:00"), at("09:31"), 1, timedelta(minutes=5), at("09:20"), 3
)
CURSOR = Cursor(at("09:31"), at("09:00"), Last(149.5, at("09:30")), Last(149.5, at("09:30")))


class Said(NamedTuple):
    """A statement, and of how many rows it was said."""

    statement: str
    rows: int


@contextmanager
def watched(database: Database, *kinds: str) -> Iterator[list[Said]]:
    """Collect the statements of these kinds, or those that change anything."""
    seen: list[Said] = []

    def see(
        _connection: Connection, _cursor: object, statement: str, rows: Sequence[object],
        _context: object, many: bool,  # noqa: FBT001 - SQLAlchemy's signature
    ) -> None:  # fmt: skip
        if statement.startswith(kinds or _CHANGES):
            seen.append(Said(statement, len(rows) if many else 1))

    engine = database._engine  # noqa: SLF001 - every statement of the store goes through it
    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)


def claimed(database: Database, now: datetime = NOW) -> Claim:
    """Claim the one symbol that is due."""
    (claim,) = database.claim_symbols(now, LEASE, 10)
    return claim


def progress(*notices: Notice, channels: tuple[str, ...] = ("desk",), **more: object) -> Progress:
    """Return a good cycle over BELOW's symbol; `more` are fields of Progress."""
    found = Progress(
        CURSOR,
        {BELOW.id: STATE},
        [(notice, channels) for notice in notices],
        NOW + timedelta(minutes=1),
        price=149.5,
        price_at=at("09:31"),
        good_until=at("09:32"),
        currency="USD",
        digits=2,
    )
    return replace(found, **more)  # type: ignore[arg-type]


def recorded(
    database: Database, *notices: Notice, channels: tuple[str, ...] = ("desk",), **more: object
) -> frozenset[EventId]:
    """Adopt BELOW and record one good cycle; return the events that are new."""
    database.adopt([BELOW], NOW)
    return again(database, *notices, channels=channels, **more)


def again(
    database: Database,
    *notices: Notice,
    channels: tuple[str, ...] = ("desk",),
    **more: object,
) -> frozenset[EventId]:
    """Record one more good cycle; return the events that are new."""
    claim = claimed_again(database)
    new = database.record(claim, progress(*notices, channels=channels, **more), NOW)
    assert new is not None
    return new


def due(
    database: Database, now: datetime, channel: str = "desk", calm: Calm = FREELY, limit: int = 10
) -> Sequence[Delivery]:
    """Claim what is due to a channel, for a minute."""
    return database.claim_deliveries(now, channel, timedelta(seconds=60), limit, calm)


def desk_of(database: Database) -> Desk:
    """Return the user's desk, as another process would open it."""
    return Desk(database._engine)  # noqa: SLF001 - on either database


def claimed_again(database: Database) -> Claim:
    """Claim the one symbol, whoever holds the lease; that one has lost it."""
    database.wake(NOW)
    database.free_leases()
    return claimed(database)


def claimed_cursor(database: Database, now: datetime = NOW) -> Cursor:
    """Return where judgement stands, whoever holds the lease."""
    database.wake(now)
    claims = database.claim_symbols(now + LEASE, LEASE, 10)
    return claims[0].cursor


def table(database: Database, *columns: Column[Any]) -> list[tuple[Any, ...]]:
    """Return what is in these columns of a table."""
    with database._engine.connect() as connection:  # noqa: SLF001 - what is in the table
        return [tuple(row) for row in connection.execute(select(*columns))]
