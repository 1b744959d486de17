"""What is told to the user, and by which id is it known everywhere?

An event's id depends only on what happened, so that two hosts, a replay after a crash and an
overlap between polls all derive the same one and the store can refuse the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from alertd.core.bars import Symbol
    from alertd.core.rules import AlertId, Revision, Rule

EventId = NewType("EventId", UUID)

_NAMESPACE = UUID("6f1c1c2e-6a52-5a0f-9d1b-0c5f0a3f5f4e")


class Kind(StrEnum):
    """What an event says about its alert."""

    FIRED = "fired"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one alert.

    `bar_start` and `resolution` are the bar it was found in; `at` is that bar's start, or the end
    of the bar that completed a hold. `price` is the point at which it happened.
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

    @property
    def bar_end(self) -> datetime:
        return self.bar_start + self.resolution


def event_id(alert: AlertId, revision: Revision, kind: Kind, bar_start: datetime) -> EventId:
    """Return the id of what happened to an alert in the bar that starts then."""
    return EventId(uuid5(_NAMESPACE, f"{alert}/{revision}/{kind}/{bar_start.isoformat()}"))


def event(
    rule: Rule,
    kind: Kind,
    *,
    price: float,
    at: datetime,
    gap: bool,
    bar_start: datetime,
    resolution: timedelta,
) -> Event:
    """Return what happened to a rule's alert, with its id."""
    return Event(
        event_id(rule.id, rule.revision, kind, bar_start),
        rule.id, rule.revision, kind, rule.symbol, rule.level,
        price, at, gap, bar_start, resolution,
    )  # fmt: skip
