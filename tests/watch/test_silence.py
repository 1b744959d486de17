"""When a symbol falls silent in an open session, and when it speaks again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calm import FREELY
from alertd.core.events import Kind
from alertd.errors import RateLimited, SourceDown, UnknownSymbol
from alertd.watch import Watch
from tests.support.build import at, flat, rule
from tests.support.fakes import Tape
from tests.support.world import MINUTE, World

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from alertd.core.bars import Bar, Series
    from alertd.core.calendars import Listing
    from alertd.core.rules import Rule
    from alertd.errors import SourceError

TEN_MINUTES = timedelta(minutes=10)
TUESDAY = "2026-03-10"


class Lagging(Tape):
    """A source whose bars come late."""

    lag = timedelta(0)

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        return super().bars(listing, since, min(until, self.clock.now() - self.lag))


def silent(path: Path, tape: list[Bar]) -> World:
    """Return a world in which ten minutes of silence are told."""
    return World(
        path / "db", "09:30", [rule("below 150"), rule("above 190", id="b")], tape, TEN_MINUTES
    )


def kinds(world: World) -> list[Kind]:
    return [notice.event.kind for notice in world.notices()]


def test_silence_in_an_open_session_is_told_once_and_its_end_once(tmp_path: Path) -> None:
    tape = [*flat("09:30", 151, 151), *flat("10:30", 151, 151)]
    world = silent(tmp_path, tape)
    told = {minute: world.poll(f"10:{minute:02}") for minute in range(41)}
    assert [minute for minute, count in told.items() if count] == [0, 31]
    stale, back = world.notices()
    assert (stale.event.kind, stale.event.at) == (Kind.STALE, at("09:32"))
    assert (back.event.kind, back.event.resolution) == (Kind.RESUMED, timedelta(minutes=59))


def test_a_source_that_is_down_is_silence_too(tmp_path: Path) -> None:
    world = silent(tmp_path, flat("09:30", *[151.0] * 400))
    world.poll("09:32")
    for minute in range(33, 60):
        world.source.errors.append(SourceDown("down"))
        world.poll(f"09:{minute}")
    (notice,) = world.notices()
    assert (notice.event.kind, notice.event.about) == (Kind.STALE, "down")
    world.poll("10:00")
    assert world.claim().silent_since is None


def test_a_restart_does_not_tell_the_same_silence_again(tmp_path: Path) -> None:
    world = silent(tmp_path, flat("09:30", 151, 151))
    world.poll("09:45")
    world.restart()
    assert world.poll("09:50") == 0
    world.source.tape += flat("09:50", 151)
    world.restart()
    assert world.poll("09:52") == 1
    assert kinds(world) == [Kind.STALE, Kind.RESUMED]


def test_a_symbol_that_never_had_a_price_is_told_as_silent_since_the_open(tmp_path: Path) -> None:
    world = silent(tmp_path, [])
    world.poll("09:35")
    assert world.poll("09:41") == 1
    (notice,) = world.notices()
    assert (notice.event.at, notice.price_now) == (at("09:30"), 0.0)


def test_a_closed_session_is_not_silence(tmp_path: Path) -> None:
    world = silent(tmp_path, flat("15:50", *[151.0] * 10))
    world.poll("16:00")
    world.poll("16:06")
    world.poll("23:00")
    assert world.poll("09:35", "2026-03-10") == 0
    assert kinds(world) == []


def test_silence_goes_to_every_channel_of_the_symbols_alerts_once(tmp_path: Path) -> None:
    world = silent(tmp_path, [])
    world.poll("09:41")
    now, lease = world.clock.now(), timedelta(minutes=1)
    assert len(world.store.claim_deliveries(now, "desk", lease, 9, FREELY)) == 1


def test_a_source_that_lags_is_silent_once_until_it_lags_no_more(tmp_path: Path) -> None:
    world = silent(tmp_path, [])
    source = Lagging(world.clock, flat("09:30", *[151.0] * 390))
    source.lag = 20 * MINUTE
    world.source = source
    world.restart()
    for minute in range(60):
        world.poll(f"10:{minute:02}")
    world.poll("16:01")
    assert kinds(world) == [Kind.STALE]
    source.lag = 10 * MINUTE
    assert [world.poll("16:04"), world.poll("16:05")] == [1, 0]
    assert kinds(world) == [Kind.STALE, Kind.RESUMED]


@pytest.mark.parametrize(
    ("error", "left_alone_until"),
    [
        (RateLimited("wait", at("10:32")), "10:32"),
        (UnknownSymbol("yahoo: BABA is not known"), "10:05:02"),
    ],
)
def test_however_long_a_source_is_left_alone_silence_is_told_in_time(
    tmp_path: Path, error: SourceError, left_alone_until: str
) -> None:
    world = silent(tmp_path, flat("09:30", 151, 151))
    world.poll("09:31")
    world.source.errors = [error, error]
    assert world.poll("09:32") == 0
    assert world.poll("09:41") is None
    assert world.poll("09:41:01") == 1
    assert kinds(world) == [Kind.STALE]
    assert world.poll_at(at(left_alone_until) - MINUTE) is None
    assert world.poll(left_alone_until) is not None


def test_silence_that_nobody_waits_through_is_no_reason_to_ask_sooner(tmp_path: Path) -> None:
    once = rule("below 150", once=True)
    world = World(tmp_path / "db", "09:30", [once], flat("09:30", 151, 149), TEN_MINUTES)
    world.poll("09:40")
    world.source.errors = [RateLimited("wait", at("10:41"))]
    world.poll("09:41")
    assert world.poll("10:40") is None
    assert world.poll("10:41") == 0


def test_a_source_that_rests_is_asked_again_when_the_next_session_would_be_silent(
    tmp_path: Path,
) -> None:
    world = silent(tmp_path, [])
    resting = RateLimited("wait", at("10:00"))
    world.source.errors = [resting, resting]
    world.clock.to(at("09:00"))
    world.store.wake(world.clock.now())
    assert world.poll("09:00") == 0
    assert world.poll("09:40") is None
    assert world.poll("09:40:01") == 1
    world.source.errors = [RateLimited("wait", at("10:00", TUESDAY))]
    world.clock.to(at("09:00", TUESDAY))
    world.store.wake(world.clock.now())
    assert world.poll("09:00", TUESDAY) == 0
    assert world.poll("09:59", TUESDAY) is None


def test_a_bar_that_was_seen_before_ends_no_silence(tmp_path: Path) -> None:
    tape = flat("15:50", 151)
    world = World(tmp_path / "db", "15:50", [rule("below 150")], tape, patience=2 * MINUTE)
    assert world.poll("15:54") == 1
    assert world.poll("09:31", TUESDAY) == 0
    assert kinds(world) == [Kind.STALE]


@pytest.mark.parametrize(
    "ending", [rule("below 150", once=True), rule("below 150", expires=at("09:35"))]
)
def test_silence_is_not_told_where_no_alert_waits_any_more(tmp_path: Path, ending: Rule) -> None:
    world = World(tmp_path / "db", "09:30", [ending], flat("09:30", 151, 149, 149), TEN_MINUTES)
    for minute in range(31, 60):
        world.poll(f"09:{minute}")
    assert kinds(world) == [Kind.FIRED]
    assert world.claim().silent_since is None


def test_the_end_of_a_silence_is_not_told_where_no_alert_waits_any_more(tmp_path: Path) -> None:
    tape = [*flat("09:30", 151, 151), *flat("10:00", 151)]
    ending = rule("below 150", expires=at("09:55"))
    world = World(tmp_path / "db", "09:30", [ending], tape, TEN_MINUTES)
    assert [world.poll("09:45"), world.poll("10:01")] == [1, 0]
    assert kinds(world) == [Kind.STALE]
    assert world.claim().silent_since is None


def test_a_listing_whose_prices_lag_is_silent_as_much_later(tmp_path: Path) -> None:
    world = silent(tmp_path, flat("09:30", 151, 151))
    (symbol, place), *_ = world.plan.listings.items()
    plan = replace(world.plan, listings={symbol: replace(place, delay=15 * MINUTE)})
    told = {}
    for minute in range(45, 60):
        world.clock.to(at(f"09:{minute}"))
        told[minute] = Watch(world.clock, world.source, world.store, plan).step()
    assert [minute for minute, count in told.items() if count] == [58]
