"""May a source be asked for something now, and who is told when it may not?

    enter() --resting--> RateLimited    no traffic at all; kept in the store, over restarts
            --no room--> Crowded        as much was asked in the last minute as is allowed
            --else-----> count() for each request that is made

Whoever needs room for several requests gets it before those who need less: what there is is kept
free for them. What a call needs beyond what it entered with is only counted, so that the reading
of a long absence is never broken off.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.rests import after_limit, is_on
from alertd.errors import Crowded, RateLimited, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from alertd.core.rests import Rest
    from alertd.ports import SourceStore

MINUTE = timedelta(minutes=1)
_PLENTY = 10_000


class Manners:
    """How one source is treated by all threads together; `per_minute` None asks without limit."""

    def __init__(
        self,
        name: str,
        per_minute: int | None,
        now: Callable[[], datetime],
        store: SourceStore | None = None,
        chance: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Go on with the rest that is kept; `chance` in [0, 1) makes each rest a little longer."""
        self.name = name
        self.per_minute = per_minute
        self._now = now
        self._store = store
        self._chance = chance
        self._lock = threading.Lock()
        self._made: deque[datetime] = deque()
        self._wanted = 0
        self._wanted_at: datetime | None = None
        self._entered = threading.local()
        self._rest = self._kept()

    @property
    def room(self) -> int:
        """Return how many requests may be made now; 0 while the source rests."""
        with self._lock:
            now = self._now()
            return 0 if is_on(self._rest, now) else max(self._free(now) - self._held(now), 0)

    @property
    def resting(self) -> Rest | None:
        """Return the rest that is on, if one is."""
        with self._lock:
            return self._rest if is_on(self._rest, self._now()) else None

    def enter(self, requests: int = 1) -> None:
        """Take the room for some requests, which this thread is about to make.

        raises: RateLimited while the source rests; Crowded without room.
        """
        with self._lock:
            now = self._now()
            self._obey(now)
            needed = requests if self.per_minute is None else min(requests, self.per_minute)
            if self._free(now) < needed + (self._held(now) if needed < self._wanted else 0):
                raise self._turned_away(needed, now)
            if needed >= self._wanted:
                self._wanted = 0
            self._note(needed, now)
            self._entered.left = needed

    def obey(self) -> None:
        """Raise RateLimited while the source rests: before each request of a call."""
        with self._lock:
            self._obey(self._now())

    def count(self, requests: int = 1) -> None:
        """Note requests that are being made; those that this thread entered with are noted."""
        with self._lock:
            left: int = getattr(self._entered, "left", 0)
            self._entered.left = max(left - requests, 0)
            self._note(max(requests - left, 0), self._now())

    def refused(self, asked: timedelta | None, why: str) -> RateLimited:
        """Leave the source alone from now on, and return the error that says until when.

        asked: what it wishes itself, as in `Retry-After`.
        why:   what it said, for the user; without secrets.
        """
        with self._lock:
            before, now = self._rest, self._now()
            self._rest = rest = after_limit(before, now, asked, self._chance(), why)
        if before is None or rest.until != before.until:
            self._keep(rest)
        return RateLimited(why, rest.until)

    def _obey(self, now: datetime) -> None:
        if self._rest and is_on(self._rest, now):
            said = f"{self.name} is left alone until {self._rest.until:%H:%M} UTC: {self._rest.why}"
            raise RateLimited(said, self._rest.until)

    def _note(self, requests: int, now: datetime) -> None:
        # Without a limit nobody would ever look at them, or forget them.
        if self.per_minute is not None:
            self._made.extend([now] * requests)

    def _free(self, now: datetime) -> int:
        if self.per_minute is None:
            return _PLENTY
        # What lies ahead was noted before the clock was set back.
        while self._made and not now - MINUTE < self._made[0] <= now:
            self._made.popleft()
        return self.per_minute - len(self._made)

    def _held(self, now: datetime) -> int:
        """Return for how many requests room is kept, for whoever found too little of it."""
        if self._wanted_at is None or not self._wanted_at <= now < self._wanted_at + MINUTE:
            self._wanted = 0
        return self._wanted

    def _turned_away(self, needed: int, now: datetime) -> Crowded:
        if needed > max(self._wanted, 1):
            self._wanted, self._wanted_at = needed, now
        place = min(max(needed - self._free(now), 1), len(self._made)) - 1
        retry_at = self._made[place] + MINUTE if place >= 0 else now + MINUTE
        msg = f"{self.name}: {self.per_minute} requests were made in a minute, as many as allowed"
        return Crowded(msg, retry_at)

    def _kept(self) -> Rest | None:
        if self._store is None:
            return None
        try:
            return self._store.rests().get(self.name)
        except StoreError as error:
            logger.warning("rest not read", source=self.name, error=str(error))
            return None

    def _keep(self, rest: Rest) -> None:
        """Keep a rest over restarts; without that it holds as long as this process."""
        if self._store is None:
            return
        try:
            self._store.keep_rest(self.name, rest)
        except StoreError as error:
            logger.warning("rest not kept", source=self.name, error=str(error))
