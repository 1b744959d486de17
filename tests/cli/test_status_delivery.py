"""`alertd status` tells how delivery goes, and what the user has said of alerts."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from alertd.core.calm import Calm, Quiet
from alertd.core.notices import Severity
from alertd.core.retry import Again, Dead, Delivered
from alertd.core.rules import AlertId
from alertd.core.states import Side, State
from alertd.store.desk import Desk
from tests.cli.kept import BELOW, MINUTE, NOW, deliver, keeping, record
from tests.support.build import at, found

if TYPE_CHECKING:
    from tests.cli.typed import Home

ALERTS = """
[[alert]]
id = "support"
symbol = "BABA"
name = "Support at 150"
below = 150

[channel.desk]
type = "webhook"
url = { env = "DESK_URL" }
fallback = "console"

[channel.console]
type = "console"
"""
SUPPORT = AlertId("support")
ARMED = State(side=Side.ABOVE)
HOUR = timedelta(hours=1)
# A headline, and the five figures of a channel that precede its trouble.
FIGURES = 5


def row(home: Home, first: str, config: str = ALERTS) -> list[str]:
    """Return the cells of the row that begins so, without their padding."""
    lines = home.alertd("status", "--config", home.config(config)).lines
    (line,) = [line for line in lines if line.split()[:1] == [first]]
    return [cell.strip() for cell in line.strip().split("  ") if cell.strip()]


def trouble(home: Home, config: str = ALERTS) -> str:
    return " ".join(row(home, "desk", config)[FIGURES:])


def desk(home: Home) -> Desk:
    opened = Desk.open(home.folder / "alertd.db")
    assert opened is not None
    return opened


class TestWishes:
    def test_a_snooze_is_shown_with_its_end_until_then(self, home: Home) -> None:
        now = datetime.now(UTC)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, state=ARMED)
            desk(home).snooze(SUPPORT, now + HOUR, now)
            end = (now + HOUR).astimezone(ZoneInfo("America/New_York"))
            assert row(home, "support")[2] == f"armed; snoozed until {end:%Y-%m-%d %H:%M %Z}"
            desk(home).snooze(SUPPORT, now - HOUR, now - 2 * HOUR)
            assert row(home, "support")[2] == "armed"

    def test_a_pause_is_shown_until_the_alert_is_armed(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, state=ARMED)
            desk(home).pause(SUPPORT, NOW)
            assert row(home, "support")[2] == "armed; paused"
            desk(home).arm(SUPPORT, NOW)
            assert row(home, "support")[2] == "armed"

    def test_a_firing_that_is_not_acknowledged_is_shown_with_how_often_it_reminds(
        self, home: Home
    ) -> None:
        firings = [
            replace(
                found(BELOW, 149.6, clock),
                severity=Severity.CRITICAL,
                repeat_every=timedelta(minutes=15),
            )
            for clock in ("09:31", "09:35")
        ]
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, *firings, state=ARMED)
            desk(home).pause(SUPPORT, NOW)
            assert row(home, "support")[2] == (
                "fired, its bar may still change; paused; "
                "not acknowledged since 2026-03-09 09:31 EDT, reminds every 15m"
            )
            desk(home).acknowledge(SUPPORT, at("09:50"))
            assert row(home, "support")[2] == "fired, its bar may still change; paused"


class TestChannels:
    def test_a_channel_shows_what_waits_and_what_was_given_up(self, home: Home) -> None:
        events = [found(BELOW, 149.6, clock) for clock in ("09:31", "09:32", "09:33")]
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, *events, channels=("desk", "gone"))
            deliver(database, "desk", Delivered())
            deliver(database, "desk", Dead("gone for good"))
        *counts, sent, why = row(home, "desk")
        assert (counts, why) == (["desk", "1", "0", "1"], "gone for good")
        assert sent.endswith("d ago")
        assert row(home, "gone") == ["gone (not configured)", "3", "0", "0", "never"]

    def test_what_is_held_back_is_counted_by_itself(self, home: Home) -> None:
        now = datetime.now(UTC)
        calm = Calm(quiet=Quiet((now - HOUR).time(), (now + HOUR).time()))
        events = [found(BELOW, 149.6, clock) for clock in ("09:31", "09:32")]
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, *events)
            assert list(database.claim_deliveries(now, "desk", MINUTE, 9, calm)) == []
        assert row(home, "desk") == ["desk", "0", "2", "0", "never"]

    def test_a_channel_that_has_failed_for_long_is_degraded_and_names_who_stands_in(
        self, home: Home
    ) -> None:
        now = datetime.now(UTC)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"))
            deliver(database, "desk", Again(now + HOUR, "answered 503"))
        said = trouble(home)
        assert said.startswith("degraded: has taken nothing since 2026-03-09 13:32 UTC (")
        assert said.endswith("): answered 503; console stands in")
        alone = ALERTS.replace('fallback = "console"\n', "")
        assert trouble(home, alone).endswith("): answered 503")

    def test_a_channel_that_takes_others_is_degraded_by_one_message(self, home: Home) -> None:
        now = datetime.now(UTC)
        events = [found(BELOW, 149.6, clock) for clock in ("09:31", "09:32")]
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, *events)
            deliver(database, "desk", Again(now + HOUR, "answered 500"))
            deliver(database, "desk", Delivered())
        assert trouble(home).startswith("degraded: has not taken one message since 2026-03-09")

    def test_a_failure_of_minutes_degrades_nothing(self, home: Home) -> None:
        now = datetime.now(UTC)
        fresh = replace(found(BELOW, 149.6, "09:31"), detected_at=now - 5 * MINUTE)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, fresh)
            deliver(database, "desk", Again(now + HOUR, "answered 503"), now)
        assert trouble(home) == "answered 503"

    def test_a_closed_channel_says_why_and_when_it_is_tried_again(self, home: Home) -> None:
        now = datetime.now(UTC)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"))
            why = "the receiver answered 410: it is gone"
            deliver(database, "desk", Again(now + HOUR, why, closed=True), now)
        assert trouble(home) == (
            f"closed, tried again at {now + HOUR:%H:%M} UTC: {why}; console stands in"
        )

    def test_times_are_those_of_the_clock_that_a_channel_keeps(self, home: Home) -> None:
        now = datetime.now(UTC)
        clock = 'zone = "Asia/Tokyo"\n[channel.console]'
        config = ALERTS.replace("[channel.console]", clock)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"))
            deliver(database, "desk", Again(now + HOUR, "gone", closed=True), now)
        there = (now + HOUR).astimezone(ZoneInfo("Asia/Tokyo"))
        assert f"tried again at {there:%H:%M} JST: gone" in trouble(home, config)


class TestDatabase:
    @pytest.mark.parametrize(
        ("store", "backup"),
        [
            ("", "no backup yet"),
            ("backups = 0", "no backups are made"),
        ],
    )
    def test_the_database_is_shown_with_its_size_and_its_backups(
        self, home: Home, store: str, backup: str
    ) -> None:
        with keeping(home.folder / "alertd.db", BELOW):
            pass
        assert database_line(home, store)[:2] != []
        size, said, room = database_line(home, store)
        assert size.startswith("database  alertd.db, ")
        assert size.endswith(" kB")
        assert said == backup
        assert room.endswith(" free")

    def test_the_newest_backup_is_shown_with_its_age(self, home: Home) -> None:
        folder = home.folder / "backups"
        folder.mkdir()
        now = datetime.now(UTC)
        for day, age in (("2026-11-20", 50), ("2026-11-22", 3)):
            made = folder / f"alertd-{day}.db"
            made.touch()
            made_at = (now - age * HOUR - MINUTE).timestamp()
            os.utime(made, (made_at, made_at))
        with keeping(home.folder / "alertd.db", BELOW):
            pass
        assert database_line(home)[1] == "last backup 3h ago"

    def test_too_little_room_is_said_to_be_that(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW):
            pass
        room = database_line(home, 'free = "900000 GB"')[2]
        assert room.endswith(" free, less than the 900 TB that are wanted")


def database_line(home: Home, store: str = "") -> list[str]:
    """Return what is said of the database, with these settings of its own."""
    name = home.config(ALERTS)
    path = home.folder / name
    path.write_text(f"{path.read_text()}{store}\n")
    return home.alertd("status", "--config", name).lines[2].split("; ")
