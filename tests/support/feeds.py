"""Sources that give what they are told to, for whoever chooses between several."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Self

import pytest

from alertd.core.almanac import Outlook
from alertd.core.bars import Series, Symbol
from alertd.core.calendars import listing
from alertd.core.pointing import Quote
from alertd.errors import SourceError
from alertd.quotes.failover import Failover
from tests.quotes.build import MINUTE, at, minutes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from alertd.core.bars import Bar
    from alertd.core.calendars import Listing
    from alertd.core.rests import Rest
    from tests.support.fakes import HandClock

SINCE = at("16:30")
PATIENCE = timedelta(minutes=10)


@dataclass
class Rests:
    """Keeps for how long sources are left alone."""

    kept: dict[str, Rest] = field(default_factory=dict)

    def rests(self) -> Mapping[str, Rest]:
        return dict(self.kept)

    def keep_rest(self, source: str, rest: Rest) -> None:
        self.kept[source] = rest


@dataclass
class Feed:
    """Bars, days and last prices; `error` is raised in their place. `only` names what it covers."""

    name: str
    now: Callable[[], datetime]
    tape: list[Bar] = field(default_factory=list)
    days: list[Bar] = field(default_factory=list)
    price: float | None = None
    error: SourceError | None = None
    only: Collection[str] | None = None
    room: int = 60
    resting: Rest | None = None
    asked: list[str] = field(default_factory=list)

    def covers(self, listing: Listing) -> bool:
        return self.only is None or listing.symbol in self.only

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        self._answer("bars")
        found = tuple(bar for bar in self.tape if since <= bar.start < until)
        return Series(listing.symbol, found, 2, "USD")

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:  # noqa: ARG002 - the port's shape
        self._answer("daily")
        return Series(listing.symbol, tuple(self.days), 2, "USD")

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's shape
        self._answer("outlook")
        return Outlook(self.now(), self.name, self.price)

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        self._answer(f"quotes of {', '.join(each.symbol for each in listings)}")
        return {each.symbol: Quote(each.symbol, self.price) for each in listings}

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        if self.error:
            raise self.error


@dataclass
class Pair:
    """Yahoo before Alpaca, both with bars up to noon, on a clock that is moved."""

    clock: HandClock
    yahoo: Feed
    alpaca: Feed
    both: Failover

    @classmethod
    def of(cls, clock: HandClock) -> Self:
        yahoo = Feed("yahoo", clock.now, minutes(30, SINCE, 150.0), price=150.0)
        tape = minutes(30, SINCE, 149.0)
        alpaca = Feed("alpaca", clock.now, tape, price=149.0, only=["BABA"])
        both = Failover([yahoo, alpaca], clock.now, patience=lambda _: PATIENCE)
        return cls(clock, yahoo, alpaca, both)

    def bars(self) -> Series:
        until = self.clock.now() + MINUTE
        return self.both.bars(listing(Symbol("BABA")), SINCE, until)

    def refusal(self) -> SourceError:
        with pytest.raises(SourceError) as raised:
            self.bars()
        return raised.value
