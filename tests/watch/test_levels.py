"""What levels by name, moves and figures stand on: when it is asked for, kept and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.almanac import Outlook, Targets
from alertd.core.bars import Bar, Range, Split, Symbol
from alertd.core.events import Kind
from alertd.core.rules import AlertId, Condition, Figure, Move, Name, Named, Rule
from alertd.errors import SourceDown
from tests.support.build import XNYS, at, flat
from tests.support.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.rules import Level

YEAR_HIGH = Named(Name.YEAR_HIGH)
TUESDAY = "2026-03-10"


def alert(condition: Condition, level: Level, **more: object) -> Rule:
    return Rule(AlertId("a"), Symbol("BABA"), condition, level, **more)  # type: ignore[arg-type]


def history(until: str = "2026-03-09", price: float = 150.0) -> list[Bar]:
    """Return fourteen months of days, all from 149 to 160, up to the session before a day."""
    days = XNYS.sessions(date(2025, 1, 2), date.fromisoformat(until)).days[:-1]
    return [
        Bar(day.open, day.close - day.open, price, price + 10, price - 1, price, 1000.0)
        for day in days
    ]


def world(path: Path, rule: Rule, tape: list[Bar], until: str = "2026-03-09") -> World:
    made = World(path / "db", "09:00", [rule], tape)
    made.source.official = history(until)
    return made


def asked_for_history(made: World) -> int:
    """Return how often more than a few days of daily bars were asked for."""
    far = [s for s, u in made.source.asked_daily if s is None or u - s > timedelta(days=30)]
    return len(far)


def test_a_level_by_name_comes_from_the_sources_daily_bars_and_fires(tmp_path: Path) -> None:
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), flat("09:30", 151, 161, 161))
    assert made.poll("09:33") == 1
    (notice,) = made.notices()
    assert (notice.event.level, notice.asked) == (160, "52w high")
    assert notice.event.origin
    assert (notice.event.origin.what, notice.event.origin.price) == ("52w high", 160)


def test_the_level_is_kept_with_where_it_comes_from_and_the_session_it_is_for(
    tmp_path: Path,
) -> None:
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), flat("09:30", 151, 151, 151))
    made.poll("09:45")
    made.restart()
    basis = made.states()[AlertId("a")].basis
    assert (basis.level, basis.fixed_for) == (160, at("09:30"))
    assert basis.origin
    assert basis.origin.at == history()[-252 + 1].start or basis.origin.price == 160


def test_the_daily_history_is_asked_for_once_a_session(tmp_path: Path) -> None:
    tape = [*flat("09:30", *[151.0] * 60), *flat("09:30", *[151.0] * 60, day=TUESDAY)]
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), tape, until="2026-03-11")
    for minute in range(30, 60):
        made.poll(f"09:{minute}")
    assert asked_for_history(made) == 1
    for minute in range(30, 60):
        made.poll(f"09:{minute}", TUESDAY)
    assert asked_for_history(made) == 2


def test_a_restart_takes_the_level_from_what_was_kept_without_asking_again(tmp_path: Path) -> None:
    tape = flat("09:30", *[151.0] * 30, 161)
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), tape)
    made.poll("09:45")
    made.restart()
    assert made.poll("10:01") == 1
    assert asked_for_history(made) == 1


def test_while_the_history_cannot_be_had_nothing_fires_and_nothing_settles(tmp_path: Path) -> None:
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), flat("09:30", *[151.0] * 9, 161, 161))
    made.source.daily_error = SourceDown("no history today")
    assert sum(made.poll(f"09:{minute}") or 0 for minute in range(31, 60)) == 0
    assert (made.claim().cursor.at or at("09:30")) <= at("09:30")


def test_a_crossing_that_lay_before_the_level_was_known_is_told_once_it_is(tmp_path: Path) -> None:
    tape = flat("09:30", *[151.0] * 9, 161, *[151.0] * 60)
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), tape)
    made.source.daily_error = SourceDown("no history today")
    made.poll("09:50")
    made.source.daily_error = None
    assert made.poll("10:10") == 1
    (notice,) = made.notices()
    assert (notice.event.at, notice.late) == (at("09:39"), True)


def test_after_an_hour_without_history_the_other_alerts_states_move_on(tmp_path: Path) -> None:
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), flat("09:30", *[151.0] * 90))
    made.source.daily_error = SourceDown("no history today")
    made.poll("09:31")
    made.poll("10:30")
    assert (made.claim().cursor.at or at("09:30")) <= at("09:30")
    made.poll("10:31")
    assert made.claim().cursor.at == at("10:26")
    lack = made.states()[AlertId("a")].basis.lack
    assert lack
    assert "no daily bar" in lack.words


def test_a_move_is_measured_from_the_previous_close(tmp_path: Path) -> None:
    rule = alert(Condition.FALLS, Move(5.0))
    made = world(tmp_path, rule, flat("09:30", 149, 142.5, 142, 141))
    assert made.poll("09:34") == 1
    (notice,) = made.notices()
    assert (notice.event.at, notice.event.level) == (at("09:31"), 142.5)


def test_a_pe_is_watched_through_the_earnings_of_the_sources_quote(tmp_path: Path) -> None:
    rule = alert(Condition.ABOVE, 20.0, of=Figure.PE)
    made = world(tmp_path, rule, flat("09:30", 150, 159.9, 160.1))
    made.source.outlooks = [Outlook(at("09:00"), "tape", 152.0, "USD", pe=19.0)]
    assert made.poll("09:33") == 1
    (notice,) = made.notices()
    assert (notice.event.level, notice.event.price) == (20, 20.0125)
    assert notice.event.unit == 8


def test_a_target_in_another_currency_is_told_as_held_once_and_never_fires(tmp_path: Path) -> None:
    rule = alert(Condition.BELOW, Named(Name.ANALYST_TARGET))
    tape = [*flat("09:30", 151, 140, 151), *flat("09:30", 151, 140, day=TUESDAY)]
    made = world(tmp_path, rule, tape, until="2026-03-11")
    made.source.outlooks = [
        Outlook(at("09:00"), "tape", 151.0, "USD", targets=Targets(mean=1380.0))
    ]
    for minute in (33, 45):
        made.poll(f"09:{minute}")
        made.poll(f"09:{minute}", TUESDAY)
    (notice,) = made.notices()
    assert notice.event.kind is Kind.HELD
    assert "1380" in notice.event.about
    assert "currency" in notice.event.about


def test_the_sources_own_year_is_compared_and_a_difference_is_logged_with_both_numbers(
    tmp_path: Path,
) -> None:
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), flat("09:30", 151))
    made.source.year = Range(192.0, 148.5)
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message} {extra}", level="WARNING")
    made.poll("09:31")
    logger.remove(sink)
    (line,) = (line for line in lines if "52 weeks" in line)
    assert "192.0" in line
    assert "160.0" in line


def test_a_split_rescales_the_level_once_and_is_told_once(tmp_path: Path) -> None:
    tape = [*flat("15:50", *[1200.0] * 10), *flat("09:30", *[120.0] * 60, day=TUESDAY)]
    rule = alert(Condition.BELOW, 1000.0)
    made = World(tmp_path / "db", "15:50", [rule], tape)
    made.poll("16:06")
    made.source.splits = [Split(at("04:00", TUESDAY), 10.0)]
    told = [made.poll(f"09:{minute}", TUESDAY) for minute in range(31, 50)]
    made.restart()
    made.poll("10:10", TUESDAY)
    assert sum(count or 0 for count in told) == 1
    (notice,) = made.notices()
    assert notice.event.kind is Kind.SPLIT
    assert notice.event.origin
    assert (notice.event.level, notice.event.origin.price) == (100, 1000)


def test_a_split_is_one_message_for_all_alerts_that_go_to_the_same_channels(
    tmp_path: Path,
) -> None:
    tape = [*flat("15:50", *[1200.0] * 10), *flat("09:30", *[120.0] * 5, day=TUESDAY)]
    rules = [
        Rule(AlertId(name), Symbol("BABA"), Condition.BELOW, level)
        for name, level in (("a", 1000.0), ("b", 900.0), ("c", 800.0))
    ]
    made = World(tmp_path / "db", "15:50", rules, tape)
    made.poll("16:06")
    made.source.splits = [Split(at("04:00", TUESDAY), 10.0)]
    made.poll("09:31", TUESDAY)
    (notice,) = made.notices()
    assert {event.level for event in (*notice.together, notice.event)} == {100, 90, 80}


def test_a_level_by_name_is_right_on_the_day_of_a_split_whichever_shares_its_history_is_in(
    tmp_path: Path,
) -> None:
    tape = [*flat("15:50", *[1500.0] * 10), *flat("09:30", 151, 161, day=TUESDAY)]
    made = World(tmp_path / "db", "15:50", [alert(Condition.ABOVE, YEAR_HIGH)], tape)
    made.source.official = history(TUESDAY, 1500.0)
    made.poll("16:06")
    made.source.splits = [Split(at("04:00", TUESDAY), 10.0)]
    made.poll("09:31:30", TUESDAY)
    fired = [n.event for n in made.notices() if n.event.kind is Kind.FIRED]
    assert [event.level for event in fired] == [151]


def test_the_row_of_a_day_that_is_not_over_is_no_history_of_the_next_day(tmp_path: Path) -> None:
    tape = [*flat("09:30", *[151.0] * 30), *flat("09:30", 151, 163, 166, day=TUESDAY)]
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), tape, until=TUESDAY)
    made.poll("09:45")
    made.source.official[-1] = replace(made.source.official[-1], high=165.0)
    assert made.poll("09:33", TUESDAY) == 1
    (notice,) = made.notices()
    assert notice.event.level == 165


def test_a_history_that_comes_in_the_middle_of_a_session_ends_the_wait(tmp_path: Path) -> None:
    made = world(tmp_path, alert(Condition.ABOVE, YEAR_HIGH), flat("09:30", *[151.0] * 150, 161))
    made.source.daily_error = SourceDown("no history today")
    made.poll("11:00")
    made.poll("11:30")
    made.source.daily_error = None
    assert made.poll("12:01") == 1
