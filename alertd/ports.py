"""What do the services ask of the outside?

    watch    needs  Clock, QuoteSource, WatchStore
    deliver  needs  Clock, OutboxStore, Channel

The adapters in `quotes/`, `channels/` and `store/` have these shapes; no service imports one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from alertd.core.records import NOTHING
from alertd.core.retry import NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from alertd.core.almanac import Almanac, Outlook
    from alertd.core.bars import Series, Symbol
    from alertd.core.book import Cursor
    from alertd.core.calendars import Listing
    from alertd.core.calm import Calm
    from alertd.core.events import Event, EventId
    from alertd.core.messages import Message
    from alertd.core.notices import Notice
    from alertd.core.parcels import Parcel
    from alertd.core.records import Judged, Record
    from alertd.core.retry import Outcome, Recipients, Settlement
    from alertd.core.rules import AlertId, Revision
    from alertd.core.states import State


class Clock(Protocol):
    """What time it is, and how long a stretch of that time lasts in the real world."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        ...

    def real(self, span: timedelta) -> timedelta:
        """Return how long this clock takes to advance by `span`."""
        ...


class QuoteSource(Protocol):
    """Where bars come from."""

    @property
    def name(self) -> str:
        """Return the source's name as users know it: "yahoo", "simulated"."""
        ...

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return the bars of `[since, until)`, oldest first.

        A bar coarser than a minute that began before `since` and ends after it is one of them.

        returns: the finest bars the source still has, the forming one included, pre- and
                 post-market too; empty where there was no trading. A row without a price is a
                 bar of `nan`.
        raises:  RateLimited, UnknownSymbol, SourceDown.
        """
        ...

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        """Return the daily bars of the sessions that open in `[since, until)`, oldest first.

        `since` None asks for all that the source has.

        returns: each from its session's open to its close; raw prices, split-adjusted only;
                 empty where the source has none.
        raises:  as `bars`.
        """
        ...

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:
        """Return what the source says of the company; `targets` asks for analysts' targets too.

        What the source does not know is None. A source that knows nothing of the kind returns an
        empty outlook.

        raises:  as `bars`.
        """
        ...


class Channel(Protocol):
    """A way to reach the user. `send` blocks for less than `deadline`."""

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `send` may take."""
        ...

    def send(self, message: Message, now: datetime, done: Recipients = NOBODY) -> Outcome:
        """Send one message; outcomes are returned, and only bugs are raised.

        done: those of the channel's recipients who are not to get it again, by earlier attempts.
        """
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A symbol that is ours to judge while the token holds, and where judgement stands.

    `revisions` are those of the alerts whose states these are. `open` are the events that were told
    of bars which may still change. `silent_since` is since when no good bar has come, once that was
    told; None while all is well.
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


class WatchStore(Protocol):
    """Where judgement is kept."""

    def claim_symbols(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Lease the symbols that are due, the longest waiting first."""
        ...

    def record(self, claim: Claim, progress: Progress, now: datetime) -> frozenset[EventId] | None:
        """Keep cursor, states, events and deliveries in one transaction: the promise.

        returns: the events that are new; None, with nothing kept, when the lease was lost.
        """
        ...

    def postpone(
        self,
        claim: Claim,
        error: str,
        due_at: datetime,
        *,
        notices: Sequence[tuple[Notice, tuple[str, ...]]] = (),
        silent_since: datetime | None = None,
    ) -> frozenset[EventId]:
        """Give a symbol back unjudged, to be tried again later; return the events that are new."""
        ...

    def almanac(self, symbol: Symbol) -> Almanac | None:
        """Return the daily history and outlook that are kept of a symbol; None where none are."""
        ...

    def keep_almanac(self, symbol: Symbol, almanac: Almanac, now: datetime) -> None:
        """Keep a symbol's daily history and outlook in place of those that were kept."""
        ...


class OutboxStore(Protocol):
    """Where promises wait to be kept."""

    def claim_deliveries(
        self, now: datetime, channel: str, lease: timedelta, limit: int, calm: Calm
    ) -> Sequence[Delivery]:
        """Lease what is due to a channel, the longest waiting first, at most `limit` messages.

        What has to wait by `calm`, or because its alert is snoozed or paused, is put off. Of what
        has waited, all that may go out now becomes one digest, but for what was tried already. A
        closed channel has nothing due.
        """
        ...

    def settle(self, delivery: Delivery, settlement: Settlement, now: datetime) -> bool:
        """Keep how an attempt ended; False when another attempt has begun since."""
        ...

    def remind(self, now: datetime) -> int:
        """Make due the reminders whose time has come; return how many messages."""
        ...

    def hand_over(self, now: datetime, fallbacks: Mapping[str, str]) -> int:
        """Promise to its fallback what a channel has not taken; return how many messages.

        fallbacks: by the channel that fails. Handed over is, once, what has been due for 15
        minutes, what is dead, and whatever is due to a closed channel; it stays the channel's too.
        """
        ...
