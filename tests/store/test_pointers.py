"""What a quote points at is judged first, and nothing that it pointed at is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import Symbol
from alertd.core.claims import Glimpse
from alertd.core.pointing import UNSEEN, Bounds, Seen
from alertd.core.states import Phase, State
from alertd.store.tables import symbols
from tests.store.written import LEASE, NOW, desk_of, progress, table
from tests.support.build import at, rule

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.claims import Claim
    from alertd.store.database import Database

AAPL, BABA, NVDA = (Symbol(name) for name in ("AAPL", "BABA", "NVDA"))
RULES = [rule("below 150", id=symbol.lower(), symbol=symbol) for symbol in (AAPL, BABA, NVDA)]
SEEN = Seen(Bounds(150.0, 151.5), at("09:30"), 150.25, 151.0)
SWEEP = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def claim(database: Database, now: datetime, limit: int = 9) -> list[Claim]:
    return list(database.claim_symbols(now, LEASE, limit))


def judged(database: Database, now: datetime = NOW) -> None:
    """Judge all symbols at once; the next sweep comes a minute later for each by name."""
    done = [
        (one, progress(states=one.states, seen=SEEN, due_at=now + SWEEP + number * MINUTE))
        for number, one in enumerate(sorted(claim(database, now), key=lambda one: one.symbol))
    ]
    database.record_all(done, now)


def watching(database: Database) -> None:
    """Watch three symbols that have been judged."""
    database.adopt(RULES, NOW)
    judged(database)


def named(database: Database) -> list[str]:
    return sorted(glimpse.symbol for glimpse in database.glimpses())


def pointed(database: Database) -> list[str]:
    found = table(database, symbols.c.symbol, symbols.c.pointed)
    return sorted(symbol for symbol, is_so in found if is_so)


class TestGlimpses:
    def test_a_quote_is_compared_with_what_the_bars_had_shown(self, database: Database) -> None:
        watching(database)
        database.keep_delays({BABA: SWEEP})
        glimpse = next(one for one in database.glimpses() if one.symbol == BABA)
        assert glimpse == Glimpse(BABA, NOW + SWEEP + MINUTE, SEEN, at("09:32"), None, SWEEP)

    def test_silence_that_was_told_is_seen(self, database: Database) -> None:
        database.adopt(RULES[:1], NOW)
        (one,) = claim(database, NOW)
        database.postpone(one, "no answer", NOW, silent_since=at("09:10"))
        (one,) = claim(database, NOW)
        database.record(one, progress(states=one.states, silent_since=at("09:10")), NOW)
        (glimpse,) = database.glimpses()
        assert (glimpse.silent_since, glimpse.seen, glimpse.delay) == (at("09:10"), UNSEEN, None)

    def test_one_that_somebody_holds_is_none_until_it_is_given_back(
        self, database: Database
    ) -> None:
        watching(database)
        (held,) = claim(database, NOW + SWEEP)
        assert named(database) == ["BABA", "NVDA"]
        database.postpone(held, "no answer", NOW + SWEEP + MINUTE)
        assert named(database) == ["AAPL", "BABA", "NVDA"]

    def test_one_that_its_source_does_not_know_is_none(self, database: Database) -> None:
        watching(database)
        (held,) = claim(database, NOW + SWEEP)
        database.postpone(held, "404", NOW + SWEEP, unknown_since=NOW)
        assert named(database) == ["BABA", "NVDA"]


class TestHasten:
    def test_what_was_pointed_at_is_claimed_before_what_waits_longer(
        self, database: Database
    ) -> None:
        watching(database)
        soon = NOW + SWEEP + MINUTE
        database.hasten([NVDA], soon)
        assert [one.symbol for one in claim(database, soon)] == ["NVDA", "AAPL", "BABA"]

    def test_in_turn_the_one_that_waits_longest_is_first(self, database: Database) -> None:
        watching(database)
        soon = NOW + SWEEP + MINUTE
        database.hasten([NVDA], soon)
        due = database.claim_symbols(soon, LEASE, 9, in_turn=True)
        assert due[0].symbol == AAPL
        assert {one.symbol for one in due} == {AAPL, BABA, NVDA}

    def test_of_several_the_one_that_was_pointed_at_first_is_first(
        self, database: Database
    ) -> None:
        watching(database)
        for minutes, symbol in enumerate((NVDA, AAPL, BABA)):
            database.hasten([symbol], NOW + minutes * MINUTE)
        # Said once more, it loses nothing of its place.
        database.hasten([NVDA, AAPL], NOW + 5 * MINUTE)
        due = claim(database, NOW + 5 * MINUTE)
        assert [one.symbol for one in due] == ["NVDA", "AAPL", "BABA"]

    def test_one_that_waits_already_has_waited_longer_than_others(self, database: Database) -> None:
        database.adopt(RULES, NOW)
        for number, one in enumerate(sorted(claim(database, NOW), key=lambda one: one.symbol)):
            due_at = NOW + SWEEP - number * MINUTE
            database.record(one, progress(states=one.states, due_at=due_at), NOW)
        database.hasten([AAPL, BABA, NVDA], NOW + SWEEP)
        due = claim(database, NOW + SWEEP)
        assert [one.symbol for one in due] == ["NVDA", "BABA", "AAPL"]

    def test_it_is_due_at_once_and_pointed_at_until_its_bars_are_judged(
        self, database: Database
    ) -> None:
        watching(database)
        database.hasten([BABA], NOW + MINUTE)
        assert named(database) == ["AAPL", "NVDA"]
        (one,) = claim(database, NOW + MINUTE)
        assert pointed(database) == ["BABA"]
        done = progress(states=one.states, seen=SEEN, due_at=NOW + SWEEP)
        database.record(one, done, NOW + MINUTE)
        assert pointed(database) == []
        assert named(database) == ["AAPL", "BABA", "NVDA"]
        assert claim(database, NOW + MINUTE) == []

    def test_one_that_nobody_could_ask_for_keeps_its_place(self, database: Database) -> None:
        watching(database)
        database.hasten([NVDA], NOW)
        database.hasten([AAPL], NOW + MINUTE)
        (one,) = claim(database, NOW + MINUTE, limit=1)
        database.postpone(one, "", None)
        assert [one.symbol for one in claim(database, NOW + MINUTE)] == ["NVDA", "AAPL"]

    def test_one_whose_bars_could_not_be_had_is_still_the_first(self, database: Database) -> None:
        watching(database)
        database.hasten([NVDA], NOW)
        (one,) = claim(database, NOW)
        database.postpone(one, "no room in this minute", NOW + SWEEP)
        assert claim(database, NOW + SWEEP - MINUTE) == []
        assert [one.symbol for one in claim(database, NOW + SWEEP)] == ["NVDA", "AAPL"]

    def test_one_that_its_source_does_not_know_is_not(self, database: Database) -> None:
        watching(database)
        database.hasten([NVDA], NOW)
        (one,) = claim(database, NOW)
        database.postpone(one, "404", NOW + SWEEP + MINUTE, unknown_since=NOW)
        assert pointed(database) == []

    def test_one_that_somebody_holds_is_left_alone_and_pointed_at_again_later(
        self, database: Database
    ) -> None:
        watching(database)
        (held,) = claim(database, NOW + SWEEP)
        later = NOW + SWEEP + MINUTE
        database.hasten([held.symbol], later)
        assert pointed(database) == []
        # These bars may be from before the quote; what they left is compared with the next one.
        done = progress(states=held.states, seen=SEEN, due_at=later + SWEEP)
        assert database.record(held, done, later) == frozenset()
        assert held.symbol in named(database)
        database.hasten([held.symbol], later)
        assert [one.symbol for one in claim(database, later, 1)] == [held.symbol]

    def test_a_crash_or_a_jump_of_the_clock_does_not_forget_it(self, database: Database) -> None:
        watching(database)
        database.hasten([NVDA], NOW)
        claim(database, NOW)
        database.free_leases()
        database.wake(NOW + SWEEP)
        database.adopt(RULES, NOW + SWEEP)
        assert claim(database, NOW + SWEEP, 1)[0].symbol == NVDA

    def test_one_that_is_not_watched_is_no_matter(self, database: Database) -> None:
        watching(database)
        database.hasten([Symbol("GONE")], NOW)
        database.hasten([], NOW)
        assert pointed(database) == []

    def test_thousands_can_be_pointed_at_together(self, sqlite: Database) -> None:
        many = [rule("below 150", id=f"a{n}", symbol=f"S{n}") for n in range(1200)]
        sqlite.adopt(many, NOW)
        judged_all = sqlite.claim_symbols(NOW, LEASE, 2000)
        sqlite.record_all(
            [(one, progress(states=one.states, due_at=NOW + SWEEP)) for one in judged_all], NOW
        )
        assert len(sqlite.glimpses()) == 1200
        sqlite.hasten([one.symbol for one in sqlite.glimpses()], NOW)
        assert len(sqlite.claim_symbols(NOW, LEASE, 2000)) == 1200


class TestAlerts:
    def test_a_new_alert_has_its_symbol_judged_before_all_others(self, database: Database) -> None:
        watching(database)
        new = rule("above 200", id="new", symbol=NVDA)
        database.adopt([*RULES, new], NOW + SWEEP)
        assert pointed(database) == ["NVDA"]
        assert claim(database, NOW + SWEEP, 1)[0].symbol == NVDA

    def test_so_has_one_that_means_something_else_now(self, database: Database) -> None:
        watching(database)
        database.adopt([*RULES[:2], replace(RULES[2], level=140.0)], NOW + SWEEP)
        assert pointed(database) == ["NVDA"]

    def test_one_that_is_gone_or_the_same_as_before_changes_no_order(
        self, database: Database
    ) -> None:
        extra = rule("above 200", id="extra", symbol=NVDA)
        database.adopt([*RULES, extra], NOW)
        judged(database)
        database.adopt(RULES, NOW + SWEEP)
        assert pointed(database) == []

    def test_one_that_its_user_arms_is_looked_at_first(self, database: Database) -> None:
        watching(database)
        first, *_ = claim(database, NOW + SWEEP)
        fired = {RULES[0].id: State(Phase.FIRED)}
        database.record(first, progress(states=fired, due_at=NOW + 2 * SWEEP), NOW + SWEEP)
        assert desk_of(database).arm(RULES[0].id, NOW + SWEEP)
        assert pointed(database) == ["AAPL"]
