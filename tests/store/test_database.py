"""The store keeps what it was told, once, and only from whoever may say it."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from alertd.core.bars import Symbol
from alertd.core.engine import Cursor, Last
from alertd.core.events import Kind
from alertd.core.retry import LONGEST_STEP, Again, Dead, Delivered
from alertd.core.rules import AlertId
from alertd.core.states import Phase, Side, State
from alertd.errors import StoreBusy, StoreError, StoreTooNew
from alertd.ports import Claim, Delivery, Progress
from alertd.store import connect
from alertd.store.database import Database
from alertd.store.tables import VERSION, deliveries
from tests.support.build import at, found, rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from alertd.core.notices import Notice

LEASE = timedelta(seconds=90)
NOW = at("09:32")
BELOW = rule("below 150", id="support")
ABOVE = rule("above 192", id="high")
STATE = State(
    Phase.PENDING, Side.BELOW, at("09:00"), at("09:31"), 1, timedelta(minutes=5), at("09:20"), 3
)
CURSOR = Cursor(at("09:31"), at("09:00"), Last(149.5, at("09:30")), Last(149.5, at("09:30")))


def claimed(database: Database, now: datetime = NOW) -> Claim:
    (claim,) = database.claim_symbols(now, LEASE, 10)
    return claim


def progress(
    *notices: Notice, channels: tuple[str, ...] = ("desk",), state: State = STATE
) -> Progress:
    return Progress(
        CURSOR,
        {BELOW.id: state},
        [(notice, channels) for notice in notices],
        NOW + timedelta(minutes=1),
        price=149.5,
        price_at=at("09:31"),
        currency="USD",
        digits=2,
    )


def recorded(database: Database, *notices: Notice, channels: tuple[str, ...] = ("desk",)) -> None:
    database.adopt([BELOW], NOW)
    assert (
        database.record(claimed(database), progress(*notices, channels=channels), NOW) is not None
    )


def due(database: Database, now: datetime, *channels: str) -> Sequence[Delivery]:
    leases = dict.fromkeys(channels or ("desk",), timedelta(seconds=60))
    return database.claim_deliveries(now, leases, 10)


class TestSymbols:
    def test_a_new_alert_starts_afresh_from_when_it_was_adopted(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        assert claimed(database).states == {BELOW.id: State(since=NOW)}
        assert claimed_cursor(database) == Cursor()

    def test_cursor_and_states_come_back_as_they_were_recorded(self, database: Database) -> None:
        recorded(database)
        claim = claimed(database, NOW + timedelta(minutes=1))
        assert claim.cursor == CURSOR
        assert claim.states == {BELOW.id: STATE}

    def test_a_leased_symbol_is_not_claimed_again_until_its_lease_ends(
        self, database: Database
    ) -> None:
        database.adopt([BELOW], NOW)
        claimed(database)
        assert database.claim_symbols(NOW + timedelta(seconds=89), LEASE, 10) == []
        assert len(database.claim_symbols(NOW + LEASE, LEASE, 10)) == 1

    def test_a_symbol_is_due_when_its_time_has_come(self, database: Database) -> None:
        recorded(database)
        assert database.claim_symbols(NOW + timedelta(seconds=59), LEASE, 10) == []
        assert len(database.claim_symbols(NOW + timedelta(seconds=60), LEASE, 10)) == 1

    def test_a_cycle_that_lost_its_lease_records_nothing(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        slow = claimed(database)
        claimed(database, NOW + LEASE)
        assert database.record(slow, progress(found(BELOW, 149, "09:31")), NOW) is None
        assert due(database, NOW) == []
        assert claimed_cursor(database, NOW + 2 * LEASE) == Cursor()

    def test_a_failed_poll_leaves_the_state_and_is_tried_again(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        database.postpone(claimed(database), "no answer", NOW + timedelta(minutes=5))
        assert database.claim_symbols(NOW + timedelta(minutes=4), LEASE, 10) == []
        claim = claimed(database, NOW + timedelta(minutes=5))
        assert claim.failures == 1
        assert claim.states == {BELOW.id: State(since=NOW)}

    def test_a_changed_alert_starts_afresh_and_an_unchanged_one_stays(
        self, database: Database
    ) -> None:
        recorded(database)
        later = NOW + timedelta(minutes=1)
        database.adopt([BELOW, ABOVE], later)
        assert claimed(database, later).states == {BELOW.id: STATE, ABOVE.id: State(since=later)}
        database.adopt([replace(BELOW, level=151.0), ABOVE], later)
        assert claimed(database, later).states[BELOW.id] == State(since=later)

    def test_an_alert_that_is_gone_is_forgotten_with_its_symbol(self, database: Database) -> None:
        recorded(database, found(BELOW, 149, "09:31"))
        other = replace(ABOVE, symbol=Symbol("NVDA"))
        database.adopt([other], NOW)
        assert [claim.symbol for claim in database.claim_symbols(NOW, LEASE, 10)] == ["NVDA"]
        assert len(due(database, NOW)) == 1

    def test_a_reload_ends_the_cycle_that_is_under_way(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        under_way = claimed(database)
        database.adopt([BELOW], NOW)
        assert database.record(under_way, progress(), NOW) is None

    def test_waking_makes_every_symbol_due(self, database: Database) -> None:
        recorded(database)
        database.wake(NOW)
        assert len(database.claim_symbols(NOW, LEASE, 10)) == 1

    def test_a_lease_from_before_the_clock_was_set_back_does_not_hold(
        self, database: Database
    ) -> None:
        database.adopt([BELOW], NOW)
        claimed(database)
        long_before = NOW - timedelta(hours=1)
        database.wake(long_before)
        assert len(database.claim_symbols(long_before, LEASE, 10)) == 1


class TestEvents:
    def test_an_event_is_recorded_once_whoever_finds_it_again(self, database: Database) -> None:
        notice = found(BELOW, 149, "09:31")
        database.adopt([BELOW], NOW)
        assert database.record(claimed(database), progress(notice), NOW) == 1
        again = NOW + timedelta(minutes=1)
        assert database.record(claimed(database, again), progress(notice), again) == 0
        assert len(due(database, again)) == 1

    def test_a_notice_comes_back_as_it_was_recorded(self, database: Database) -> None:
        notice = found(BELOW, 149, "09:31", kind=Kind.RECOVERED)
        recorded(database, notice)
        (delivery,) = due(database, NOW)
        assert delivery == Delivery(notice, "desk", 1)

    def test_every_channel_gets_its_own_delivery(self, database: Database) -> None:
        recorded(database, found(BELOW, 149, "09:31"), channels=("desk", "mail"))
        assert [d.channel for d in due(database, NOW, "desk", "mail")] == ["desk", "mail"]

    def test_a_recording_that_fails_half_way_leaves_nothing(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        twice = ("desk", "desk")  # breaks the second delivery's key
        with pytest.raises(Exception, match=r"(?i)unique"):
            database.record(
                claimed(database), progress(found(BELOW, 149, "09:31"), channels=twice), NOW
            )
        assert due(database, NOW) == []
        assert claimed_cursor(database, NOW + LEASE) == Cursor()


class TestDeliveries:
    notice = found(BELOW, 149, "09:31")

    def test_a_leased_delivery_is_claimed_again_only_when_its_lease_ends(
        self, database: Database
    ) -> None:
        recorded(database, self.notice)
        assert [d.attempt for d in due(database, NOW)] == [1]
        assert due(database, NOW + timedelta(seconds=59)) == []
        assert [d.attempt for d in due(database, NOW + timedelta(seconds=60))] == [2]

    def test_what_was_sent_is_not_sent_again(self, database: Database) -> None:
        recorded(database, self.notice)
        (delivery,) = due(database, NOW)
        assert database.settle(delivery, Delivered(), NOW)
        assert due(database, NOW + timedelta(days=1)) == []

    def test_what_failed_is_due_again_at_its_time(self, database: Database) -> None:
        recorded(database, self.notice)
        (delivery,) = due(database, NOW)
        assert database.settle(delivery, Again(NOW + timedelta(seconds=5), "503"), NOW)
        assert due(database, NOW + timedelta(seconds=4)) == []
        assert [d.attempt for d in due(database, NOW + timedelta(seconds=5))] == [2]

    def test_what_is_dead_is_kept_but_not_sent(self, database: Database) -> None:
        recorded(database, self.notice)
        (delivery,) = due(database, NOW)
        assert database.settle(delivery, Dead("550 no such user"), NOW)
        assert due(database, NOW + timedelta(days=9)) == []
        with database._engine.connect() as connection:  # noqa: SLF001 - what is in the table
            kept = connection.execute(select(deliveries.c.status, deliveries.c.error)).all()
        assert kept == [("dead", "550 no such user")]

    def test_a_late_settle_cannot_overwrite_a_newer_attempt(self, database: Database) -> None:
        recorded(database, self.notice)
        (first,) = due(database, NOW)
        (second,) = due(database, NOW + timedelta(seconds=60))
        assert not database.settle(first, Again(NOW + timedelta(hours=2), "slow"), NOW)
        assert database.settle(second, Delivered(), NOW)
        assert not database.settle(first, Dead("slow"), NOW)

    def test_a_due_time_from_before_the_clock_was_set_back_does_not_hold(
        self, database: Database
    ) -> None:
        recorded(database, self.notice)
        (delivery,) = due(database, NOW)
        database.settle(delivery, Again(NOW + timedelta(hours=4), "503"), NOW)
        back = NOW + timedelta(hours=4) - LONGEST_STEP - timedelta(seconds=61)
        assert due(database, back + timedelta(seconds=2)) == []
        assert len(due(database, back)) == 1

    def test_a_channel_that_is_not_configured_keeps_its_deliveries(
        self, database: Database
    ) -> None:
        recorded(database, self.notice, channels=("gone",))
        assert due(database, NOW, "desk") == []
        assert len(due(database, NOW, "gone")) == 1


class TestOpening:
    def test_a_second_daemon_is_refused(self, sqlite: Database, tmp_path: Path) -> None:
        with pytest.raises(StoreBusy, match="another alertd is running on this database"):
            Database.own(tmp_path / "alertd.db")
        sqlite.close()
        Database.own(tmp_path / "alertd.db").close()

    def test_a_new_owner_frees_what_a_dead_one_had_leased(self, tmp_path: Path) -> None:
        first = Database.own(tmp_path / "alertd.db")
        recorded(first, found(BELOW, 149, "09:31"))
        first.wake(NOW)
        claimed(first)
        assert len(due(first, NOW)) == 1
        first.close()
        second = Database.own(tmp_path / "alertd.db")
        assert [d.attempt for d in due(second, NOW)] == [2]
        assert len(second.claim_symbols(NOW, LEASE, 10)) == 1
        second.close()

    def test_files_and_folder_are_private(self, tmp_path: Path) -> None:
        path = tmp_path / "state" / "alertd.db"
        Database.own(path).close()
        assert path.parent.stat().st_mode & 0o777 == 0o700
        for file in path.parent.iterdir():
            assert file.stat().st_mode & 0o777 == 0o600, file

    def test_a_newer_schema_is_refused(self, sqlite: Database, tmp_path: Path) -> None:
        sqlite.close()
        with sqlite3.connect(tmp_path / "alertd.db") as plain:
            plain.execute("UPDATE facts SET value = ? WHERE name = 'schema'", (VERSION + 1,))
        with pytest.raises(StoreTooNew, match=f"schema {VERSION + 1}, this one knows {VERSION}"):
            Database.own(tmp_path / "alertd.db")

    def test_a_file_that_is_no_database_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "alertd.db"
        path.write_bytes(b"not a database" * 100)
        with pytest.raises(StoreError, match="not a database"):
            Database.own(path)
        assert path.read_bytes() == b"not a database" * 100

    def test_a_damaged_database_is_refused(self, sqlite: Database, tmp_path: Path) -> None:
        path = tmp_path / "alertd.db"
        recorded(sqlite, *(found(BELOW, 149, f"10:{n:02}") for n in range(60)))
        sqlite.close()
        content = bytearray(path.read_bytes())
        content[-len(content) // 2 :] = os.urandom(len(content) // 2)
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"damaged|malformed|cannot be opened"):
            Database.own(path)

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match="the database cannot be opened"):
            Database.own(tmp_path / "file" / "alertd.db")

    def test_connections_have_the_settings_that_keep_what_was_acknowledged(
        self, sqlite: Database
    ) -> None:
        wanted = {
            "busy_timeout": 5000, "foreign_keys": 1, "mmap_size": 0, "trusted_schema": 0,
            "journal_mode": "wal" if connect.safe_wal(sqlite3.sqlite_version_info) else "delete",
            "synchronous": 2 if connect.safe_wal(sqlite3.sqlite_version_info) else 3,
        }  # fmt: skip
        with sqlite._engine.connect() as connection:  # noqa: SLF001 - what users rely on
            for name, value in wanted.items():
                got = connection.execute(text(f"PRAGMA {name}")).scalar()
                assert got == value or (name == "mmap_size" and got is None), name

    @pytest.mark.parametrize(
        ("version", "safe"),
        [
            ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False),
            ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 0), False), ((3, 51, 3), True),
            ((3, 52, 0), True),
        ],
    )  # fmt: skip
    def test_wal_is_used_only_where_its_reset_bug_is_mended(
        self,
        version: tuple[int, ...],
        safe: bool,  # noqa: FBT001
    ) -> None:
        assert connect.safe_wal(version) is safe
        assert connect.journal(version)[0] == f"journal_mode={'WAL' if safe else 'DELETE'}"

    def test_reading_a_database_that_is_not_there_finds_none(self, tmp_path: Path) -> None:
        assert connect.open_existing(tmp_path / "alertd.db") is None
        assert not (tmp_path / "alertd.db").exists()


def claimed_cursor(database: Database, now: datetime = NOW) -> Cursor:
    database.wake(now)
    claims = database.claim_symbols(now + LEASE, LEASE, 10)
    return claims[0].cursor


def test_alert_ids_are_kept_as_they_are(database: Database) -> None:
    odd = rule("below 150", id="x.y_z-1")
    database.adopt([odd], NOW)
    assert list(claimed(database).states) == [AlertId("x.y_z-1")]
