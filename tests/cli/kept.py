"""A database as a daemon leaves it behind.

with keeping(path, BELOW) as database:
    record(database, found(BELOW, 149.6, "09:31"), channels=("desk",))
    deliver(database, "desk", Delivered())
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from alertd.core.book import Cursor
from alertd.core.calm import FREELY
from alertd.core.claims import Progress
from alertd.core.states import State
from alertd.store.database import Database
from tests.support.build import at, rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from alertd.core.notices import Notice
    from alertd.core.retry import Settlement
    from alertd.core.rules import Rule

ALERTS = """
[[alert]]
id = "support"
symbol = "BABA"
name = "Support at 150"
below = 150

[channel.desk]
type = "webhook"
url = { env = "DESK_URL" }
"""
BELOW = rule("below 150", id="support")
NOW = at("09:40")
MINUTE = timedelta(minutes=1)


@contextmanager
def keeping(path: Path, *rules: Rule) -> Iterator[Database]:
    """Open a database as the daemon does, with these rules adopted."""
    database = Database.own(path)
    database.adopt(rules, NOW)
    yield database
    database.close()


def record(
    database: Database,
    *notices: Notice,
    channels: tuple[str, ...] = ("desk",),
    state: State | None = None,
    price: float = 149.5,
    price_at: datetime = NOW,
    **more: Any,  # noqa: ANN401 - further fields of a progress
) -> None:
    """Record one good poll of the one symbol, which is due again; `state` is every alert's."""
    (claim,) = database.claim_symbols(NOW, MINUTE, 1)
    states = dict.fromkeys(claim.states, state or State())
    told = [(notice, channels) for notice in notices]
    progress = Progress(
        Cursor(), states, told, NOW,
        price=price, price_at=price_at, currency="USD", digits=2, **more,
    )  # fmt: skip
    recorded = database.record(claim, progress, NOW)
    assert recorded is not None
    assert len(recorded) == sum(1 + len(notice.together) for notice in notices)


def deliver(database: Database, channel: str, settlement: Settlement, now: datetime = NOW) -> None:
    """Attempt one delivery, which ends like this."""
    (delivery,) = database.claim_deliveries(now, channel, MINUTE, 1, FREELY)
    assert database.settle(delivery, settlement, now)
