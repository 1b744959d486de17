"""What does the database say, to those who only want to know?

    status, history, check, health --> Reader --> rows          nothing is written

Every question is one read transaction, and holds up no daemon.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from sqlalchemy import desc, func, or_, select

from alertd.core.bars import Symbol
from alertd.core.calm import Held
from alertd.core.deeds import Act, Deed
from alertd.core.events import EventId, Kind
from alertd.core.rules import AlertId, Revision
from alertd.core.states import Phase
from alertd.store import connect, failures, rests, said, troubles
from alertd.store.answers import (
    AlertRow,
    ChannelRow,
    DeliveryRow,
    EventRow,
    ReminderRow,
    SymbolRow,
)
from alertd.store.documents import to_judgements, to_record
from alertd.store.pointers import to_delay, to_seen
from alertd.store.rows import to_notice, to_recipients, to_state
from alertd.store.tables import (
    DEAD,
    DUE,
    OPEN,
    WITHDRAWN,
    alerts,
    deeds,
    deliveries,
    events,
    facts,
    reminders,
    symbols,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine, RowMapping, Select

    from alertd.core.calm import Hush
    from alertd.core.rests import Rest

__all__ = [
    "AlertRow",
    "ChannelRow",
    "DeliveryRow",
    "EventRow",
    "Reader",
    "ReminderRow",
    "SymbolRow",
]


class Reader:
    """Read access to one database file. Every method may raise StoreError."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path, self._engine = path, engine

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """Open a database file; None where no daemon has made one yet.

        raises: StoreError, StoreTooOld, StoreTooNew.
        """
        engine = connect.open_existing(path)
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
        with self._transaction() as connection:
            return troubles.channels(connection)

    def sources(self) -> dict[str, Rest]:
        """Return the newest rest of each source that ever had one, by name."""
        with self._transaction() as connection:
            return rests.rests(connection)

    def hushes(self) -> dict[AlertId, Hush]:
        """Return the alerts that are hushed, and those whose snooze has ended by itself."""
        with self._transaction() as connection:
            return said.hushes(connection)

    def reminders(self) -> list[ReminderRow]:
        """Return the firings that nobody has acknowledged, oldest first."""
        asked = (
            select(reminders, events.c.at.label("since"))
            .join_from(reminders, events)
            .order_by(events.c.at, events.c.place)
        )
        with self._transaction() as connection:
            return [_reminder(row) for row in connection.execute(asked).mappings()]

    def deeds(self, limit: int, alert: str | None = None) -> list[Deed]:
        """Return what was done last, to one alert if it is given, oldest first."""
        asked = select(deeds).order_by(desc(deeds.c.at), desc(deeds.c.id)).limit(limit)
        if alert is not None:
            asked = asked.where(deeds.c.alert == alert)
        with self._transaction() as connection:
            found = connection.execute(asked).mappings().all()
            return [_deed(row) for row in reversed(found)]

    def events(self, limit: int, alert: str | None = None, *, dead: bool = False) -> list[EventRow]:
        """Return the newest events, oldest first.

        Those of one alert if it is given; with `dead` those that a channel never got.
        """
        newest = (desc(events.c.at), desc(events.c.detected_at), desc(events.c.place))
        asked = select(events).order_by(*newest).limit(limit)
        told_by = func.coalesce(events.c.told_with, events.c.id)
        if alert is not None:
            asked = asked.where(events.c.alert == alert)
        if dead:
            lost = select(deliveries.c.event).where(deliveries.c.status == DEAD)
            asked = asked.where(or_(events.c.id.in_(lost), told_by.in_(lost)))
        heads = asked.with_only_columns(told_by)
        with self._transaction() as connection:
            found = connection.execute(asked).mappings().all()
            told = _deliveries(connection, heads)
            return [_event(row, told) for row in reversed(found)]

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        reading = self._engine.connect().execution_options(**connect.READING)
        with failures.reading(self._path), reading as connection:
            yield connection


def _alerts() -> Select[Any]:
    fired = select(func.max(events.c.at)).where(
        events.c.alert == alerts.c.alert, events.c.kind == Kind.FIRED.value
    )
    last = fired.where(events.c.standing != WITHDRAWN).scalar_subquery()
    still_open = fired.where(events.c.standing == OPEN).scalar_subquery()
    return select(alerts, last.label("last_fired_at"), still_open.label("open_at"))


def _alert(row: RowMapping) -> AlertRow:
    return AlertRow(
        AlertId(row["alert"]),
        Symbol(row["symbol"]),
        Revision(row["revision"]),
        to_state(row),
        row["last_fired_at"],
        to_judgements(row["lately"]),
        row["open_at"] is not None and row["phase"] == Phase.ARMED,
    )


def _symbol(row: RowMapping) -> SymbolRow:
    return SymbolRow(
        Symbol(row["symbol"]),
        row["price"], row["price_at"], row["currency"], row["digits"],
        row["due_at"], row["polled_at"], row["failures"], row["error"],
        row["good_until"], row["silent_since"], to_record(row["record"]),
        row["source"], to_delay(row["delay"]), row["unknown_since"], to_seen(row), row["pointed"],
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
    """Return the deliveries of these events, by event, channel and round."""
    found: defaultdict[str, list[DeliveryRow]] = defaultdict(list)
    order = (deliveries.c.channel, deliveries.c.round)
    asked = select(deliveries).where(deliveries.c.event.in_(ids)).order_by(*order)
    for row in connection.execute(asked).mappings():
        found[row["event"]].append(_delivery(row))
    return found


def _delivery(row: RowMapping) -> DeliveryRow:
    return DeliveryRow(
        row["channel"], row["status"], row["attempt"], row["settled_at"], row["error"],
        row["due_at"] if row["status"] == DUE else None,
        Held(row["held"]) if row["held"] else None,
        row["round"], row["instead_of"], to_recipients(row["recipients"]),
    )  # fmt: skip


def _reminder(row: RowMapping) -> ReminderRow:
    return ReminderRow(
        AlertId(row["alert"]),
        EventId(UUID(row["event"])),
        timedelta(seconds=row["every"]),
        row["next_at"],
        row["round"],
        row["since"],
    )


def _deed(row: RowMapping) -> Deed:
    return Deed(row["at"], AlertId(row["alert"]), Act(row["act"]), row["until"])
