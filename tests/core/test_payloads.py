"""The body of a webhook: whatever the user wrote, it stays under 20 kB and names every event."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from alertd.core.bars import Symbol
from alertd.core.calm import Held
from alertd.core.crossings import TOGETHER_LIMIT
from alertd.core.events import EventId, Kind
from alertd.core.messages import Message, message
from alertd.core.notices import Notice, OtherLevel, Severity, Wish
from alertd.core.parcels import DIGEST_LIMIT, Parcel, alone, digest_id
from alertd.core.rules import AlertId, Condition
from alertd.core.states import Origin
from tests.core.crossing import ask, crossed
from tests.support.build import at, found, rule

LETTERS = ["x", '"', "\\", "\n", "\x01", "é", "🚀", "\ud800"]
LONG = "a" * 60


def data(message: Message) -> dict[str, Any]:
    body = message.payload["data"]
    assert isinstance(body, dict)
    return body


def size(message: Message) -> int:
    """Return the bytes of the webhook's body, as it is sent."""
    return len(json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode())


def worst(letter: str, number: int = 0) -> Notice:
    """Return a notice as long as it can be, and with a long number in every place."""
    notice = found(rule("below 150"), 98765.123456789, "09:34", level=123456.123456789)
    symbol = Symbol("S" * 32)
    event = replace(
        notice.event, id=EventId(UUID(int=number)), alert=AlertId(f"{LONG}{number:04}"),
        symbol=symbol, kind=Kind.RECOVERED, about=letter * 500,
        origin=Origin("52w high", 123.123456789, at("09:30")),
    )  # fmt: skip
    others = [
        OtherLevel(AlertId(f"{LONG}{n:04}"), letter * 500, 150.123456789 + n, n) for n in range(50)
    ]
    return replace(
        notice, event=event, note=letter * 5000, name=letter * 500, others=tuple(others),
        source=letter * 500, asked=letter * 500, first_source=letter * 500,
    )  # fmt: skip


def crowded(letter: str, number: int = 0, count: int = TOGETHER_LIMIT) -> Notice:
    """Return the worst notice with as many other levels, each of an alert of its own."""
    notice = worst(letter, number)
    together = tuple(
        replace(
            notice.event, id=EventId(UUID(int=number * 1000 + n)),
            alert=AlertId(f"{LONG}{number * 1000 + n:04}"), at=at("09:30") + timedelta(seconds=n),
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    wish = Wish(Condition.OUTSIDE, "99 closes", letter * 500, Severity.CRITICAL, letter * 5000)
    ids = [event.alert for event in (*together, notice.event)]
    return replace(
        notice, together=together, names=dict.fromkeys(ids, letter * 500),
        wishes=dict.fromkeys(ids, wish),
    )  # fmt: skip


@pytest.mark.parametrize("letter", LETTERS)
def test_the_body_of_one_event_stays_under_20_kb(letter: str) -> None:
    notice = worst(letter)
    earlier = (notice.event,) * 500
    told = message(replace(alone(replace(notice, together=earlier, late=True)), held=Held.SNOOZED))

    assert size(told) <= 20_000
    assert data(told)["together_total"] == 500
    assert len(data(told)["together"]) == TOGETHER_LIMIT


@pytest.mark.parametrize("letter", LETTERS)
def test_the_body_of_several_levels_stays_under_20_kb_and_names_them_all(letter: str) -> None:
    notice = crowded(letter)
    told = message(replace(alone(notice), held=Held.SNOOZED, instead_of="p" * 32))

    assert size(told) <= 20_000
    assert [each["id"] for each in data(told)["together"]] == [str(e.id) for e in notice.together]
    assert len(data(told)["others"]) == 4


@pytest.mark.parametrize("letter", LETTERS)
def test_the_body_of_a_digest_stays_under_20_kb_and_names_every_event(letter: str) -> None:
    notices = [crowded(letter, number) for number in range(1, DIGEST_LIMIT + 1)]
    told = message(
        Parcel(
            digest_id(alone(notices[0]).id, "desk"), tuple(notices), 0, Held.SNOOZED, at("23:00")
        )
    )

    assert size(told) <= 20_000
    events = data(told)["events"]
    ids = [event.id for notice in notices for event in (*notice.together, notice.event)]
    assert [each["id"] for each in events] == [str(one) for one in ids]
    whole = [each["id"] for each in events if "at" in each]
    assert {str(notice.event.id) for notice in notices} <= set(whole)
    assert data(told)["total"] == len(ids)


def test_levels_told_together_are_there_with_what_was_asked_for() -> None:
    alerts = [ask("below 150", "Sell half.", critical=True), ask("below 148")]
    (other,) = data(message(alone(crossed(alerts, "151", "144"))))["together"]
    assert other == {
        "id": other["id"], "alert": "below-150", "name": "below-150 by name", "kind": "fired",
        "condition": "below", "severity": "critical", "level": 150.0, "price": 144.0, "gap": True,
        "at": "2026-03-09T13:31:00Z", "note": "Sell half.",
    }  # fmt: skip


def test_notes_of_several_levels_share_the_room_of_one() -> None:
    alerts = [ask("below 150", "x" * 5000), ask("below 148", "y" * 5000), ask("below 146")]
    told = data(message(alone(crossed(alerts, "151", "144"))))
    assert [len(each["note"]) for each in told["together"]] == [1000, 1000]
    assert told["note"] == ""
