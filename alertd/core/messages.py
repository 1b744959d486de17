"""What does the user read?

    Notice -> Message: subject, text, HTML and the webhook's JSON, all from the same facts

A message is derived, never stored: the same notice gives the same message at every attempt and on
every host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.core import stories, templates, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from alertd.core.notices import Notice, OtherLevel


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready for any channel; the same at every attempt.

    `id` is "msg_" and the event's UUID. `thread` names the alert, so that mail clients keep its
    messages together. `created_at` is when the event was recorded. `payload` is the whole JSON body
    of a webhook.
    """

    id: str
    thread: str
    created_at: datetime
    subject: str
    text: str
    html: str
    payload: Mapping[str, object]


def message(notice: Notice) -> Message:
    """Return what is told about an event."""
    story = stories.story(notice)
    return Message(
        id=f"msg_{notice.event.id}",
        thread=notice.event.alert,
        created_at=notice.detected_at,
        subject=stories.subject(notice),
        text=templates.text(story),
        html=templates.html(story),
        payload={
            "type": f"alert.{notice.event.kind}",
            "timestamp": words.stamp(notice.detected_at),
            "data": {**_event(notice), **_surroundings(notice)},
        },
    )


def test_message(channel: str, now: datetime, ids: UUID) -> Message:
    """Return a message that says only that a channel works; `ids` makes it unlike any other."""
    name = words.line(channel, stories.NAME_LIMIT)
    headline = f"Channel {name} works"
    story = stories.Story(
        headline=headline,
        paragraphs=("Alerts sent to this channel arrive here.",),
        about=f"Sent by alertd test at {words.stamp(now)}.",
        banner="TEST: no price crossed any level.",
    )
    return Message(
        id=f"msg_{ids}",
        thread="alertd-test",
        created_at=now,
        subject=f"[TEST] {headline}",
        text=templates.text(story),
        html=templates.html(story),
        payload={
            "type": "alert.test",
            "timestamp": words.stamp(now),
            "data": {"id": str(ids), "channel": name},
        },
    )


# pytest would take it for a test where it is imported.
test_message.__test__ = False  # type: ignore[attr-defined]


def _event(notice: Notice) -> dict[str, object]:
    event = notice.event
    return {
        "id": str(event.id),
        "alert": event.alert,
        "name": words.line(notice.name, stories.NAME_LIMIT),
        "symbol": event.symbol,
        "kind": str(event.kind),
        "condition": str(notice.condition),
        "hold": notice.hold,
        "level": event.level,
        "price": event.price,
        "at": words.stamp(event.at),
        "gap": event.gap,
        "resolution": event.resolution.total_seconds(),
        "revision": event.revision,
    }


def _surroundings(notice: Notice) -> dict[str, object]:
    return {
        "late": notice.late,
        "detected_at": words.stamp(notice.detected_at),
        "price_now": notice.price_now,
        "price_at": words.stamp(notice.price_at),
        "distance_percent": stories.distance(notice),
        "currency": notice.currency,
        "severity": str(notice.severity),
        "note": words.block(notice.note, stories.NOTE_LIMIT),
        "others": [_other(other) for other in stories.near(notice.others)],
        "source": words.line(notice.source, stories.NAME_LIMIT),
        "simulated": notice.simulated,
    }


def _other(other: OtherLevel) -> dict[str, object]:
    return {
        "alert": other.alert,
        "name": words.line(other.name, stories.NAME_LIMIT),
        "level": other.level,
        "percent": round(other.percent, 2),
    }
