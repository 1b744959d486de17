"""What does the user read?

    Notice -> Message: subject, text, HTML and the webhook's JSON, all from the same facts

A message is derived, never stored: the same notice gives the same message at every attempt and on
every host.

In the JSON, `level` and `price` are in the unit of the figure `of`; `price_now`, the prices of
`others` and of `origin` are prices (for a volume `origin` is in shares). `origin` is what the level
is made of, `asked` how the file says it, `was` what it was when it was last told or first known,
and `band` both edges of one. `about` is why a level was refused, or the kind that is taken back.
`together` are the newest of the events that this message tells besides its own, of `together_total`
in all. `distance_percent` is how far above the level the price is now; of a band, above the nearer
edge. The event of a symbol, "stale" or "resumed", names the symbol as its `alert` and has no
`condition`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.core import headlines, stories, templates, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from alertd.core.events import Event
    from alertd.core.notices import Notice, OtherLevel
    from alertd.core.states import Origin

# With the limits of a story this keeps a webhook's body under 20 kB.
TOGETHER_LIMIT = 10
_LONGEST_ASKED = 80


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
        subject=headlines.subject(notice),
        text=templates.text(story),
        html=templates.html(story),
        payload={
            "type": f"alert.{notice.event.kind}",
            "timestamp": words.stamp(notice.detected_at),
            "data": {**_event(notice), **_surroundings(notice), **_together(notice)},
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
        "condition": str(notice.condition) if notice.condition else None,
        "hold": notice.hold,
        "of": str(event.of),
        "asked": words.line(notice.asked, _LONGEST_ASKED),
        "level": event.level,
        "band": list(event.band) if event.band else None,
        "was": event.was,
        "origin": _origin(event.origin),
        "price": event.price,
        "at": words.stamp(event.at),
        "gap": event.gap,
        "resolution": event.resolution.total_seconds(),
        "revision": event.revision,
        "about": words.line(event.about, stories.ABOUT_LIMIT) or None,
    }


def _origin(origin: Origin | None) -> dict[str, object] | None:
    if origin is None:
        return None
    return {"what": origin.what, "price": origin.price, "at": words.stamp(origin.at)}


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


def _together(notice: Notice) -> dict[str, object]:
    newest = sorted(notice.together, key=lambda event: event.at)[-TOGETHER_LIMIT:]
    return {
        "together": [_told_too(event) for event in newest],
        "together_total": len(notice.together),
    }


def _told_too(event: Event) -> dict[str, object]:
    return {
        "id": str(event.id),
        "alert": event.alert,
        "kind": str(event.kind),
        "level": event.level,
        "price": event.price,
        "at": words.stamp(event.at),
    }
