"""`alertd history` lists what happened, who was told, and what the user did."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calm import Calm, Quiet
from alertd.core.deeds import Act
from alertd.core.events import Kind
from alertd.core.notices import Severity
from alertd.core.retry import Again, Dead, Delivered, Recipients
from alertd.core.rules import AlertId
from alertd.store.desk import Desk
from tests.cli.kept import ALERTS, BELOW, MINUTE, NOW, deliver, keeping, record
from tests.support.build import at, found

if TYPE_CHECKING:
    from alertd.core.retry import Settlement
    from tests.cli.typed import Answer, Home

SUPPORT = AlertId("support")
HOUR = timedelta(hours=1)


def asked(home: Home, *words: str) -> Answer:
    return home.alertd("history", "--config", home.config(ALERTS), *words)


def told(home: Home) -> list[str]:
    """Return what is said of the messages of each event."""
    lines = (line.partition("$149.60") for line in asked(home).lines[1:])
    return [after.strip() for _, price, after in lines if price]


def desk(home: Home) -> Desk:
    """Return what writes the user's deeds."""
    opened = Desk.open(home.folder / "alertd.db")
    assert opened is not None
    return opened


def test_events_are_listed_oldest_first_with_who_was_told(home: Home) -> None:
    events = [found(BELOW, 149.6, clock) for clock in ("09:31", "09:32", "09:33")]
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, *events)
        deliver(database, "desk", Delivered())
        deliver(database, "desk", Dead("gone for good"))
        deliver(database, "desk", Again(NOW, "answered 503"))
    lines = home.alertd("history", "--config", home.config(ALERTS)).lines
    assert [line[:16] for line in lines[1:]] == [
        "2026-03-09 09:31", "2026-03-09 09:32", "2026-03-09 09:33",
    ]  # fmt: skip
    assert [line.partition("$149.60")[2].strip() for line in lines[1:]] == [
        "desk",
        "desk given up after 1 attempt: gone for good",
        "desk waits after 1 attempt: answered 503",
    ]


def test_an_event_shows_that_it_was_withdrawn_or_told_with_the_next(home: Home) -> None:
    first, second = (found(BELOW, 149.6, clock) for clock in ("09:31", "09:32"))
    late = replace(second, late=True, together=(first.event,))
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, late)
        record(database, settled={second.event.id: False})
        deliver(database, "desk", Delivered())
    lines = home.alertd("history", "--config", home.config(ALERTS)).lines
    assert lines[1].endswith("with the next: desk")
    assert ("withdrawn" in lines[1], "fired (withdrawn)" in lines[2]) == (False, True)


@pytest.mark.parametrize(
    ("kind", "about", "event"),
    [
        (Kind.WITHDRAWN, "fired", "withdrawn: fired"),
        (Kind.HELD, "it is in CNY", "held: it is in CNY"),
        (Kind.STALE, "", "stale"),
        (Kind.RESUMED, "", "resumed"),
    ],
)
def test_every_kind_of_event_is_named(home: Home, kind: Kind, about: str, event: str) -> None:
    told = found(BELOW, 149.6, "09:31", kind=kind)
    told = replace(told, event=replace(told.event, about=about))
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, told)
    (line,) = home.alertd("history", "--config", home.config(ALERTS)).lines[1:]
    assert f"  {event}  " in line
    assert ("$150.00" in line) is (kind in (Kind.WITHDRAWN, Kind.HELD))
    assert ("$149.60" in line) is (kind is not Kind.HELD)


