"""What if a source hangs in spite of its own timeouts?

Every call gets a thread and a hard deadline. One that misses it is a source that is down; its
thread is abandoned and counted, and the daemon gives up when there are too many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from alertd.errors import SourceDown
from alertd.ops.deadline import Bounded, Overdue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from alertd.core.almanac import Outlook
    from alertd.core.bars import Series
    from alertd.core.calendars import Listing
    from alertd.ports import QuoteSource

T = TypeVar("T")


class BoundedSource:
    """A source whose calls return within `limit`, one way or the other."""

    def __init__(self, source: QuoteSource, limit: timedelta) -> None:
        self._source = source
        self._bounded = Bounded(limit)

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def abandoned(self) -> int:
        """Return how many calls are still hanging."""
        return self._bounded.abandoned

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return what the source returns; raises SourceDown past the limit."""
        return self._call(lambda: self._source.bars(listing, since, until))

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        """Return what the source returns; raises SourceDown past the limit."""
        return self._call(lambda: self._source.daily(listing, since, until))

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:
        """Return what the source returns; raises SourceDown past the limit."""
        return self._call(lambda: self._source.outlook(listing, targets=targets))

    def _call(self, fetch: Callable[[], T]) -> T:
        try:
            return self._bounded.call(fetch)
        except Overdue as error:
            msg = f"{self.name}: {error}"
            raise SourceDown(msg) from error
