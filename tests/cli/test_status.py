"""`alertd status` and `health` tell what the daemon has kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.quality import Verdict
from alertd.core.records import Gap, Record
from alertd.core.rules import Closes
from alertd.core.states import Basis, Phase, Side, State
from tests.cli.kept import ALERTS, BELOW, NOW, keeping, record
from tests.support.build import found, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.rules import Rule
    from tests.cli.typed import Home

HELD = ALERTS.replace("below = 150", 'below = 150\nhold = "2 closes"')
ONCE = ALERTS.replace("below = 150", "below = 150\nonce = true")
TOUCHES = ALERTS.replace("below", "touches")
OVER = ALERTS.replace("below = 150", "below = 150\nexpires = 2026-01-02")


def row(lines: Sequence[str], first: str) -> list[str]:
    """Return the cells of the row that begins so, without their padding."""
    (line,) = [line for line in lines if line.split()[:1] == [first]]
    return [cell.strip() for cell in line.strip().split("  ") if cell.strip()]


def standing(home: Home, config: str, kept: Rule, state: State) -> str:
    with keeping(home.folder / "alertd.db", kept) as database:
        record(database, state=state)
    lines = home.alertd("status", "--config", home.config(config)).lines
    return row(lines, "support")[2]


@pytest.mark.parametrize("command", ["status", "history", "health"])
def test_before_a_daemon_has_run_there_is_nothing_to_tell(home: Home, command: str) -> None:
    answer = home.alertd(command, "--config", home.config(ALERTS))
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == "no daemon has run yet: there is no alertd.db\n"


class TestStatus:
    def test_an_alert_shows_level_distance_last_firing_and_held_back_repeats(
        self, home: Home
    ) -> None:
        state = State(Phase.FIRED, Side.BELOW, NOW, fired_at=NOW, suppressed=3)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"), state=state, price=160.0)
        lines = home.alertd("status", "--config", home.config(ALERTS)).lines
        assert lines[4].startswith("BABA  $160.00, ")
        alert, name, stands, level, distance, fired, repeats = row(lines, "support")
        assert (alert, name) == ("support", "Support at 150")
        assert stands == "silent: no settled bar of its session is back above $151.50 yet"
        assert (level, distance, repeats) == ("$150.00", "-6.2 %", "3")
        assert fired.endswith("d ago")

    def test_an_alert_that_fired_in_a_bar_that_may_still_change_says_so(self, home: Home) -> None:
        armed = State(Phase.ARMED, Side.ABOVE)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, found(BELOW, 149.6, "09:31"), state=armed)
        lines = home.alertd("status", "--config", home.config(ALERTS)).lines
        assert row(lines, "support")[2] == "fired, its bar may still change"

    @pytest.mark.parametrize(
        ("config", "kept", "state", "words"),
        [
            (ALERTS, BELOW, State(side=Side.ABOVE), "armed"),
            (
                HELD,
                rule("below 150", id="support", hold=Closes(2)),
                State(Phase.PENDING, Side.BELOW, closes=1),
                "1 of 2 closes below $150.00",
            ),
            (
                TOUCHES,
                rule("touches 150", id="support"),
                State(Phase.FIRED, Side.BELOW),
                "silent: not yet back above $151.50 or below $148.50",
            ),
            (ONCE, rule("below 150", id="support", once=True), State(Phase.DONE), "done"),
            (ONCE, BELOW, State(side=Side.ABOVE), "not taken up yet"),
            (OVER, BELOW, State(side=Side.ABOVE), "expired"),
        ],
        ids=["armed", "pending", "fired", "done", "changed", "expired"],
    )
    def test_every_phase_is_said_in_words(
        self, home: Home, config: str, kept: Rule, state: State, words: str
    ) -> None:
        assert standing(home, config, kept, state) == words

    def test_a_running_cooldown_is_told_with_its_end(self, home: Home) -> None:
        kept = rule("below 150", id="support", cooldown=timedelta(days=3650))
        config = ALERTS.replace("below = 150", 'below = 150\ncooldown = "3650 days"')
        words = standing(home, config, kept, State(Phase.FIRED, Side.BELOW, fired_at=NOW))
        assert words == ("silent: not yet back above $151.50, and not before 2036-03-06 08:40 EST")

    def test_a_cooldown_that_is_over_is_not_told(self, home: Home) -> None:
        kept = rule("below 150", id="support", cooldown=timedelta(hours=1))
        config = ALERTS.replace("below = 150", 'below = 150\ncooldown = "1h"')
        words = standing(home, config, kept, State(Phase.FIRED, Side.BELOW, fired_at=NOW))
        assert words == "silent: not yet back above $151.50"

    @pytest.mark.parametrize("columns", [60, 80, 200])
    def test_no_terminal_is_too_narrow_for_an_id_or_a_level(self, home: Home, columns: int) -> None:
        name = 'name = "The floor under the price since the spring of last year"'
        config = ALERTS.replace('"support"', '"support-150-lost"').replace(
            'name = "Support at 150"', name
        )
        kept = rule("below 150", id="support-150-lost")
        with keeping(home.folder / "alertd.db", kept) as database:
            record(database, state=State(Phase.FIRED, Side.BELOW), price=160.0)
        answer = home.on_terminal("status", "--config", home.config(config), columns=columns)
        (line,) = [line for line in answer.lines if "support-150-lost" in line]
        assert "$150.00" in line
        assert "-6.2 %" in line
        assert "…" not in answer.out
        table = answer.lines[answer.lines.index(line) - 2 :]
        assert columns < 80 or max(map(len, table)) <= columns

    def test_a_named_level_shows_its_value_and_its_name(self, home: Home) -> None:
        kept = rule("above 52w high", id="support")
        state = State(side=Side.BELOW, basis=Basis(level=192.67, fixed_for=NOW))
        config = ALERTS.replace("below = 150", 'above = "52w high"')
        with keeping(home.folder / "alertd.db", kept) as database:
            record(database, state=state, price=160.0)
        lines = home.alertd("status", "--config", home.config(config)).lines
        assert row(lines, "support")[2:5] == ["armed", "$192.67 (52w high)", "+20.4 %"]

    def test_alerts_stand_from_the_highest_level_down_and_a_band_by_its_nearer_edge(
        self, home: Home
    ) -> None:
        band = ALERTS.replace("below = 150", "inside = [148, 152]").partition("[channel")[0]
        low = '[[alert]]\nid = "low"\nsymbol = "BABA"\nbelow = 140\n'
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, price=160.0)
        lines = home.alertd("status", "--config", home.config(low + band)).lines
        assert row(lines, "support")[3:5] == ["$148.00 to $152.00", "-5.0 %"]
        places = [lines.index(line) for line in lines if line.split()[:1] in (["support"], ["low"])]
        assert lines[places[0]].split()[0] == "support"

    def test_a_symbol_shows_what_is_wrong_with_its_data(self, home: Home) -> None:
        gap = Gap(NOW - timedelta(minutes=9), NOW)
        verdicts = Record({Verdict.MISSING: 3, Verdict.CONFIRMED: 1}, gaps=(gap,))
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, record=verdicts, silent_since=NOW)
        lines = home.alertd("status", "--config", home.config(ALERTS)).lines
        assert lines[5:9] == [
            "  last bar 2026-03-09 09:40 EDT",
            "  no good price since 2026-03-09 09:40 EDT",
            "  bars: 3 refused, 1 confirmed late",
            "  gaps: 1, the last of 9m from 2026-03-09 09:31 EDT",
        ]

    def test_a_symbol_shows_what_stopped_the_last_poll(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            (claim,) = database.claim_symbols(NOW, timedelta(minutes=1), 1)
            database.postpone(claim, "no answer within 20 s", NOW)
        lines = home.alertd("status", "--config", home.config(ALERTS)).lines
        assert lines[4:6] == [
            "BABA  no price yet; due now, before others",
            "  1 failed poll, the last: no answer within 20 s",
        ]

    def test_the_daemon_is_alive_or_not(self, home: Home) -> None:
        words = ("status", "--config", home.config(ALERTS))
        with keeping(home.folder / "alertd.db", BELOW) as database:
            database.beat(datetime.now(UTC))
            assert home.alertd(*words).lines[0] == "daemon    alive"
            database.beat(datetime.now(UTC) - timedelta(minutes=5, seconds=30))
            assert home.alertd(*words).lines[0] == ("daemon    not running: no sign of life for 5m")


class TestHealth:
    @pytest.mark.parametrize(
        ("age", "status", "said"),
        [
            (timedelta(seconds=60), 0, ""),
            (timedelta(hours=2, minutes=1), 1, "no sign of life for 2h\n"),
            (-timedelta(hours=1), 1, "the last sign of life is 59m ahead of this clock\n"),
        ],
        ids=["alive", "silent", "ahead"],
    )
    def test_health_is_a_recent_sign_of_life(
        self, home: Home, age: timedelta, status: int, said: str
    ) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            database.beat(datetime.now(UTC) - age)
        answer = home.alertd("health", "--config", home.config(ALERTS))
        assert (answer.status, answer.out, answer.err) == (status, "", said)

    def test_a_daemon_that_never_lived_is_not_healthy(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW):
            pass
        answer = home.alertd("health", "--config", home.config(ALERTS))
        assert (answer.status, answer.err) == (1, "the daemon has given no sign of life yet\n")
