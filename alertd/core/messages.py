"""What does the user read?

    Parcel -> Message: subject, text, HTML and the webhook's JSON, all from the same facts

A message is derived, never stored: the same parcel gives the same message at every attempt and on
every host.

In the JSON, `level` and `price` are in the unit of the figure `of`; `price_now`, the prices of
`others` and of `origin` are prices (for a volume `origin` is in shares). `origin` is what the level
is made of, `asked` how the file says it, `was` what it was when it was last told or first known,
and `band` both edges of one. `about` is why a level was refused, or the kind that is taken back.
`together` are the newest of the events that this message tells besides its own, of `together_total`
in all; those of other levels say `name`, `condition`, `severity`, `gap` and `note` too, and the
message's own `severity` is then the highest. `distance_percent` is how far above the level the
price is now; of a band, above the nearer edge. The event of a symbol, "stale" or "resumed", names
the symbol as its `alert` and has no `condition`. `source` is whose prices these are; where that is
not the one that is asked first, because it gave none, `first_source` names that one. Prices are in
`currency` as the exchange quotes them: "GBp" are pence, and 72.5 of them are 0.725 GBP.

`held` is why a message had to wait ("quiet", "digest", "rate", "snoozed", "paused"), `instead_of`
the channel that has not taken it. A `reminder` counts from 1, and its type is "alert.reminder".

A digest, "alert.digest", has an `id` of its own, the `reason` for which its `events` were held, and
of each event `id`, `symbol`, `alert`, `kind`, `level`, `price` and `at`: only the `id` of those
told with another where there is no room for more. `total` counts late events that are left out too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alertd.core import digests, headlines, payloads, stories, templates, words
from alertd.core.notices import single

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from alertd.core.parcels import Parcel

# A digest is a thread of its own: it is about no alert more than about another.
_DIGESTS = "digest"


@dataclass(frozen=True, slots=True)
class Chart:
    """The last sessions as a PNG, and the same in words for who does not see it."""

    png: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready for any channel; the same at every attempt.

    `id` is "msg_" and the parcel's UUID. `thread` names the alert, so that mail clients keep its
    messages together. `created_at` is when the event was recorded. `payload` is the whole JSON body
    of a webhook. `chart` is for channels that show pictures, where one could be drawn.
    """

    id: str
    thread: str
    created_at: datetime
    subject: str
    text: str
    html: str
    payload: Mapping[str, object]
    chart: Chart | None = None


def message(parcel: Parcel) -> Message:
    """Return what one message tells."""
    parcel = digests.distinct(parcel)
    if len(parcel.notices) > 1:
        return _digest(parcel)
    if parcel.round:
        parcel = _reminder(parcel)
    (notice,) = parcel.notices
    story = stories.story(parcel)
    created_at = _created_at(parcel)
    return Message(
        id=f"msg_{parcel.id}",
        thread=notice.event.alert,
        created_at=created_at,
        subject=headlines.subject(notice, parcel.round),
        text=templates.text(story),
        html=templates.html(story),
        payload=payloads.of_one(parcel, created_at),
    )


def _digest(parcel: Parcel) -> Message:
    story = digests.story(parcel)
    created_at = _created_at(parcel)
    return Message(
        id=f"msg_{parcel.id}",
        thread=_DIGESTS,
        created_at=created_at,
        subject=digests.subject(parcel),
        text=templates.text(story),
        html=templates.html(story),
        payload=payloads.of_digest(parcel, created_at),
    )


def _reminder(parcel: Parcel) -> Parcel:
    """Return the reminder of one firing: each level of a message is reminded of by itself."""
    (notice,) = parcel.notices
    return replace(parcel, notices=(single(notice, notice.event),))


def _created_at(parcel: Parcel) -> datetime:
    """Return when it could be written for the first time, the same at every attempt."""
    first = parcel.notices[0]
    if parcel.round and first.repeat_every:
        return first.detected_at + parcel.round * first.repeat_every
    return parcel.closed_at or first.detected_at


def test_message(channel: str, now: datetime, ids: UUID) -> Message:
    """Return a message that says only that a channel works; `ids` makes it unlike any other."""
    name = words.line(channel, words.NAME_LIMIT)
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
