"""Why does a message come now, and why here?

a reminder      held back until now      in place of a channel that fails
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core import words
from alertd.core.accounts import moment
from alertd.core.calm import Held

if TYPE_CHECKING:
    from alertd.core.parcels import Parcel

_ALONE = {
    Held.SNOOZED: "Held back while the alert was snoozed.",
    Held.PAUSED: "Held back while the alert was paused.",
    Held.QUIET: "Held back by quiet hours.",
    Held.DIGEST: "Held back for the daily digest.",
    Held.RATE: "Held back by the limit on messages to this channel.",
}
_TOGETHER = {
    Held.SNOOZED: "after a snooze",
    Held.PAUSED: "after a pause",
    Held.QUIET: "after quiet hours",
    Held.DIGEST: "in the daily digest",
    Held.RATE: "over the message limit",
}


def of_one(parcel: Parcel) -> tuple[str, ...]:
    """Return what is said of a message that tells one event."""
    held = _ALONE[parcel.held] if parcel.held else ""
    return tuple(filter(None, (_reminds(parcel), held, stands_in(parcel))))


def together(held: Held | None) -> str:
    """Return why several messages come as one: "after quiet hours"."""
    return _TOGETHER[held] if held else "that were held back"


def stands_in(parcel: Parcel) -> str:
    """Return in whose place a message comes; "" where it comes in its own."""
    if parcel.instead_of is None:
        return ""
    name = words.line(parcel.instead_of, words.NAME_LIMIT)
    return f"Channel {name} has not taken this message, so it comes here."


def _reminds(parcel: Parcel) -> str:
    if not parcel.round:
        return ""
    (notice,) = parcel.notices
    at = moment(notice.event.at, notice)
    every = f" every {words.duration(notice.repeat_every)}" if notice.repeat_every else ""
    return (
        f"This is reminder {parcel.round} of what happened at {at}. "
        f"Reminders come{every} until you run: alertd ack {notice.event.alert}"
    )
