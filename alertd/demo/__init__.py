"""What does alertd do, seen in a quarter of a minute?

    simulated market -> the daemon, its scheduler, its database, its channels -> an inbox in here

Only the market, the clock and the receiving ends are made up.
"""

from __future__ import annotations

import base64
import secrets
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from alertd.core import calendars
from alertd.daemon import Daemon, Order
from alertd.demo import script
from alertd.demo.clock import QuickClock
from alertd.demo.inbox import Inbox, Mail, MailServer, Post, WebhookReceiver
from alertd.demo.screen import Screen
from alertd.ops import log
from alertd.ops.bounded import Feed
from alertd.ops.clock import SystemClock
from alertd.ops.notify import ServiceManager
from alertd.quotes.simulated import demo_market
from alertd.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from alertd.config.settings import Config
    from alertd.quotes.simulated import Simulated

__all__ = ["QuickClock", "demo"]

SPEED = 200.0

_PRICE_EVERY_S = 1.0
_STOPS_WITHIN_S = 5.0


def demo(stream: TextIO, limit: timedelta) -> int:
    """Show three alerts on their way, within a limit; return the exit status."""
    log.setup("error", sys.stderr)
    inbox, screen, secret = Inbox(), Screen(stream), _secret()
    with (
        TemporaryDirectory(prefix="alertd-demo-") as folder,
        WebhookReceiver(inbox, secret) as receiver,
        MailServer(inbox) as server,
    ):
        settings = script.settings(Path(folder), receiver.url, secret, server.port)
        screen.opening(settings, SPEED)
        clock = _clock(settings)
        market = demo_market(clock.start, clock.now)
        with _running(settings, clock, market):
            arrived = _Arrivals(inbox, screen, clock, market)
            arrived.follow(time.monotonic() + limit.total_seconds())
    screen.closing(arrived.count, script.MESSAGES, limit)
    return 0 if arrived.complete else 1


class _Arrivals:
    """What has arrived so far, shown as it does."""

    def __init__(self, inbox: Inbox, screen: Screen, clock: QuickClock, market: Simulated) -> None:
        self._inbox, self._screen, self._clock, self._market = inbox, screen, clock, market
        self._stories: dict[str, script.Story] = {}
        self._mailed: set[str] = set()

    @property
    def count(self) -> int:
        return len(self._stories) + len(self._mailed)

    @property
    def complete(self) -> bool:
        """Tell whether both channels brought every story."""
        return (
            set(self._stories.values()) == script.STORIES and self._stories.keys() == self._mailed
        )

    def follow(self, until: float) -> None:
        """Show what arrives, and the price in between, until all is there or time is up."""
        next_price = time.monotonic()
        while not self.complete and (now := time.monotonic()) < until:
            if now >= next_price:
                next_price = now + _PRICE_EVERY_S
                self._price()
            try:
                self._take(self._inbox.get(timeout=min(next_price, until) - now))
            except Empty:
                continue

    def _price(self) -> None:
        now = self._clock.now()
        listing = calendars.listing(script.SYMBOL, calendars.ALWAYS)
        bars = self._market.bars(listing, now - timedelta(minutes=1), now).bars
        if bars:
            self._screen.price(now, script.SYMBOL, bars[-1].close)

    def _take(self, arrival: Post | Mail) -> None:
        now = self._clock.now()
        # A delivery may come twice; its id tells.
        match arrival:
            case Post() if arrival.verified and arrival.id not in self._stories:
                self._stories[arrival.id] = script.Story.of(arrival.body)
                self._screen.post(now, arrival)
            case Mail() if arrival.id not in self._mailed:
                self._mailed.add(arrival.id)
                self._screen.mail(now, arrival)
            case _:
                pass


def _clock(settings: Config) -> QuickClock:
    """Return a clock that begins at this minute; what loads slowly is loaded before."""
    start = SystemClock().now().replace(second=0, microsecond=0)
    for listing in settings.listings.values():
        listing.calendar.around(start, start)
    return QuickClock(start, SPEED)


@contextmanager
def _running(settings: Config, clock: QuickClock, market: Simulated) -> Iterator[None]:
    """Run the daemon in a thread of its own meanwhile."""
    daemon = Daemon(
        settings,
        clock=clock,
        store=Database.own(settings.store.path),
        feeds=lambda _settings: Feed(market),
        manager=ServiceManager(None),
    )
    thread = threading.Thread(target=daemon.run, name="daemon")
    thread.start()
    try:
        yield
    finally:
        daemon.orders.put(Order.STOP)
        thread.join(_STOPS_WITHIN_S)


def _secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
