"""Several sources are one: the first that gives something, and its word alone."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.core.rests import Rest
from alertd.errors import Crowded, RateLimited, SourceDown, SourceError, UnknownSymbol
from alertd.quotes.failover import Failover
from tests.quotes.build import MINUTE, NOON, at, bar, minutes
from tests.support.fakes import HandClock
from tests.support.feeds import PATIENCE, SINCE, Feed, Pair

BABA, HONG_KONG = listing(Symbol("BABA")), listing(Symbol("9988.HK"))
LATE = NOON + timedelta(minutes=30)

DOWN = SourceDown("query1: BABA: no answer")
UNKNOWN = UnknownSymbol("query1: BABA: delisted")
LIMITED = RateLimited("query1: BABA: too many requests", LATE)
CROWDED = Crowded("yahoo: as much as is allowed", NOON + MINUTE)


@pytest.fixture
def pair() -> Pair:
    return Pair.of(HandClock(NOON))


def test_the_first_source_is_asked_and_nobody_else(pair: Pair) -> None:
    found = pair.bars()
    assert (found.source, found.bars) == ("yahoo", tuple(minutes(30, SINCE, 150.0)))
    assert pair.alpaca.asked == []
    assert pair.both.name == "yahoo"


@pytest.mark.parametrize("error", [DOWN, LIMITED, UNKNOWN])
def test_the_next_source_stands_in_for_one_that_fails(pair: Pair, error: SourceError) -> None:
    pair.yahoo.error = error
    found = pair.bars()
    assert (found.source, found.bars) == ("alpaca", tuple(minutes(30, SINCE, 149.0)))


def test_bars_of_two_sources_are_never_in_one_series(pair: Pair) -> None:
    pair.yahoo.tape = pair.yahoo.tape[:5]
    found = pair.bars()
    assert found.bars == tuple(pair.alpaca.tape)
    pair.alpaca.tape = []
    assert pair.bars().bars == tuple(pair.yahoo.tape)


def test_a_listing_that_the_others_do_not_cover_is_the_first_source_s_alone(pair: Pair) -> None:
    pair.yahoo.error = LIMITED
    with pytest.raises(RateLimited) as raised:
        pair.both.bars(HONG_KONG, SINCE, NOON)
    assert raised.value is LIMITED
    assert pair.alpaca.asked == []


def test_a_listing_that_nobody_covers_is_unknown(pair: Pair) -> None:
    only = Failover([pair.alpaca], pair.clock.now, patience=lambda _: PATIENCE)
    with pytest.raises(UnknownSymbol, match=r"9988\.HK: not one that alpaca may know"):
        only.bars(HONG_KONG, SINCE, NOON)


@pytest.mark.parametrize("error", [DOWN, LIMITED, UNKNOWN, CROWDED])
def test_a_single_source_is_as_it_is_alone(error: SourceError) -> None:
    clock = HandClock(NOON)
    yahoo = Feed("yahoo", clock.now, minutes(5, SINCE), error=error)
    alone = Failover([yahoo], clock.now, patience=lambda _: PATIENCE)
    for _ in range(5):
        with pytest.raises(SourceError) as raised:
            alone.bars(BABA, SINCE, NOON)
        assert raised.value is error
    assert len(yahoo.asked) == 5
    yahoo.error = None
    assert alone.bars(BABA, SINCE, NOON).source == "yahoo"


def test_without_room_the_first_source_is_waited_for_rather_than_changed(pair: Pair) -> None:
    pair.yahoo.error = CROWDED
    assert pair.refusal() is CROWDED
    assert pair.alpaca.asked == []


@pytest.mark.parametrize(
    ("first", "second", "raised"),
    [
        (DOWN, DOWN, DOWN),
        (DOWN, UNKNOWN, DOWN),
        (DOWN, LIMITED, DOWN),
        (DOWN, CROWDED, CROWDED),
        (UNKNOWN, DOWN, UNKNOWN),
        (UNKNOWN, LIMITED, UNKNOWN),
        (LIMITED, UNKNOWN, LIMITED),
        (LIMITED, DOWN, DOWN),
        (LIMITED, CROWDED, CROWDED),
    ],
    ids=lambda error: type(error).__name__,
)
def test_where_all_fail_one_error_stands_for_all(
    pair: Pair, first: SourceError, second: SourceError, raised: SourceError
) -> None:
    pair.yahoo.error, pair.alpaca.error = first, second
    assert pair.refusal() is raised


def test_where_all_want_quiet_the_first_that_may_be_asked_again_says_when(pair: Pair) -> None:
    pair.yahoo.error = LIMITED
    pair.alpaca.error = RateLimited("alpaca: too many requests", NOON + 5 * MINUTE)
    error = pair.refusal()
    assert isinstance(error, RateLimited)
    assert (str(error), error.retry_at) == (str(LIMITED), NOON + 5 * MINUTE)


def test_a_symbol_is_unknown_only_by_the_word_of_the_first_source(pair: Pair) -> None:
    pair.alpaca.error = UNKNOWN
    pair.yahoo.error = DOWN
    # Also while the first one is left alone, and its word is an old one.
    for _ in range(5):
        assert isinstance(pair.refusal(), SourceDown)


def test_of_a_source_that_is_left_alone_it_is_said_until_when(pair: Pair) -> None:
    pair.yahoo.error = DOWN
    pair.alpaca.error = UNKNOWN
    said = [str(pair.refusal()) for _ in range(4)]
    assert said[0] == str(DOWN)
    assert said[3] == f"yahoo is left alone until 17:01 UTC: {DOWN}"


def quiet(feed: Feed, since: str) -> None:
    """Let the bars of a source end there."""
    feed.tape = [each for each in feed.tape if each.start < at(since)]


def test_a_source_that_is_silent_for_too_long_gives_way_to_one_that_is_not(pair: Pair) -> None:
    quiet(pair.yahoo, "16:50")
    assert pair.bars().source == "yahoo"
    quiet(pair.yahoo, "16:49")
    assert pair.bars().source == "alpaca"


def test_silence_counts_from_the_last_bar_with_a_price(pair: Pair) -> None:
    quiet(pair.yahoo, "16:49")
    nothing = [math.nan] * 4
    pair.yahoo.tape += [Bar(at("16:49") + n * MINUTE, MINUTE, *nothing) for n in range(11)]
    assert pair.bars().source == "alpaca"


def test_where_all_are_silent_the_first_source_s_word_stands(pair: Pair) -> None:
    quiet(pair.yahoo, "16:45")
    quiet(pair.alpaca, "16:45")
    assert pair.bars().source == "yahoo"
    pair.alpaca.error = DOWN
    assert pair.bars().source == "yahoo"


def test_silence_outside_of_regular_hours_is_no_silence(pair: Pair) -> None:
    quiet(pair.yahoo, "16:45")
    pair.clock.to(at("21:00"))
    assert pair.bars().source == "yahoo"
    assert pair.alpaca.asked == []


def test_what_the_source_lags_by_is_no_silence(pair: Pair) -> None:
    quiet(pair.yahoo, "16:45")
    lagging = listing(Symbol("BABA"), delay=timedelta(minutes=15))
    assert pair.both.bars(lagging, SINCE, NOON + MINUTE).source == "yahoo"


def test_bars_up_to_the_window_s_beginning_were_had_before(pair: Pair) -> None:
    pair.yahoo.tape = []
    assert pair.both.bars(BABA, NOON - 10 * MINUTE, NOON + MINUTE).source == "yahoo"
    assert pair.both.bars(BABA, NOON - 11 * MINUTE, NOON + MINUTE).source == "alpaca"


def test_days_are_the_first_source_s_or_of_one_that_has_any(pair: Pair) -> None:
    day = bar("14:30", "150 152 149 151", timedelta(hours=6.5))
    assert pair.both.daily(BABA, None, NOON).source == "yahoo"
    pair.yahoo.error = DOWN
    with pytest.raises(SourceDown):
        pair.both.daily(BABA, None, NOON)
    pair.alpaca.days = [day]
    found = pair.both.daily(BABA, None, NOON)
    assert (found.source, found.bars) == ("alpaca", (day,))


def test_an_outlook_that_says_nothing_does_not_stand_in_for_one(pair: Pair) -> None:
    pair.yahoo.price = None
    assert pair.both.outlook(BABA, targets=True).source == "yahoo"
    pair.yahoo.error, pair.alpaca.price = LIMITED, None
    with pytest.raises(RateLimited):
        pair.both.outlook(BABA, targets=True)
    pair.alpaca.price = 149.0
    assert pair.both.outlook(BABA, targets=True).source == "alpaca"


def test_quotes_are_the_first_source_s_for_all_listings(pair: Pair) -> None:
    found = pair.both.quotes([BABA, HONG_KONG])
    assert {quote.price for quote in found.values()} == {150.0}
    assert pair.alpaca.asked == []


def test_while_it_wants_quiet_the_others_quote_what_they_cover(pair: Pair) -> None:
    pair.yahoo.error = LIMITED
    assert set(pair.both.quotes([BABA, HONG_KONG])) == {"BABA"}
    assert pair.alpaca.asked == ["quotes of BABA"]
    with pytest.raises(RateLimited):
        pair.both.quotes([HONG_KONG])


def test_without_room_for_quotes_the_first_source_is_waited_for(pair: Pair) -> None:
    pair.yahoo.error = CROWDED
    with pytest.raises(Crowded):
        pair.both.quotes([BABA])
    assert pair.alpaca.asked == []


def test_there_are_no_quotes_of_nothing(pair: Pair) -> None:
    assert pair.both.quotes([]) == {}
    assert pair.yahoo.asked == []


def test_a_second_opinion_comes_from_another_source(pair: Pair) -> None:
    found = pair.both.second(BABA, SINCE, NOON, besides="yahoo")
    assert found is not None
    assert found.source == "alpaca"
    found = pair.both.second(BABA, SINCE, NOON, besides="alpaca")
    assert found is not None
    assert found.source == "yahoo"


@pytest.mark.parametrize("error", [DOWN, LIMITED, UNKNOWN, CROWDED])
def test_there_is_no_second_opinion_where_nobody_else_gives_one(
    pair: Pair, error: SourceError
) -> None:
    assert pair.both.second(HONG_KONG, SINCE, NOON, besides="yahoo") is None
    pair.alpaca.error = error
    assert pair.both.second(BABA, SINCE, NOON, besides="yahoo") is None
    pair.alpaca.error, pair.alpaca.tape = None, []
    assert pair.both.second(BABA, SINCE, NOON, besides="yahoo") is None


def test_the_room_is_that_of_the_source_that_would_be_asked(pair: Pair) -> None:
    pair.yahoo.room, pair.alpaca.room = 7, 90
    assert pair.both.room == 7
    pair.yahoo.room = 0
    assert pair.both.room == 0
    pair.yahoo.resting = Rest(NOON, LATE, 1, "too many requests")
    assert pair.both.room == 90
    pair.alpaca.resting = pair.yahoo.resting
    assert pair.both.room == 0
