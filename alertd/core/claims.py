"""What does one cycle take up, and what does it leave behind?

a symbol that is due    Claim ----> bars judged ---> Progress
one that is not         Glimpse --> a quote read --> due now, or not
a message that is due   Delivery -> sent ----------> core.retry.Settlement
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alertd.core.pointing import UNSEEN, Seen
from alertd.core.records import NOTHING
from alertd.core.retry import NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from alertd.core.bars import Symbol
    from alertd.core.book import Cursor
    from alertd.core.events import Event, EventId
    from alertd.core.notices import Notice
    from alertd.core.parcels import Parcel
    from alertd.core.records import Judged, Record
    from alertd.core.retry import Recipients
    from alertd.core.rules import AlertId, Revision
    from alertd.core.states import State


@dataclass(frozen=True, slots=True)
class Claim:
    """A symbol that is ours to judge while the token holds, and where judgement stands.

    `revisions` are those of the alerts whose states these are. `open` are the events that were told
    of bars which may still change. `silent_since` is since when no good bar has come, once that was
    told; None while all is well. `source` gave its newest bars, which lag by `delay` if it says so.
    `unknown_since` is since when the source does not know the symbol.
    """

    symbol: Symbol
    token: str
    cursor: Cursor
    states: Mapping[AlertId, State]
    revisions: Mapping[AlertId, Revision]
    failures: int
    open: tuple[Event, ...] = ()
    silent_since: datetime | None = None
    record: Record = NOTHING
    price: float | None = None
    price_at: datetime | None = None
    good_until: datetime | None = None
    currency: str | None = None
    digits: int | None = None
    seen: Seen = UNSEEN
    source: str | None = None
    delay: timedelta | None = None
    unknown_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a quote of a symbol is compared with: no bars of it are being fetched now."""

    symbol: Symbol
    due_at: datetime
    seen: Seen
    good_until: datetime | None
    silent_since: datetime | None
    delay: timedelta | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What one good cycle over a symbol leaves behind.

    `notices` come with the channels that each goes to. `settled` says of events that were open
    whether they still stand; what is not named stays open. `lately` are the newest judgements, to
    be put behind those that are kept. The price is that of the newest good bar, which ends at
    `good_until`; it is None, with what belongs to it, where the source had no bar.
    """

    cursor: Cursor
    states: Mapping[AlertId, State]
    notices: Sequence[tuple[Notice, tuple[str, ...]]]
    due_at: datetime
    price: float | None = None
    price_at: datetime | None = None
    good_until: datetime | None = None
    currency: str | None = None
    digits: int | None = None
    settled: Mapping[EventId, bool] = field(default_factory=dict)
    lately: Mapping[AlertId, Sequence[Judged]] = field(default_factory=dict)
    silent_since: datetime | None = None
    record: Record = NOTHING
    seen: Seen = UNSEEN
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one channel.

    `attempt` counts from 1 and tells one attempt from every other. `tried` is how many there were
    since it could go out, at `ready_at`; this one is counted. `done` are recipients of the channel
    whom no further attempt concerns.
    """

    parcel: Parcel
    channel: str
    attempt: int
    tried: int
    ready_at: datetime
    done: Recipients = NOBODY

    @property
    def notice(self) -> Notice:
        """Return what it tells first, for the log."""
        return self.parcel.notices[0]
