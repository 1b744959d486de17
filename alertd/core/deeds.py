"""What has the user done with an alert?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.rules import AlertId


class Act(StrEnum):
    """What was done.

    SNOOZED holds its messages back until a moment, PAUSED until it is armed; WOKEN ends a snooze.
    ACKNOWLEDGED ends its reminders. ARMED ends a snooze or a pause, and arms an alert that has
    fired without waiting for the price to come back.
    """

    SNOOZED = "snoozed"
    WOKEN = "woken"
    PAUSED = "paused"
    ACKNOWLEDGED = "acknowledged"
    ARMED = "armed"


@dataclass(frozen=True, slots=True)
class Deed:
    """One act on one alert; `until` is the end of a snooze."""

    at: datetime
    alert: AlertId
    act: Act
    until: datetime | None = None
