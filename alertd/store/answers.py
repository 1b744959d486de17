"""What do those who only want to know get to see?

symbols, alerts        where judgement stands
events, deliveries     what was told, and how far its messages are
channels               how delivery goes
reminders              what is told again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.core.pointing import UNSEEN, Seen
from alertd.core.records import NOTHING, Judged, Record
from alertd.core.retry import NOBODY, Recipients
from alertd.store.tables import SETTLED

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from alertd.core.bars import Symbol
    from alertd.core.calm import Held
    from alertd.core.events import EventId
    from alertd.core.notices import Notice
    from alertd.core.rules import AlertId, Revision
    from alertd.core.states import State


@dataclass(frozen=True, slots=True)
class AlertRow:
    """Where one alert stands, and its newest judgements, oldest first.

    `last_fired_at` is bar time, whatever its revision was then; what was withdrawn does not count.
    `fired_openly`: it has fired in a bar that may still change, and the state does not show that.
    """

    alert: AlertId
    symbol: Symbol
    revision: Revision
    state: State
    last_fired_at: datetime | None
    lately: tuple[Judged, ...] = ()
    fired_openly: bool = False


@dataclass(frozen=True, slots=True)
class SymbolRow:
    """What was last seen of one symbol. `price` is the close of the bar that began at `price_at`.

    `error` is what stopped the last poll, the newest of `failures` in a row; None when it was good.
    The newest good bar ended at `good_until`. `silent_since` is since when none has come, once that
    was told; None while all is well. `source` gave the newest bar; its prices lag by `delay`, where
    it says so. `unknown_since` is since when the source does not know the symbol. `pointed` says
    that it is to be judged before others, by what a quote showed or because of an alert.
    """

    symbol: Symbol
    price: float | None
    price_at: datetime | None
    currency: str | None
    digits: int | None
    due_at: datetime
    polled_at: datetime | None
    failures: int
    error: str | None
    good_until: datetime | None = None
    silent_since: datetime | None = None
    record: Record = NOTHING
    source: str | None = None
    delay: timedelta | None = None
    unknown_since: datetime | None = None
    seen: Seen = UNSEEN
    pointed: bool = False


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """How delivery to one channel goes, in messages.

    `held` are those that wait by calm; no others are `waiting`. `error` is one that a waiting or
    dead message met. The oldest of those that were tried and not taken could first go out at
    `failing_since`. A channel that takes nothing is left alone until `closed_until`.
    """

    channel: str
    waiting: int
    dead: int
    sent: int
    last_sent_at: datetime | None
    error: str | None
    held: int = 0
    failing_since: datetime | None = None
    closed_until: datetime | None = None
    closed_why: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How far one message to one channel is; `status` is "due", "sent" or "dead".

    `held` is why it waits or had to. `round` counts reminders. `instead_of` is the channel that
    failed, where this one is its fallback.
    """

    channel: str
    status: str
    attempts: int
    settled_at: datetime | None
    error: str | None
    due_at: datetime | None = None
    held: Held | None = None
    round: int = 0
    instead_of: str | None = None
    recipients: Recipients = NOBODY


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """A firing, `since` then, that nobody has acknowledged; `round` reminders of it have come."""

    alert: AlertId
    event: EventId
    every: timedelta
    next_at: datetime
    round: int
    since: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as it was found, and how far its messages are, by channel.

    `standing` is "open" while its bar may still change, then "settled" or "withdrawn". `told_with`
    is the event whose message tells this one too, and whose deliveries these are; None where it has
    a message of its own.
    """

    notice: Notice
    deliveries: tuple[DeliveryRow, ...]
    standing: str = SETTLED
    told_with: EventId | None = None
