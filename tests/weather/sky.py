"""What does Yahoo's weather do to a message, from the request to the receiver?

    YahooServer <- yfinance <- Yahoo <- Watch -> Database -> Deliver -> Receiver
       (TLS, played)    (unmodified)        (SQLite)            (HTTP)

Everything is real but Yahoo itself and the clock, which is moved by hand from poll to poll.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from alertd.channels.webhook import Webhook
from alertd.core.alerts import Alert
from alertd.core.calendars import listing
from alertd.core.calm import FREELY
from alertd.deliver import Deliver, Route
from alertd.quotes.failover import Failover
from alertd.quotes.manners import Manners
from alertd.quotes.yahoo import Yahoo
from alertd.store.database import Database
from alertd.watch import Plan, Watch
from tests.support.build import MONDAY, at, bar, flat, rule
from tests.support.fakes import HandClock, Letterbox
from tests.support.webhook import Receiver
from tests.support.yahoo_markets import unfolding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from alertd.core.bars import Bar
    from alertd.core.calendars import Listing
    from alertd.core.rules import Rule
    from alertd.quotes.failover import Feed
    from tests.support.yahoo import YahooServer

# An hour in which BABA falls below 150 in its fourth minute, and what is told of it.
BELOW = rule("below 150")
COURSE = [
    *flat("09:30", 151, 151, 151),
    bar("09:33", "151 151 149.5 149.6"),
    *flat("09:34", *[149.6] * 60),
]
FELL = "fired BABA 149.5 at 09:33"

MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(seconds=10)

# A request that hangs is given up after so many seconds.
_TIMEOUT = 0.4
_PER_MINUTE = 60
# A poll comes some seconds after the minute, as polls do.
_LATER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Polled:
    """One minute's polls: how many requests they made."""

    at: datetime
    requests: int


class Sky:
    """A daemon's services under a sky that a test makes, from one moment on."""

    def __init__(
        self,
        folder: Path,
        yahoo: YahooServer,
        rules: Sequence[Rule],
        start: datetime,
        *,
        places: Sequence[Listing] = (),
        interval: timedelta = MINUTE,
        sweep: timedelta | None = None,
        cache: str = "cache",
        stand_in: Callable[[HandClock], Feed] | None = None,
    ) -> None:
        """Watch these rules; `sweep` is how often bars come that no quote points at.

        stand_in: a source that is asked where Yahoo gives nothing.
        """
        self.folder, self.yahoo, self.rules = folder, yahoo, rules
        self.clock = HandClock(start)
        symbols = dict.fromkeys(rule.symbol for rule in rules)
        self.places = {symbol: listing(symbol) for symbol in symbols}
        self.places |= {place.symbol: place for place in places}
        alerts = [Alert(rule, f"{rule.id} by name", notify=("desk", "letters")) for rule in rules]
        self.plan = Plan(alerts, self.places, interval, timedelta(minutes=5), sweep=sweep)
        self.cache, self._stand_in = folder / cache, stand_in
        self._open()
        self.receiver = Receiver()
        self.receiver.__enter__()
        desk = Webhook(url=self.receiver.url, allow_http=True, allow_hosts=("localhost",))
        self.letters = Letterbox()
        self._routes = {"desk": Route(desk, FREELY), "letters": Route(self.letters, FREELY)}
        self.polls: list[Polled] = []

    def _open(self) -> None:
        self.store = Database.own(self.folder / "alertd.db")
        self.store.adopt(list(self.rules), self.clock.now())
        now = self.clock.now
        manners = Manners("yahoo", _PER_MINUTE, now, self.store)
        yahoo = Yahoo(self.cache, now, timeout=_TIMEOUT, manners=manners)
        others = [self._stand_in(self.clock)] if self._stand_in else []
        source = Failover([yahoo, *others], now, patience=self.plan.patience)
        self.watch = Watch(self.clock, source, self.store, self.plan, source)

    def restart(self) -> None:
        """Let another process take over what this one has kept."""
        self.store.close()
        self._open()

    def close(self) -> None:
        self.receiver.__exit__()
        self.store.close()

    def play(self, symbol: str = "BABA", bars: Sequence[Bar] = COURSE) -> None:
        """Let Yahoo serve these bars, each as far as it has grown."""
        self.yahoo.play(symbol, unfolding(bars, self.clock.now))

    def until(self, end: datetime) -> None:
        """Poll a little after each minute that ends by then, and tell what comes of it."""
        while self.clock.now() + self.plan.interval <= end + _LATER:
            self.poll(self.clock.now() + self.plan.interval)

    def poll(self, moment: datetime) -> None:
        """Poll what is due at a moment."""
        self.clock.to(moment)
        before, told = len(self.yahoo.requests), 0
        while (events := self.watch.step()) is not None:
            told += events
        self.polls.append(Polled(moment, len(self.yahoo.requests) - before))
        if told:
            self._deliver()

    def _deliver(self) -> None:
        deliver = Deliver(self.clock, self.store, self._routes, lambda: 0.5)
        deliver.tick()
        assert deliver.wait(PATIENCE)
        deliver.stop()

    def asked(self, since: datetime, until: datetime) -> int:
        """Return how many requests were made in `[since, until)`."""
        return sum(each.requests for each in self.polls if since <= each.at < until)

    def bodies(self) -> list[dict[str, Any]]:
        """Return what has been delivered, oldest first."""
        return [json.loads(call.body) for call in self.receiver.calls]

    def told(self) -> list[str]:
        """Return what has been delivered, as "fired BABA 149.5 at 09:33"."""
        return [self._said(body["type"], body["data"]) for body in self.bodies()]

    def crossings(self) -> list[str]:
        """Return the same, whether late or not."""
        return [said.removesuffix(" (late)") for said in self.told()]

    def _said(self, kind: str, data: dict[str, Any]) -> str:
        zone = self.places[data["symbol"]].calendar.zone
        when = datetime.fromisoformat(data["at"]).astimezone(zone)
        gap = " (gap)" if data["gap"] else ""
        late = " (late)" if data["late"] else ""
        said = f"{kind.removeprefix('alert.')} {data['symbol']}"
        return f"{said} {data['price']:g} at {when:%H:%M}{gap}{late}"


def seconds_past(clock: str, day: str = MONDAY) -> datetime:
    """Return a New York time of day at which a poll comes, some seconds past the minute."""
    return at(clock, day) + _LATER
