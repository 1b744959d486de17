"""An event is kept once, told once, and open only while its bar may still change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from alertd.core.events import Event, EventId, Kind
from alertd.core.rules import AlertId, Figure
from alertd.core.states import Origin
from alertd.store.batches import batches
from alertd.store.tables import deliveries, events
from tests.store.written import (
    ABOVE,
    BELOW,
    NOW,
    again,
    claimed,
    claimed_again,
    due,
    progress,
    recorded,
    table,
)
from tests.support.build import at, found

if TYPE_CHECKING:
    from alertd.core.notices import Notice
    from alertd.store.database import Database

LATER = NOW + timedelta(minutes=9)
FIRST, SECOND, THIRD = (found(BELOW, 149, clock) for clock in ("09:31", "09:32", "09:33"))
LATE = replace(
    THIRD, together=(FIRST.event, SECOND.event), names={BELOW.id: "the support"}, late=True
)


def standings(database: Database) -> dict[str, str]:
    return {row[0]: row[1] for row in table(database, events.c.id, events.c.standing)}


def standing(database: Database, notice: Notice) -> str:
    return standings(database)[str(notice.event.id)]


def told_with(database: Database) -> dict[str, str | None]:
    return {row[0]: row[1] for row in table(database, events.c.id, events.c.told_with)}


class TestStanding:
    @pytest.mark.parametrize("kind", Kind)
    def test_only_what_a_bar_says_of_the_price_is_open(
        self, database: Database, kind: Kind
    ) -> None:
        notice = found(BELOW, 149, "09:31", kind=kind)
        recorded(database, notice)
        may_change = kind in {Kind.FIRED, Kind.RECOVERED}
        assert standing(database, notice) == ("open" if may_change else "settled")
        assert claimed_again(database).open == ((notice.event,) if may_change else ())

    def test_what_settled_is_open_no_more(self, database: Database) -> None:
        recorded(database, FIRST, SECOND, THIRD)
        again(database, settled={FIRST.event.id: True, SECOND.event.id: False})
        assert standing(database, FIRST) == "settled"
        assert standing(database, SECOND) == "withdrawn"
        assert claimed_again(database).open == (THIRD.event,)

    def test_an_event_whose_bar_has_settled_when_it_is_found_is_never_open(
        self, database: Database
    ) -> None:
        recorded(database, FIRST, settled={FIRST.event.id: True})
        assert standing(database, FIRST) == "settled"

    def test_what_was_taken_back_stays_so(self, database: Database) -> None:
        recorded(database, FIRST, settled={FIRST.event.id: False})
        again(database, settled={FIRST.event.id: True})
        assert standing(database, FIRST) == "withdrawn"

    def test_a_lost_lease_settles_nothing(self, database: Database) -> None:
        recorded(database, FIRST)
        lost = claimed_again(database)
        claimed_again(database)
        assert database.record(lost, progress(settled={FIRST.event.id: True}), NOW) is None
        assert standing(database, FIRST) == "open"

    def test_the_events_of_a_rule_that_nobody_judges_any_more_are_settled(
        self, database: Database
    ) -> None:
        database.adopt([BELOW, ABOVE], NOW)
        high = found(ABOVE, 193, "09:31")
        database.record(claimed(database), progress(FIRST, high), NOW)
        database.adopt([replace(BELOW, level=151.0), ABOVE], NOW)
        assert (standing(database, FIRST), standing(database, high)) == ("settled", "open")
        database.adopt([replace(BELOW, level=151.0)], NOW)
        assert standing(database, high) == "settled"

    def test_what_was_taken_back_stays_so_when_its_rule_is_gone(self, database: Database) -> None:
        recorded(database, FIRST, settled={FIRST.event.id: False})
        database.adopt([ABOVE], NOW)
        assert standing(database, FIRST) == "withdrawn"

    def test_an_open_event_comes_back_with_all_that_it_says(self, database: Database) -> None:
        event = replace(
            FIRST.event, of=Figure.PE, unit=7.45, band=(148.0, 152.0), was=193.0, about="at start",
            origin=Origin("52w high", 192.67, at("09:30", "2025-10-02")),
        )  # fmt: skip
        recorded(database, replace(FIRST, event=event))
        assert claimed_again(database).open == (event,)

    def test_open_events_are_found_without_reading_all_the_others(self, sqlite: Database) -> None:
        asked = "EXPLAIN QUERY PLAN SELECT id FROM events WHERE symbol = 'A' AND standing = 'open'"
        with sqlite._engine.connect() as connection:  # noqa: SLF001 - what is in the file
            plan = connection.execute(text(asked)).all()
        assert ["events_standing" in str(step) for step in plan] == [True]


class TestTogether:
    def test_events_of_one_message_are_all_kept_and_told_by_the_first(
        self, database: Database
    ) -> None:
        new = recorded(database, LATE)
        assert new == {FIRST.event.id, SECOND.event.id, THIRD.event.id}
        head = str(THIRD.event.id)
        ids = {str(FIRST.event.id): head, str(SECOND.event.id): head, head: None}
        assert told_with(database) == ids
        (delivery,) = due(database, LATER)
        assert delivery.notice == LATE
        assert set(standings(database).values()) == {"open"}

    def test_an_event_that_is_known_is_not_kept_again(self, database: Database) -> None:
        recorded(database, FIRST)
        assert again(database, LATE) == {SECOND.event.id, THIRD.event.id}
        assert told_with(database)[str(FIRST.event.id)] is None

    def test_what_a_known_event_would_have_told_gets_messages_of_its_own(
        self, database: Database
    ) -> None:
        recorded(database, THIRD, SECOND)
        assert again(database, LATE, channels=("desk", "mail")) == {FIRST.event.id}
        sent = table(database, deliveries.c.event, deliveries.c.channel)
        own = [channel for event, channel in sent if event == str(FIRST.event.id)]
        assert sorted(own) == ["desk", "mail"]
        told = next(d.notice for d in due(database, LATER) if d.notice.event == FIRST.event)
        assert (told.together, told.name) == ((), "the support")

    def test_two_messages_may_name_the_same_event(self, database: Database) -> None:
        other = replace(SECOND, together=(FIRST.event,))
        assert len(recorded(database, LATE, other)) == 3
        assert [d.notice for d in due(database, LATER)] == [LATE]

    def test_an_event_of_another_alert_is_kept_under_its_own_name(self, sqlite: Database) -> None:
        high = replace(SECOND.event, id=EventId(FIRST.event.id), alert=AlertId("high"))
        split = replace(THIRD, together=(high,), names={AlertId("high"): "the year's high"})
        recorded(sqlite, split)
        names = {row[0]: row[1]["name"] for row in table(sqlite, events.c.alert, events.c.context)}
        assert names == {"high": "the year's high", "support": THIRD.name}


def test_a_symbols_own_event_has_no_condition(database: Database) -> None:
    stale: Event = replace(FIRST.event, kind=Kind.STALE, alert=AlertId("BABA"))
    notice = replace(FIRST, event=stale, condition=None, asked="52w high - 2%")
    recorded(database, notice)
    assert [d.notice for d in due(database, LATER)] == [notice]


def test_questions_are_asked_in_batches_that_miss_nothing() -> None:
    values = list(range(1201))
    asked = list(batches(values))
    assert [value for batch in asked for value in batch] == values
    assert max(len(batch) for batch in asked) <= 500
    assert list(batches([])) == []
