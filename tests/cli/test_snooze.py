"""`alertd snooze`, `pause`, `arm` and `ack`: what the user says of alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from alertd.core.calendars import Calendar
from alertd.core.deeds import Act
from alertd.core.notices import Severity
from alertd.core.rules import AlertId
from alertd.core.states import Phase, Side, State
from alertd.store.reading import Reader
from tests.cli.kept import BELOW, NOW, keeping, record
from tests.support.build import found, rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alertd.core.calm import Hush
    from tests.cli.typed import Answer, Home

ALERTS = """
[[alert]]
id = "support"
symbol = "BABA"
below = 150

[[alert]]
id = "high"
symbol = "BABA"
above = 192
"""
HIGH = rule("above 192", id="high")
SUPPORT = AlertId("support")
FIRED = State(Phase.FIRED, Side.BELOW, NOW, fired_at=NOW)


def typed(home: Home, *words: str) -> Answer:
    return home.alertd(*words, "--config", home.config(ALERTS))


def kept(home: Home) -> Reader:
    reader = Reader.open(home.folder / "alertd.db")
    assert reader is not None
    return reader


def hushes(home: Home) -> Mapping[AlertId, Hush]:
    return kept(home).hushes()


def phase(home: Home) -> Phase:
    row = kept(home).alert("support")
    assert row is not None
    return row.state.phase


def acts(home: Home) -> list[tuple[str, Act]]:
    return [(deed.alert, deed.act) for deed in kept(home).deeds(100)]


@pytest.fixture(autouse=True)
def database(home: Home) -> None:
    """A daemon has run, and its alerts are armed."""
    with keeping(home.folder / "alertd.db", BELOW, HIGH) as database:
        record(database, state=State(side=Side.ABOVE))


class TestSnooze:
    @pytest.mark.parametrize(
        ("words", "span"),
        [
            (("2h",), timedelta(hours=2)),
            (("1 day 2h",), timedelta(hours=26)),
            (("1", "day", "2h"), timedelta(hours=26)),
        ],
    )
    def test_a_snooze_lasts_for_a_time_quoted_or_not(
        self, home: Home, words: tuple[str, ...], span: timedelta
    ) -> None:
        before = datetime.now(UTC)
        answer = typed(home, "snooze", "support", *words)
        assert (answer.status, answer.out) == (0, "")
        until = hushes(home)[SUPPORT].until
        assert until is not None
        assert before + span <= until <= datetime.now(UTC) + span
        there = f"{until.astimezone(ZoneInfo('America/New_York')):%Y-%m-%d %H:%M %Z}"
        assert answer.err == (
            f"support: messages wait until {there}; prices are judged all the same\n"
        )
        assert acts(home) == [("support", Act.SNOOZED)]

    def test_until_close_is_the_close_of_the_exchange(self, home: Home) -> None:
        before, answer = datetime.now(UTC), typed(home, "snooze", "support", "until close")
        assert answer.status == 0
        days = Calendar("XNYS").around(before, before).days
        closes = [day.close for day in days if day.close > before]
        assert hushes(home)[SUPPORT].until in closes[:2]

    def test_a_day_begins_on_the_clock_of_the_exchange(self, home: Home) -> None:
        day = datetime.now(UTC).date() + timedelta(days=30)
        assert typed(home, "snooze", "support", "until", str(day), "09:30").status == 0
        local = datetime.fromisoformat(f"{day} 09:30").replace(tzinfo=ZoneInfo("America/New_York"))
        assert hushes(home)[SUPPORT].until == local

    def test_off_ends_a_snooze(self, home: Home) -> None:
        typed(home, "snooze", "support", "2h")
        answer = typed(home, "snooze", "support", "off")
        assert (answer.status, answer.err) == (0, "support: its messages wait no more\n")
        assert (hushes(home), acts(home)[-1]) == ({}, ("support", Act.WOKEN))

    def test_off_without_a_snooze_has_nothing_to_do(self, home: Home) -> None:
        typed(home, "pause", "support")
        answer = typed(home, "snooze", "support", "off")
        assert (answer.status, answer.out) == (1, "")
        assert answer.err == "support: it was not snoozed; a pause ends with `alertd arm`\n"
        assert hushes(home)[SUPPORT].until is None

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("2 hrs", 'expected a time such as "2h"'),
            ("until tomorrow", '"until close"'),
            ("2h 3h", "expected each unit once"),
            ("until 2020-01-01", "expected a moment to come"),
            ("400 days", "expected at most 366 days"),
            ("", "expected a time"),
        ],
    )
    def test_a_time_that_is_none_is_refused_and_nothing_is_kept(
        self, home: Home, words: str, said: str
    ) -> None:
        answer = typed(home, "snooze", "support", words)
        assert (answer.status, answer.out) == (2, "")
        assert "WHEN" in answer.err
        assert said in " ".join(answer.err.split())
        assert "Traceback" not in answer.err
        assert (hushes(home), acts(home)) == ({}, [])

    def test_an_alert_that_is_judged_by_a_running_daemon_can_be_snoozed(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW, HIGH) as database:
            assert typed(home, "snooze", "support", "2h").status == 0
            # The daemon goes on writing.
            record(database, found(BELOW, 149.6, "09:31"))
        assert SUPPORT in hushes(home)


class TestPauseAndArm:
    def test_a_pause_lasts_until_the_alert_is_armed(self, home: Home) -> None:
        answer = typed(home, "pause", "support", "high", "support")
        assert (answer.status, answer.out) == (0, "")
        assert answer.err.splitlines() == [
            f"{alert}: messages wait until `alertd arm {alert}`; prices are judged all the same"
            for alert in ("support", "high")
        ]
        assert [hush.until for hush in hushes(home).values()] == [None, None]
        answer = typed(home, "arm", "support", "high")
        assert answer.err.splitlines()[0] == "support: armed; its messages wait no more"
        assert (answer.status, hushes(home)) == (0, {})

    def test_an_alert_that_has_fired_is_armed(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW, HIGH) as database:
            record(database, state=FIRED)
        assert phase(home) is Phase.FIRED
        assert typed(home, "arm", "support").status == 0
        assert phase(home) is Phase.ARMED
        assert acts(home) == [("support", Act.ARMED)]

    def test_an_alert_that_is_armed_has_nothing_to_end(self, home: Home) -> None:
        answer = typed(home, "arm", "support")
        assert (answer.status, acts(home)) == (1, [])
        assert answer.err == (
            "support: nothing to end: it is neither snoozed nor paused, and has not fired\n"
        )

    def test_of_several_alerts_one_that_could_be_armed_is_enough(self, home: Home) -> None:
        typed(home, "pause", "high")
        answer = typed(home, "arm", "support", "high")
        assert (answer.status, len(answer.err.splitlines())) == (0, 2)


class TestAck:
    def test_a_firing_is_acknowledged_once(self, home: Home) -> None:
        reminding(home)
        answer = typed(home, "ack", "support")
        assert (answer.status, answer.out) == (0, "")
        assert answer.err == "support: acknowledged; it reminds no more, until it fires again\n"
        assert kept(home).reminders() == []
        again = typed(home, "ack", "support")
        assert again.status == 1
        assert again.err == "support: nothing to acknowledge: it has not fired since it last was\n"
        assert acts(home) == [("support", Act.ACKNOWLEDGED)]

    def test_all_that_remind_are_acknowledged_at_once(self, home: Home) -> None:
        reminding(home)
        answer = typed(home, "ack", "--all")
        assert (answer.status, answer.err.count("\n")) == (0, 1)
        answer = typed(home, "ack", "--all")
        assert (answer.status, answer.err) == (
            1, "nothing to acknowledge: no alert reminds of anything\n",
        )  # fmt: skip

    @pytest.mark.parametrize("words", [(), ("support", "--all")], ids=" ".join)
    def test_either_some_alerts_are_named_or_all(self, home: Home, words: tuple[str, ...]) -> None:
        answer = typed(home, "ack", *words)
        assert (answer.status, answer.out) == (2, "")
        assert "expected the ids of alerts, or --all" in answer.err


@pytest.mark.parametrize(
    "words",
    [("snooze", "suport", "2h"), ("pause", "suport"), ("arm", "suport"), ("ack", "suport")],
    ids=" ".join,
)
def test_an_unknown_alert_is_answered_with_the_one_that_was_meant(
    home: Home, words: tuple[str, ...]
) -> None:
    answer = typed(home, *words)
    assert (answer.status, answer.out) == (2, "")
    assert 'there is no alert "suport"; did you mean support?' in answer.err
    assert (hushes(home), acts(home)) == ({}, [])


@pytest.mark.parametrize("command", ["pause", "arm", "ack"])
def test_nothing_is_done_where_one_of_several_alerts_is_unknown(home: Home, command: str) -> None:
    answer = typed(home, command, "support", "nothing-like-it")
    assert answer.status == 2
    assert "configured: support, high" in answer.err
    assert acts(home) == []


@pytest.mark.parametrize(
    "words",
    [
        ("snooze", "support", "2h"),
        ("snooze", "support", "off"),
        ("pause", "support"),
        ("arm", "support"),
        ("ack", "support"),
        ("ack", "--all"),
        ("retry",),
    ],
    ids=" ".join,
)
def test_before_a_daemon_has_run_there_is_nobody_to_tell(
    home: Home, words: tuple[str, ...]
) -> None:
    (home.folder / "alertd.db").unlink()
    answer = typed(home, *words)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == "no daemon has run yet: there is no alertd.db\n"
    assert not (home.folder / "alertd.db").exists()


def reminding(home: Home) -> None:
    """Leave a firing of the alert behind that is told again every quarter of an hour."""
    notice = replace(
        found(BELOW, 149.6, "09:31"),
        severity=Severity.CRITICAL,
        repeat_every=timedelta(minutes=15),
    )
    with keeping(home.folder / "alertd.db", BELOW, HIGH) as database:
        record(database, notice)
