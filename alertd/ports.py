"""What do the services ask of the outside?

    watch    needs  Clock, QuoteSource, Board, WatchStore
    quotes   need   SourceStore
    deliver  needs  Clock, OutboxStore, Channel

The adapters in `quotes/`, `channels/` and `store/` have these shapes; no service imports one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from alertd.core.retry import NOBODY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from alertd.core.almanac import Almanac, Outlook
    from alertd.core.bars import Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.calm import Calm
    from alertd.core.claims import Claim, Delivery, Glimpse, Progress
    from alertd.core.events import EventId
    from alertd.core.messages import Message
    from alertd.core.notices import Notice
    from alertd.core.pointing import Quote
    from alertd.core.rests import Rest
    from alertd.core.retry import Outcome, Recipients, Settlement


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


class Board(Protocol):
    """What sources can be asked besides, where many symbols are watched or a bar is in doubt."""

    @property
    def room(self) -> int:
        """Return how many requests may be made now; 0 while the source rests."""
        ...

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        """Return what the source says of each symbol at this moment, in few requests.

        A symbol that it does not know is missing.

        raises:  RateLimited, SourceDown.
        """
        ...

    def second(
        self, listing: Listing, since: datetime, until: datetime, besides: str
    ) -> Series | None:
        """Return the bars of `[since, until)` from a source that is not `besides`, if there is one.

        None where no other source is configured, knows the symbol, or answers.
        """
        ...


class SourceStore(Protocol):
    """Where it is kept for how long sources are left alone, over restarts."""

    def rests(self) -> Mapping[str, Rest]:
        """Return the newest rest of each source that ever had one."""
        ...

    def keep_rest(self, source: str, rest: Rest) -> None:
        """Keep a source's newest rest in place of the one before."""
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


class WatchStore(Protocol):
    """Where judgement is kept."""

    def claim_symbols(
        self, now: datetime, lease: timedelta, limit: int, *, in_turn: bool = False
    ) -> Sequence[Claim]:
        """Lease the symbols that are due: those a quote pointed at, then the longest waiting.

        With `in_turn` the longest waiting are first, whether pointed at or not.
        """
        ...

    def glimpses(self) -> Sequence[Glimpse]:
        """Return what quotes are compared with, of every symbol that nobody holds.

        Not of those that were pointed at already, or that their source does not know.
        """
        ...

    def hasten(self, symbols: Collection[Symbol], now: datetime) -> None:
        """Make symbols due now, before all others: a quote has pointed at them."""
        ...

    def keep_delays(self, delays: Mapping[Symbol, timedelta]) -> None:
        """Keep by how much the source of some symbols lags, as it says."""
        ...

    def record(self, claim: Claim, progress: Progress, now: datetime) -> frozenset[EventId] | None:
        """Keep cursor, states, events and deliveries in one transaction: the promise.

        returns: the events that are new; None, with nothing kept, when the lease was lost.
        """
        ...

    def record_all(
        self, done: Sequence[tuple[Claim, Progress]], now: datetime
    ) -> Sequence[frozenset[EventId] | None]:
        """Keep several symbols in one transaction, each as `record` does."""
        ...

    def postpone(
        self,
        claim: Claim,
        error: str,
        due_at: datetime | None,
        *,
        notices: Sequence[tuple[Notice, tuple[str, ...]]] = (),
        silent_since: datetime | None = None,
        unknown_since: datetime | None = None,
    ) -> frozenset[EventId]:
        """Give a symbol back unjudged, to be tried again later; return the events that are new.

        An empty `error` says that nothing has failed. A symbol that was pointed at stays so, but
        for one that is unknown. Without `due_at` it keeps its place among those that are due.
        """
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
