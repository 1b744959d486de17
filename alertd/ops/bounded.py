"""What if a source hangs in spite of its own timeouts?

Every call gets a worker thread and a hard deadline. One that misses it is a source that is down;
its thread is abandoned, and the daemon gives up when too many of them hang on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from alertd.errors import SourceDown
from alertd.ops.deadline import Bounded, Overdue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from alertd.core.almanac import Outlook
    from alertd.core.bars import Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.pointing import Quote
    from alertd.ports import Board, QuoteSource

T = TypeVar("T")


class _Call(Protocol):
    def __call__(self, fetch: Callable[[], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Feed:
    """Where bars come from, and the quotes of many symbols, where they can be had."""

    source: QuoteSource
    board: Board | None = None


class BoundedSource:
    """A source whose calls return within `limit`, one way or the other; so do its board's."""

    def __init__(self, feed: Feed, limit: timedelta) -> None:
        self._source = feed.source
        self._bounded = Bounded(limit)
        self.board = BoundedBoard(feed.board, self._call) if feed.board else None

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


class BoundedBoard:
    """A board whose calls are made in a way that bounds them."""

    def __init__(self, board: Board, call: _Call) -> None:
        self._board, self._call = board, call

    @property
    def room(self) -> int:
        return self._board.room

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        """Return what the board returns; raises SourceDown past the limit."""
        return self._call(lambda: self._board.quotes(listings))

    def second(
        self, listing: Listing, since: datetime, until: datetime, besides: str
    ) -> Series | None:
        """Return what the board returns; raises SourceDown past the limit."""
        return self._call(lambda: self._board.second(listing, since, until, besides))
