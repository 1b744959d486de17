"""What is known about an alert when something happens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertd.core import calendars
from alertd.core.alerts import Alert, hold_in_words, is_late, notice, others, symbol_notice
from alertd.core.bars import Last, Symbol
from alertd.core.events import Kind
from alertd.core.notices import Severity
from alertd.core.rules import AlertId, Closes, Figure, Hold
from alertd.core.states import Basis, Lack, Phase, State, Want
from tests.support.build import at, found, rule, series

MINUTE = timedelta(minutes=1)
BABA = calendars.listing(Symbol("BABA"))
EVENT = found(rule("below 150"), 149, "09:31").event  # its bar ends at 09:32


@pytest.mark.parametrize(
    ("found_at", "interval", "delay", "late"),
    [
        ("09:37:00", 1, 0, False),  # five minutes are never late
        ("09:37:01", 1, 0, True),
        ("09:51:59", 10, 0, False),  # two slow polls are not either
        ("09:52:01", 10, 0, True),
        ("09:52:00", 1, 15, False),  # nor what a delayed listing could not have shown before
        ("09:52:01", 1, 15, True),
    ],
)
def test_an_event_is_late_when_polling_and_delay_do_not_explain_it(
    found_at: str,
    interval: int,
    delay: int,
    late: bool,  # noqa: FBT001
) -> None:
    assert is_late(EVENT, at(found_at), delay * MINUTE, interval * MINUTE) is late


def test_other_levels_are_those_of_the_same_symbol_highest_first_and_each_once() -> None:
    alerts = [
        Alert(rule("below 150", id="low"), "low"),
        Alert(rule("touches 150", id="same"), "same"),
        Alert(rule("above 200", id="high"), "high"),
        Alert(rule("touches 200", id="again"), "again"),
        Alert(rule("touches 110", id="deep"), "deep"),
        Alert(rule("above 500", id="else", symbol="NVDA"), "else"),
    ]
    told = others(alerts[0], alerts, 100, now=at("10:00"))
    assert [(other.level, round(other.percent, 6)) for other in told] == [(200, 100), (110, 10)]


def test_other_levels_are_those_of_today() -> None:
    alerts = [
        Alert(rule("below 150", id="own"), "own"),
        Alert(rule("above 52w high", id="high"), "high"),
        Alert(rule("above sma 200", id="waits"), "waits"),
        Alert(rule("below 1000", id="split"), "split"),
        Alert(rule("inside 120..140", id="band"), "band"),
        Alert(rule("trails 8%", id="trail"), "trail"),
        Alert(rule("falls 5%", id="move"), "move"),
        Alert(rule("above 20", id="ratio", of=Figure.PE), "ratio"),
    ]
    states = {
        AlertId("high"): State(basis=Basis(level=192.674)),
        AlertId("waits"): State(basis=Basis(lack=Lack(Want.HISTORY, "too few closes"))),
        AlertId("split"): State(basis=Basis(scale=0.1)),
        AlertId("trail"): State(basis=Basis(peak=175.0)),
        AlertId("move"): State(basis=Basis(level=148.0)),
        AlertId("ratio"): State(basis=Basis(scale=8.0, fixed_for=at("09:30"))),
    }
    told = others(alerts[0], alerts, 150, now=at("10:00"), states=states, digits=2)
    assert [(other.alert, other.level) for other in told] == [
        ("high", 192.67), ("trail", 161.0), ("band", 140.0), ("split", 100.0),
    ]  # fmt: skip


def test_other_levels_are_those_of_alerts_that_can_still_fire() -> None:
    alerts = [
        Alert(rule("below 150", id="own"), "own"),
        Alert(rule("above 170", id="today", expires=at("10:01")), "today"),
        Alert(rule("above 180", id="over", expires=at("10:00")), "over"),
        Alert(rule("above 190", id="done", once=True), "done"),
        Alert(rule("above 200", id="told"), "told"),
    ]
    states = {AlertId("done"): State(Phase.DONE), AlertId("told"): State(Phase.FIRED)}
    found = others(alerts[0], alerts, 150, now=at("10:00"), states=states)
    assert [other.alert for other in found] == ["told", "today"]


def test_a_notice_tells_the_level_as_it_is_asked_for_and_what_is_told_together() -> None:
    alerts = [
        Alert(rule("above 52w high - 2%", id="own"), "Nearly there"),
        Alert(rule("below 140", id="low"), "The floor"),
    ]
    event = found(alerts[0].rule, 189, "09:31", level=188.82).event
    other = found(alerts[1].rule, 139, "09:30").event
    told = notice(
        event, alerts[0], alerts, listing=BABA, series=series([], digits=2),
        last=Last(189.5, at("09:32")), source="yahoo", found_at=at("09:33"), late=True,
        together=[other],
    )  # fmt: skip
    assert (told.asked, told.together) == ("52w high - 2%", (other,))
    assert told.names == {AlertId("low"): "The floor"}
    assert told.others == ()


def test_a_split_of_several_alerts_is_told_without_what_is_one_alerts_own() -> None:
    alerts = [
        Alert(rule("below 140", id="low"), "low", severity=Severity.CRITICAL),
        Alert(rule("below 150", id="own"), "own", note="Sell half."),
        Alert(rule("above 200", id="high"), "high"),
    ]
    split, other = (found(each.rule, 100, "09:31", kind=Kind.SPLIT).event for each in alerts[1::-1])
    for together in ([other], []):
        told = notice(
            split, alerts[1], alerts, listing=BABA, series=series([]), last=Last(101, at("09:31")),
            source="yahoo", found_at=at("09:33"), late=False, together=together,
        )  # fmt: skip
        assert (bool(told.note), bool(told.others)) == (not together, not together)
        assert told.severity is (Severity.CRITICAL if together else Severity.INFO)


def test_a_symbols_own_notice_names_the_symbol_and_warns() -> None:
    event = found(rule("below 150"), 150, "09:31", kind=Kind.STALE).event
    told = symbol_notice(event, listing=BABA, source="yahoo", found_at=at("09:45"))
    assert (told.name, told.condition, told.severity) == ("BABA", None, Severity.WARNING)
    assert (told.price_now, told.price_at, told.zone) == (150, at("09:31"), "America/New_York")
    last = Last(151.5, at("09:40"))
    told = symbol_notice(event, listing=BABA, source="yahoo", found_at=at("09:45"), last=last)
    assert (told.price_now, told.price_at) == (151.5, at("09:40"))


@pytest.mark.parametrize(
    ("hold", "words"),
    [(None, None), (Closes(1), "1 close"), (Closes(3), "3 closes"), (30 * MINUTE, "30m")],
)
def test_a_hold_is_told_as_it_is_written(hold: Hold | None, words: str | None) -> None:
    assert hold_in_words(hold) == words


def repeating(severity: Severity, kind: Kind = Kind.FIRED) -> timedelta | None:
    alert = Alert(rule("below 150"), "a", severity=severity, repeat_every=timedelta(minutes=15))
    told = notice(
        found(alert.rule, 149, "09:31", kind=kind).event, alert, [alert], listing=BABA,
        series=series([], digits=2), last=Last(149, at("09:31")), source="yahoo",
        found_at=at("09:33"), late=False,
    )  # fmt: skip
    return told.repeat_every


def test_only_the_firing_of_a_critical_alert_is_reminded_of() -> None:
    assert repeating(Severity.CRITICAL) == timedelta(minutes=15)
    assert repeating(Severity.WARNING) is None
    assert repeating(Severity.CRITICAL, Kind.RECOVERED) is None
