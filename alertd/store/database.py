"""What does the daemon keep, and who may change it?

    claim -> a lease with a token (symbols) or an attempt number (deliveries)
    record, settle -> kept only while that token or attempt is still the newest

SQLite has one writer at a time and PostgreSQL skips the rows another host has locked, so the same
statements are right on both.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Self, assert_never
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from alertd.core.bars import Symbol
from alertd.core.retry import LONGEST_STEP, Again, Dead, Delivered, Settlement
from alertd.core.rules import AlertId, Revision
from alertd.core.states import State
from alertd.ports import Claim, Delivery, Progress
from alertd.store import connect
from alertd.store.rows import (
    changed,
    from_cursor,
    from_notice,
    from_state,
    to_cursor,
    to_notice,
    to_state,
)
from alertd.store.tables import DEAD, DUE, SENT, alerts, deliveries, events, facts, symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Column, Connection, Engine, RowMapping

    from alertd.core.events import EventId
    from alertd.core.notices import Notice
    from alertd.core.rules import Rule

_ERROR_LENGTH = 500

_CLOCK_SLACK = timedelta(seconds=60)


class Database:
    """The store of one daemon. Safe to use from several threads."""

    def __init__(self, engine: Engine, lock: int | None = None) -> None:
        self._engine = engine
        self._lock = lock

    @classmethod
    def own(cls, path: Path) -> Self:
        """Open a database file as its only daemon, and free what a dead one had leased.

        raises: StoreBusy, StoreTooNew, StoreError.
        """
        lock = connect.lock(path)
        try:
            database = cls(connect.create(path), lock)
            database.free_leases()
        except BaseException:
            os.close(lock)
            raise
        return database

    def close(self) -> None:
        """Close the file and let another daemon have it."""
        self._engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def free_leases(self) -> None:
        """Make everything that was leased claimable at once; for the only owner, at its start."""
        with self._engine.begin() as connection:
            connection.execute(update(symbols).values(lease_token=None, lease_until=None))
            connection.execute(update(deliveries).values(lease_until=None))

    def adopt(self, rules: Sequence[Rule], now: datetime) -> None:
        """Make the rules of the configuration the ones that are judged.

        A rule that is new or means something else starts afresh from `now`; the state of one that
        is gone is forgotten, its events are kept. Every symbol is due at once.
        """
        with self._engine.begin() as connection:
            kept = {row.alert: row.revision for row in connection.execute(select(alerts))}
            fresh = [rule for rule in rules if kept.get(rule.id) != rule.revision]
            gone = (kept.keys() - {rule.id for rule in rules}) | {rule.id for rule in fresh}
            connection.execute(delete(alerts).where(alerts.c.alert.in_(gone)))
            _adopt_symbols(connection, {rule.symbol for rule in rules}, now)
            for rule in fresh:
                row = {"alert": rule.id, "revision": rule.revision, "symbol": rule.symbol}
                connection.execute(insert(alerts).values(row | from_state(State(since=now))))

    def wake(self, now: datetime) -> None:
        """Make every symbol due: the clock has jumped, or the configuration has changed."""
        with self._engine.begin() as connection:
            connection.execute(update(symbols).values(due_at=now))

    def beat(self, now: datetime) -> None:
        """Note that the daemon is alive."""
        with self._engine.begin() as connection:
            value = now.isoformat()
            known = connection.execute(
                update(facts).where(facts.c.name == "alive_at").values(value=value)
            )
            if known.rowcount == 0:
                connection.execute(insert(facts).values(name="alive_at", value=value))

    def rest(self) -> None:
        """Note that the daemon has stopped."""
        with self._engine.begin() as connection:
            connection.execute(delete(facts).where(facts.c.name == "alive_at"))

    def claim_symbols(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Lease the symbols that are due, the longest waiting first."""
        with self._engine.begin() as connection:
            rows = connection.execute(
                select(symbols)
                .where(symbols.c.due_at <= now, _free(symbols.c.lease_until, now, lease))
                .order_by(symbols.c.due_at)
                .limit(limit)
                .with_for_update(skip_locked=True)
            ).mappings()
            return [_claim(connection, row, now + lease) for row in rows.all()]

    def record(self, claim: Claim, progress: Progress, now: datetime) -> frozenset[EventId] | None:
        """Keep cursor, states, events and deliveries in one transaction: the promise."""
        with self._engine.begin() as connection:
            if not _release(connection, claim, _after(progress, now)):
                return None
            for alert, state in changed(claim.states, progress.states).items():
                connection.execute(
                    update(alerts).where(alerts.c.alert == alert).values(from_state(state))
                )
            return _promise(connection, progress.notices)

    def postpone(self, claim: Claim, error: str, due_at: datetime) -> None:
        """Give a symbol back unjudged, to be tried again later."""
        with self._engine.begin() as connection:
            failed = {"error": error[:_ERROR_LENGTH], "failures": claim.failures + 1}
            _release(connection, claim, {**failed, "due_at": due_at})

    def claim_deliveries(
        self, now: datetime, leases: Mapping[str, timedelta], limit: int
    ) -> Sequence[Delivery]:
        """Lease the deliveries that are due to these channels, each for its channel's time."""
        longest = max(leases.values(), default=LONGEST_STEP)
        with self._engine.begin() as connection:
            rows = connection.execute(
                select(deliveries, events)
                .join_from(deliveries, events)
                .where(
                    deliveries.c.status == DUE,
                    deliveries.c.channel.in_(leases),
                    _free(deliveries.c.due_at, now, LONGEST_STEP),
                    _free(deliveries.c.lease_until, now, longest),
                )
                .order_by(deliveries.c.due_at, events.c.at)
                .limit(limit)
                .with_for_update(skip_locked=True, of=deliveries)
            ).mappings()
            claimed = [
                Delivery(to_notice(row), row["channel"], row["attempt"] + 1) for row in rows.all()
            ]
            # A sender that dies gives nothing back: its lease has to end by itself.
            for one in claimed:
                connection.execute(
                    update(deliveries)
                    .where(_is(one.notice, one.channel))
                    .values(attempt=one.attempt, lease_until=now + leases[one.channel])
                )
            return claimed

    def settle(self, delivery: Delivery, settlement: Settlement, now: datetime) -> bool:
        """Keep how an attempt ended; False when another attempt has begun since."""
        with self._engine.begin() as connection:
            settled = connection.execute(
                update(deliveries)
                .where(
                    _is(delivery.notice, delivery.channel),
                    deliveries.c.status == DUE,
                    deliveries.c.attempt == delivery.attempt,
                )
                .values(_settled(settlement, now))
            )
            return settled.rowcount == 1