def test_lines_of_json_hold_the_event_and_its_deliveries(home: Home) -> None:
    event = found(BELOW, 149.6, "09:31")
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, found(BELOW, 149.7, "09:30"), event)
    words = ("history", "--config", home.config(ALERTS), "--format", "jsonl", "--limit", "1")
    (line,) = home.alertd(*words).lines
    assert json.loads(line) == {
        "alert": "support", "kind": "fired", "symbol": "BABA", "level": 150.0, "price": 149.6,
        "at": "2026-03-09T13:31:00Z", "gap": False, "id": str(event.event.id),
        "resolution": 60.0, "detected_at": "2026-03-09T13:32:00Z", "late": False,
        "simulated": False, "of": "price", "unit": 1.0, "band": None, "origin": None,
        "was": None, "about": None, "deed": False, "asked": "150",
        "standing": "open", "told_with": None,
        "deliveries": [{
            "channel": "desk", "status": "due", "attempts": 0,
            "settled_at": None, "error": None, "due_at": "2026-03-09T13:32:00Z", "held": None,
            "reminder": None, "instead_of": None, "reached": 0, "refused": [],
        }],
    }  # fmt: skip


def test_an_alert_without_events_is_said_to_have_none(home: Home) -> None:
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, found(BELOW, 149.6, "09:31"))
    answer = home.alertd("history", "--config", home.config(ALERTS), "--alert", "other")
    assert (answer.status, answer.out, answer.err) == (0, "", "no events of other\n")


