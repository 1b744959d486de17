"""What did the world look like when an event was found?

A notice is an event with everything a message will say about it, frozen when the event is
recorded: a retry an hour later says the same, under the same id and date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alertd.core.events import Event
    from alertd.core.rules import AlertId, Condition


class Severity(StrEnum):
    """How much an alert matters to its user."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class OtherLevel:
    """Another configured level of the same symbol; `percent` is how far the price must go to it."""

    alert: AlertId
    name: str
    level: float
    percent: float


@dataclass(frozen=True, slots=True)
class Notice:
    """One event and its surroundings at `detected_at`.

    `price_now` is the close of the newest good bar, which began at `price_at`. `zone` is the
    exchange's IANA zone. `digits` is the instrument's price hint. `hold` is as users write it
    ("2 closes", "30m"), or None. `asked` is the level as users write it: "150", "52w high - 2%",
    "[148, 152]", "5% within 1h". `condition` is None for a symbol's own event.

    `together` are events that the same message tells: earlier ones of an alert that were all found
    late, or the same split's of other alerts. `names` are those alerts' names, by id.
    """

    event: Event
    name: str
    condition: Condition | None
    hold: str | None
    severity: Severity
    note: str
    currency: str | None
    zone: str
    digits: int
    price_now: float
    price_at: datetime
    others: tuple[OtherLevel, ...]
    detected_at: datetime
    late: bool
    source: str
    simulated: bool
    asked: str = ""
    together: tuple[Event, ...] = ()
    names: Mapping[AlertId, str] = field(default_factory=dict)
