"""Many symbols at once: a source that has quotes of all of them, and a watch over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.alerts import Alert
from alertd.core.almanac import Outlook
from alertd.core.bars import Series, Symbol
from alertd.core.calendars import listing
from alertd.core.calm import FREELY
from alertd.core.pointing import Quote
from alertd.core.sessions import Hours
from alertd.errors import Crowded
from alertd.store.database import Database
from alertd.watch import Plan, Watch
from tests.support.build import SESSIONS, at
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from alertd.core.bars import Bar
    from alertd.core.calendars import Listing
    from alertd.core.rules import Rule

MINUTE = timedelta(minutes=1)
SWEEP = timedelta(minutes=15)


@dataclass
class Floor:
    """Bars and quotes of many symbols: a bar is seen once it has begun, whole at once.

    `errors` are raised for a symbol's bars, `odd` are quotes in place of the true ones, None for
    none. `whose` says whose bars a symbol's are, `others` are another source's bars, and
    `official` the days of each. Where it `spends`, each request takes some of the room.
    """

    clock: HandClock
    tapes: dict[Symbol, list[Bar]]
    room: int = 10_000
    spends: bool = False
    errors: dict[Symbol, Exception] = field(default_factory=dict)
    quote_error: Exception | None = None
    odd: dict[Symbol, Quote | None] = field(default_factory=dict)
    delay: timedelta | None = None
    whose: dict[Symbol, str] = field(default_factory=dict)
    others: dict[Symbol, list[Bar]] = field(default_factory=dict)
    asked: list[Symbol] = field(default_factory=list)
    asked_quotes: list[list[Symbol]] = field(default_factory=list)
    asked_second: list[tuple[Symbol, datetime]] = field(default_factory=list)
    official: list[Bar] = field(default_factory=list)
    daily_error: Exception | None = None
    name: str = "floor"

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        self._spend()
        self.asked.append(listing.symbol)
        if error := self.errors.get(listing.symbol):
            raise error
        bars = tuple(bar for bar in self._seen(listing.symbol) if since <= bar.start < until)
        return Series(listing.symbol, bars, 2, "USD", source=self.whose.get(listing.symbol, ""))

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        if self.daily_error:
            raise self.daily_error
        days = (day for day in self.official if day.end <= self.clock.now() and day.start < until)
        seen = tuple(day for day in days if since is None or since <= day.start)
        return Series(listing.symbol, seen, 2, "USD")

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's
        return Outlook(self.clock.now(), self.name)

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        symbols = [listing.symbol for listing in listings]
        self._spend()
        self.asked_quotes.append(symbols)
        if self.quote_error:
            raise self.quote_error
        found = {symbol: self.odd.get(symbol, self._quote(symbol)) for symbol in symbols}
        return {symbol: quote for symbol, quote in found.items() if quote}

    def second(
        self, listing: Listing, since: datetime, until: datetime, besides: str
    ) -> Series | None:
        self.asked_second.append((listing.symbol, since))
        bars = self.others.get(listing.symbol)
        if bars is None or besides != self.name:
            return None
        seen = tuple(bar for bar in bars if since <= bar.start < until)
        return Series(listing.symbol, seen, 2, "USD", source="other")

    def _spend(self) -> None:
        if self.spends and self.room < 1:
            msg = "floor: no room"
            raise Crowded(msg, self.clock.now() + timedelta(seconds=30))
        self.room -= self.spends

    def _seen(self, symbol: Symbol) -> list[Bar]:
        return [bar for bar in self.tapes.get(symbol, ()) if bar.start < self.clock.now()]

    def _quote(self, symbol: Symbol) -> Quote:
        seen = self._seen(symbol)
        if not seen:
            return Quote(symbol, delay=self.delay)
        newest = seen[-1]
        session = SESSIONS.last(newest.start, Hours.REGULAR)
        of_day = [bar for bar in seen if session and session.holds(bar.start, Hours.REGULAR)]
        return Quote(
            symbol,
            newest.close,
            min(newest.end, self.clock.now()),
            min((bar.low for bar in of_day), default=None),
            max((bar.high for bar in of_day), default=None),
            self.delay,
            "USD",
        )


class Crowd:
    """A database, a floor and a clock, with the watch service between them; `chance` is fixed."""

    def __init__(
        self,
        path: Path,
        start: str,
        rules: Sequence[Rule],
        tapes: Mapping[str, list[Bar]],
        *,
        sweep: timedelta | None = SWEEP,
        patience: timedelta = timedelta(days=99),
        chance: float = 0.0,
    ) -> None:
        self.path, self.rules, self.chance = path, list(rules), chance
        self.clock = HandClock(at(start))
        self.floor = Floor(self.clock, {Symbol(name): bars for name, bars in tapes.items()})
        alerts = [Alert(rule, f"{rule.id} by name", notify=("desk",)) for rule in rules]
        symbols = sorted({rule.symbol for rule in rules})
        self.plan = Plan(
            alerts,
            {symbol: listing(symbol) for symbol in symbols},
            MINUTE,
            timedelta(minutes=5),
            dict.fromkeys(symbols, patience),
            sweep,
        )
        self.store = Database.own(path)
        self.begin()

    def begin(self) -> None:
        """Watch as a new process does."""
        self.store.adopt(self.rules, self.clock.now())
        self.watch = Watch(
            self.clock, self.floor, self.store, self.plan, self.floor, lambda: self.chance
        )

    def restart(self) -> None:
        """Let another process take over what this one has kept."""
        self.store.close()
        self.store = Database.own(self.path)
        self.begin()

    def polled(self, clock: str, day: str = "2026-03-09") -> list[Symbol]:
        """Do what is due at a time of day; return whose bars were asked for, in order."""
        self.turn(at(clock, day))
        return self.floor.asked

    def turn(self, moment: datetime) -> int:
        """Do what is due at a moment; return how many events that gave."""
        self.clock.to(moment)
        self.floor.asked.clear()
        self.floor.asked_quotes.clear()
        count = 0
        while (new := self.watch.step()) is not None:
            count += new
        return count

    def told(self) -> list[str]:
        """Return what is to be delivered: `a fired`."""
        now, lease = self.clock.now(), timedelta(minutes=1)
        found = self.store.claim_deliveries(now, "desk", lease, 999, FREELY)
        return [
            f"{event.alert} {event.kind}"
            for delivery in found
            for event in (*delivery.notice.together, delivery.notice.event)
        ]
