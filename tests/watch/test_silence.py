"""When a symbol falls silent in an open session, and when it speaks again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.events import Kind
from alertd.errors import SourceDown
from tests.support.build import at, flat, rule
from tests.support.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.bars import Bar

TEN_MINUTES = timedelta(minutes=10)


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
    leases = {"desk": timedelta(minutes=1)}
    assert len(world.store.claim_deliveries(world.clock.now(), leases, 9)) == 1
