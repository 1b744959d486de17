"""A claim knows what the last cycle left, and a cycle writes only what has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import Symbol
from alertd.core.pointing import UNSEEN, Bounds, Seen
from alertd.core.quality import Verdict
from alertd.core.records import KEPT, NOTHING, Doubt, Gap, Judged, Record
from alertd.core.rules import AlertId
from alertd.core.states import Basis, Lack, Origin, Phase, Reason, Side, State, Want
from alertd.core.tapes import Mark, Memory
from alertd.store import documents
from alertd.store.tables import alerts, symbols
from tests.store.written import (
    BELOW,
    CURSOR,
    NOW,
    STATE,
    again,
    claimed,
    claimed_again,
    progress,
    recorded,
    table,
    watched,
)
from tests.support.build import at, found

if TYPE_CHECKING:
    from alertd.store.database import Database

BASIS = Basis(
    scale=0.1,
    level=192.67,
    origin=Origin("52w high", 192.67, at("09:30", "2025-10-02")),
    fixed_for=at("09:30"),
    lack=Lack(Want.TARGET, "the target is in CNY, the price in USD", refused=True),
    told_level=193.0,
    peak=192.7,
    peak_at=at("09:31"),
    gone=(Side.ABOVE, Side.BELOW),
    anew=(at("09:31"), 2),
    edge=Side.BELOW,
)
MEMORY = Memory(
    (Mark((at("09:30"), 1), 149.5),), (Mark((at("09:31"), 3), 151.2),), 1e6, at("09:30")
)
MARKED = replace(CURSOR, split_through=at("04:00"), regular_memory=MEMORY)
RECORD = Record(
    {Verdict.MISSING: 3, Verdict.CONFIRMED: 1},
    (Doubt(at("09:31"), 92.23, Verdict.CONFIRMED),),
    (Gap(at("09:32"), at("09:40")),),
)
SEEN = Seen(Bounds(148.0, 151.5, closely=True), at("09:30"), 149.25, 150.75)


def judged(number: int) -> Judged:
    return Judged(at("09:30") + timedelta(minutes=number), Phase.ARMED, Reason.CROSSED, 149.5)


class TestClaim:
    def test_what_a_level_stands_on_comes_back(self, database: Database) -> None:
        state = replace(STATE, basis=BASIS)
        recorded(database, states={BELOW.id: state})
        assert claimed_again(database).states == {BELOW.id: state}

    def test_what_is_remembered_of_a_trailing_time_comes_back(self, database: Database) -> None:
        recorded(database, cursor=MARKED)
        assert claimed_again(database).cursor == MARKED
        other = replace(CURSOR, extended_memory=MEMORY)
        again(database, cursor=other)
        assert claimed_again(database).cursor == other

    def test_a_new_symbol_has_nothing_behind_it(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        claim = claimed(database)
        assert (claim.open, claim.silent_since, claim.record) == ((), None, NOTHING)
        assert (claim.price, claim.price_at, claim.good_until) == (None, None, None)

    def test_the_newest_good_bar_is_known_after_a_poll_without_any(
        self, database: Database
    ) -> None:
        recorded(database)
        again(database, price=None, price_at=None, good_until=None)
        claim = claimed_again(database)
        seen = (claim.price, claim.price_at, claim.good_until)
        assert seen == (149.5, at("09:31"), at("09:32"))

    def test_silence_is_known_until_a_cycle_says_that_it_is_over(self, database: Database) -> None:
        recorded(database, silent_since=at("09:10"))
        assert claimed_again(database).silent_since == at("09:10")
        again(database)
        assert claimed_again(database).silent_since is None

    def test_the_record_of_bars_comes_back(self, database: Database) -> None:
        recorded(database, record=RECORD)
        assert claimed_again(database).record == RECORD
        later = RECORD.later({Verdict.MISSING: 1}, (), ())
        again(database, record=later)
        assert claimed_again(database).record == later

    def test_what_the_bars_had_shown_comes_back(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        assert claimed(database).seen == UNSEEN
        recorded(database, seen=SEEN)
        assert claimed_again(database).seen == SEEN
        again(database, seen=UNSEEN)
        assert claimed_again(database).seen == UNSEEN

    def test_whose_bars_they_were_is_known_after_a_poll_without_any(
        self, database: Database
    ) -> None:
        recorded(database, source="alpaca")
        again(database, source=None, price=None)
        assert claimed_again(database).source == "alpaca"
        again(database, source="yahoo")
        assert claimed_again(database).source == "yahoo"

    def test_by_how_much_prices_lag_is_kept_as_it_was_said_last(self, database: Database) -> None:
        recorded(database)
        assert claimed_again(database).delay is None
        for lag in (timedelta(minutes=15), timedelta(0)):
            database.keep_delays({BELOW.symbol: lag, Symbol("GONE"): lag})
            assert claimed_again(database).delay == lag
        database.keep_delays({})
        assert claimed_again(database).delay == timedelta(0)


class TestRecord:
    def test_a_quiet_poll_is_one_short_statement(self, database: Database) -> None:
        recorded(database, cursor=MARKED, record=RECORD, seen=SEEN, source="yahoo")
        database.wake(NOW)
        claim = claimed(database)
        with watched(database) as statements:
            same = progress(cursor=MARKED, record=RECORD, seen=SEEN, source="yahoo")
            database.record(claim, same, NOW)
        ((statement, rows),) = statements
        assert statement.startswith("UPDATE symbols SET")
        assert rows == 1
        for unchanged in ("memory", "record", "below", "closely", "day_low", "source"):
            assert unchanged not in statement

    def test_only_the_alerts_that_changed_are_written(self, database: Database) -> None:
        other = replace(BELOW, id=AlertId("other"))
        database.adopt([BELOW, other], NOW)
        claim = claimed(database)
        states = {**claim.states, other.id: State(Phase.FIRED)}
        with watched(database) as statements:
            database.record(claim, progress(states=states), NOW)
        assert [said.rows for said in statements if "UPDATE alerts" in said.statement] == [1]
        assert claimed_again(database).states == states

    def test_judgements_are_put_behind_those_that_are_kept(self, database: Database) -> None:
        recorded(database, lately={BELOW.id: [judged(0), judged(1)]})
        again(database, lately={BELOW.id: [judged(2)]})
        again(database)
        assert lately(database) == tuple(judged(n) for n in range(3))

    def test_only_the_newest_judgements_are_kept(self, database: Database) -> None:
        recorded(database, lately={BELOW.id: [judged(n) for n in range(KEPT)]})
        again(database, lately={BELOW.id: [judged(KEPT)]})
        assert lately(database) == tuple(judged(n) for n in range(1, KEPT + 1))

    def test_an_alert_that_starts_afresh_has_no_judgements_behind_it(
        self, database: Database
    ) -> None:
        recorded(database, lately={BELOW.id: [judged(0)]})
        database.adopt([replace(BELOW, level=151.0)], NOW)
        assert lately(database) == ()


class TestPostpone:
    def test_it_promises_notices_and_leaves_the_state(self, database: Database) -> None:
        recorded(database, cursor=MARKED)
        notice = found(BELOW, 149, "09:33")
        claim = claimed_again(database)
        new = database.postpone(
            claim, "no answer", NOW, notices=[(notice, ("desk",))], silent_since=at("09:20")
        )
        assert new == {notice.event.id}
        after = claimed(database)
        assert (after.cursor, after.states) == (claim.cursor, claim.states)
        assert (after.silent_since, after.failures) == (at("09:20"), 1)

    def test_silence_is_written_as_it_is_given(self, database: Database) -> None:
        recorded(database, silent_since=at("09:10"))
        database.postpone(claimed_again(database), "no answer", NOW)
        assert claimed(database).silent_since is None

    def test_a_symbol_is_unknown_until_a_poll_does_not_say_so(self, database: Database) -> None:
        recorded(database)
        assert claimed_again(database).unknown_since is None
        for _ in range(2):
            claim = claimed_again(database)
            database.postpone(claim, "404", NOW, unknown_since=at("09:20"))
            assert claimed_again(database).unknown_since == at("09:20")
        database.postpone(claimed_again(database), "no answer", NOW)
        assert claimed_again(database).unknown_since is None

    def test_a_good_poll_makes_it_known_again(self, database: Database) -> None:
        recorded(database)
        database.postpone(claimed_again(database), "404", NOW, unknown_since=at("09:20"))
        again(database)
        assert claimed_again(database).unknown_since is None

    def test_without_an_error_nothing_has_failed(self, database: Database) -> None:
        recorded(database)
        database.postpone(claimed_again(database), "no answer", NOW)
        database.postpone(claimed_again(database), "", NOW)
        assert claimed_again(database).failures == 1
        assert table(database, symbols.c.error) == [("no answer",)]

    def test_a_lost_lease_keeps_nothing(self, database: Database) -> None:
        recorded(database)
        lost = claimed_again(database)
        claimed_again(database)
        notices = [(found(BELOW, 149, "09:33"), ("desk",))]
        new = database.postpone(lost, "slow", NOW, notices=notices, silent_since=at("09:20"))
        assert new == frozenset()
        after = claimed_again(database)
        assert (after.open, after.failures, after.silent_since) == ((), 0, None)


def lately(database: Database) -> tuple[Judged, ...]:
    ((kept,),) = table(database, alerts.c.lately)
    return documents.to_judgements(kept)
