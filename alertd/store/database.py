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

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from alertd.core.retry import LONGEST_STEP, Again, Dead, Delivered, Settlement
from alertd.ports import Claim, Delivery, Progress
from alertd.store import adoption, connect, cycles, promises
from alertd.store.documents import from_almanac, to_almanac
from alertd.store.rows import to_notice
from alertd.store.tables import DEAD, DUE, SENT, almanacs, deliveries, events, facts, symbols

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Column, Engine

    from alertd.core.almanac import Almanac
    from alertd.core.bars import Symbol
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
            adoption.adopt(connection, rules, now)

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
            return [cycles.claim(connection, row, now + lease) for row in rows.all()]

    def record(self, claim: Claim, progress: Progress, now: datetime) -> frozenset[EventId] | None:
        """Keep cursor, states, events and deliveries in one transaction: the promise."""
        with self._engine.begin() as connection:
            if not cycles.release(connection, claim, cycles.after(claim, progress, now)):
                return None
            cycles.keep_alerts(connection, claim, progress)
            new = promises.promise(connection, progress.notices)
            # Last, so that an event whose bar has settled by the time it is found is not open.
            promises.stand(connection, progress.settled)
            return new

    def postpone(
        self,
        claim: Claim,
        error: str,
        due_at: datetime,
        *,
        notices: Sequence[tuple[Notice, tuple[str, ...]]] = (),
        silent_since: datetime | None = None,
    ) -> frozenset[EventId]:
        """Give a symbol back unjudged, to be tried again later; return the events that are new.

        None are when the lease was lost: then nothing is kept.
        """
        failed = {"error": error[:_ERROR_LENGTH], "failures": claim.failures + 1}
        waiting = {"due_at": due_at, "silent_since": silent_since}
        with self._engine.begin() as connection:
            if not cycles.release(connection, claim, {**failed, **waiting}):
                return frozenset()
            return promises.promise(connection, notices)

    def almanac(self, symbol: Symbol) -> Almanac | None:
        """Return the daily history and outlook that are kept of a symbol; None where none are."""
        asked = select(almanacs.c.body).where(almanacs.c.symbol == symbol)
        with self._engine.connect().execution_options(**connect.READING) as connection:
            body = connection.execute(asked).scalar()
        return None if body is None else to_almanac(body)

    def keep_almanac(self, symbol: Symbol, almanac: Almanac, now: datetime) -> None:
        """Keep a symbol's daily history and outlook in place of those that were kept."""
        row = {"symbol": symbol, "kept_at": now, "body": from_almanac(almanac)}
        with self._engine.begin() as connection:
            connection.execute(delete(almanacs).where(almanacs.c.symbol == symbol))
            connection.execute(insert(almanacs).values(row))

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
                .order_by(deliveries.c.due_at, events.c.at, events.c.place)
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


def _free(moment: Column[datetime], now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Tell whether a due time or a lease is over.

    One further ahead than any step we take was written before the clock was set back.
    """
    return or_(moment.is_(None), moment <= now, moment > now + longest + _CLOCK_SLACK)


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
