"""Why does a message come now, why here, and of whose prices?

a reminder      held back until now      in place of a channel or of a source that fails
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core import currencies, words
from alertd.core.accounts import moment
from alertd.core.calm import Held

if TYPE_CHECKING:
    from alertd.core.notices import Notice
    from alertd.core.parcels import Parcel

_SOURCE_LIMIT = 40

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


def quotes(notice: Notice) -> str:
    """Return whose the prices are, and what they are in where that is a part of a currency."""
    whose = words.line(notice.source, _SOURCE_LIMIT)
    if notice.first_source:
        whose = f"{whose}, in place of {words.line(notice.first_source, _SOURCE_LIMIT)}"
    if notice.currency not in currencies.PARTS:
        return whose
    return f"{whose}, in {currencies.named(notice.currency)}"


def switched(notice: Notice) -> str:
    """Return why what is told late is told by another source than the one that is asked first."""
    if not (notice.late and notice.first_source):
        return ""
    first, source = (words.line(n, _SOURCE_LIMIT) for n in (notice.first_source, notice.source))
    return f"{first[:1].upper()}{first[1:]} gave no prices: these are from {source}."
