from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertd.core.events import Kind, event_id
from alertd.core.rules import AlertId, Amount, Closes, Percent, Revision
from alertd.core.sessions import Hours
from tests.support.build import at, rule

BELOW = rule("below 150")


@pytest.mark.parametrize(
    "other",
    [
        rule("above 150"),
        rule("below 151"),
        replace(BELOW, symbol="9988.HK"),  # type: ignore[arg-type]
        replace(BELOW, hold=Closes(2)),
        replace(BELOW, hold=timedelta(minutes=30)),
        replace(BELOW, rearm=Percent(2)),
        replace(BELOW, rearm=Amount(1)),
        replace(BELOW, cooldown=timedelta(hours=1)),
        replace(BELOW, once=True),
        replace(BELOW, session=Hours.EXTENDED),
    ],
)
def test_what_changes_an_alerts_meaning_changes_its_revision(other: object) -> None:
    assert other.revision != BELOW.revision  # type: ignore[attr-defined]


def test_what_is_only_told_or_when_it_ends_leaves_the_revision() -> None:
    assert replace(BELOW, recovery=True).revision == BELOW.revision
    assert replace(BELOW, expires=at("16:00")).revision == BELOW.revision


def test_a_revision_is_the_same_in_every_process() -> None:
    assert BELOW.revision == "32270bffd7de0c49"


def test_an_event_id_depends_on_alert_revision_kind_and_bar() -> None:
    one = event_id(AlertId("a"), Revision("r"), Kind.FIRED, at("09:30"))
    assert one == event_id(AlertId("a"), Revision("r"), Kind.FIRED, at("09:30"))
    assert one.version == 5
    others = {
        event_id(AlertId("b"), Revision("r"), Kind.FIRED, at("09:30")),
        event_id(AlertId("a"), Revision("s"), Kind.FIRED, at("09:30")),
        event_id(AlertId("a"), Revision("r"), Kind.RECOVERED, at("09:30")),
        event_id(AlertId("a"), Revision("r"), Kind.FIRED, at("09:31")),
    }
    assert len(others - {one}) == 4
