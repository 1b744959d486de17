"""A source is asked as often as it may be, and left alone when it wishes."""

from __future__ import annotations

import threading
import tracemalloc
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.errors import Crowded, RateLimited, StoreLocked
from alertd.quotes.manners import Manners
from tests.quotes.build import MINUTE, NOON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alertd.core.rests import Rest

SECOND = timedelta(seconds=1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def passes(self, span: timedelta) -> None:
        self.now += span


class Shelf:
    """A store of rests that can be locked."""

    def __init__(self) -> None:
        self.kept: dict[str, Rest] = {}
        self.locked = False

    def rests(self) -> Mapping[str, Rest]:
        self._insist()
        return dict(self.kept)

    def keep_rest(self, source: str, rest: Rest) -> None:
        self._insist()
        self.kept[source] = rest

    def _insist(self) -> None:
        if self.locked:
            raise StoreLocked("database is locked")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def made(manners: Manners, requests: int) -> None:
    for _ in range(requests):
        manners.enter()
        manners.count()


def test_without_a_limit_there_is_always_room(clock: Clock) -> None:
    manners = Manners("yahoo", None, clock)
    made(manners, 1000)
    assert manners.room > 1000


def test_without_a_limit_requests_are_not_remembered(clock: Clock) -> None:
    manners = Manners("yahoo", None, clock)
    made(manners, 10)
    tracemalloc.start()
    for _ in range(2000):
        made(manners, 10)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 20_000


def test_no_more_requests_are_made_in_a_minute_than_are_allowed(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock)
    made(manners, 10)
    with pytest.raises(Crowded, match="yahoo: 10 requests were made in a minute") as caught:
        manners.enter()
    assert caught.value.retry_at == NOON + MINUTE
    assert manners.room == 0


def test_room_comes_back_with_each_request_that_is_a_minute_old(clock: Clock) -> None:
    manners = Manners("yahoo", 2, clock)
    made(manners, 1)
    clock.passes(20 * SECOND)
    made(manners, 1)
    clock.passes(39 * SECOND)
    with pytest.raises(Crowded) as caught:
        manners.enter()
    assert caught.value.retry_at == NOON + MINUTE
    clock.passes(SECOND)
    assert manners.room == 1


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 6)), max_size=60))
def test_in_any_minute_at_most_so_many_requests_begin(
    calls: list[tuple[int, int]],
) -> None:
    clock, at = Clock(), list[datetime]()
    manners = Manners("yahoo", 8, clock)
    for pause, requests in calls:
        clock.passes(pause * SECOND / 4)
        with suppress(Crowded):
            manners.enter(requests)
            manners.count(requests)
            at += [clock.now] * requests
    assert all(sum(moment - MINUTE < one <= moment for one in at) <= 8 for moment in at)


@given(st.integers(1, 8), st.lists(st.integers(0, 30), min_size=8, max_size=8))
def test_who_comes_back_when_told_to_gets_in(requests: int, pauses: list[int]) -> None:
    clock = Clock()
    manners = Manners("yahoo", 8, clock)
    for pause in pauses:
        made(manners, 1)
        clock.passes(pause * SECOND)
    try:
        manners.enter(requests)
    except Crowded as error:
        clock.now = error.retry_at
        manners.enter(requests)


def test_what_a_call_needs_beyond_its_first_request_is_counted_and_not_refused(
    clock: Clock,
) -> None:
    manners = Manners("yahoo", 3, clock)
    manners.enter()
    manners.count(7)
    assert manners.room == 0
    clock.passes(MINUTE)
    assert manners.room == 3


def test_a_call_that_needs_several_requests_waits_for_the_room_of_all(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock)
    made(manners, 5)
    clock.passes(SECOND)
    made(manners, 1)
    with pytest.raises(Crowded) as caught:
        manners.enter(6)
    assert caught.value.retry_at == NOON + MINUTE
    clock.now = caught.value.retry_at
    manners.enter(6)
    assert manners.room == 3


def test_room_is_kept_for_a_call_that_needs_more_than_others(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock)
    for _ in range(10):
        made(manners, 1)
        clock.passes(SECOND)
    with pytest.raises(Crowded) as caught:
        manners.enter(3)
    clock.now = caught.value.retry_at
    assert manners.room == 0
    with pytest.raises(Crowded):
        manners.enter()
    manners.enter(3)


