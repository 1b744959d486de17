"""What has the user said of an alert, and what has the user not seen yet?

snoozed until 2026-11-23 16:00 EST
paused
not acknowledged since 2026-11-23 09:31 EST, reminds every 15m
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.core import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from alertd.core.calm import Hush
    from alertd.core.rules import AlertId
    from alertd.store.reading import Reader


@dataclass(frozen=True, slots=True)
class Said:
    """What holds for one alert now: a snooze or a pause, and what it reminds of how often.

    `since` is when the oldest firing happened that is not acknowledged yet.
    """

    hush: Hush | None = None
    since: datetime | None = None
    every: timedelta | None = None

    def snoozed_until(self, now: datetime) -> datetime | None:
        """Return when a snooze ends; None where there is none, or none any more."""
        until = self.hush.until if self.hush else None
        return until if until is not None and until > now else None

    @property
    def paused(self) -> bool:
        return self.hush is not None and self.hush.until is None

    def notes(self, zone: ZoneInfo, now: datetime) -> list[str]:
        """Return it in words, in the exchange's time."""
        until = self.snoozed_until(now)
        notes = [f"snoozed until {words.local(until, zone)}"] if until else []
        notes += ["paused"] if self.paused else []
        if self.since is None or self.every is None:
            return notes
        since, every = words.local(self.since, zone), words.duration(self.every)
        return [*notes, f"not acknowledged since {since}, reminds every {every}"]


NOTHING = Said()


def said(reader: Reader) -> Mapping[AlertId, Said]:
    """Return what holds for each alert for which anything does."""
    hushes = reader.hushes()
    found = {alert: Said(hush) for alert, hush in hushes.items()}
    for row in sorted(reader.reminders(), key=lambda row: row.since, reverse=True):
        found[row.alert] = Said(hushes.get(row.alert), row.since, row.every)
    return found
