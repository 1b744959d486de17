"""What does one cycle over a symbol find in the database, and what does it leave there?

    claim -> Claim ... Progress -> release, keep_alerts

Only what has changed since the claim is written: a quiet poll is one short UPDATE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select, update

from alertd.core.bars import Symbol
from alertd.core.records import KEPT
from alertd.core.rules import AlertId, Revision
from alertd.ports import Claim, Progress
from alertd.store.batches import batches
from alertd.store.documents import from_judgements, from_record, to_record
from alertd.store.rows import from_cursor, from_state, to_cursor, to_event, to_state
from alertd.store.tables import OPEN, alerts, events, symbols

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from alertd.core.events import Event
    from alertd.core.records import Judged

Row = dict[str, Any]

# No judgement needs the last ones, and only a message needs an event's surroundings.
_STANDS = [column for column in alerts.columns if column is not alerts.c.lately]
_HAPPENED = [column for column in events.columns if column is not events.c.context]


def claim(connection: Connection, row: RowMapping, until: datetime) -> Claim:
    """Lease one symbol, given its row, and return what is known of it."""
    symbol, token = Symbol(row["symbol"]), str(uuid4())
    lease = {"lease_token": token, "lease_until": until}
    connection.execute(update(symbols).where(symbols.c.symbol == symbol).values(lease))
    asked = select(*_STANDS).where(alerts.c.symbol == symbol)
    kept = connection.execute(asked).mappings().all()
    return Claim(
        symbol=symbol,
        token=token,
        cursor=to_cursor(row),
        states={AlertId(alert["alert"]): to_state(alert) for alert in kept},
        revisions={AlertId(alert["alert"]): Revision(alert["revision"]) for alert in kept},
        failures=row["failures"],
        open=_open(connection, symbol),
        silent_since=row["silent_since"],
        record=to_record(row["record"]),
        price=row["price"],
        price_at=row["price_at"],
        good_until=row["good_until"],
        currency=row["currency"],
        digits=row["digits"],
    )


def release(connection: Connection, claim: Claim, values: Mapping[str, object]) -> bool:
    """End a symbol's lease and keep these values; False, with nothing kept, when it was lost."""
    released = connection.execute(
        update(symbols)
        .where(symbols.c.symbol == claim.symbol, symbols.c.lease_token == claim.token)
        .values({**values, "lease_token": None, "lease_until": None})
    )
    return released.rowcount == 1


def after(claim: Claim, progress: Progress, now: datetime) -> Row:
    """Return the columns of a symbol that a good cycle sets."""
    before, reached = from_cursor(claim.cursor), from_cursor(progress.cursor)
    good: Row = {
        "due_at": progress.due_at,
        "polled_at": now,
        "failures": 0,
        "error": None,
        "silent_since": progress.silent_since,
    }
    moved = {name: value for name, value in reached.items() if value != before[name]}
    counted = {} if progress.record == claim.record else {"record": from_record(progress.record)}
    return {**good, **moved, **counted, **_seen(progress)}


def keep_alerts(connection: Connection, claim: Claim, progress: Progress) -> None:
    """Keep the states that have changed, and the judgements that have come."""
    changed: dict[AlertId, Row] = {
        alert: from_state(state)
        for alert, state in progress.states.items()
        if claim.states.get(alert) != state
    }
    for alert, lately in _lately(connection, progress.lately).items():
        changed[alert] = changed.get(alert, {}) | {"lately": lately}
    for alert, values in changed.items():
        connection.execute(update(alerts).where(alerts.c.alert == alert).values(values))


def _open(connection: Connection, symbol: Symbol) -> tuple[Event, ...]:
    asked = (
        select(*_HAPPENED)
        .where(events.c.symbol == symbol, events.c.standing == OPEN)
        .order_by(events.c.at, events.c.place)
    )
    return tuple(to_event(row) for row in connection.execute(asked).mappings())


def _seen(progress: Progress) -> Row:
    if progress.price is None:
        return {}
    return {
        "price": progress.price,
        "price_at": progress.price_at,
        "good_until": progress.good_until,
        "currency": progress.currency,
        "digits": progress.digits,
    }


def _lately(
    connection: Connection, newest: Mapping[AlertId, Sequence[Judged]]
) -> dict[AlertId, list[Any]]:
    """Return the judgements to keep of these alerts, behind those that are kept already."""
    asked = select(alerts.c.alert, alerts.c.lately)
    found = [
        row
        for batch in batches([alert for alert, judged in newest.items() if judged])
        for row in connection.execute(asked.where(alerts.c.alert.in_(batch)))
    ]
    return {
        AlertId(alert): [*(kept or ()), *from_judgements(newest[AlertId(alert)])][-KEPT:]
        for alert, kept in found
    }
