"""Days around a split: daily bars, minutes and closes each come in old shares or in new ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import nan
from typing import TYPE_CHECKING

import pytest

from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Split
from alertd.core.rules import AlertId, Closes, Figure
from alertd.core.sessions import Hours
from alertd.core.splits import rescaled
from alertd.core.states import Phase
from alertd.errors import SourceDown
from alertd.watch import Watch
from tests.support.build import XNYS, at, bar, daily, flat, rule
from tests.support.fakes import Tape
from tests.support.world import MINUTE, World

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from alertd.core.bars import Series
    from alertd.core.calendars import Listing
    from alertd.core.rules import Rule

FRIDAY, MONDAY, TUESDAY = "2026-03-06", "2026-03-09", "2026-03-10"
TEN = Split(at("04:00", TUESDAY), 10.0)
HIGH = rule("above 52w high")


def days(until: str, price: float = 1500.0) -> list[Bar]:
    """Return fourteen months of days at one price, up to a day."""
    sessions = XNYS.sessions(date(2025, 1, 2), date.fromisoformat(until)).days
    flat_day = (price, price + 10, price - 1, price)
    return [Bar(day.open, day.close - day.open, *flat_day) for day in sessions]


def in_new_shares(bars: list[Bar]) -> list[Bar]:
    return [rescaled(each, TEN.ratio) if each.start < TEN.at else each for each in bars]


class Quiet(Tape):
    """A tape that announces splits beside its minutes only."""

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        return replace(super().daily(listing, since, until), splits=())


def polled(world: World, since: str, until: str, day: str = TUESDAY) -> None:
    """Poll every minute."""
    moment = at(since, day)
    while moment <= at(until, day):
        world.poll_at(moment)
        moment += MINUTE


def told(world: World) -> list[tuple[str, float, float]]:
    events = [event for n in world.notices() for event in (*n.together, n.event)]
    return [(event.kind.value, event.level, event.price) for event in events]


def missed_monday(path: Path, alert: Rule, monday: list[float], past: list[Bar]) -> World:
    """Return a daemon that is down from Friday's close to Tuesday, when there is a split."""
    tape = flat("15:50", *[1500.0] * 10, day=FRIDAY)
    world = World(path / "db", "09:00", [alert], tape)
    world.clock.to(at("15:45", FRIDAY))
    world.store.adopt([], world.clock.now())
    world.store.adopt([alert], world.clock.now())
    world.source.official = days("2026-03-05")
    world.poll("16:06", FRIDAY)
    world.restart()
    world.source.tape += [*flat("09:30", *monday), *flat("09:30", 150, 150, day=TUESDAY)]
    world.source.official, world.source.splits = past, [TEN]
    return world


@pytest.mark.parametrize("past", [days(MONDAY), in_new_shares(days(MONDAY))], ids=["raw", "new"])
def test_a_missed_day_before_a_split_is_judged_in_its_own_shares(
    tmp_path: Path, past: list[Bar]
) -> None:
    (tmp_path / "m").mkdir()
    world = missed_monday(tmp_path, HIGH, [*[1500.0] * 5, 1520, 1500], past)
    world.poll("09:40", TUESDAY)
    assert told(world) == [("fired", 1510, 1520)]
    assert world.states()[HIGH.id].basis.level == 151
    calm = missed_monday(tmp_path / "m", rule("moves 5%"), [1500.0] * 9, past)
    calm.poll("09:40", TUESDAY)
    assert told(calm) == []


def test_a_missed_day_that_the_source_has_rescaled_is_judged_in_new_shares(tmp_path: Path) -> None:
    world = missed_monday(tmp_path, HIGH, [*[150.0] * 5, 152, 150], in_new_shares(days(MONDAY)))
    world.source.tape[:10] = flat("15:50", *[150.0] * 10, day=FRIDAY)
    world.poll("09:40", TUESDAY)
    assert told(world) == [("fired", 151, 152)]


@pytest.mark.parametrize("condition", ["falls 5%", "above 52w high"])
def test_a_history_in_old_shares_that_comes_at_midday_is_restated_by_the_row_of_the_day(
    tmp_path: Path, condition: str
) -> None:
    alert = rule(condition)
    tape = [*flat("15:50", *[1500.0] * 10), *flat("09:30", *[150.0] * 90, day=TUESDAY)]
    world = World(tmp_path / "db", "15:40", [alert], tape)
    world.source.official = [*days(MONDAY), *days(TUESDAY, 150.0)[-1:]]
    world.poll("15:41")
    world.poll("16:06")
    world.source.splits = [TEN]
    world.source.daily_error = SourceDown("no history in the morning")
    polled(world, "09:31", "10:44")
    world.source.daily_error = None
    polled(world, "10:45", "10:50")
    assert told(world) == []
    assert world.states()[alert.id].basis.level == (150 if condition == "falls 5%" else 151)


@pytest.mark.parametrize("past", [days(MONDAY), in_new_shares(days(MONDAY))], ids=["raw", "new"])
def test_without_a_row_of_the_day_the_last_price_tells_which_shares_a_history_is_in(
    tmp_path: Path, past: list[Bar]
) -> None:
    for alert in (HIGH, rule("above 52w high", session=Hours.EXTENDED)):
        tape = [*flat("15:50", *[1500.0] * 10), *flat("04:00", *[150.0] * 90, day=TUESDAY)]
        world = World(tmp_path / alert.session, "15:40", [alert], tape)
        world.source.official = [*days(FRIDAY)]
        world.poll("15:41")
        world.poll("16:06")
        world.source.official, world.source.splits = past, [TEN]
        world.source.daily_error = SourceDown("no history at first")
        polled(world, "04:01", "05:29")
        world.source.daily_error = None
        world.source.tape += flat("09:30", 150, 150, 150, day=TUESDAY)
        polled(world, "09:31", "09:40")
        assert world.states()[alert.id].basis.level == 151


