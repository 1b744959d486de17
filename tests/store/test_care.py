"""What is kept is backed up each day, and forgotten when it has long been delivered."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert, select, update

from alertd.errors import StoreBroken, StoreError, StoreFull
from alertd.store.rows import from_notice
from alertd.store.tables import DEAD, DUE, OPEN, SENT, SETTLED, deeds, deliveries, events, reminders
from tests.store.written import BELOW, recorded
from tests.support.build import at, found
from tests.support.disks import fill, tiny

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from alertd.store.database import Database

TODAY = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)
LATER = at("12:00")


def opened(database: Database) -> Engine:
    return database._engine  # noqa: SLF001 - what the store itself hands over


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


class TestBackup:
    def test_a_backup_is_a_whole_database_under_its_day(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        new = recorded(sqlite, *(found(BELOW, 149, f"10:{minute:02}") for minute in range(60)))
        made = sqlite.backup(tmp_path / "backups", 7, TODAY)
        assert made == tmp_path / "backups" / "alertd-2026-11-22.db"
        with closing(sqlite3.connect(made)) as plain:
            assert plain.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            assert plain.execute("SELECT count(*) FROM events").fetchone() == (len(new),)
        assert names(made.parent) == [made.name]

    def test_a_backup_becomes_the_store_when_it_is_put_in_its_place(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        new = recorded(sqlite, found(BELOW, 149, "10:00"))
        made = sqlite.backup(tmp_path / "backups", 7, TODAY)
        assert made is not None
        with_it = type(sqlite).own(made)
        with opened(with_it).connect() as connection:
            assert connection.execute(select(events.c.id)).scalars().all() == list(map(str, new))
        with_it.close()

    def test_nobody_else_may_read_it(self, sqlite: Database, tmp_path: Path) -> None:
        made = sqlite.backup(tmp_path / "state" / "backups", 7, TODAY)
        assert made is not None
        assert made.stat().st_mode & 0o777 == 0o600
        assert made.parent.stat().st_mode & 0o777 == 0o700

    def test_one_is_due_each_day_in_utc(self, sqlite: Database, tmp_path: Path) -> None:
        midnight = datetime(2026, 11, 23, tzinfo=UTC)
        assert sqlite.backup_due(tmp_path / "backups", TODAY)
        sqlite.backup(tmp_path / "backups", 7, TODAY)
        assert not sqlite.backup_due(tmp_path / "backups", midnight - timedelta(seconds=1))
        assert sqlite.backup_due(tmp_path / "backups", midnight)

    def test_the_newest_few_stay_and_nothing_else_is_touched(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        others = {
            "alertd-2020-01-01.db.gz", "alertd-2020-13-01.db", "my-alertd-2020-01-01.db",
            "alertd.db", "alertd-2020-01-01.DB",
        }  # fmt: skip
        folder = tmp_path / "backups"
        folder.mkdir()
        for name in others:
            (folder / name).write_text("not ours")
        (folder / "alertd-2020-01-02.db").mkdir()
        (folder / "alertd-2020-01-03.db").symlink_to(tmp_path / "alertd.db")
        for days in range(5):
            sqlite.backup(folder, 3, TODAY + days * DAY)
        ours = {f"alertd-2026-11-{day}.db" for day in (24, 25, 26)}
        kept = {"alertd-2020-01-02.db", "alertd-2020-01-03.db"}
        assert set(names(folder)) == others | ours | kept

    def test_one_that_a_wrong_clock_has_made_goes_first(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        folder = tmp_path / "backups"
        for now in (TODAY, TODAY + 3650 * DAY, TODAY + DAY):
            sqlite.backup(folder, 2, now)
        assert names(folder) == ["alertd-2026-11-22.db", "alertd-2026-11-23.db"]

    def test_without_backups_none_is_made(self, sqlite: Database, tmp_path: Path) -> None:
        assert sqlite.backup(tmp_path / "backups", 0, TODAY) is None
        assert not (tmp_path / "backups").exists()

    def test_what_a_crash_left_behind_is_cleared_away(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        folder = tmp_path / "backups"
        folder.mkdir()
        for name in ("alertd-unfinished.part", "alertd-unfinished.part-journal"):
            (folder / name).write_bytes(b"half" * 4096)
        sqlite.backup(folder, 7, TODAY)
        assert names(folder) == ["alertd-2026-11-22.db"]

    def test_one_that_fails_leaves_the_last_one_and_no_rest(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        with tiny(tmp_path) as folder:
            sqlite.backup(folder, 7, TODAY - DAY)
            recorded(
                sqlite, *(found(BELOW, 149, f"{h}:{m:02}") for h in (10, 11) for m in range(60))
            )
            ballast = fill(folder)
            with pytest.raises(StoreFull):
                sqlite.backup(folder, 7, TODAY)
            assert names(folder) == ["alertd-2026-11-21.db", "ballast"]
            ballast.unlink()
            assert sqlite.backup(folder, 7, TODAY)

    def test_a_copy_that_cannot_be_read_back_is_none(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        def spoil(*_: object) -> None:
            for copy in tmp_path.glob("backups/*.part"):
                copy.write_bytes(copy.read_bytes()[:4096])

        event.listen(opened(sqlite), "after_cursor_execute", spoil)
        with pytest.raises(StoreError, match="no backup was made"):
            sqlite.backup(tmp_path / "backups", 7, TODAY)
        assert names(tmp_path / "backups") == []

    def test_a_damaged_store_makes_no_backup_and_is_no_reason_to_leave(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        recorded(sqlite, *(found(BELOW, 149, f"10:{minute:02}") for minute in range(60)))
        path, folder = tmp_path / "alertd.db", tmp_path / "backups"
        half = path.stat().st_size // 2
        path.write_bytes(path.read_bytes()[:half] + bytes(half))
        with pytest.raises(
            StoreError, match=r"backups: no backup was made: .*alertd\.db"
        ) as raised:
            sqlite.backup(folder, 7, TODAY)
        assert not isinstance(raised.value, StoreBroken)
        assert names(folder) == []

    def test_a_folder_that_cannot_be_is_named(self, sqlite: Database, tmp_path: Path) -> None:
        (tmp_path / "backups").write_text("a file")
        with pytest.raises(StoreError, match="backups: no backup was made: File exists"):
            sqlite.backup(tmp_path / "backups", 7, TODAY)


class Outbox:
    """Events and deliveries as they may stand in a database, one line each."""

    def __init__(self, database: Database) -> None:
        self.database, self.engine = database, opened(database)

    def event(
        self, clock: str, *, standing: str = SETTLED, told_with: str | None = None, late: int = 0
    ) -> str:
        """Add an event of that time, recorded a minute and `late` more later; return its id."""
        row = from_notice(found(BELOW, 149, clock))
        row["detected_at"] += timedelta(minutes=late)
        more = {"standing": standing, "told_with": told_with, "place": 0}
        self._add(events, {**row, **more})
        name: str = row["id"]
        return name

    def delivery(self, event: str, channel: str, status: str = SENT, **more: Any) -> None:  # noqa: ANN401 - columns
        row = {
            "event": event, "channel": channel, "message": event, "status": status,
            "attempt": 1, "due_at": LATER, "ready_at": LATER, **more,
        }  # fmt: skip
        self._add(deliveries, row)

    def told(self, clock: str, *statuses: str, **more: Any) -> str:  # noqa: ANN401 - of an event
        """Add an event with a delivery on a channel of its own for each status."""
        event = self.event(clock, **more)
        for number, status in enumerate(statuses):
            self.delivery(event, f"channel-{number}", status)
        return event

    def remaining(self) -> set[str]:
        with self.engine.connect() as connection:
            return set(connection.execute(select(events.c.id)).scalars())

    def _add(self, table: Any, row: dict[str, Any]) -> None:  # noqa: ANN401 - any of our tables
        with self.engine.begin() as connection:
            connection.execute(insert(table).values(row))


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


class TestForgetting:
    def test_what_was_delivered_before_goes_with_its_deliveries(self, outbox: Outbox) -> None:
        outbox.told("09:31", SENT, SENT)
        outbox.told("09:32")
        newer = outbox.told("13:00", SENT)
        assert outbox.database.forget(LATER) == 2
        assert outbox.remaining() == {newer}
        with outbox.engine.connect() as connection:
            left = connection.execute(select(deliveries.c.event)).scalars().all()
        assert left == [newer]

    def test_what_happened_before_but_was_found_since_stays(self, outbox: Outbox) -> None:
        found_late = outbox.told("09:31", SENT, late=600)
        assert outbox.database.forget(LATER) == 0
        assert outbox.remaining() == {found_late}

    @pytest.mark.parametrize("status", [DUE, DEAD])
    def test_what_has_not_arrived_everywhere_stays(self, outbox: Outbox, status: str) -> None:
        waiting = outbox.told("09:31", SENT, status)
        outbox.told("09:32", SENT)
        assert outbox.database.forget(LATER) == 1
        assert outbox.remaining() == {waiting}

    @pytest.mark.parametrize("statuses", [(), (SENT,)], ids=["told nobody", "delivered"])
    def test_what_may_still_be_withdrawn_stays(
        self, outbox: Outbox, statuses: tuple[str, ...]
    ) -> None:
        still_open = outbox.told("09:31", *statuses, standing=OPEN)
        assert outbox.database.forget(LATER) == 0
        assert outbox.remaining() == {still_open}

    def test_what_is_reminded_of_stays(self, outbox: Outbox) -> None:
        event = outbox.told("09:31", SENT)
        row = {"event": event, "alert": "support", "every": 60.0, "next_at": LATER, "round": 0}
        outbox._add(reminders, row)  # noqa: SLF001 - one more table
        assert outbox.database.forget(LATER) == 0

    @pytest.mark.parametrize("trouble", ["head", "told"])
    def test_events_of_one_message_go_or_stay_together(self, outbox: Outbox, trouble: str) -> None:
        head = outbox.told("09:33", DEAD if trouble == "head" else SENT)
        beside = outbox.event("09:31", told_with=head)
        third = outbox.event(
            "09:32", told_with=head, standing=OPEN if trouble == "told" else SETTLED
        )
        assert outbox.database.forget(LATER) == 0
        with outbox.engine.begin() as connection:
            connection.execute(update(deliveries).values(status=SENT))
            connection.execute(update(events).values(standing=SETTLED))
        assert outbox.remaining() == {head, beside, third}
        assert outbox.database.forget(LATER) == 3
        assert outbox.remaining() == set()

    def test_what_shares_a_digest_with_something_that_has_not_arrived_stays(
        self, outbox: Outbox
    ) -> None:
        one, other, alone = (outbox.event(clock) for clock in ("09:31", "09:32", "09:33"))
        for waited in (one, other):
            outbox.delivery(waited, "mail", message="digest")
        # The same id on another channel is another message.
        outbox.delivery(alone, "desk", message="digest")
        outbox.delivery(other, "desk", DEAD)
        assert outbox.database.forget(LATER) == 1
        assert outbox.remaining() == {one, other}

    def test_an_event_whose_head_is_gone_goes_too(self, outbox: Outbox) -> None:
        outbox.event("09:31", told_with="b6a1f5f0-0000-5000-8000-000000000000")
        assert outbox.database.forget(LATER) == 1

    def test_many_go_a_few_hundred_at_a_time_so_that_no_writer_waits_long(
        self, outbox: Outbox
    ) -> None:
        clocks = [f"{hour}:{minute:02}" for hour in range(10, 20) for minute in range(60)]
        with outbox.engine.begin() as connection:
            rows = [from_notice(found(BELOW, 149, clock)) for clock in clocks]
            connection.execute(insert(events), [{**row, "place": 0} for row in rows])
        commits: list[object] = []
        count = commits.append
        event.listen(outbox.engine, "commit", count)
        assert outbox.database.forget(at("23:00")) == len(clocks)
        event.remove(outbox.engine, "commit", count)
        assert outbox.remaining() == set()
        # Two for 600 events, and one for the deeds.
        assert len(commits) == 3

    def test_old_deeds_go_and_newer_ones_stay(self, outbox: Outbox) -> None:
        for moment in (LATER - DAY, LATER):
            row = {"at": moment, "alert": "support", "act": "armed"}
            outbox._add(deeds, row)  # noqa: SLF001 - one more table
        outbox.database.forget(LATER)
        with outbox.engine.connect() as connection:
            assert connection.execute(select(deeds.c.at)).scalars().all() == [LATER]
