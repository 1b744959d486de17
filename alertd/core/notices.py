"""What did the world look like when an event was found?

A notice is an event with everything a message will say about it, frozen when the event is
recorded: a retry an hour later says the same, under the same id and date.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from alertd.core.events import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

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
class Wish:
    """What the user asked for with one alert; each field means what it means in a notice."""

    condition: Condition
    hold: str | None
    asked: str
    severity: Severity
    note: str
    repeat_every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One event and its surroundings at `detected_at`.

    `price_now` is the close of the newest good bar, which began at `price_at`. `zone` is the
    exchange's IANA zone. `digits` is the instrument's price hint. `hold` is as users write it
    ("2 closes", "30m"), or None. `asked` is the level as users write it: "150", "52w high - 2%",
    "[148, 152]", "5% within 1h". `condition` is None for a symbol's own event.

    `together` are events that the same message tells: earlier ones of an alert that were all found
    late, those of other levels that the price crossed in the same cycle, or the same split's of
    other alerts. `names` are those alerts' names, by id. `wishes` is what was asked for with each
    level that was crossed, its own too; `severity` is then the highest. `repeat_every` is how often
    a critical alert reminds of its firing until it is acknowledged. `first_source` is the source
    that is asked first, where the prices are another one's; empty where they are its own.
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
    repeat_every: timedelta | None = None
    wishes: Mapping[AlertId, Wish] = field(default_factory=dict)
    first_source: str = ""


def single(notice: Notice, event: Event) -> Notice:
    """Return one of the events that a notice tells, as a notice of its own.

    Of several firings of one alert only the newest is reminded of.
    """
    name = notice.names.get(event.alert, notice.name)
    one = replace(notice, event=event, name=name, together=(), names={}, wishes={})
    wish = notice.wishes.get(event.alert)
    if wish is not None:
        return replace(
            one, condition=wish.condition, hold=wish.hold, asked=wish.asked,
            severity=wish.severity, note=wish.note, repeat_every=wish.repeat_every,
        )  # fmt: skip
    if event.alert != notice.event.alert:
        return replace(one, asked="", repeat_every=None)
    return one if event == _newest_firing(notice) else replace(one, repeat_every=None)


def _newest_firing(notice: Notice) -> Event | None:
    own = [each for each in (*notice.together, notice.event) if each.alert == notice.event.alert]
    return next((each for each in reversed(own) if each.kind is Kind.FIRED), None)
