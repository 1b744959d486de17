"""What does one message tell?

    an event          the events told with it are in its notice
    a reminder        the same event again, `round` times by now
    a digest          several messages that had to wait, as one

Its id depends only on what it tells, so that every attempt and every host sends it under the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.calm import Held
    from alertd.core.events import EventId
    from alertd.core.notices import Notice

ParcelId = NewType("ParcelId", UUID)

# So many messages are summed up in one digest; what is beyond comes in the next. With more, the
# body of a webhook would have no room for the ids of all that those messages tell.
DIGEST_LIMIT = 25


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to one channel as one message; several notices, in order, are a digest.

    `round` counts reminders, 0 for the message itself. `held` is why it had to wait.
    `closed_at` is when the digest was put together; None for a message of its own.
    `instead_of` is the channel that failed, where this goes to its fallback.
    """

    id: ParcelId
    notices: tuple[Notice, ...]
    round: int = 0
    held: Held | None = None
    closed_at: datetime | None = None
    instead_of: str | None = None


def parcel_id(event: EventId, round_: int = 0) -> ParcelId:
    """Return the id of the message that tells an event, or reminds of it."""
    return ParcelId(event if round_ == 0 else uuid5(event, f"reminder/{round_}"))


def digest_id(first: ParcelId, channel: str) -> ParcelId:
    """Return the id of a channel's digest that begins with this message."""
    return ParcelId(uuid5(first, f"digest/{channel}"))


def alone(notice: Notice) -> Parcel:
    """Return the message that tells an event for the first time."""
    return Parcel(parcel_id(notice.event.id), (notice,))