def _adopt_symbols(connection: Connection, wanted: Iterable[Symbol], now: datetime) -> None:
    known = set(connection.execute(select(symbols.c.symbol)).scalars())
    wanted = set(wanted)
    connection.execute(delete(symbols).where(symbols.c.symbol.in_(known - wanted)))
    for symbol in sorted(wanted - known):
        connection.execute(insert(symbols).values(symbol=symbol, due_at=now))
    # A cycle that is under way judged by the old rules: its lease ends here, so it keeps nothing.
    connection.execute(update(symbols).values(due_at=now, lease_token=None, lease_until=None))


def _free(moment: Column[datetime], now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Tell whether a due time or a lease is over.

    One further ahead than any step we take was written before the clock was set back.
    """
    return or_(moment.is_(None), moment <= now, moment > now + longest + _CLOCK_SLACK)


def _claim(connection: Connection, row: RowMapping, until: datetime) -> Claim:
    symbol, token = Symbol(row["symbol"]), str(uuid4())
    connection.execute(
        update(symbols)
        .where(symbols.c.symbol == symbol)
        .values(lease_token=token, lease_until=until)
    )
    kept = connection.execute(select(alerts).where(alerts.c.symbol == symbol)).mappings().all()
    states = {AlertId(state["alert"]): to_state(state) for state in kept}
    revisions = {AlertId(state["alert"]): Revision(state["revision"]) for state in kept}
    return Claim(symbol, token, to_cursor(row), states, revisions, row["failures"])


def _release(connection: Connection, claim: Claim, values: Mapping[str, object]) -> bool:
    released = connection.execute(
        update(symbols)
        .where(symbols.c.symbol == claim.symbol, symbols.c.lease_token == claim.token)
        .values({**values, "lease_token": None, "lease_until": None})
    )
    return released.rowcount == 1


def _after(progress: Progress, now: datetime) -> dict[str, object]:
    found: dict[str, object] = {
        "price": progress.price,
        "price_at": progress.price_at,
        "currency": progress.currency,
        "digits": progress.digits,
    }
    seen = found if progress.price is not None else {}
    good = {"due_at": progress.due_at, "polled_at": now, "failures": 0, "error": None}
    return {**from_cursor(progress.cursor), **good, **seen}


def _promise(
    connection: Connection, notices: Sequence[tuple[Notice, tuple[str, ...]]]
) -> frozenset[EventId]:
    ids = [str(notice.event.id) for notice, _ in notices]
    known = set(connection.execute(select(events.c.id).where(events.c.id.in_(ids))).scalars())
    new = [(n, channels) for n, channels in notices if str(n.event.id) not in known]
    for notice, channels in new:
        connection.execute(insert(events).values(from_notice(notice)))
        for channel in channels:
            connection.execute(
                insert(deliveries).values(
                    event=str(notice.event.id),
                    channel=channel,
                    status=DUE,
                    attempt=0,
                    due_at=notice.detected_at,
                )
            )
    return frozenset(notice.event.id for notice, _ in new)


def _is(notice: Notice, channel: str) -> ColumnElement[bool]:
    return and_(deliveries.c.event == str(notice.event.id), deliveries.c.channel == channel)


def _settled(settlement: Settlement, now: datetime) -> dict[str, object]:
    match settlement:
        case Delivered():
            return {"status": SENT, "lease_until": None, "settled_at": now, "error": None}
        case Again(at=at, reason=reason):
            return {"lease_until": None, "due_at": at, "error": reason[:_ERROR_LENGTH]}
        case Dead(reason=reason):
            over = {"status": DEAD, "lease_until": None, "settled_at": now}
            return {**over, "error": reason[:_ERROR_LENGTH]}
        case _:
            assert_never(settlement)
