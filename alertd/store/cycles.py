"""What do cycles over symbols find in the database, and what do they leave there?

    claim -> Claims ... Progress of each -> keep           by as few statements as can be

Only what has changed since the claim is written: a quiet poll is one short UPDATE, and quiet polls
of several symbols share theirs.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import bindparam, select, update

from alertd.core.bars import Symbol
from alertd.core.claims import Claim, Progress
from alertd.core.records import KEPT
from alertd.core.rules import AlertId, Revision
from alertd.store.batches import batches
from alertd.store.documents import from_judgements, from_record, to_record
from alertd.store.leases import free
from alertd.store.pointers import from_seen, to_delay, to_seen
from alertd.store.rows import from_cursor, from_state, to_cursor, to_event, to_state
from alertd.store.tables import ERROR_LENGTH, OPEN, alerts, events, symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Column, Connection, RowMapping, Table

    from alertd.core.records import Judged

    Done = Sequence[tuple[Claim, Progress]]
    BySymbol = Mapping[str, Sequence[RowMapping]]

Row = dict[str, Any]

# No judgement needs the last ones, and only a message needs an event's surroundings.
_STANDS = [column for column in alerts.columns if column is not alerts.c.lately]
_HAPPENED = [column for column in events.columns if column is not events.c.context]


def claim(
    connection: Connection, now: datetime, lease: timedelta, limit: int, *, in_turn: bool
) -> list[Claim]:
    """Lease the symbols that are due, and return what is known of them."""
    c = symbols.c
    order = (c.due_at,) if in_turn else (c.pointed.desc(), c.due_at)
    asked = (
        select(symbols)
        .where(c.due_at <= now, free(c.lease_until, now, lease))
        .order_by(*order)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(asked).mappings().all()
    # A lease is a symbol with a token, so those of one claim may share theirs.
    token, named = str(uuid4()), [row["symbol"] for row in rows]
    leased = {"lease_token": token, "lease_until": now + lease}
    for batch in batches(named):
        connection.execute(update(symbols).where(c.symbol.in_(batch)).values(leased))
    kept, told = _stand(connection, named), _told(connection, named)
    return [_claim(row, token, kept[row["symbol"]], told[row["symbol"]]) for row in rows]


def release(connection: Connection, claim: Claim, values: Mapping[str, object]) -> bool:
    """End a symbol's lease and keep these values; False, with nothing kept, when it was lost."""
    released = connection.execute(
        update(symbols)
        .where(symbols.c.symbol == claim.symbol, symbols.c.lease_token == claim.token)
        .values({**values, "lease_token": None, "lease_until": None})
    )
    return released.rowcount == 1


def put_off(
    claim: Claim,
    error: str,
    due_at: datetime | None,
    silent_since: datetime | None,
    unknown_since: datetime | None,
) -> Row:
    """Return the columns of a symbol that a cycle sets which could not judge it."""
    waiting = {"silent_since": silent_since, "unknown_since": unknown_since}
    later = {"due_at": due_at} if due_at else {}
    failed = {"error": error[:ERROR_LENGTH], "failures": claim.failures + 1} if error else {}
    # Whatever else keeps its bars from coming: it was pointed at, and is first when they can.
    return {**waiting, **later, **failed, **({"pointed": False} if unknown_since else {})}


def keep(connection: Connection, done: Done, now: datetime) -> list[bool]:
    """End the leases of symbols and keep what good cycles left; tell of each whether it was held.

    Where the lease was lost, nothing is kept.
    """
    held = _held(connection, [claim.symbol for claim, _ in done])
    ours = [held.get(claim.symbol) == claim.token for claim, _ in done]
    kept = [one for one, own in zip(done, ours, strict=True) if own]
    reached = {claim.symbol: _after(claim, progress, now) for claim, progress in kept}
    _write(connection, symbols, symbols.c.symbol, reached)
    _write(connection, alerts, alerts.c.alert, _changed(connection, kept))
    return ours


def _stand(connection: Connection, named: Sequence[str]) -> BySymbol:
    return _by_symbol(
        row
        for batch in batches(named)
        for row in connection.execute(select(*_STANDS).where(alerts.c.symbol.in_(batch))).mappings()
    )


