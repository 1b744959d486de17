"""Many symbols are claimed and recorded together, each as if it were alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from alertd.core.bars import Symbol
from alertd.core.book import Cursor
from alertd.core.rules import AlertId
from alertd.core.states import State
from alertd.store.tables import events
from tests.store.written import (
    CURSOR,
    LEASE,
    NOW,
    STATE,
    due,
    progress,
    table,
    watched,
)
from tests.support.build import at, found, rule

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.claims import Claim, Progress
    from alertd.core.notices import Notice
    from alertd.store.database import Database

RULES = [
    rule(f"below {level}", id=f"{symbol.lower()}-{level}", symbol=symbol)
    for symbol in ("AAPL", "BABA", "NVDA")
    for level in (150, 140)
]
LATER = NOW + timedelta(minutes=1)
READS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def claims(database: Database, now: datetime = NOW) -> dict[Symbol, Claim]:
    return {claim.symbol: claim for claim in database.claim_symbols(now, LEASE, 16)}


def quiet(claim: Claim, *notices: Notice, **more: object) -> tuple[Claim, Progress]:
    """Return a good cycle over a symbol that changes no alert."""
    done = replace(progress(*notices), states=claim.states)
    return claim, replace(done, **more)  # type: ignore[arg-type]


def found_of(symbol: str, clock: str, level: int = 150) -> Notice:
    return found(next(r for r in RULES if r.id == f"{symbol}-{level}"), 139.0, clock)


def cursors(database: Database) -> dict[Symbol, Cursor]:
    database.wake(NOW)
    return {symbol: claim.cursor for symbol, claim in claims(database).items()}


class TestClaim:
    def test_each_symbol_comes_with_its_own_alerts_and_open_events(
        self, database: Database
    ) -> None:
        database.adopt(RULES, NOW)
        first = claims(database)
        told = [
            found_of("nvda", "09:31", 140),
            found_of("nvda", "09:31"),
            found_of("aapl", "09:30"),
        ]
        state = {AlertId("aapl-150"): STATE}
        database.record_all(
            [
                quiet(first[Symbol("NVDA")], *told[:2]),
                (first[Symbol("AAPL")], progress(told[2], states=state)),
                quiet(first[Symbol("BABA")]),
            ],
            NOW,
        )
        second = claims(database, LATER)
        assert list(second[Symbol("AAPL")].states.values()) == [STATE, State(since=NOW)]
        assert list(second[Symbol("BABA")].states.values()) == [State(since=NOW)] * 2
        opened = {symbol: claim.open for symbol, claim in second.items()}
        assert opened == {
            "AAPL": (told[2].event,), "BABA": (), "NVDA": (told[0].event, told[1].event),
        }  # fmt: skip
        revisions = {alert: r for claim in second.values() for alert, r in claim.revisions.items()}
        assert revisions == {each.id: each.revision for each in RULES}

    def test_no_more_are_leased_than_were_asked_for(self, database: Database) -> None:
        database.adopt(RULES, NOW)
        assert len(database.claim_symbols(NOW, LEASE, 2)) == 2
        assert len(database.claim_symbols(NOW, LEASE, 2)) == 1
        assert database.claim_symbols(NOW, LEASE, 2) == []

    def test_the_statements_are_as_few_for_many_symbols_as_for_one(
        self, database: Database
    ) -> None:
        database.adopt(RULES, NOW)
        with watched(database, *READS) as one:
            database.claim_symbols(NOW, LEASE, 1)
        with watched(database, *READS) as two:
            database.claim_symbols(NOW, LEASE, 2)
        assert len(one) == len(two) == 4

    def test_the_longest_waiting_are_first_after_a_restart_too(self, database: Database) -> None:
        database.adopt(RULES, NOW)
        first = claims(database)
        waits = {"AAPL": 3, "BABA": 1, "NVDA": 2}
        for symbol, minutes in waits.items():
            done = quiet(first[Symbol(symbol)], due_at=NOW + timedelta(minutes=minutes))
            database.record_all([done], NOW)
        database.adopt(RULES, NOW + timedelta(hours=1))
        database.wake(NOW + timedelta(hours=1))
        due_now = database.claim_symbols(NOW + timedelta(hours=1), LEASE, 9)
        assert [claim.symbol for claim in due_now] == ["BABA", "NVDA", "AAPL"]

    def test_a_claim_walks_along_an_index_and_sorts_nothing(self, sqlite: Database) -> None:
        with watched(sqlite, "SELECT symbols") as said:
            sqlite.claim_symbols(NOW, LEASE, 16)
        plan = text("EXPLAIN QUERY PLAN " + said[0].statement.replace("?", "1"))
        with sqlite._engine.connect() as connection:  # noqa: SLF001 - what SQLite does
            steps = [row.detail for row in connection.execute(plan)]
        assert steps == ["SCAN symbols USING INDEX symbols_due"]


class TestRecord:
    def test_quiet_ones_share_their_statements(self, database: Database) -> None:
        database.adopt(RULES, NOW)
        done = [quiet(claim) for claim in claims(database).values()]
        with watched(database) as said:
            assert database.record_all(done, NOW) == [frozenset()] * 3
        assert [(each.statement.split(" SET")[0], each.rows) for each in said] == [
            ("UPDATE symbols", 3)
        ]
        assert cursors(database) == dict.fromkeys(("AAPL", "BABA", "NVDA"), CURSOR)

    def test_each_keeps_what_is_its_own(self, database: Database) -> None:
        database.adopt(RULES, NOW)
        spans = {"AAPL": None, "BABA": at("09:10"), "NVDA": at("09:20")}
        done = [
            quiet(claim, price=100.0 + n, silent_since=spans[symbol])
            for n, (symbol, claim) in enumerate(claims(database).items())
        ]
        without = quiet(done[0][0], price=None, silent_since=None)
        database.record_all([without, *done[1:]], NOW)
        kept = claims(database, LATER)
        assert {symbol: claim.silent_since for symbol, claim in kept.items()} == spans
        assert [claim.price for claim in kept.values()] == [None, 101.0, 102.0]

    def test_one_that_lost_its_lease_keeps_nothing_and_stops_no_other(
        self, database: Database
    ) -> None:
        database.adopt(RULES[:4], NOW)
        (lost,) = database.claim_symbols(NOW, LEASE, 1)
        (held,) = database.claim_symbols(LATER, LEASE, 1)
        (newer,) = database.claim_symbols(NOW + LEASE, LEASE, 1)
        assert newer.symbol == lost.symbol
        notices = [found_of(claim.symbol.lower(), "09:31") for claim in (lost, held)]
        new = database.record_all(
            [(lost, progress(notices[0], states={RULES[0].id: STATE})), quiet(held, notices[1])],
            LATER,
        )
        assert new == [None, {notices[1].event.id}]
        assert [delivery.notice.event.id for delivery in due(database, LATER)] == [
            notices[1].event.id
        ]
        assert database.record(newer, progress(states=newer.states), LATER) == frozenset()
        after = claims(database, NOW + 2 * LEASE)
        assert list(after[lost.symbol].states.values()) == [State(since=NOW)] * 2

    def test_events_stay_in_the_order_in_which_each_symbol_had_them(
        self, database: Database
    ) -> None:
        database.adopt(RULES, NOW)
        told = {
            symbol: [found_of(symbol.lower(), "09:31", level) for level in levels]
            for symbol, levels in (("AAPL", (140, 150)), ("NVDA", (150, 140)))
        }
        first = claims(database)
        database.record_all([quiet(first[Symbol(s)], *notices) for s, notices in told.items()], NOW)
        places = dict(table(database, events.c.alert, events.c.place))
        assert places == {"aapl-140": 0, "aapl-150": 1, "nvda-150": 0, "nvda-140": 1}

    def test_what_settles_with_one_symbol_is_settled(self, database: Database) -> None:
        database.adopt(RULES, NOW)
        first = claims(database)
        notices = [found_of(symbol.lower(), "09:31") for symbol in first]
        database.record_all(
            [quiet(c, notice) for c, notice in zip(first.values(), notices, strict=True)], NOW
        )
        ids = [notice.event.id for notice in notices]
        settled = [{ids[0]: True}, {ids[1]: False}, {}]
        second = claims(database, LATER).values()
        database.record_all(
            [quiet(c, settled=each) for c, each in zip(second, settled, strict=True)], LATER
        )
        assert dict(table(database, events.c.alert, events.c.standing)) == {
            "aapl-150": "settled", "baba-150": "withdrawn", "nvda-150": "open",
        }  # fmt: skip

    def test_all_are_kept_or_none(self, database: Database) -> None:
        database.adopt(RULES, NOW)
        first = claims(database)
        twice = ("desk", "desk")  # breaks the second delivery's key
        broken = progress(found_of("nvda", "09:31"), channels=twice)
        with pytest.raises(Exception, match=r"(?i)unique"):
            database.record_all(
                [quiet(first[Symbol("AAPL")]), (first[Symbol("NVDA")], broken)], NOW
            )
        assert set(cursors(database).values()) == {Cursor()}

    def test_nothing_done_is_nothing_kept(self, database: Database) -> None:
        assert database.record_all([], NOW) == []
