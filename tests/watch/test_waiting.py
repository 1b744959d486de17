"""What levels stand on is not there yet: who waits, for how long, and what is asked again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.almanac import Almanac, Outlook, Targets
from alertd.core.bars import Symbol
from alertd.core.rules import AlertId, Figure
from alertd.core.states import Phase
from alertd.errors import SourceDown
from alertd.watch import Watch
from tests.support.build import at, flat, history, rule
from tests.support.fakes import Tape
from tests.support.world import MINUTE, World

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from alertd.core.bars import Bar
    from alertd.core.calendars import Listing
    from alertd.core.rules import Rule

FRIDAY, MONDAY, TUESDAY = "2026-03-06", "2026-03-09", "2026-03-10"
HIGH = rule("above 52w high")
PREVIOUS = rule("above previous close + 3%", id="p")
PE = rule("above 20", id="pe", of=Figure.PE)
# Up to Friday, the 52 weeks are from 149 to 151.
PAST = history("2025-01-02", FRIDAY)
# Monday is under the high, above it in one minute, and under it again.
CROSSING = flat("09:30", *[150.0] * 9, 161, *[150.0] * 80)


@dataclass
class Company(Tape):
    """A tape whose source says of the company what it is told to, or fails."""

    said: Outlook = field(default_factory=lambda: Outlook(at("00:00"), "tape"))
    outlook_error: SourceDown | None = None
    asked_outlook: list[datetime] = field(default_factory=list)

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's
        self.asked_outlook.append(self.clock.now())
        if self.outlook_error:
            raise self.outlook_error
        return replace(self.said, at=self.clock.now())


def world(path: Path, tape: list[Bar], *rules: Rule, past: tuple[Bar, ...] = PAST) -> World:
    made = World(path / "db", "09:00", list(rules), tape)
    made.source.official = [*past]
    return made


def company(made: World) -> Company:
    """Let the world's source be one that speaks of the company."""
    source = Company(made.clock, made.source.tape, made.source.official)
    made.source = source
    made.watch = Watch(made.clock, source, made.store, made.plan)
    return source


def polled(made: World, since: str, until: str, day: str = MONDAY) -> None:
    """Poll every minute."""
    moment = at(since, day)
    while moment <= at(until, day):
        made.poll_at(moment)
        moment += MINUTE


def fired(made: World) -> list[tuple[str, datetime]]:
    events = [event for n in made.notices() for event in (*n.together, n.event)]
    return [(event.alert, event.at) for event in events if event.kind == "fired"]


def test_a_daemon_that_starts_late_waits_from_the_first_ask_that_fails(tmp_path: Path) -> None:
    made = world(tmp_path, CROSSING, HIGH)
    made.source.daily_error = SourceDown("a hiccup")
    made.poll("10:45")
    made.source.daily_error = None
    polled(made, "10:46", "10:48")
    assert fired(made) == [("a", at("09:39"))]


def test_after_a_missed_day_one_failed_ask_loses_nothing_of_that_day(tmp_path: Path) -> None:
    tape = [*flat("15:50", *[150.0] * 10, day=FRIDAY), *CROSSING]
    made = World(tmp_path / "db", "09:00", [HIGH], [*tape, *flat("09:30", 150, day=TUESDAY)])
    made.source.official = [*history("2025-01-02", TUESDAY)]
    made.clock.to(at("15:00", FRIDAY))
    made.store.adopt([], made.clock.now())
    made.store.adopt([HIGH], made.clock.now())
    made.poll("16:06", FRIDAY)
    made.restart()
    made.source.daily_error = SourceDown("a hiccup")
    made.poll("09:31", TUESDAY)
    made.poll("10:00", TUESDAY)
    assert made.claim().cursor.at == at("16:00", FRIDAY)
    made.source.daily_error = None
    made.poll("10:29", TUESDAY)
    assert fired(made) == [("a", at("09:39"))]
    # The year before that day, and some days more, to be sure of the first.
    first = made.source.asked_daily[-1][0]
    assert first
    assert first <= at("09:30") - timedelta(days=380)


def test_a_missed_day_is_given_up_an_hour_after_the_first_ask_that_failed(tmp_path: Path) -> None:
    made = world(tmp_path, CROSSING, HIGH)
    made.source.daily_error = SourceDown("no history today")
    polled(made, "12:00", "12:01")
    made.poll("12:59")
    assert made.claim().cursor.at is None
    made.poll("13:00")
    assert made.claim().cursor.at == CROSSING[-1].end


def test_nobody_waits_for_an_alert_that_has_expired_before_the_session(tmp_path: Path) -> None:
    over = rule("above 52w high", expires=at("09:15"))
    made = world(tmp_path, CROSSING, over, rule("below 140", id="b"))
    made.source.daily_error = SourceDown("no history today")
    made.poll("09:10")
    made.poll("09:40")
    assert made.claim().cursor.at == at("09:35")


def test_a_source_without_figures_starves_no_level_of_its_history(tmp_path: Path) -> None:
    made = world(tmp_path, CROSSING, HIGH, PE)
    source = company(made)
    source.outlook_error = SourceDown("no crumb")
    polled(made, "09:31", "09:50")
    assert fired(made) == [("a", at("09:39"))]
    assert len(source.asked_daily) == 1
    assert made.states()[AlertId("pe")].phase is Phase.ARMED
    assert made.claim().cursor.at is None


def test_a_source_without_history_starves_no_figure(tmp_path: Path) -> None:
    made = world(tmp_path, CROSSING, HIGH, PE)
    source = company(made)
    source.said = Outlook(at("09:00"), "tape", 150.0, "USD", pe=19.0)
    source.daily_error = SourceDown("no history today")
    polled(made, "09:31", "09:50")
    assert fired(made) == [("pe", at("09:39"))]
    assert len(source.asked_outlook) == 1


