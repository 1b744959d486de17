"""`alertd explain` tells what the user has said of an alert."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core.notices import Severity
from alertd.core.retry import Dead
from alertd.store.desk import Desk
from tests.cli.kept import BELOW, NOW, deliver, keeping, record
from tests.support.build import found

if TYPE_CHECKING:
    from tests.cli.typed import Answer, Home

ALERT = '[[alert]]\nid = "support"\nsymbol = "BABA"\nbelow = 150\n'


def explained(home: Home, *words: str) -> Answer:
    return home.alertd("explain", BELOW.id, "--config", home.config(ALERT), *words)


def messages(home: Home) -> list[str]:
    """Return what is said of its messages as a whole."""
    lines = explained(home).lines
    return [line.removeprefix("messages").strip() for line in lines if line.startswith("messages ")]


def told(home: Home) -> dict[str, object]:
    facts = json.loads(explained(home, "--json").out)
    names = ("snoozed_until", "paused", "unacknowledged_since", "reminds_every")
    return {name: facts[name] for name in names}


def desk(home: Home) -> Desk:
    opened = Desk.open(home.folder / "alertd.db")
    assert opened is not None
    return opened


def test_what_waits_is_explained(home: Home) -> None:
    now = datetime.now(UTC)
    end = (now + timedelta(hours=2)).replace(microsecond=0)
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database)
        desk(home).snooze(BELOW.id, end, now)
        there = end.astimezone(ZoneInfo("America/New_York"))
        assert messages(home) == [f"snoozed until {there:%Y-%m-%d %H:%M %Z}"]
        assert told(home)["snoozed_until"] == f"{end:%Y-%m-%dT%H:%M:%SZ}"
        desk(home).pause(BELOW.id, now)
        assert messages(home) == ["paused"]
        assert (told(home)["snoozed_until"], told(home)["paused"]) == (None, True)


def test_what_is_not_acknowledged_is_explained(home: Home) -> None:
    every = timedelta(minutes=15)
    notice = replace(found(BELOW, 149.6, "09:31"), severity=Severity.CRITICAL, repeat_every=every)
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, notice)
    assert messages(home) == ["not acknowledged since 2026-03-09 09:31 EDT, reminds every 15m"]
    assert told(home) == {
        "snoozed_until": None, "paused": False,
        "unacknowledged_since": "2026-03-09T13:31:00Z", "reminds_every": 900.0,
    }  # fmt: skip


def test_of_an_alert_that_nothing_was_said_of_nothing_is_explained(home: Home) -> None:
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database)
    assert messages(home) == []
    assert told(home) == {
        "snoozed_until": None, "paused": False,
        "unacknowledged_since": None, "reminds_every": None,
    }  # fmt: skip


def test_what_became_of_its_messages_is_explained_as_in_the_history(home: Home) -> None:
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, found(BELOW, 149.6, "09:31"))
        deliver(database, "desk", Dead("gone for good"))
        assert database.hand_over(NOW, {"desk": "mail"}) == 1
    assert "gone for good; mail (instead of desk) waits" in explained(home).out
