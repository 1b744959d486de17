"""Where does an alert stand?

ARMED   waits for the price to cross      -> PENDING if that has to hold, else FIRED
PENDING waits for it to hold              -> FIRED, or back to ARMED
FIRED   waits for a retreat, and its time -> ARMED
DONE    waits for nothing: fired, and was to fire once
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alertd.core.events import Event
    from alertd.core.rules import AlertId


class Phase(StrEnum):
    """What an alert is waiting for."""

    ARMED = "armed"
    PENDING = "pending"
    FIRED = "fired"
    DONE = "done"


class Side(IntEnum):
    """Where the price last was against the level; only `touches` alerts know AT."""

    BELOW = -1
    AT = 0
    ABOVE = 1


class Reason(StrEnum):
    """Why a judgement came out as it did."""

    BASELINE = "first price, sets the side"
    ALREADY_BEYOND = "already beyond the level at the start"
    CROSSED = "crossed the level"
    TURNED = "on the other side of the level, where it may come from"
    HOLD_BEGAN = "crossed the level, has to hold"
    HOLDS = "still held"
    HELD = "held as long as asked"
    NOT_HELD = "came back before it was held"
    REARMED = "back far enough, armed again"
    NOT_BACK = "crossed again, but was not yet back by `rearm`"
    COOLING_DOWN = "crossed again, but `cooldown` is not over"
    ALREADY_TOLD = "told once in this bar already"


@dataclass(frozen=True, slots=True)
class State:
    """One alert's memory. Moments are bar time, UTC.

    `since` is when the alert was set up: bars that ended by then do not count. `crossed_at` is the
    start of the bar whose crossing is pending. `suppressed` counts the crossings that were not told
    since the last firing.
    """

    phase: Phase = Phase.ARMED
    side: Side | None = None
    since: datetime | None = None
    crossed_at: datetime | None = None
    closes: int = 0
    held: timedelta = timedelta(0)
    fired_at: datetime | None = None
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What one judgement did to one alert: its state from here on, why, and what is told."""

    alert: AlertId
    at: datetime
    state: State
    reason: Reason
    event: Event | None = None
