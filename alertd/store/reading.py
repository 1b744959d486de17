"""What does the database say, to those who only want to know?

    status, history, check, health --> Reader --> rows          nothing is written

Every question is one read transaction, and holds up no daemon.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from sqlalchemy import desc, func, select
from sqlalchemy.exc import DBAPIError

from alertd.core.bars import Symbol
from alertd.core.events import EventId, Kind
from alertd.core.records import NOTHING, Judged, Record
from alertd.core.rules import AlertId, Revision
from alertd.errors import StoreError
from alertd.store import connect
from alertd.store.documents import to_judgements, to_record
from alertd.store.rows import to_notice, to_state
from alertd.store.tables import (
    DEAD,
    DUE,
    SENT,
    SETTLED,
    WITHDRAWN,
    alerts,
    deliveries,
    events,
    facts,
    symbols,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine, RowMapping, Select

    from alertd.core.notices import Notice
    from alertd.core.states import State


@dataclass(frozen=True, slots=True)
class AlertRow:
    """Where one alert stands, and its newest judgements, oldest first.

    `last_fired_at` is bar time, whatever its revision was then; what was withdrawn does not count.
    """

    alert: AlertId
    symbol: Symbol
    revision: Revision
    state: State
    last_fired_at: datetime | None
    lately: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class SymbolRow:
    """What was last seen of one symbol. `price` is the close of the bar that began at `price_at`.

    `error` is what stopped the last poll, the newest of `failures` in a row; None when it was good.
    The newest good bar ended at `good_until`. `silent_since` is since when none has come, once that
    was told; None while all is well.
    """

    symbol: Symbol
    price: float | None
    price_at: datetime | None
    currency: str | None
    digits: int | None
    due_at: datetime
    polled_at: datetime | None
    failures: int
    error: str | None
    good_until: datetime | None = None
    silent_since: datetime | None = None
    record: Record = NOTHING


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """How delivery to one channel goes; `error` is one that a waiting or dead message met."""

    channel: str
    waiting: int
    dead: int
    sent: int
    last_sent_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How far one message to one channel is; `status` is "due", "sent" or "dead"."""

    channel: str
    status: str
    attempts: int
    settled_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as it was found, and how far its messages are, by channel.

    `standing` is "open" while its bar may still change, then "settled" or "withdrawn". `told_with`
    is the event whose message tells this one too, and whose deliveries these are; None where it has
    a message of its own.
    """

    notice: Notice
    deliveries: tuple[DeliveryRow, ...]
    standing: str = SETTLED
    told_with: EventId | None = None


class Reader:
    """Read access to one database file. Every method may raise StoreError."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path, self._engine = path, engine

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """Open a database file; None where no daemon has made one yet.

        raises: StoreError, StoreTooOld, StoreTooNew.
        """
        try:
            engine = connect.open_existing(path)
        except OSError as error:
            raise _unreadable(path, error.strerror or str(error)) from error
        return cls(path, engine) if engine else None

    def alive_at(self) -> datetime | None:
        """Return when the daemon last gave a sign of life; None when it never did."""
        asked = select(facts.c.value).where(facts.c.name == "alive_at")
        with self._transaction() as connection:
            found = connection.execute(asked).scalar()
        return datetime.fromisoformat(found) if found else None

    def alerts(self) -> list[AlertRow]:
        """Return the alerts that are judged, by symbol and id."""
        asked = _alerts().order_by(alerts.c.symbol, alerts.c.alert)
        with self._transaction() as connection:
            return [_alert(row) for row in connection.execute(asked).mappings()]

    def alert(self, alert: str) -> AlertRow | None:
        """Return one alert; None where it is not judged."""
        asked = _alerts().where(alerts.c.alert == alert)
        with self._transaction() as connection:
            row = connection.execute(asked).mappings().first()
        return _alert(row) if row else None

    def symbols(self) -> list[SymbolRow]:
        """Return the symbols that are watched, by name."""
        with self._transaction() as connection:
            rows = connection.execute(select(symbols).order_by(symbols.c.symbol)).mappings()
            return [_symbol(row) for row in rows]

    def channels(self) -> list[ChannelRow]:
        """Return the channels that anything was ever promised to, by name."""
        status, error = deliveries.c.status, deliveries.c.error
        count, newest = func.count(), func.max(deliveries.c.settled_at)
        asked = (
            select(
                deliveries.c.channel,
                count.filter(status == DUE).label("waiting"),
                count.filter(status == DEAD).label("dead"),
                count.filter(status == SENT).label("sent"),
                newest.filter(status == SENT).label("last_sent_at"),
                func.max(error).filter(status != SENT).label("error"),
            )
            .group_by(deliveries.c.channel)
            .order_by(deliveries.c.channel)
        )
        with self._transaction() as connection:
            return [ChannelRow(**row) for row in connection.execute(asked).mappings()]

    def events(self, limit: int, alert: str | None = None) -> list[EventRow]:
        """Return the newest events, those of one alert if it is given, oldest first."""
        newest = (desc(events.c.at), desc(events.c.detected_at), desc(events.c.place))
        asked = select(events).order_by(*newest).limit(limit)
        if alert is not None:
            asked = asked.where(events.c.alert == alert)
        heads = asked.with_only_columns(func.coalesce(events.c.told_with, events.c.id))
        with self._transaction() as connection:
            found = connection.execute(asked).mappings().all()
            told = _deliveries(connection, heads)
        return [_event(row, told) for row in reversed(found)]

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(**connect.READING) as connection:
                yield connection
        except DBAPIError as error:
            raise _unreadable(self._path, str(error.orig)) from error


def _alerts() -> Select[Any]:
    fired = (
        select(func.max(events.c.at))
        .where(
            events.c.alert == alerts.c.alert,
            events.c.kind == Kind.FIRED.value,
            events.c.standing != WITHDRAWN,
        )
        .scalar_subquery()
    )
    return select(alerts, fired.label("last_fired_at"))


def _alert(row: RowMapping) -> AlertRow:
    return AlertRow(
        AlertId(row["alert"]),
        Symbol(row["symbol"]),
        Revision(row["revision"]),
        to_state(row),
        row["last_fired_at"],
        to_judgements(row["lately"]),
    )


def _symbol(row: RowMapping) -> SymbolRow:
    return SymbolRow(
        Symbol(row["symbol"]),
        row["price"], row["price_at"], row["currency"], row["digits"],
        row["due_at"], row["polled_at"], row["failures"], row["error"],
        row["good_until"], row["silent_since"], to_record(row["record"]),
    )  # fmt: skip


def _event(row: RowMapping, told: Mapping[str, list[DeliveryRow]]) -> EventRow:
    head = row["told_with"]
    return EventRow(
        to_notice(row),
        tuple(told[head or row["id"]]),
        row["standing"],
        EventId(UUID(head)) if head else None,
    )


def _deliveries(connection: Connection, ids: Select[Any]) -> Mapping[str, list[DeliveryRow]]:
    """Return the deliveries of these events, by event and channel."""
    found: defaultdict[str, list[DeliveryRow]] = defaultdict(list)
    asked = select(deliveries).where(deliveries.c.event.in_(ids)).order_by(deliveries.c.channel)
    for row in connection.execute(asked).mappings():
        told = DeliveryRow(
            row["channel"], row["status"], row["attempt"], row["settled_at"], row["error"]
        )
        found[row["event"]].append(told)
    return found


def _unreadable(path: Path, why: str) -> StoreError:
    hint = "ask as the user that the daemon runs as"
    return StoreError(f"{path}: the database cannot be read: {why}\n    hint: {hint}")
