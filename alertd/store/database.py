"""What does the daemon keep, and who may change it?

    claim -> a lease with a token (symbols) or an attempt number (deliveries)
    record, settle -> kept only while that token or attempt is still the newest

SQLite has one writer at a time and PostgreSQL skips the rows another host has locked, so the same
statements are right on both.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import delete, insert, select, update

from alertd.store import (
    adoption,
    care,
    connect,
    cycles,
    failures,
    outbox,
    pointers,
    promises,
    reminders,
    rests,
    standins,
    troubles,
)
from alertd.store.documents import from_almanac, to_almanac
from alertd.store.leases import sooner
from alertd.store.tables import almanacs, deliveries, events, facts, symbols

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Engine

    from alertd.core.almanac import Almanac
    from alertd.core.bars import Symbol
    from alertd.core.calm import Calm
    from alertd.core.claims import Claim, Delivery, Glimpse, Progress
    from alertd.core.events import EventId
    from alertd.core.notices import Notice
    from alertd.core.rests import Rest
    from alertd.core.retry import Settlement
    from alertd.core.rules import Rule


class Database:
    """The store of one daemon. Safe to use from several threads."""

    def __init__(
        self, engine: Engine, lock: int | None = None, path: Path = Path("database")
    ) -> None:
        self._engine, self._lock, self._path = engine, lock, path

    @classmethod
    def own(cls, path: Path) -> Self:
        """Open a database file as its only daemon, and free what a dead one had leased.

        raises: StoreBusy, StoreTooNew, StoreError.
        """
        lock = connect.lock(path)
        try:
            database = cls(connect.create(path), lock, path)
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
            under_way = deliveries.c.lease_until.is_not(None)
            connection.execute(update(deliveries).where(under_way).values(lease_until=None))

    def adopt(self, rules: Sequence[Rule], now: datetime) -> None:
        """Make the rules of the configuration the ones that are judged.

        A rule that is new or means something else starts afresh from `now`; the state of one that
        is gone is forgotten, its events are kept. Every symbol is due at once, those of new rules
        before the others.
        """
        with self._engine.begin() as connection:
            adoption.adopt(connection, rules, now)

    def wake(self, now: datetime) -> None:
        """Make every symbol due, and what waits for its next attempt.

        The clock has jumped, or the store takes something again. A cycle that is under way keeps
        nothing, and its symbol is judged anew.
        """
        ended = {"lease_token": None, "lease_until": None}
        with self._engine.begin() as connection:
            connection.execute(update(symbols).values(due_at=sooner(now), **ended))
            adoption.begin_again(connection, now)
            outbox.catch_up(connection, now)

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

    def claim_symbols(
        self, now: datetime, lease: timedelta, limit: int, *, in_turn: bool = False
    ) -> Sequence[Claim]:
        """Lease the symbols that are due: those pointed at, then the longest waiting.

        With `in_turn` the longest waiting are first, whether pointed at or not.
        """
        with failures.reading(self._path), self._engine.begin() as connection:
            return cycles.claim(connection, now, lease, limit, in_turn=in_turn)

    def glimpses(self) -> Sequence[Glimpse]:
        """Return what quotes are compared with, of the symbols that one could point at."""
        with failures.reading(self._path), self._reading() as connection:
            return pointers.glimpses(connection)

    def hasten(self, named: Collection[Symbol], now: datetime) -> None:
        """Make symbols due now, before all others; who holds one is left alone."""
        with self._engine.begin() as connection:
            pointers.hasten(connection, named, now)

    def keep_delays(self, delays: Mapping[Symbol, timedelta]) -> None:
        """Keep by how much the source of some symbols lags, as it says."""
        with self._engine.begin() as connection:
            pointers.keep_delays(connection, delays)

    def record(self, claim: Claim, progress: Progress, now: datetime) -> frozenset[EventId] | None:
        """Keep cursor, states, events and deliveries in one transaction: the promise."""
        return self.record_all([(claim, progress)], now)[0]

    def record_all(
        self, done: Sequence[tuple[Claim, Progress]], now: datetime
    ) -> Sequence[frozenset[EventId] | None]:
        """Keep several symbols in one transaction, each as `record` does."""
        with self._engine.begin() as connection:
            ours = cycles.keep(connection, done, now)
            return [
                promises.judged(connection, progress, now) if held else None
                for held, (_, progress) in zip(ours, done, strict=True)
            ]

    def postpone(
        self,
        claim: Claim,
        error: str,
        due_at: datetime | None,
        *,
        notices: Sequence[tuple[Notice, tuple[str, ...]]] = (),
        silent_since: datetime | None = None,
        unknown_since: datetime | None = None,
    ) -> frozenset[EventId]:
        """Give a symbol back unjudged, to be tried again later; return the events that are new.

        None are when the lease was lost: then nothing is kept. Without an error nothing has failed.
        """
        values = cycles.put_off(claim, error, due_at, silent_since, unknown_since)
        with self._engine.begin() as connection:
            if not cycles.release(connection, claim, values):
                return frozenset()
            return promises.promise(connection, notices)

    def rests(self) -> Mapping[str, Rest]:
        """Return the newest rest of each source that ever had one."""
        with failures.reading(self._path), self._reading() as connection:
            return rests.rests(connection)

    def keep_rest(self, source: str, rest: Rest) -> None:
        """Keep a source's newest rest in place of the one before."""
        with self._engine.begin() as connection:
            rests.keep(connection, source, rest)

    def almanac(self, symbol: Symbol) -> Almanac | None:
        """Return the daily history and outlook that are kept of a symbol; None where none are."""
        asked = select(almanacs.c.body).where(almanacs.c.symbol == symbol)
        with failures.reading(self._path), self._reading() as connection:
            body = connection.execute(asked).scalar()
            return None if body is None else to_almanac(body)

    def keep_almanac(self, symbol: Symbol, almanac: Almanac, now: datetime) -> None:
        """Keep a symbol's daily history and outlook in place of those that were kept."""
        row = {"symbol": symbol, "kept_at": now, "body": from_almanac(almanac)}
        with self._engine.begin() as connection:
            connection.execute(delete(almanacs).where(almanacs.c.symbol == symbol))
            connection.execute(insert(almanacs).values(row))

    def claim_deliveries(
        self, now: datetime, channel: str, lease: timedelta, limit: int, calm: Calm
    ) -> Sequence[Delivery]:
        """Lease what is due to a channel, the longest waiting first, at most `limit` messages.

        What has to wait is put off. What has waited and was never tried becomes one digest.
        """
        with failures.reading(self._path), self._engine.begin() as connection:
            return outbox.claim(connection, now, channel, lease=lease, limit=limit, calm=calm)

    def settle(self, delivery: Delivery, settlement: Settlement, now: datetime) -> bool:
        """Keep how an attempt ended; False when another attempt has begun since."""
        with self._engine.begin() as connection:
            return outbox.settle(connection, delivery, settlement, now)

    def remind(self, now: datetime) -> int:
        """Make due the reminders whose time has come; return how many messages."""
        with self._reading() as connection:
            if not reminders.is_due(connection, now):
                return 0
        with failures.reading(self._path), self._engine.begin() as connection:
            return reminders.remind(connection, now)

    def hand_over(self, now: datetime, fallbacks: Mapping[str, str]) -> int:
        """Promise to its fallback what a channel has not taken; return how many messages.

        fallbacks: by the channel that fails.
        """
        with self._reading() as connection:
            if not fallbacks or not standins.untaken(connection, now, fallbacks):
                return 0
        with failures.reading(self._path), self._engine.begin() as connection:
            return standins.hand_over(connection, now, fallbacks)

    def reopen(self, now: datetime, daily: Collection[str] = ()) -> None:
        """Try at once what waits for its next attempt; the time before does not count.

        What waits by calm is judged anew; `daily` are the channels that send digests.
        """
        with self._engine.begin() as connection:
            outbox.reopen(connection, now, daily)

    def troubles(self, now: datetime, names: Collection[str] | None = None) -> list[str]:
        """Return in words what may keep alerts from arriving; of these channels, or of all."""
        with self._reading() as connection:
            return troubles.troubles(connection, now, names)

    def has_event_since(self, moment: datetime) -> bool:
        """Tell whether anything has happened since then."""
        asked = select(events.c.id).where(events.c.at >= moment).limit(1)
        with self._reading() as connection:
            return connection.execute(asked).first() is not None

    def backup_due(self, folder: Path, now: datetime) -> bool:
        """Tell whether a folder has no backup of this day yet."""
        return care.backup_due(folder, now)

    def backup(self, folder: Path, keep: int, now: datetime) -> Path | None:
        """Copy the file into a folder, and leave the newest `keep` copies there; None for 0."""
        return care.backup(self._engine, folder, keep, now)

    def forget(self, before: datetime) -> int:
        """Remove what was delivered to all before then; return how many events."""
        return care.forget(self._engine, before)

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(**connect.READING)