def test_a_split_that_only_the_minutes_announce_is_known_to_the_days(tmp_path: Path) -> None:
    tape = [*flat("15:50", *[1500.0] * 10), *flat("09:30", 150, 150, day=TUESDAY)]
    world = World(tmp_path / "db", "15:40", [HIGH], tape)
    world.source = source = Quiet(world.clock, tape, days(FRIDAY))
    world.watch = Watch(world.clock, source, world.store, world.plan)
    world.poll("16:06")
    source.official, source.splits = in_new_shares(days(MONDAY)), [TEN]
    polled(world, "09:31", "09:40")
    assert world.states()[HIGH.id].basis.level == 151


def test_a_small_split_of_last_month_is_as_the_source_has_it(tmp_path: Path) -> None:
    past = days(FRIDAY, 97.0)
    past[:-20] = [replace(day, high=110.0, close=100.0) for day in past[:-20]]
    world = World(tmp_path / "db", "09:00", [HIGH], flat("09:30", 97, 97))
    world.source.official = past
    world.source.splits = [Split(at("04:00", f"{past[-20].start:%Y-%m-%d}"), 1.05)]
    world.poll("09:32")
    world.poll("09:45")
    assert world.states()[HIGH.id].basis.level == 110


def test_a_split_that_is_announced_late_finds_the_days_that_were_kept_in_old_shares(
    tmp_path: Path,
) -> None:
    pe = rule("above 20", id="pe", of=Figure.PE)
    tape = [*flat("15:50", *[1500.0] * 10), *flat("09:30", *[150.0] * 90, day=TUESDAY)]
    world = World(tmp_path / "db", "15:40", [HIGH, pe], tape)
    world.source.official = [*days(MONDAY), *days(TUESDAY, 150.0)[-1:]]
    world.poll("15:41")
    world.poll("16:06")
    polled(world, "09:31", "09:50")
    world.source.splits = [TEN]
    polled(world, "09:51", "10:20")
    # The P/E comes late, and with it everything is looked up again.
    world.source.outlooks = [Outlook(at("04:00", TUESDAY), "tape", 150.0, "USD", pe=19.0)]
    polled(world, "10:21", "10:40")
    states = world.states()
    assert states[AlertId("pe")].basis.lack is None
    assert states[HIGH.id].basis.level == 151


@pytest.mark.parametrize(
    ("condition", "close", "phase"),
    [
        ("below 1000", 1005.0, Phase.ARMED),
        ("below 1000", 990.0, Phase.FIRED),
        ("above 1010", 1005.0, Phase.ARMED),
        ("above 1010", 1020.0, Phase.FIRED),
    ],
)
@pytest.mark.parametrize("shares", ["raw raw", "raw new", "new raw", "new new"])
def test_a_close_from_before_a_split_is_held_against_the_level_in_the_same_shares(
    tmp_path: Path, condition: str, close: float, phase: Phase, shares: str
) -> None:
    minutes, official = shares.split()
    beyond = 990.0 if condition == "below 1000" else 1020.0
    monday = flat("15:00", *[1005.0] * 10, *[beyond] * 5, *[close] * 45)
    alert = rule(condition, hold=Closes(1))
    world = World(tmp_path / "db", "14:00", [alert], monday)
    world.poll("15:05")
    world.restart()
    world.source.tape = in_new_shares(monday) if minutes == "new" else monday
    world.source.tape += flat("09:30", *[close / 10] * 20, day=TUESDAY)
    day = daily(MONDAY, f"1000 1030 980 {close}")
    world.source.official = in_new_shares([day]) if official == "new" else [day]
    world.source.splits = [TEN]
    polled(world, "09:40", "09:49")
    assert world.states()[alert.id].phase is phase


def nothing(clock: str, day: str, price: float = nan) -> Bar:
    """Return a row without prices."""
    return replace(flat(clock, 1, day=day)[0], open=price, high=price, low=price, close=price)


@pytest.mark.parametrize(
    "odd",
    [
        nothing("19:00", MONDAY),
        nothing("04:00", TUESDAY),
        nothing("19:00", MONDAY, 0.0),
        nothing("04:00", TUESDAY, 0.0),
        bar("04:00", "1200 1210 119 120", TUESDAY),
    ],
    ids=["nan before", "nan after", "zero before", "zero after", "in both shares"],
)
def test_a_bar_that_cannot_be_believed_does_not_say_which_shares_the_others_are_in(
    tmp_path: Path, odd: Bar
) -> None:
    alert = rule("above 1500", session=Hours.EXTENDED)
    world = World(tmp_path / "db", "15:50", [alert], flat("15:50", *[1200.0] * 10))
    world.poll("16:06")
    evening, morning = flat("18:00", 1200, 1201), flat("09:30", *[120.0] * 4, day=TUESDAY)
    world.source.tape += sorted([*evening, odd, *morning], key=lambda each: each.start)
    world.source.splits = [TEN]
    world.poll("09:34", TUESDAY)
    world.poll("09:45", TUESDAY)
    assert [kind for kind, _, _ in told(world)] == ["split"]
    assert world.states()[alert.id].phase is Phase.ARMED
