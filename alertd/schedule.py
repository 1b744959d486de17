"""When does something come round again, whatever happens to the clock?"""

from __future__ import annotations

from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger


class Every(BaseTrigger):
    """Fires every `span`, whatever happens to the clock.

    APScheduler's own interval trigger is deaf while a clock that was set back catches up, and
    after a step ahead it counts every run it missed.
    """

    def __init__(self, span: timedelta) -> None:
        self._span = span

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return when to run next."""
        if previous is None:
            return now
        return max(previous + self._span, now + timedelta(microseconds=1))
