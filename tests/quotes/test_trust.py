"""A source that fails again and again is left alone, and tried after growing pauses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.errors import RateLimited, SourceDown, UnknownSymbol
from alertd.quotes.failover import Failover
from tests.quotes.build import MINUTE, NOON
from tests.support.fakes import HandClock
from tests.support.feeds import PATIENCE, SINCE, Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

BABA, HONG_KONG = listing(Symbol("BABA")), listing(Symbol("9988.HK"))

DOWN = SourceDown("query1: BABA: no answer")
UNKNOWN = UnknownSymbol("query1: BABA: delisted")
LIMITED = RateLimited("query1: BABA: too many requests", NOON + timedelta(minutes=30))


@pytest.fixture
def pair() -> Pair:
    return Pair.of(HandClock(NOON))


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Return what is logged from here on, aloud."""
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(line.record["message"]), level="INFO")
    yield lines
    logger.remove(sink)


def fail(pair: Pair, times: int) -> None:
    """Let the first source fail, while the other one gives bars."""
    pair.yahoo.error = DOWN
    for _ in range(times):
        assert pair.bars().source == "alpaca"


def test_a_source_that_fails_three_times_in_a_row_is_left_alone(pair: Pair) -> None:
    fail(pair, 5)
    assert len(pair.yahoo.asked) == 3


def test_an_answer_between_failures_begins_the_count_anew(pair: Pair) -> None:
    for _ in range(3):
        fail(pair, 2)
        pair.yahoo.error = None
        assert pair.bars().source == "yahoo"
    assert len(pair.yahoo.asked) == 9


def test_that_a_symbol_is_not_known_is_an_answer(pair: Pair) -> None:
    fail(pair, 2)
    pair.yahoo.error = UNKNOWN
    pair.bars()
    fail(pair, 2)
    assert len(pair.yahoo.asked) == 5


def test_the_way_back_is_tried_after_growing_pauses(pair: Pair) -> None:
    fail(pair, 3)
    tried = []
    for minute in range(1, 70):
        pair.clock.to(NOON + minute * MINUTE)
        before = len(pair.yahoo.asked)
        pair.bars()
        tried += [minute] * (len(pair.yahoo.asked) - before)
    assert tried == [1, 3, 7, 15, 31, 61]


def test_one_answer_ends_the_pauses(pair: Pair) -> None:
    fail(pair, 3)
    pair.clock.to(NOON + MINUTE)
    pair.yahoo.error = None
    assert pair.bars().source == "yahoo"
    fail(pair, 3)
    pair.clock.to(NOON + 2 * MINUTE)
    fail(pair, 1)
    assert len(pair.yahoo.asked) == 8


def test_it_is_logged_once_that_a_source_is_left_alone_and_once_that_it_is_back(
    pair: Pair, logged: list[str]
) -> None:
    fail(pair, 5)
    pair.yahoo.error = None
    pair.clock.to(NOON + MINUTE)
    for _ in range(2):
        pair.bars()
    assert logged == ["a source is left alone", "a source answers again"]


def test_a_single_source_is_never_left_alone(pair: Pair, logged: list[str]) -> None:
    alone = Failover([pair.yahoo], pair.clock.now, patience=lambda _: PATIENCE)
    pair.yahoo.error = DOWN
    for _ in range(5):
        with pytest.raises(SourceDown):
            alone.bars(BABA, SINCE, NOON)
    assert (len(pair.yahoo.asked), logged) == (5, [])


def test_a_source_that_is_left_alone_is_asked_for_what_nobody_else_covers(pair: Pair) -> None:
    fail(pair, 3)
    pair.yahoo.error = None
    assert pair.both.bars(HONG_KONG, SINCE, NOON).source == "yahoo"


def test_sources_that_all_fail_are_all_asked_all_the_same(pair: Pair) -> None:
    pair.yahoo.error = pair.alpaca.error = DOWN
    for _ in range(6):
        pair.refusal()
    pair.alpaca.error = None
    assert pair.bars().source == "alpaca"


def test_a_source_that_wants_quiet_is_not_one_that_fails(pair: Pair) -> None:
    pair.yahoo.error = LIMITED
    for _ in range(5):
        pair.bars()
    pair.yahoo.error = None
    assert pair.bars().source == "yahoo"


def test_there_is_room_beside_a_source_that_is_left_alone(pair: Pair) -> None:
    pair.yahoo.room, pair.alpaca.room = 7, 90
    fail(pair, 3)
    assert pair.both.room == 90
