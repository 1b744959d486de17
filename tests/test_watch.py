"""One cycle over one symbol: fetch, judge, record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from alertd.core.alerts import Alert
from alertd.core.calendars import listing
from alertd.core.rules import AlertId, Closes, Rule
from alertd.core.sessions import Hours
from alertd.core.states import Phase
from alertd.errors import RateLimited, SourceDown, SourceError, UnknownSymbol
from alertd.store.database import Database
from alertd.watch import LEASE, Plan, Watch
from tests.support.build import at, bar, daily, flat, rule
from tests.support.fakes import HandClock, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from alertd.core.bars import Bar
    from alertd.core.notices import Notice
    from alertd.core.states import State

MINUTE = timedelta(minutes=1)
TUESDAY = "2026-03-10"


class World:
    """A database, a tape and a clock, with the service between them."""

    def __init__(self, path: Path, start: str, rules: list[Rule], tape: list[Bar]) -> None:
        self.clock = HandClock(at(start))
        self.source = Tape(self.clock, tape)
        self.store = Database.own(path)
        alerts = [Alert(one, f"{one.id} by name", notify=("desk",)) for one in rules]
        place = listing(rules[0].symbol, currency="USD")
        self.plan = Plan(alerts, {place.symbol: place}, MINUTE, timedelta(minutes=5))
        self.store.adopt(rules, self.clock.now())

    def poll(self, clock: str, day: str = "2026-03-09") -> int | None:
        return self.poll_at(at(clock, day))

    def poll_at(self, moment: datetime) -> int | None:
        self.clock.to(moment)
        return Watch(self.clock, self.source, self.store, self.plan).step()

    def notices(self) -> list[Notice]:
        leases = {"desk": timedelta(minutes=1)}
        return [d.notice for d in self.store.claim_deliveries(self.clock.now(), leases, 99)]

    def states(self) -> dict[AlertId, State]:
        now = self.clock.now()
        self.store.wake(now)
        (claim,) = self.store.claim_symbols(now, LEASE, 1)
        self.store.free_leases()
        return dict(claim.states)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    found: list[str] = []
    sink = logger.add(lambda line: found.append(str(line)), format="{message} {extra}")
    yield found
    logger.remove(sink)


def test_a_crossing_is_recorded_with_a_delivery_to_each_channel(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149.5))
    assert world.poll("09:30") == 0
    assert world.poll("09:31:30") == 1
    (notice,) = world.notices()
    assert (notice.event.price, notice.event.at) == (149.5, at("09:31"))
    assert (notice.name, notice.zone, notice.currency) == ("a by name", "America/New_York", "USD")
    assert (notice.price_now, notice.price_at) == (149.5, at("09:31"))
    assert not notice.late


def test_nothing_is_due_between_two_polls(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151))
    assert world.poll("09:30") == 0
    assert world.poll("09:30:59") is None
    assert world.poll("09:31") == 0


def test_a_crossing_seen_again_at_every_poll_is_told_once(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 149))
    found = [world.poll(f"09:{minute}") for minute in range(31, 45)]
    assert found.count(1) == 1
    assert len(world.notices()) == 1


def test_the_state_moves_once_a_bar_has_settled(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149, 149))
    world.poll("09:33")
    assert world.states()[AlertId("a")].phase is Phase.ARMED
    world.poll("09:38")
    assert world.states()[AlertId("a")].phase is Phase.FIRED


def test_only_the_bars_since_the_cursor_are_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", *[151] * 20))
    world.poll("09:40")
    world.poll("09:41")
    assert world.source.asked[-1][0] == at("09:35")


def test_a_new_symbol_begins_a_session_back_so_that_a_gap_at_the_next_open_is_seen(
    tmp_path: Path,
) -> None:
    tape = [*flat("15:55", 151, 151), *flat("09:30", 148, day=TUESDAY)]
    world = World(tmp_path / "db", "18:00", [rule("below 150")], tape)
    assert world.poll("18:00") == 0
    assert world.poll("09:30:30", TUESDAY) == 1
    (notice,) = world.notices()
    assert notice.event.gap


def test_what_happened_while_the_daemon_was_down_is_caught_up_and_marked_late(
    tmp_path: Path,
) -> None:
    tape = [*flat("09:30", 151, 151), *flat("10:30", 149, 152, 153)]
    world = World(tmp_path / "db", "09:30", [rule("below 150", recovery=True)], tape)
    world.poll("09:40")
    assert world.poll("12:00") == 2
    notices = world.notices()
    assert [(n.event.kind.value, n.event.at, n.late) for n in notices] == [
        ("fired", at("10:30"), True),
        ("recovered", at("10:31"), True),
    ]
    assert notices[0].price_now == 153
    assert notices[0].detected_at == at("12:00")


def test_downtime_over_a_weekend_loses_nothing(tmp_path: Path) -> None:
    tape = [
        *flat("15:58", 151, 151, day="2026-03-06"), *flat("09:30", 148, 152),
        *flat("09:30", 147, day=TUESDAY),
    ]  # fmt: skip
    world = World(tmp_path / "db", "12:00", [rule("below 150")], tape)
    world.clock.to(at("15:00", "2026-03-06"))
    world.store.adopt([], world.clock.now())
    world.store.adopt([rule("below 150")], world.clock.now())
    world.poll("16:06", "2026-03-06")
    assert world.poll("12:00", TUESDAY) == 2


@pytest.mark.parametrize(
    ("error", "words", "wait"),
    [
        (SourceDown("yahoo: no answer within 20 s"), "no answer within 20 s", MINUTE),
        (RateLimited("yahoo: too many requests", at("09:45")), "too many requests", 14 * MINUTE),
        (UnknownSymbol("yahoo: BABA is not known"), "BABA is not known", 60 * MINUTE),
    ],
)
def test_a_source_that_fails_leaves_the_state_says_so_and_is_asked_again(
    tmp_path: Path, lines: list[str], error: SourceError, words: str, wait: timedelta
) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))
    world.poll("09:30")
    world.source.errors = [error]
    assert world.poll("09:31") == 0
    assert [line for line in lines if words in line and "BABA" in line]
    again = at("09:31") + wait
    assert world.poll_at(again - timedelta(seconds=1)) is None
    assert world.poll_at(again) == 1


def test_a_fetch_that_fails_after_the_close_is_repeated_until_the_last_bars_are_judged(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "db", "15:50", [rule("below 150")], flat("15:50", *[151] * 8, 149))
    world.poll("15:50")
    world.source.errors = [SourceDown("yahoo: no answer")] * 2
    world.poll("15:51")
    world.poll("16:05")
    assert world.poll("16:06") == 1


def test_a_close_that_completes_a_hold_at_a_poll_without_bars_is_told(tmp_path: Path) -> None:
    tape = flat("15:28", 151, 149)
    world = World(tmp_path / "db", "15:00", [rule("below 150", hold=Closes(1))], tape)
    world.poll("15:00")
    world.poll("15:40")
    world.source.official = [daily("2026-03-09", "151 152 148 149")]
    assert world.poll("16:00:30") == 1
    (notice,) = world.notices()
    assert (notice.event.price, notice.price_now, notice.price_at) == (149, 149, at("16:00"))


def test_official_closes_that_cannot_be_had_do_not_hold_up_the_minutes(
    tmp_path: Path, lines: list[str]
) -> None:
    tape = [*flat("15:58", 151, 149), *flat("16:01", 160)]
    rules = [
        rule("below 150", id="close", hold=Closes(1)),
        rule("above 155", id="minute", session=Hours.EXTENDED),
    ]
    world = World(tmp_path / "db", "15:50", rules, tape)
    world.poll("15:50")
    world.source.daily_error = SourceDown("yahoo: no days")
    assert world.poll("16:02") == 2
    assert [line for line in lines if "no official closes" in line and "no days" in line]


def test_a_close_that_is_missing_is_asked_for_until_an_hour_after_it_settled(
    tmp_path: Path,
) -> None:
    tape = flat("15:28", 151, 149)
    world = World(tmp_path / "db", "15:00", [rule("below 150", hold=Closes(1))], tape)
    world.poll("15:00")
    assert world.poll("16:05") == 0
    assert world.poll("16:06") == 0
    assert world.poll("17:05") == 1
    assert world.poll("17:06") is None


def test_a_calendar_that_does_not_reach_this_year_is_named_and_tried_later(
    tmp_path: Path, lines: list[str]
) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150", symbol="600519.SS")], [])
    world.clock.to(at("09:30", "2031-03-10"))
    world.store.wake(world.clock.now())
    assert world.poll("09:30", "2031-03-10") == 0
    assert [line for line in lines if "calendar XSHG does not reach 2031" in line]
    assert world.poll("10:29", "2031-03-10") is None


def test_rules_that_are_not_those_of_the_store_judge_nothing(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))
    world.store.adopt([rule("below 149.5")], world.clock.now())
    assert world.poll("09:32") == 0
    assert world.notices() == []
    world.store.adopt([rule("below 150")], at("09:30"))
    assert world.poll("09:33") == 1


def test_an_empty_answer_is_named(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], [])
    world.poll("09:31")
    assert [line for line in lines if "no new bars" in line and "BABA" in line]


def test_a_first_look_that_fails_while_the_market_is_closed_is_repeated_at_the_interval(
    tmp_path: Path,
) -> None:
    world = World(tmp_path / "db", "18:00", [rule("below 150")], flat("15:58", 151))
    world.source.errors = [SourceDown("yahoo: no answer")]
    world.poll("18:00")
    assert world.poll("18:01") == 0
    assert world.poll("18:02") is None


def test_refused_bars_are_named_and_the_good_ones_judged(tmp_path: Path, lines: list[str]) -> None:
    tape = [*flat("09:30", 151), bar("09:31", "nan"), *flat("09:32", 149)]
    world = World(tmp_path / "db", "09:30", [rule("below 150")], tape)
    assert world.poll("09:33") == 1
    assert [line for line in lines if "bars refused" in line and "price missing" in line]


def test_bars_in_another_currency_never_fire(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))
    world.source.currency = "CNY"
    assert world.poll("09:33") == 0
    assert [line for line in lines if "not in the expected currency" in line]


def test_an_empty_window_changes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151))
    world.poll("09:36")
    before = world.states()
    world.source.tape = []
    world.poll("09:37")
    assert world.states() == before


def test_a_symbol_is_polled_only_in_the_sessions_its_alerts_watch(tmp_path: Path) -> None:
    regular = World(tmp_path / "r", "08:00", [rule("below 150")], [])
    assert regular.poll("08:00") == 0  # the first look, for the last price
    assert regular.poll("09:29:59") is None
    assert regular.poll("09:30") == 0
    extended = rule("below 150", session=Hours.EXTENDED)
    evening = World(tmp_path / "x", "17:00", [extended, rule("above 192", id="b")], [])
    assert evening.poll("17:00") == 0
    assert evening.poll("17:01") == 0


def test_the_official_close_is_asked_for_once_a_session_is_over(tmp_path: Path) -> None:
    tape = [*flat("15:57", 151, 149, 149.2)]
    world = World(tmp_path / "db", "15:50", [rule("below 150", hold=Closes(1))], tape)
    world.source.official = [daily("2026-03-09", "151 152 148 149.17")]
    world.poll("15:50")
    assert world.poll("15:59:30") == 0
    assert world.poll("16:00:30") == 1
    (notice,) = world.notices()
    assert (notice.event.price, notice.event.at, notice.late) == (149.17, at("16:00"), False)


def test_the_official_close_is_not_asked_for_without_need(tmp_path: Path) -> None:
    other = World(tmp_path / "o", "15:50", [rule("below 150")], flat("15:57", 151, 149))
    other.poll("15:50")
    other.poll("16:00:30")
    assert other.source.asked_daily == []
    held = [rule("below 150", hold=Closes(1))]
    world = World(tmp_path / "h", "15:50", held, flat("15:57", 151, 149))
    world.poll("15:50")
    assert world.source.asked_daily == []
    world.poll("16:00:30")
    assert world.source.asked_daily == [(at("09:30"), at("16:00"))]


def test_other_levels_of_the_symbol_are_told_with_their_distance(tmp_path: Path) -> None:
    rules = [rule("below 150"), rule("above 192", id="high"), rule("touches 120", id="low")]
    world = World(tmp_path / "db", "09:30", rules, flat("09:30", 151, 149))
    world.poll("09:32")
    (notice,) = world.notices()
    assert [(o.alert, round(o.percent, 1)) for o in notice.others] == [
        ("high", 28.9),
        ("low", -19.5),
    ]


def test_a_lease_that_was_lost_meanwhile_records_nothing(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))

    class Slow(Tape):
        def bars(self, *asked: object) -> object:  # type: ignore[override]
            world.store.adopt([rule("below 150")], world.clock.now())
            return super().bars(*asked)  # type: ignore[arg-type]

    world.source = Slow(world.clock, world.source.tape)
    assert world.poll("09:32") == 0
    assert world.notices() == []
    assert [line for line in lines if "lease lost" in line]


def test_each_decision_is_logged_with_its_reason(tmp_path: Path, lines: list[str]) -> None:
    world = World(tmp_path / "db", "09:30", [rule("below 150")], flat("09:30", 151, 149))
    world.poll("09:32")
    assert [line for line in lines if line.startswith("judged") and "crossed the level" in line]