def _told(connection: Connection, named: Sequence[str]) -> BySymbol:
    """Return the events that were told of bars which may still change, as they happened."""
    asked = select(*_HAPPENED).where(events.c.standing == OPEN)
    return _by_symbol(
        row
        for batch in batches(named)
        for row in connection.execute(
            asked.where(events.c.symbol.in_(batch)).order_by(events.c.at, events.c.place)
        ).mappings()
    )


def _by_symbol(rows: Iterable[RowMapping]) -> BySymbol:
    found: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        found[row["symbol"]].append(row)
    return found


def _claim(
    row: RowMapping, token: str, kept: Sequence[RowMapping], told: Sequence[RowMapping]
) -> Claim:
    return Claim(
        symbol=Symbol(row["symbol"]),
        token=token,
        cursor=to_cursor(row),
        states={AlertId(alert["alert"]): to_state(alert) for alert in kept},
        revisions={AlertId(alert["alert"]): Revision(alert["revision"]) for alert in kept},
        failures=row["failures"],
        open=tuple(to_event(event) for event in told),
        silent_since=row["silent_since"],
        record=to_record(row["record"]),
        price=row["price"],
        price_at=row["price_at"],
        good_until=row["good_until"],
        currency=row["currency"],
        digits=row["digits"],
        seen=to_seen(row),
        source=row["source"],
        delay=to_delay(row["delay"]),
        unknown_since=row["unknown_since"],
    )


def _held(connection: Connection, named: Sequence[str]) -> dict[str, str | None]:
    """Return who holds these symbols; until the transaction ends nobody can take them."""
    asked = select(symbols.c.symbol, symbols.c.lease_token).order_by(symbols.c.symbol)
    return {
        symbol: token
        for batch in batches(sorted(named))
        for symbol, token in connection.execute(
            asked.where(symbols.c.symbol.in_(batch)).with_for_update()
        )
    }


def _after(claim: Claim, progress: Progress, now: datetime) -> Row:
    """Return the columns of a symbol that a good cycle sets."""
    good: Row = {
        "due_at": progress.due_at,
        "polled_at": now,
        "failures": 0,
        "error": None,
        "silent_since": progress.silent_since,
        "unknown_since": None,
        "pointed": False,
        "lease_token": None,
        "lease_until": None,
    }
    before = from_cursor(claim.cursor) | from_seen(claim.seen)
    reached = from_cursor(progress.cursor) | from_seen(progress.seen)
    moved = {name: value for name, value in reached.items() if value != before[name]}
    counted = {} if progress.record == claim.record else {"record": from_record(progress.record)}
    return {**good, **moved, **counted, **_priced(claim, progress)}


def _priced(claim: Claim, progress: Progress) -> Row:
    switched = {"source": progress.source} if progress.source not in (None, claim.source) else {}
    if progress.price is None:
        return switched
    return {
        "price": progress.price,
        "price_at": progress.price_at,
        "good_until": progress.good_until,
        "currency": progress.currency,
        "digits": progress.digits,
        **switched,
    }


def _changed(connection: Connection, done: Done) -> dict[AlertId, Row]:
    """Return the columns of the alerts whose state has changed, or that were judged in words."""
    changed: dict[AlertId, Row] = {
        alert: from_state(state)
        for claim, progress in done
        for alert, state in progress.states.items()
        if claim.states.get(alert) != state
    }
    newest = {alert: judged for _, progress in done for alert, judged in progress.lately.items()}
    for alert, lately in _lately(connection, newest).items():
        changed[alert] = changed.get(alert, {}) | {"lately": lately}
    return changed


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


def _write(connection: Connection, table: Table, key: Column[str], rows: Mapping[Any, Row]) -> None:
    """Update rows by their key; those that set the same columns in one statement."""
    alike: defaultdict[frozenset[str], list[Row]] = defaultdict(list)
    for of, row in rows.items():
        alike[frozenset(row)].append({**row, "of": of})
    for same in alike.values():
        connection.execute(update(table).where(key == bindparam("of")), same)