def test_an_alert_that_expired_while_the_daemon_was_down_is_judged_up_to_then(
    tmp_path: Path,
) -> None:
    soon = rule("above 52w high", expires=at("10:00"))
    over = rule("above 52w high", id="b", expires=at("09:35"))
    made = world(tmp_path, CROSSING, soon, over)
    made.poll("11:00")
    assert fired(made) == [("a", at("09:39"))]


def test_an_outlook_that_cannot_be_had_leaves_what_was_kept_of_the_days(tmp_path: Path) -> None:
    made = world(tmp_path, CROSSING, HIGH, PE)
    source = company(made)
    source.said = Outlook(at("09:00"), "tape", 150.0, "USD", pe=19.0)
    made.poll("09:31")
    kept = made.store.almanac(Symbol("BABA"))
    assert kept
    assert kept.outlook
    assert (kept.days[-1], kept.outlook.pe) == (PAST[-1], 19.0)
    source.official = [*history("2025-01-02", MONDAY)]
    source.outlook_error = SourceDown("no crumb")
    made.source.tape = [*CROSSING, *flat("09:30", 150, day=TUESDAY)]
    made.poll("09:31", TUESDAY)
    after = made.store.almanac(Symbol("BABA"))
    assert after
    assert (after.days[-1].start, after.outlook) == (at("09:30"), kept.outlook)


def test_a_figure_that_is_absent_is_asked_for_every_quarter_of_an_hour_and_holds_nobody(
    tmp_path: Path,
) -> None:
    made = world(tmp_path, [*flat("09:30", *[150.0] * 50), *flat("10:20", 170)], PE)
    source = company(made)
    source.said = Outlook(at("09:00"), "tape", 150.0, "USD")
    polled(made, "09:31", "09:40")
    assert made.claim().cursor.at == at("09:35")
    source.said = Outlook(at("09:00"), "tape", 150.0, "USD", pe=19.0)
    polled(made, "09:41", "10:21")
    assert source.asked_outlook == [at("09:31"), at("09:46")]
    assert fired(made) == [("pe", at("10:20"))]


def test_a_target_that_is_refused_is_an_answer(tmp_path: Path) -> None:
    made = world(tmp_path, CROSSING, rule("below analyst target"))
    source = company(made)
    source.said = Outlook(at("09:00"), "tape", 150.0, "USD", targets=Targets(mean=1380.0))
    polled(made, "09:31", "10:10")
    assert source.asked_outlook == [at("09:31")]


def halted(path: Path, *rules: Rule, days: int = 1) -> World:
    """Return a world whose source answers, and has no day of the newest sessions."""
    return world(path, flat("09:30", *[150.0] * 9, 161, *[150.0] * 120), *rules, past=PAST[:-days])


def test_a_level_over_many_days_does_without_a_day_that_never_comes(tmp_path: Path) -> None:
    made = halted(
        tmp_path, HIGH, rule("above sma 50 + 1%", id="s"), rule("rises 5%", id="m"), PREVIOUS
    )
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message} {extra}", level="WARNING")
    polled(made, "09:31", "10:30")
    assert fired(made) == []
    polled(made, "10:31", "10:33")
    logger.remove(sink)
    assert sorted(fired(made)) == [("a", at("09:39")), ("s", at("09:39"))]
    lack = made.states()[AlertId("m")].basis.lack
    assert lack
    assert lack.words == "no daily bar for 2026-03-06 yet"
    (line,) = (line for line in lines if "levels stand on older ones" in line)
    assert "BABA" in line


def test_what_never_comes_is_known_after_a_restart(tmp_path: Path) -> None:
    made = halted(tmp_path, HIGH)
    polled(made, "09:31", "10:31")
    made.restart()
    kept = made.store.almanac(Symbol("BABA"))
    assert kept
    assert kept.complete_to == at("09:30", FRIDAY)
    assert made.states()[AlertId("a")].basis.level == 151


def test_a_level_that_is_fixed_waits_for_nothing_more_after_a_restart(tmp_path: Path) -> None:
    made = world(tmp_path, CROSSING, HIGH)
    polled(made, "09:31", "09:36")
    made.store.keep_almanac(Symbol("BABA"), Almanac(), made.clock.now())
    made.restart()
    made.source.daily_error = SourceDown("no history now")
    made.poll("09:50")
    assert made.claim().cursor.at == at("09:45")


def test_a_day_that_comes_late_serves_the_previous_close(tmp_path: Path) -> None:
    made = halted(tmp_path, HIGH, rule("rises 5%", id="m"))
    polled(made, "09:31", "10:31")
    made.source.official = [*PAST]
    polled(made, "10:45", "10:50")
    assert made.states()[AlertId("m")].basis.level == 150


def test_a_source_that_fails_in_the_end_has_not_said_that_there_is_no_such_day(
    tmp_path: Path,
) -> None:
    made = halted(tmp_path, HIGH)
    polled(made, "09:31", "10:00")
    made.source.daily_error = SourceDown("no history now")
    polled(made, "10:01", "10:40")
    assert made.states()[AlertId("a")].basis.lack


def test_a_halt_of_more_than_a_week_leaves_no_level(tmp_path: Path) -> None:
    week = halted(tmp_path, HIGH, days=4)
    polled(week, "09:31", "10:31")
    assert week.states()[AlertId("a")].basis.level == 151
    more = World(tmp_path / "other", "09:00", [HIGH], week.source.tape)
    more.source.official = [*PAST[:-5]]
    polled(more, "09:31", "10:31")
    assert more.states()[AlertId("a")].basis.lack
    assert PAST[-6].start < at("09:30") - timedelta(days=7) <= PAST[-5].start
