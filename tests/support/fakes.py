"""Small real parts: a clock that is moved by hand, a tape of bars, a letterbox."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Range, Series, Split
from alertd.core.retry import NOBODY, Outcome, Recipients, Sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from alertd.core.calendars import Listing
    from alertd.core.messages import Message
    from alertd.errors import SourceError


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def real(self, span: timedelta) -> timedelta:
        return span

    def to(self, moment: datetime) -> None:
        self.moment = moment


@dataclass
class Tape:
    """A source that plays bars: a bar is seen once it has begun, whole at once.

    Errors that are queued are raised first, one a call.
    """

    clock: HandClock
    tape: list[Bar]
    official: list[Bar] = field(default_factory=list)
    currency: str | None = "USD"
    errors: list[SourceError] = field(default_factory=list)
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    asked_daily: list[tuple[datetime | None, datetime]] = field(default_factory=list)
    daily_error: SourceError | None = None
    outlooks: list[Outlook] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    year: Range | None = None
    name: str = "tape"

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        self.asked.append((since, until))
        if self.errors:
            raise self.errors.pop(0)
        return self._seen(listing, self.tape, since, until)

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        self.asked_daily.append((since, until))
        if self.daily_error:
            raise self.daily_error
        return self._seen(listing, self.official, since or until - timedelta(days=9999), until)

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's
        if self.daily_error:
            raise self.daily_error
        now = self.clock.now()
        known = [outlook for outlook in self.outlooks if outlook.at <= now]
        return replace(known[-1], at=now) if known else Outlook(now, self.name)

    def _seen(self, listing: Listing, bars: list[Bar], since: datetime, until: datetime) -> Series:
        end = min(until, self.clock.now())
        seen = tuple(bar for bar in bars if since <= bar.start < end)
        splits = tuple(split for split in self.splits if split.at < end)
        return Series(listing.symbol, seen, 2, self.currency, splits, self.year)


class Letterbox:
    """A channel that keeps what it is sent, and answers as it is told."""

    deadline = timedelta(seconds=15)

    def __init__(self, answer: Callable[[int], Outcome] = lambda _count: Sent()) -> None:
        self._answer = answer
        self._lock = Lock()
        self.messages: list[Message] = []
        self.done: list[Recipients] = []

    def send(
        self,
        message: Message,
        now: datetime,  # noqa: ARG002 - the port's
        done: Recipients = NOBODY,
    ) -> Outcome:
        with self._lock:
            self.messages.append(message)
            self.done.append(done)
            return self._answer(len(self.messages))
