"""What is known about an alert when something happens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertd.core.alerts import Alert, hold_in_words, is_late, others
from alertd.core.rules import Closes, Hold
from tests.support.build import at, found, rule

MINUTE = timedelta(minutes=1)
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
        Alert(rule("above 200", id="high"), "high"),
        Alert(rule("touches 200", id="again"), "again"),
        Alert(rule("touches 110", id="deep"), "deep"),
        Alert(rule("above 500", id="else", symbol="NVDA"), "else"),
    ]
    told = others(alerts[0], alerts, 100)
    assert [(other.level, round(other.percent, 6)) for other in told] == [(200, 100), (110, 10)]


@pytest.mark.parametrize(
    ("hold", "words"),
    [(None, None), (Closes(1), "1 close"), (Closes(3), "3 closes"), (30 * MINUTE, "30m")],
)
def test_a_hold_is_told_as_it_is_written(hold: Hold | None, words: str | None) -> None:
    assert hold_in_words(hold) == words
