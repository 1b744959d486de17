"""What does the receiver of a webhook read?

The fields are documented in `messages`. A body stays under 20 kB, whatever the user wrote.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from alertd.core import crossings, stories, words
from alertd.core.crossings import TOGETHER_LIMIT
from alertd.core.notices import Severity, single

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.events import Event, EventId
    from alertd.core.notices import Notice, OtherLevel
    from alertd.core.parcels import Parcel
    from alertd.core.states import Origin

_LONGEST_ASKED = 80
_LONGEST_NAME_TOGETHER = 40

# What is left of a digest's 20 kB for its events, in bytes.
_ROOM = 19_000


def of_one(parcel: Parcel, created_at: datetime) -> dict[str, object]:
    """Return the body that tells one event, or several levels."""
    (notice,) = parcel.notices
    kind = "reminder" if parcel.round else str(notice.event.kind)
    return {
        "type": f"alert.{kind}",
        "timestamp": words.stamp(created_at),
        "data": {
            **_event(notice),
            **_surroundings(notice),
            **_together(notice),
            "reminder": parcel.round,
            "held": _held(parcel),
            "instead_of": _instead_of(parcel),
        },
    }


def of_digest(parcel: Parcel, created_at: datetime) -> dict[str, object]:
    """Return the body of a digest."""
    severity = max((notice.severity for notice in parcel.notices), key=list(Severity).index)
    return {
        "type": "alert.digest",
        "timestamp": words.stamp(created_at),
        "data": {
            "id": str(parcel.id),
            "reason": _held(parcel),
            "instead_of": _instead_of(parcel),
            "severity": str(severity),
            "simulated": any(notice.simulated for notice in parcel.notices),
            "events": _events(parcel),
            "total": sum(1 + len(notice.together) for notice in parcel.notices),
        },
    }


def _events(parcel: Parcel) -> list[dict[str, object]]:
    """Return every event, in order: of those told with another only the id, once room is short."""
    heads = [notice.event for notice in parcel.notices]
    told = [event for notice in parcel.notices for event in (*_newest(notice), notice.event)]
    found: dict[EventId, dict[str, object]] = {event.id: {"id": str(event.id)} for event in told}
    room = _ROOM - sum(map(_size, found.values()))
    for event in {event.id: event for event in (*heads, *told)}.values():
        whole = {**_told_too(event), "symbol": event.symbol}
        room -= _size(whole) - _size(found[event.id])
        if room < 0:
            break
        found[event.id] = whole
    return list(found.values())


def _size(value: object) -> int:
    """Return how many bytes of a body a value takes, with the comma after it."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()) + 1


def _event(notice: Notice) -> dict[str, object]:
    event = notice.event
    return {
        "id": str(event.id),
        "alert": event.alert,
        "name": words.line(notice.name, words.NAME_LIMIT),
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
        "about": words.line(event.about, words.ABOUT_LIMIT) or None,
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
        "note": words.block(notice.note, _longest_note(notice)),
        "others": [_other(other) for other in stories.near(notice)],
        "source": words.line(notice.source, words.NAME_LIMIT),
        "first_source": words.line(notice.first_source, words.NAME_LIMIT) or None,
        "simulated": notice.simulated,
    }


def _other(other: OtherLevel) -> dict[str, object]:
    return {
        "alert": other.alert,
        "name": words.line(other.name, words.NAME_LIMIT),
        "level": other.level,
        "percent": round(other.percent, 2),
    }


def _together(notice: Notice) -> dict[str, object]:
    return {
        "together": [{**_told_too(event), **_asked(notice, event)} for event in _newest(notice)],
        "together_total": len(notice.together),
    }


def _newest(notice: Notice) -> list[Event]:
    return sorted(notice.together, key=lambda event: event.at)[-TOGETHER_LIMIT:]


def _told_too(event: Event) -> dict[str, object]:
    return {
        "id": str(event.id),
        "alert": event.alert,
        "kind": str(event.kind),
        "level": event.level,
        "price": event.price,
        "at": words.stamp(event.at),
    }


def _asked(notice: Notice, event: Event) -> dict[str, object]:
    """Return what was asked for with another level that was crossed."""
    if event.alert not in notice.wishes:
        return {}
    one = single(notice, event)
    return {
        "name": words.line(one.name, _LONGEST_NAME_TOGETHER),
        "condition": str(one.condition),
        "severity": str(one.severity),
        "gap": event.gap,
        "note": words.block(one.note, _longest_note(notice)),
    }


def _longest_note(notice: Notice) -> int:
    """Return how much of each note there is room for: those of several levels share it."""
    notes = sum(bool(one.note) for one in crossings.singles(notice)) if notice.wishes else 1
    return words.NOTE_LIMIT // max(notes, 1)


def _held(parcel: Parcel) -> str | None:
    return str(parcel.held) if parcel.held else None


def _instead_of(parcel: Parcel) -> str | None:
    return words.line(parcel.instead_of, words.NAME_LIMIT) if parcel.instead_of else None
