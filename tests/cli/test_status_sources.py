"""`alertd status` tells whose the prices are, what keeps them away, and of very many symbols."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from alertd.core.bars import Symbol
from alertd.core.book import Cursor
from alertd.core.claims import Progress
from alertd.core.rests import Rest
from alertd.core.states import State
from tests.cli.kept import ALERTS, BELOW, MINUTE, NOW, keeping, record
from tests.support.build import rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.rules import Rule
    from alertd.store.database import Database
    from tests.cli.typed import Answer, Home

SECOND = """
[quotes]
sources = ["yahoo", "alpaca"]

[quotes.alpaca]
key = { env = "KEY" }
secret = { env = "SECRET" }
"""
NEW_YORK = ZoneInfo("America/New_York")


def status(home: Home, config: str = ALERTS, *symbols: str) -> Answer:
    answer = home.alertd("status", *symbols, "--config", home.config(config))
    assert (answer.status, answer.err) == (0, "")
    return answer


def block(answer: Answer, symbol: str) -> list[str]:
    """Return the lines of a symbol, up to its alerts."""
    start = next(n for n, line in enumerate(answer.lines) if line.startswith(f"{symbol}  "))
    rest = answer.lines[start:]
    return rest[: next(n for n, line in enumerate(rest) if line.startswith("  alert "))]


def table(answer: Answer, heading: str) -> list[list[str]]:
    """Return the cells of the rows below the line that begins so."""
    start = next(n for n, line in enumerate(answer.lines) if line.startswith(heading))
    rows = answer.lines[start + 1 :]
    body = rows[: rows.index("")] if "" in rows else rows
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in body]


class TestSymbols:
    def test_the_newest_bar_is_shown_with_its_source_and_its_delay(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, source="yahoo")
            assert block(status(home), "BABA")[1] == "  last bar 2026-03-09 09:40 EDT, from yahoo"
            database.keep_delays({Symbol("BABA"): timedelta(minutes=15)})
            assert block(status(home), "BABA")[1] == (
                "  last bar 2026-03-09 09:40 EDT, from yahoo; delayed by 15m"
            )

    def test_the_users_word_about_a_delay_counts_more_than_the_sources(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, source="yahoo")
            database.keep_delays({Symbol("BABA"): timedelta(minutes=15)})
        own = f'{ALERTS}[symbol.BABA]\ndelay = "20m"\n'
        assert block(status(home, own), "BABA")[1].endswith("; delayed by 20m")

    def test_each_symbol_is_on_the_clock_of_its_exchange(self, home: Home) -> None:
        here = rule("below 150", id="hk", symbol="9988.HK")
        with keeping(home.folder / "alertd.db", here) as database:
            record(database, source="yahoo")
        config = ALERTS.replace('"BABA"', '"9988.HK"').replace('"support"', '"hk"')
        assert block(status(home, config), "9988.HK")[1] == (
            "  last bar 2026-03-09 21:40 HKT, from yahoo; delayed by 15m"
        )

    def test_a_stand_in_is_shown_with_whom_it_stands_in_for(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, source="alpaca")
        assert block(status(home, ALERTS + SECOND), "BABA")[1].endswith("from alpaca, for yahoo")

    def test_explain_says_whose_the_price_is_too(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, source="alpaca")
        answer = home.alertd("explain", BELOW.id, "--config", home.config(ALERTS + SECOND))
        (price,) = (line for line in answer.lines if line.startswith("price "))
        assert price.endswith(" ago, from alpaca, for yahoo")

    def test_a_symbol_that_its_source_does_not_know_says_since_when_and_is_asked_again(
        self, home: Home
    ) -> None:
        now = datetime.now(UTC)
        again = now + timedelta(hours=3, minutes=30)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            (claim,) = database.claim_symbols(NOW, MINUTE, 1)
            database.postpone(claim, "may be delisted", again, unknown_since=NOW)
        due = f"{again.astimezone(NEW_YORK):%Y-%m-%d %H:%M %Z}"
        assert block(status(home), "BABA") == [
            "BABA  no price yet; next poll in 3h",
            f"  yahoo does not know it since 2026-03-09 09:40 EDT; asked again {due}",
            "  1 failed poll, the last: may be delisted",
        ]

    def test_one_that_a_quote_points_at_is_due_before_others(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database)
            database.hasten([Symbol("BABA")], NOW)
        assert block(status(home), "BABA")[0].endswith("; due now, before others")


class TestSources:
    def test_a_single_source_that_is_asked_as_usual_has_no_table(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, source="yahoo")
            database.keep_rest("yahoo", Rest(NOW, NOW + MINUTE, 1, "too many requests"))
        assert not [line for line in status(home).lines if line.startswith("source")]

    def test_one_that_rests_says_until_when_and_why(self, home: Home) -> None:
        now = datetime.now(UTC)
        until = now + timedelta(minutes=9, seconds=30)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            database.keep_rest("yahoo", Rest(now, until, 3, "too many requests, status 429"))
        ((name, symbols, state),) = table(status(home), "source ")
        assert (name, symbols) == ("yahoo", "0")
        assert state == (
            f"rests until {until.astimezone(NEW_YORK):%Y-%m-%d %H:%M %Z}, 9m from now, "
            "3 times in a row: too many requests, status 429"
        )

    def test_of_several_each_says_how_many_symbols_it_gives(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, source="alpaca")
        assert table(status(home, ALERTS + SECOND), "source ") == [
            ["yahoo", "0", "gave no prices of 1 symbol last; tried again after growing pauses"],
            ["alpaca", "1", "asked as usual"],
        ]

    def test_those_that_give_all_that_is_wanted_of_them_are_asked_as_usual(
        self, home: Home
    ) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, source="yahoo")
        assert table(status(home, ALERTS + SECOND), "source ") == [
            ["yahoo", "1", "asked as usual"],
            ["alpaca", "0", "asked as usual"],
        ]

    def test_one_that_gave_prices_and_is_no_longer_configured_says_so(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            record(database, source="alpaca")
        assert table(status(home), "source ")[1] == ["alpaca", "1", "not configured"]


MANY = [f"S{number:02}" for number in range(25)]


def watched(names: Sequence[str]) -> str:
    return "".join(
        f'[[alert]]\nid = "{name.lower()}-a"\nsymbol = "{name}"\nbelow = 150\n'
        f'[[alert]]\nid = "{name.lower()}-b"\nsymbol = "{name}"\nabove = 200\n'
        for name in names
    )


def rules(names: Sequence[str]) -> list[Rule]:
    return [
        rule(words, id=f"{name.lower()}-{letter}", symbol=name)
        for name in names
        for letter, words in (("a", "below 150"), ("b", "above 200"))
    ]


@pytest.fixture
def crowd(home: Home) -> Database:
    """Return the database of 25 symbols: S00 at $151, S01 at $152 and so on, S03 unknown."""
    with keeping(home.folder / "alertd.db", *rules(MANY)) as database:
        for _ in MANY:
            (claim,) = database.claim_symbols(NOW, MINUTE, 1)
            number = int(claim.symbol[1:])
            if number == 3:
                database.postpone(claim, "not found", NOW + MINUTE, unknown_since=NOW)
                continue
            states = dict.fromkeys(claim.states, State())
            progress = Progress(
                Cursor(), states, [], NOW,
                price=151.0 + number, price_at=NOW, currency="USD", digits=2, source="yahoo",
            )  # fmt: skip
            assert database.record(claim, progress, NOW) is not None
        return database


@pytest.mark.usefixtures("crowd")
class TestManySymbols:
    def test_each_is_one_line_those_in_trouble_first_then_those_nearest_to_a_level(
        self, home: Home
    ) -> None:
        answer = status(home, watched(MANY))
        assert (
            "25 symbols, 50 alerts; 1 in trouble; `alertd status SYMBOL` says more" in answer.lines
        )
        rows = table(answer, "symbol ")
        assert len(rows) == 25
        assert rows[0][0] == "S03"
        assert rows[0][-1].startswith("unknown for ")
        assert [row[0] for row in rows[1:4]] == ["S00", "S01", "S02"]
        symbol, price, _, nearest, alert, due, source = rows[1]
        assert (symbol, price, nearest, alert) == ("S00", "$151.00", "-0.7 %", "s00-a")
        assert (due, source) == ("now", "yahoo")

    def test_a_line_is_one_line_on_a_usual_terminal(self, home: Home) -> None:
        name = home.config(watched(MANY))
        answer = home.on_terminal("status", "--config", name, columns=80)
        lines = [line for line in answer.lines if line.startswith("S")]
        assert len(lines) == 25
        assert max(map(len, lines)) <= 80
        below = answer.lines.index(lines[-1])
        assert answer.lines.index(lines[0]) == below - 24

    def test_those_that_are_named_are_shown_in_full(self, home: Home) -> None:
        answer = status(home, watched(MANY), "S03", "S07")
        assert block(answer, "S03")[1].startswith("  yahoo does not know it since")
        assert block(answer, "S07")[1] == "  last bar 2026-03-09 09:40 EDT, from yahoo"
        assert [row[0] for row in table(answer, "  alert  ")[:2]] == ["s03-b", "s03-a"]
        assert not [line for line in answer.lines if line.startswith(("S00", "symbol "))]

    def test_a_symbol_that_nobody_watches_is_answered_with_those_that_are(self, home: Home) -> None:
        answer = home.alertd("status", "S3", "--config", home.config(watched(MANY)))
        assert (answer.status, answer.out) == (2, "")
        assert 'there is no symbol "S3"; did you mean S' in answer.err
