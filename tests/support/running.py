"""A daemon in this process, with a source and a heart that tests hold in their hands."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alertd.config.settings import (
    Config,
    ConsoleSettings,
    Level,
    LogSettings,
    Poll,
    StoreSettings,
)
from alertd.core.alerts import Alert
from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Series
from alertd.core.calendars import Listing, listing
from alertd.daemon import LOOPS, Daemon
from alertd.ops.bounded import Feed
from alertd.ops.clock import SystemClock
from alertd.ops.notify import ServiceManager
from alertd.ops.pulse import Heart, Pulse
from alertd.store.database import Database
from tests.support.build import rule

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.ports import QuoteSource

PATIENCE = 20.0
NOBODY = ServiceManager(None)


class Steady:
    """A source with one price, which counts how often it is asked and may hang."""

    name = "steady"

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.free = threading.Event()
        self.free.set()

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:  # noqa: ARG002
        self.asked.release()
        self.free.wait(PATIENCE)
        start = until.replace(second=0, microsecond=0) - timedelta(minutes=1)
        return Series(listing.symbol, (Bar(start, timedelta(minutes=1), 151, 151, 151, 151),))

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:  # noqa: ARG002
        return Series(listing.symbol, ())

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's
        return Outlook(SystemClock().now(), self.name)


class Stuck(Heart):
    """A heart whose every look finds a beat, until one loop is stuck."""

    def __init__(self) -> None:
        super().__init__(LOOPS)
        self.stuck, self.asked = False, threading.Semaphore(0)

    def pulse(self) -> Pulse:
        self.asked.release()
        return Pulse.STALLED if self.stuck else Pulse.BEAT


def settings(path: Path, interval: timedelta) -> Config:
    alert = rule("below 150")
    place = listing(alert.symbol, "24/7")
    return Config(
        path / "alertd.toml",
        (Alert(alert, "support", notify=("console",)),),
        {"console": ConsoleSettings()},
        {place.symbol: place},
        Poll(interval, timedelta(minutes=5)),
        StoreSettings(path / "alertd.db"),
        LogSettings(Level.INFO),
    )


class Running:
    """A daemon in a thread of its own."""

    def __init__(self, path: Path, source: QuoteSource, **more: object) -> None:
        interval = more.pop("interval", timedelta(hours=1))
        assert isinstance(interval, timedelta)
        store = more.pop("store", Database)
        assert isinstance(store, type)
        assert issubclass(store, Database)
        config = settings(path, interval)
        self.daemon = Daemon(
            config,
            clock=SystemClock(),
            store=store.own(config.store.path),
            **{"feeds": lambda _: Feed(source), "manager": NOBODY, **more},  # type: ignore[arg-type]
        )
        self.status: int | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self.status = self.daemon.run()

    def ended(self) -> int | None:
        self.thread.join(PATIENCE)
        return self.status
