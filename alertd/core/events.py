"""What is told to the user, and by which id is it known everywhere?

An event's id depends only on what happened, so that two hosts, a replay after a crash and an
overlap between polls all derive the same one and the store can refuse the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType
from uuid import UUID, uuid5

from alertd.core.rules import Figure

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from alertd.core.bars import Symbol
    from alertd.core.rules import AlertId, Revision, Rule
    from alertd.core.states import Origin

EventId = NewType("EventId", UUID)

_NAMESPACE = UUID("6f1c1c2e-6a52-5a0f-9d1b-0c5f0a3f5f4e")


class Kind(StrEnum):
    """What an event says about its alert, or with STALE and RESUMED about its symbol.

    WITHDRAWN takes back what was told of a bar that settled in another shape. SPLIT says that the
    level was rescaled. HELD says that a level was refused.
    """

    FIRED = "fired"
    RECOVERED = "recovered"
    WITHDRAWN = "withdrawn"
    SPLIT = "split"
    HELD = "held"
    STALE = "stale"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one alert.

    `bar_start` and `resolution` are the bar it was found in; `at` is that bar's start, or the end
    of the bar that completed a hold. `price` is the point at which it happened. Both `level` and
    `price` are in the unit of the figure `of`; times `unit` they are prices (or shares).

    `level` is where the price crossed: the edge of a band (both edges are `band`), the end of a
    move, the stop of a trail. `origin` is what it was made of; for a SPLIT it is the level before.
    `was` is the level that the user was last told, where it has moved since. `about` is why a level
    was refused (HELD), or the kind that is taken back (WITHDRAWN).

    Of a symbol's own event `alert` is the symbol, `revision` is empty, `level` is `price`, the last
    one known (0.0 where there is none), and the bar is the time without data.
    """

    id: EventId
    alert: AlertId
    revision: Revision
    kind: Kind
    symbol: Symbol
    level: float
    price: float
    at: datetime
    gap: bool
    bar_start: datetime
    resolution: timedelta
    of: Figure = Figure.PRICE
    unit: float = 1.0
    band: tuple[float, float] | None = None
    origin: Origin | None = None
    was: float | None = None
    about: str = ""

    @property
    def bar_end(self) -> datetime:
        return self.bar_start + self.resolution


def event_id(alert: AlertId, revision: Revision, kind: str, bar_start: datetime) -> EventId:
    """Return the id of what happened to an alert in the bar that starts then."""
    return EventId(uuid5(_NAMESPACE, f"{alert}/{revision}/{kind}/{bar_start.isoformat()}"))


def event(
    rule: Rule,
    kind: Kind,
    *,
    level: float,
    price: float,
    at: datetime,
    gap: bool,
    bar_start: datetime,
    resolution: timedelta,
    unit: float = 1.0,
    band: tuple[float, float] | None = None,
    origin: Origin | None = None,
    was: float | None = None,
    about: str = "",
) -> Event:
    """Return what happened to a rule's alert, with its id."""
    return Event(
        event_id(rule.id, rule.revision, kind, bar_start),
        rule.id, rule.revision, kind, rule.symbol, level,
        price, at, gap, bar_start, resolution,
        rule.of, unit, band, origin, was, about,
    )  # fmt: skip
