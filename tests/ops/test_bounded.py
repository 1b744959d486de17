"""A source that hangs is a source that is down, whatever it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest

from alertd.core.almanac import Outlook
from alertd.core.bars import Series, Symbol
from alertd.core.calendars import Listing, listing
from alertd.errors import SourceDown, UnknownSymbol
from alertd.ops.bounded import BoundedSource

if TYPE_CHECKING:
    from collections.abc import Callable

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

    def _series(self, listing: Listing, question: str, one: object, other: object) -> Series:
        self.asked.append((question, one, other))
        self.released.wait(PATIENCE_S)
        if self.error:
            raise self.error
        return Series(listing.symbol, ())


QUESTIONS: list[Callable[[BoundedSource], object]] = [
    lambda source: source.bars(BABA, NOON, NOON),
    lambda source: source.daily(BABA, None, NOON),
    lambda source: source.outlook(BABA, targets=True),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=["bars", "daily", "outlook"])
def test_a_question_that_hangs_is_given_up(question: Callable[[BoundedSource], object]) -> None:
    slow = Slow()
    bounded = BoundedSource(slow, SOON)
    with pytest.raises(SourceDown, match=r"slow: no answer within 0\.05 s"):
        question(bounded)
    assert bounded.abandoned == 1
    slow.released.set()


def test_every_question_is_passed_on_as_it_is_and_answered() -> None:
    slow = Slow()
    slow.released.set()
    bounded = BoundedSource(slow, LONG)
    answers = [question(bounded) for question in QUESTIONS]
    series = Series(Symbol("BABA"), ())
    assert answers == [series, series, Outlook(NOON, "slow")]
    assert slow.asked == [
        ("bars", NOON, NOON), ("daily", None, NOON), ("outlook", True, None),
    ]  # fmt: skip
    assert bounded.name == "slow"


@pytest.mark.parametrize("question", QUESTIONS, ids=["bars", "daily", "outlook"])
def test_an_error_of_the_source_is_passed_on(question: Callable[[BoundedSource], object]) -> None:
    slow = Slow(error=UnknownSymbol("BABA: who?"))
    slow.released.set()
    with pytest.raises(UnknownSymbol, match="who"):
        question(BoundedSource(slow, LONG))