def test_nobody_waits_longer_than_a_minute_for_a_call_that_does_not_come(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock)
    made(manners, 10)
    with pytest.raises(Crowded):
        manners.enter(10)
    clock.passes(MINUTE)
    made(manners, 1)


def test_a_call_that_needs_more_than_is_ever_allowed_gets_a_whole_minute(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock)
    manners.enter(50)
    manners.count(50)
    assert manners.room == 0


def test_a_clock_that_is_set_back_costs_no_room(clock: Clock) -> None:
    manners = Manners("yahoo", 5, clock)
    made(manners, 5)
    clock.passes(-timedelta(hours=3))
    assert manners.room == 5


def test_threads_share_the_room(clock: Clock) -> None:
    manners, entered = Manners("yahoo", 10, clock), list[int]()

    def call() -> None:
        for _ in range(10):
            try:
                manners.enter()
            except Crowded:
                return
            manners.count()
            entered.append(1)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entered) == 10


def test_while_a_source_rests_there_is_no_traffic_at_all(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock)
    refused = manners.refused(None, "too many requests, status 429")
    assert refused.retry_at == NOON + 5 * MINUTE
    assert manners.room == 0
    for ask in (manners.enter, manners.obey):
        with pytest.raises(RateLimited) as caught:
            ask()
        assert str(caught.value) == (
            "yahoo is left alone until 17:05 UTC: too many requests, status 429"
        )
        assert not isinstance(caught.value, Crowded)
        assert caught.value.retry_at == refused.retry_at
    clock.passes(5 * MINUTE)
    manners.enter()
    manners.obey()
    assert manners.resting is None


def test_each_limit_in_a_row_means_a_longer_rest(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock)
    for minutes in (5, 10, 20, 40, 60, 60):
        until = manners.refused(None, "429").retry_at
        assert until - clock.now == minutes * MINUTE
        clock.now = until


def test_a_wish_for_more_counts_and_one_for_less_does_not(clock: Clock) -> None:
    assert Manners("a", 1, clock).refused(30 * MINUTE, "429").retry_at == NOON + 30 * MINUTE
    assert Manners("a", 1, clock).refused(SECOND, "429").retry_at == NOON + 5 * MINUTE


def test_a_rest_is_longer_by_chance(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock, chance=lambda: 0.5)
    assert manners.refused(None, "429").retry_at == NOON + 5.5 * MINUTE


def test_answers_to_requests_that_were_under_way_do_not_lengthen_a_rest(clock: Clock) -> None:
    manners = Manners("yahoo", 10, clock)
    untils = {manners.refused(None, "429").retry_at for _ in range(4)}
    assert untils == {NOON + 5 * MINUTE}


def test_a_rest_outlives_a_restart(clock: Clock, shelf: Shelf) -> None:
    Manners("yahoo", 10, clock, shelf).refused(None, "429")
    clock.passes(4 * MINUTE)
    again = Manners("yahoo", 10, clock, shelf)
    with pytest.raises(RateLimited, match="yahoo is left alone until 17:05 UTC: 429"):
        again.enter()
    Manners("alpaca", 10, clock, shelf).enter()
    clock.passes(MINUTE)
    assert again.refused(None, "429").retry_at == clock.now + 10 * MINUTE


def test_a_rest_that_a_later_answer_lengthens_outlives_a_restart_as_long(
    clock: Clock, shelf: Shelf
) -> None:
    manners = Manners("yahoo", 10, clock, shelf)
    manners.refused(None, "429")
    until = manners.refused(30 * MINUTE, "429").retry_at
    again = Manners("yahoo", 10, clock, shelf)
    assert again.resting is not None
    assert again.resting.until == until == NOON + 30 * MINUTE


def test_a_store_that_fails_stops_nothing(clock: Clock, shelf: Shelf, lines: list[str]) -> None:
    shelf.locked = True
    manners = Manners("yahoo", 10, clock, shelf)
    manners.enter()
    manners.refused(None, "429")
    with pytest.raises(RateLimited):
        manners.enter()
    assert ["rest not read" in lines[0], "rest not kept" in lines[1]] == [True, True]
    assert all("source': 'yahoo'" in line and "database is locked" in line for line in lines)
