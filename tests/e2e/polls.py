"""How much memory do an hour's polls cost, and the hour after it?

    clock, moved by hand --> Watch --real yfinance--> YahooServer
                             Deliver --> Webhook --> Receiver

Prints the megabytes held after each number of polls that the command line asks for.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loguru import logger

from alertd.channels.webhook import Webhook
from alertd.core.alerts import Alert
from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.deliver import Deliver, Route
from alertd.quotes.yahoo import Yahoo
from alertd.store.database import Database
from alertd.watch import Plan, Watch
from tests.e2e.process import resident_mb
from tests.support.build import rule
from tests.support.fakes import HandClock

OPEN = datetime(2026, 3, 9, 13, 30, tzinfo=UTC)
INTERVAL = timedelta(minutes=1)
PATIENCE = timedelta(seconds=10)


def main() -> None:
    folder, url, *counts = sys.argv[1:]
    logger.remove()
    clock, store = HandClock(OPEN), Database.own(Path(folder, "alertd.db"))
    place = listing(Symbol("BABA"), currency="USD")
    alert = Alert(rule("below 150", recovery=True), "support", notify=("desk",))
    plan = Plan([alert], {place.symbol: place}, INTERVAL, timedelta(minutes=5))
    store.adopt([alert.rule], clock.now())
    watch = Watch(clock, Yahoo(Path(folder, "cache"), clock.now), store, plan)
    desk = Webhook(url=url, allow_http=True, allow_hosts=("localhost",))
    deliver = Deliver(clock, store, {"desk": Route(desk)}, lambda: 0.5)
    for poll in range(1, int(counts[-1]) + 1):
        clock.to(OPEN + poll * INTERVAL)
        assert watch.step() is not None
        deliver.tick()
        assert deliver.wait(PATIENCE)
        if str(poll) in counts:
            sys.stdout.write(f"{resident_mb()}\n")
    deliver.stop()


if __name__ == "__main__":
    main()
