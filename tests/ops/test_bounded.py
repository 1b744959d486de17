"""A source that hangs is a source that is down, whatever it was asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest

from alertd.core.almanac import Outlook
from alertd.core.bars import Series, Symbol
from alertd.core.calendars import Listing, listing
from alertd.core.pointing import Quote
from alertd.errors import SourceDown, UnknownSymbol
from alertd.ops.bounded import BoundedBoard, BoundedSource, Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from alertd.errors import SourceError

BABA = listing(Symbol("BABA"))
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
SOON, LONG = timedelta(milliseconds=50), timedelta(seconds=20)
PATIENCE_S = 10.0

Question = tuple[str, object, object]


@dataclass
class Slow:
    """A source that answers once it is released, and notes what it was asked."""

    released: Event = field(default_factory=Event)
    error: SourceError | None = None
    asked: list[Question] = field(default_factory=list)
    name: str = "slow"

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        return self._series(listing, "bars", since, until)

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        return self._series(listing, "daily", since, until)

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:
        self._series(listing, "outlook", targets, None)
        return Outlook(NOON, self.name)

    @property
    def room(self) -> int:
        return 7

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        self._series(listings[0], "quotes", len(listings), None)
        return {each.symbol: Quote(each.symbol, 151.0) for each in listings}

    def second(
        self, listing: Listing, since: datetime, until: datetime, besides: str
    ) -> Series | None:
        self._series(listing, "second", since, until)
        return None if besides == self.name else Series(listing.symbol, ())

    def _series(self, listing: Listing, question: str, one: object, other: object) -> Series:
        self.asked.append((question, one, other))
        self.released.wait(PATIENCE_S)
        if self.error:
            raise self.error
        return Series(listing.symbol, ())


def hanging(source: BoundedSource, count: int) -> bool:
    """Wait until that many calls hang; tell whether it came to that."""
    end = time.monotonic() + PATIENCE_S
    while source.abandoned != count and time.monotonic() < end:
        time.sleep(0.001)
    return source.abandoned == count


QUESTIONS: list[Callable[[BoundedSource], object]] = [
    lambda source: source.bars(BABA, NOON, NOON),
    lambda source: source.daily(BABA, None, NOON),
    lambda source: source.outlook(BABA, targets=True),
    lambda source: board(source).quotes([BABA]),
    lambda source: board(source).second(BABA, NOON, NOON, "other"),
]
NAMES = ["bars", "daily", "outlook", "quotes", "second"]


def bounded(slow: Slow, limit: timedelta) -> BoundedSource:
    return BoundedSource(Feed(slow, slow), limit)


def board(source: BoundedSource) -> BoundedBoard:
    assert source.board
    return source.board


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_a_question_that_hangs_is_given_up(question: Callable[[BoundedSource], object]) -> None:
    slow = Slow()
    source = bounded(slow, SOON)
    with pytest.raises(SourceDown, match=r"slow: no answer within 0\.05 s"):
        question(source)
    assert hanging(source, 1)
    slow.released.set()


def test_every_question_is_passed_on_as_it_is_and_answered() -> None:
    slow = Slow()
    slow.released.set()
    source = bounded(slow, LONG)
    answers = [question(source) for question in QUESTIONS]
    series, quotes = Series(BABA.symbol, ()), {BABA.symbol: Quote(BABA.symbol, 151.0)}
    assert answers == [series, series, Outlook(NOON, "slow"), quotes, series]
    assert slow.asked == [
        ("bars", NOON, NOON), ("daily", None, NOON), ("outlook", True, None),
        ("quotes", 1, None), ("second", NOON, NOON),
    ]  # fmt: skip
    assert (source.name, board(source).room) == ("slow", 7)


def test_a_source_without_a_board_has_none() -> None:
    assert BoundedSource(Feed(Slow()), LONG).board is None


def test_a_question_to_the_board_that_hangs_counts_with_those_to_the_source() -> None:
    slow = Slow()
    source = bounded(slow, SOON)
    for question in QUESTIONS[2:4]:
        with pytest.raises(SourceDown):
            question(source)
    assert hanging(source, 2)
    slow.released.set()


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_an_error_of_the_source_is_passed_on(question: Callable[[BoundedSource], object]) -> None:
    slow = Slow(error=UnknownSymbol("BABA: who?"))
    slow.released.set()
    with pytest.raises(UnknownSymbol, match="who"):
        question(bounded(slow, LONG))