class TestMessages:
    def test_a_message_that_waits_for_the_end_of_quiet_hours_says_until_when(
        self, home: Home
    ) -> None:
        now = datetime.now(UTC)
        end = now + 2 * HOUR
        calm = Calm(quiet=Quiet((now - HOUR).time(), end.time()))
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"))
            assert database.claim_deliveries(now, "desk", MINUTE, 1, calm) == []
        assert told(home) == [f"desk waits (quiet hours, until {end:%H:%M} UTC)"]
        (delivery,) = json.loads(asked(home, "--format", "jsonl").out)["deliveries"]
        assert (delivery["status"], delivery["held"]) == ("due", "quiet")
        assert delivery["due_at"].startswith(f"{end:%Y-%m-%dT%H:%M}")

    def test_a_message_of_a_paused_alert_waits_for_no_time(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"))
            desk(home).pause(SUPPORT, NOW)
            assert database.claim_deliveries(NOW, "desk", MINUTE, 1, Calm()) == []
        assert told(home) == ["desk waits (paused)"]
        event, _ = map(json.loads, asked(home, "--format", "jsonl").lines)
        (delivery,) = event["deliveries"]
        assert (delivery["held"], delivery["due_at"]) == ("paused", None)

    def test_a_fallback_says_for_which_channel_it_stands_in(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"))
            deliver(database, "desk", Dead("gone for good"))
            assert database.hand_over(NOW, {"desk": "mail"}) == 1
            deliver(database, "mail", Delivered())
        assert told(home) == [
            "desk given up after 1 attempt: gone for good; mail (instead of desk)"
        ]

    def test_reminders_are_counted_behind_the_message_itself(self, home: Home) -> None:
        notice = replace(
            found(BELOW, 149.6, "09:31"), severity=Severity.CRITICAL, repeat_every=MINUTE
        )
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, notice)
            deliver(database, "desk", Delivered())
            endings: list[Settlement] = [Delivered(), Delivered(), Dead("gone")]
            for minutes, ending in enumerate(endings, start=1):
                now = NOW + minutes * MINUTE
                assert database.remind(now) == 1
                deliver(database, "desk", ending, now)
        assert told(home) == ["desk, 2 reminders, reminder 3 given up after 1 attempt: gone"]

    def test_recipients_who_refused_are_counted_and_masked(self, home: Home) -> None:
        reached = frozenset({"you@example.com"})
        refused = {"me@example.org": "no such user me@example.org"}
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"), channels=("mail",))
            deliver(database, "mail", Dead("refused", Recipients(reached, refused)))
        (line,) = asked(home, "--format", "jsonl").lines
        (delivery,) = json.loads(line)["deliveries"]
        assert delivery["reached"] == 1
        assert delivery["refused"] == [
            {"to": "***@example.org", "why": "no such user ***@example.org"}
        ]
        (said,) = told(home)
        assert said.endswith("1 of 2 refused: ***@example.org: no such user ***@example.org")


class TestDeeds:
    def test_what_the_user_did_stands_among_the_events_by_time(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, *(found(BELOW, 149.6, clock) for clock in ("09:31", "09:35")))
        desk(home).snooze(SUPPORT, at("16:00"), at("09:33"))
        desk(home).wake(SUPPORT, at("09:34"))
        desk(home).acknowledge(SUPPORT, at("09:36"))
        lines = asked(home).lines[1:]
        assert [line[11:16] for line in lines] == ["09:31", "09:33", "09:34", "09:35", "09:36"]
        assert " ".join(lines[1].split()) == (
            "2026-03-09 09:33 EDT support snoozed until 2026-03-09 16:00 EDT BABA"
        )
        assert ("snooze ended" in lines[2], "acknowledged" in lines[4]) == (True, True)

    def test_a_line_of_json_says_that_it_is_a_deed(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"))
        desk(home).snooze(SUPPORT, at("16:00"), at("09:33"))
        event, deed = map(json.loads, asked(home, "--format", "jsonl").lines)
        assert (event["deed"], event["kind"]) == (False, "fired")
        assert deed == {
            "alert": "support", "kind": "snoozed", "symbol": "BABA", "at": "2026-03-09T13:33:00Z",
            "deed": True, "until": "2026-03-09T20:00:00Z", "deliveries": [],
        }  # fmt: skip

    def test_no_kind_of_deed_is_a_kind_of_event(self) -> None:
        assert {act.value for act in Act}.isdisjoint(kind.value for kind in Kind)

    def test_the_limit_counts_events_and_deeds_together(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, *(found(BELOW, 149.6, clock) for clock in ("09:31", "09:32")))
        desk(home).pause(SUPPORT, at("09:33"))
        lines = asked(home, "--limit", "2").lines[1:]
        assert [line[11:16] for line in lines] == ["09:32", "09:33"]

    def test_what_was_done_with_an_alert_that_is_gone_is_told_in_utc(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW):
            desk(home).pause(AlertId("gone"), at("09:33"))
            desk(home).pause(SUPPORT, at("09:33"))
        assert len(asked(home).lines) == 3
        (line,) = asked(home, "--alert", "gone").lines[1:]
        assert line.split() == ["2026-03-09", "13:33", "UTC", "gone", "paused"]


class TestDead:
    def test_only_what_was_given_up_is_listed_with_how_to_send_it_again(self, home: Home) -> None:
        given_up, sent = (found(BELOW, 149.6, clock) for clock in ("09:31", "09:32"))
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, given_up, sent, channels=("desk", "console"))
            deliver(database, "desk", Dead("gone for good"))
            deliver(database, "desk", Delivered())
        desk(home).pause(SUPPORT, NOW)
        answer = asked(home, "--dead")
        (line,) = answer.lines[1:]
        assert [cell.strip() for cell in line.split("  ") if cell.strip()] == [
            "2026-03-09 09:40 EDT", "support", "fired 2026-03-09 09:31 EDT", "desk",
            "1", str(given_up.event.id)[:8], "gone for good",
        ]  # fmt: skip
        assert answer.err.startswith("`alertd retry` sends them again")
        (line,) = asked(home, "--dead", "--format", "jsonl").lines
        assert json.loads(line)["id"] == str(given_up.event.id)
        assert [each["channel"] for each in json.loads(line)["deliveries"]] == ["desk"]

    def test_a_message_that_tells_two_events_is_listed_once(self, home: Home) -> None:
        first, second = (found(BELOW, 149.6, clock) for clock in ("09:31", "09:32"))
        late = replace(second, late=True, together=(first.event,))
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, late)
            deliver(database, "desk", Dead("gone for good"))
        assert len(asked(home, "--dead").lines) == 2

    def test_where_nothing_was_given_up_that_is_said(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"))
        answer = asked(home, "--dead")
        assert (answer.status, answer.out, answer.err) == (0, "", "nothing was given up\n")
