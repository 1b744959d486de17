"""How does a test run the whole of alertd in its own process, with a clock and a heart of its own?

    Price, set by hand --> Daemon --HTTP--> Desk

Where minutes have to pass, or heartbeats, real time is too slow.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Semaphore, Thread
from typing import TYPE_CHECKING

from alertd import config
from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Series
from alertd.daemon import Daemon, Order
from alertd.ops.bounded import Feed
from alertd.store.database import Database
from alertd.store.desk import Desk as Said
from tests.e2e.process import PATIENCE
from tests.support.running import NOBODY, Stuck

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alertd.core.calendars import Listing
    from alertd.ports import Clock
    from tests.e2e.house import Desk

CALM = 151.0
_MINUTE = timedelta(minutes=1)
_NEWEST_LAST = range(9, -1, -1)

_CONFIG = """
[[alert]]
id = "below-150"
symbol = "BABA"
below = 150
severity = "critical"
repeat_every = "1m"

[channel.desk]
type = "webhook"
allow_http = true
allow_hosts = ["localhost"]
url = {{ env = "DESK_URL" }}

[heartbeat]
allow_http = true
allow_hosts = ["localhost"]
url = "http://localhost:{pings}/beat"

[symbol.BABA]
calendar = "24/7"

[poll]
interval = "{interval}"

[store]
path = "alertd.db"
"""


class Price:
    """A source of minutes at one price, and from the minute in which it falls on at another."""

    name = "price"

    def __init__(self) -> None:
        self.asked = Semaphore(0)
        self._fell: tuple[datetime, float] | None = None
        self._falls_to: float | None = None

    def fall(self, price: float) -> None:
        """Let the price fall in the minute in which it is asked for next."""
        self._falls_to = price

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:  # noqa: ARG002
        newest = until.replace(second=0, microsecond=0)
        if self._falls_to is not None and self._fell is None:
            self._fell = newest, self._falls_to
        self.asked.release()
        bars = tuple(self._bar(newest - n * _MINUTE) for n in _NEWEST_LAST)
        return Series(listing.symbol, bars)

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:  # noqa: ARG002
        return Series(listing.symbol, ())

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's
        return Outlook(datetime.now(UTC), self.name)

    def _bar(self, start: datetime) -> Bar:
        at, low = self._fell or (start + _MINUTE, CALM)
        first, last = CALM if start <= at else low, CALM if start < at else low
        return Bar(start, _MINUTE, first, first, last, last)


@dataclass(frozen=True)
class Indoors:
    """A daemon in a thread of this process, its price, and what its user may say to it."""

    daemon: Daemon
    price: Price
    said: Said


@contextmanager
def indoors(
    folder: Path, desk: Desk, pings: Desk, clock: Clock, interval: str = "1s"
) -> Iterator[Indoors]:
    """Run a daemon meanwhile, whose heart beats every second."""
    path = folder / "alertd.toml"
    path.write_text(_CONFIG.format(pings=pings.port, interval=interval))
    settings = config.load(path, environ={"DESK_URL": desk.url})
    price = Price()
    daemon = Daemon(
        settings, clock=clock, store=Database.own(settings.store.path),
        feeds=lambda _settings: Feed(price), manager=NOBODY, heart=Stuck(),
    )  # fmt: skip
    said = Said.open(settings.store.path)
    assert said is not None
    thread = Thread(target=daemon.run)
    thread.start()
    try:
        yield Indoors(daemon, price, said)
    finally:
        daemon.orders.put(Order.STOP)
        thread.join(PATIENCE)
