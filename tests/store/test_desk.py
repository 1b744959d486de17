"""What the user says is kept, holds at once, and is told in the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calm import Held, Hush
from alertd.core.deeds import Act, Deed
from alertd.core.notices import Severity
from alertd.core.retry import Again, Dead, Delivered, Recipients
from alertd.core.states import Phase, State
from alertd.errors import StoreTooNew
from alertd.store.desk import Desk
from alertd.store.reading import Reader
from alertd.store.tables import deeds, deliveries, facts, hushes, reminders
from tests.store.written import (
    ABOVE,
    BELOW,
    NOW,
    again,
    claimed_again,
    desk_of,
    due,
    recorded,
    table,
)
from tests.support.build import found

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.rules import AlertId
    from alertd.store.database import Database

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FIRED = found(BELOW, 149, "09:31")
URGENT = replace(FIRED, severity=Severity.CRITICAL, repeat_every=HOUR)


@pytest.fixture
def desk(database: Database) -> Desk:
    return desk_of(database)


def done(database: Database) -> list[tuple[str, str]]:
    return [(act, alert) for act, alert in table(database, deeds.c.act, deeds.c.alert)]


class TestOpening:
    def test_there_is_no_desk_before_a_daemon_has_run(self, tmp_path: Path) -> None:
        assert Desk.open(tmp_path / "alertd.db") is None
        assert list(tmp_path.iterdir()) == []

    def test_it_works_beside_the_daemon(self, sqlite: Database, tmp_path: Path) -> None:
        recorded(sqlite, FIRED)
        desk = Desk.open(tmp_path / "alertd.db")
        assert desk is not None
        desk.snooze(BELOW.id, NOW + HOUR, NOW)
        assert due(sqlite, NOW) == []

    def test_it_brings_no_file_up_to_date(self, sqlite: Database, tmp_path: Path) -> None:
        with sqlite._engine.begin() as connection:  # noqa: SLF001 - as a newer version would
            connection.execute(facts.update().values(value="99"))
        with pytest.raises(StoreTooNew):
            Desk.open(tmp_path / "alertd.db")


class TestSnoozing:
    def test_messages_wait_until_it_ends(self, database: Database, desk: Desk) -> None:
        recorded(database, FIRED)
        desk.snooze(BELOW.id, NOW + HOUR, NOW)
        assert due(database, NOW + HOUR - MINUTE) == []
        (delivery,) = due(database, NOW + HOUR)
        assert (delivery.parcel.held, delivery.ready_at) == (Held.SNOOZED, NOW + HOUR)

    def test_the_newest_word_counts(self, database: Database, desk: Desk) -> None:
        recorded(database, FIRED)
        desk.pause(BELOW.id, NOW)
        assert due(database, NOW) == []
        desk.snooze(BELOW.id, NOW + 2 * HOUR, NOW)
        assert due(database, NOW) == []
        desk.snooze(BELOW.id, NOW + HOUR, NOW)
        assert due(database, NOW) == []
        assert len(due(database, NOW + HOUR)) == 1

    def test_waking_lets_everything_go_as_one(self, database: Database, desk: Desk) -> None:
        desk.snooze(BELOW.id, NOW + HOUR, NOW)
        recorded(database, FIRED, found(BELOW, 148, "09:30"))
        assert due(database, NOW) == []
        assert desk.wake(BELOW.id, NOW + MINUTE)
        (digest,) = due(database, NOW + MINUTE)
        assert len(digest.parcel.notices) == 2
        assert done(database) == [("snoozed", "support"), ("woken", "support")]

    def test_only_a_snooze_can_be_ended_by_waking(self, database: Database, desk: Desk) -> None:
        assert not desk.wake(BELOW.id, NOW)
        desk.pause(BELOW.id, NOW)
        assert not desk.wake(BELOW.id, NOW)
        desk.snooze(BELOW.id, NOW + HOUR, NOW)
        assert not desk.wake(BELOW.id, NOW + HOUR)
        assert [act for act, _ in done(database)] == ["paused", "snoozed"]

    def test_an_alert_that_is_gone_is_hushed_and_reminded_of_no_more(
        self, database: Database, desk: Desk
    ) -> None:
        recorded(database, URGENT)
        desk.pause(BELOW.id, NOW)
        assert due(database, NOW) == []
        database.adopt([ABOVE], NOW)
        assert table(database, hushes.c.alert) == table(database, reminders.c.event) == []
        assert len(due(database, NOW)) == 1

    def test_an_alert_that_means_something_else_now_stays_as_its_user_said(
        self, database: Database, desk: Desk
    ) -> None:
        recorded(database, URGENT)
        desk.pause(BELOW.id, NOW)
        database.adopt([replace(BELOW, level=151.0)], NOW)
        assert due(database, NOW) == []
        assert len(table(database, reminders.c.event)) == 1


class TestAcknowledging:
    def test_a_firing_is_acknowledged_once(self, database: Database, desk: Desk) -> None:
        assert not desk.acknowledge(BELOW.id, NOW)
        recorded(database, FIRED)
        assert desk.acknowledge(BELOW.id, NOW + MINUTE)
        assert not desk.acknowledge(BELOW.id, NOW + HOUR)
        again(database, replace(found(BELOW, 148, "09:35"), detected_at=NOW + 5 * MINUTE))
        assert desk.acknowledge(BELOW.id, NOW + HOUR)
        assert done(database) == [("acknowledged", "support")] * 2

    def test_what_was_taken_back_needs_no_acknowledging(
        self, database: Database, desk: Desk
    ) -> None:
        recorded(database, FIRED, settled={FIRED.event.id: False})
        assert not desk.acknowledge(BELOW.id, NOW + MINUTE)
        assert done(database) == []

    def test_a_reminder_is_ended_whatever_the_clock_says(
        self, database: Database, desk: Desk
    ) -> None:
        recorded(database, URGENT)
        assert desk.acknowledge(BELOW.id, NOW + HOUR)
        again(database, replace(URGENT, event=found(BELOW, 148, "09:33").event))
        assert desk.acknowledge(BELOW.id, NOW)
        assert table(database, reminders.c.event) == []


class TestArming:
    def states(self, database: Database) -> dict[AlertId, State]:
        return dict(claimed_again(database).states)

    @pytest.mark.parametrize("phase", [Phase.FIRED, Phase.DONE])
    def test_an_alert_that_has_fired_waits_for_the_price_again(
        self, database: Database, desk: Desk, phase: Phase
    ) -> None:
        recorded(database, FIRED, states={BELOW.id: State(phase, since=NOW, fired_at=NOW)})
        assert desk.arm(BELOW.id, NOW + MINUTE)
        state = self.states(database)[BELOW.id]
        assert (state.phase, state.side, state.since) == (Phase.ARMED, None, NOW + MINUTE)
        assert claimed_again(database).open == ()
        assert done(database) == [("armed", "support")]

    @pytest.mark.parametrize("phase", [Phase.ARMED, Phase.PENDING])
    def test_one_that_waits_already_stays_as_it_is(
        self, database: Database, desk: Desk, phase: Phase
    ) -> None:
        state = State(phase, since=NOW, closes=1)
        recorded(database, states={BELOW.id: state})
        assert not desk.arm(BELOW.id, NOW + MINUTE)
        assert self.states(database) == {BELOW.id: state}
        assert done(database) == []

    def test_it_ends_a_pause_and_what_waited_goes_out(self, database: Database, desk: Desk) -> None:
        recorded(
            database, FIRED, states={BELOW.id: State(since=NOW)}, settled={FIRED.event.id: True}
        )
        desk.pause(BELOW.id, NOW)
        assert due(database, NOW) == []
        assert desk.arm(BELOW.id, NOW + MINUTE)
        (delivery,) = due(database, NOW + MINUTE)
        assert delivery.parcel.held is Held.PAUSED
        assert self.states(database) == {BELOW.id: State(since=NOW)}

    def test_an_alert_that_nobody_judges_cannot_be_armed(self, desk: Desk) -> None:
        assert not desk.arm(BELOW.id, NOW)

    def test_the_cycle_that_is_under_way_keeps_nothing(
        self, database: Database, desk: Desk
    ) -> None:
        recorded(database, states={BELOW.id: State(Phase.FIRED, since=NOW)})
        under_way = claimed_again(database)
        desk.arm(BELOW.id, NOW)
        assert len(database.claim_symbols(NOW, HOUR, 9)) == 1
        assert database.postpone(under_way, "late", NOW) == frozenset()


class TestRetrying:
    @pytest.fixture
    def dead(self, database: Database) -> Database:
        recorded(database, FIRED, found(BELOW, 148, "09:30"), channels=("desk", "mail"))
        gone = Dead("550", Recipients(frozenset({"a@x"}), {"b@x": "550"}))
        for channel in ("desk", "mail"):
            for one in due(database, NOW, channel):
                database.settle(one, gone, NOW)
        return database

    def test_what_is_dead_is_due_at_once_as_if_it_were_new(
        self, dead: Database, desk: Desk
    ) -> None:
        later = NOW + timedelta(days=9)
        assert desk.retry(later) == 4
        first, _ = due(dead, later)
        assert (first.attempt, first.tried, first.ready_at) == (2, 1, later)
        assert first.done == Recipients(frozenset({"a@x"}))
        assert table(dead, deliveries.c.error) == [("550",)] * 4
        assert desk.retry(later) == 0

    def test_it_can_be_that_of_one_channel(self, dead: Database, desk: Desk) -> None:
        assert desk.retry(NOW, channel="mail") == 2
        assert due(dead, NOW) == []

    def test_it_can_be_what_tells_one_event(self, dead: Database, desk: Desk) -> None:
        assert desk.retry(NOW, event=FIRED.event.id) == 2
        assert desk.retry(NOW, event=found(BELOW, 1, "12:00").event.id) == 0
        (delivery,) = due(dead, NOW)
        assert delivery.notice == FIRED

    def test_it_can_be_an_event_that_another_message_tells(
        self, database: Database, desk: Desk
    ) -> None:
        head = replace(FIRED, together=(found(BELOW, 148, "09:30").event,))
        recorded(database, head)
        (delivery,) = due(database, NOW)
        database.settle(delivery, Dead("550"), NOW)
        assert desk.retry(NOW, event=head.together[0].id) == 1

    def test_a_digest_is_one_and_stays_one(self, database: Database, desk: Desk) -> None:
        desk.snooze(BELOW.id, NOW + HOUR, NOW)
        recorded(database, FIRED, found(BELOW, 148, "09:30"))
        due(database, NOW)
        (digest,) = due(database, NOW + HOUR)
        database.settle(digest, Dead("550"), NOW + HOUR)
        assert desk.retry(NOW + 2 * HOUR, event=FIRED.event.id) == 1
        (again,) = due(database, NOW + 2 * HOUR)
        assert again.parcel == digest.parcel

    def test_a_closed_channel_is_opened_and_tried_at_once(
        self, database: Database, desk: Desk
    ) -> None:
        recorded(database, FIRED)
        (delivery,) = due(database, NOW)
        database.settle(delivery, Again(NOW + HOUR, "410", closed=True), NOW)
        assert desk.retry(NOW, channel="mail") == 0
        assert due(database, NOW) == []
        assert desk.retry(NOW, channel="desk") == 1
        assert len(due(database, NOW)) == 1

    def test_what_waits_for_an_open_channel_keeps_its_time(
        self, database: Database, desk: Desk
    ) -> None:
        recorded(database, FIRED)
        (delivery,) = due(database, NOW)
        database.settle(delivery, Again(NOW + HOUR, "503"), NOW)
        assert desk.retry(NOW) == 0
        assert due(database, NOW) == []

    def test_what_was_sent_is_not_sent_again(self, database: Database, desk: Desk) -> None:
        recorded(database, FIRED)
        (delivery,) = due(database, NOW)
        database.settle(delivery, Delivered(), NOW)
        assert desk.retry(NOW) == 0


def test_everybody_can_read_what_was_said(sqlite: Database, tmp_path: Path) -> None:
    recorded(sqlite, URGENT)
    desk, reader = (kind.open(tmp_path / "alertd.db") for kind in (Desk, Reader))
    assert isinstance(desk, Desk)
    assert isinstance(reader, Reader)
    desk.snooze(BELOW.id, NOW + HOUR, NOW)
    desk.pause(ABOVE.id, NOW)
    assert reader.hushes() == {BELOW.id: Hush(NOW, NOW + HOUR), ABOVE.id: Hush(NOW)}
    (reminder,) = reader.reminders()
    assert (reminder.alert, reminder.event) == (BELOW.id, FIRED.event.id)
    assert (reminder.every, reminder.next_at, reminder.round) == (HOUR, NOW + HOUR, 0)
    desk.acknowledge(BELOW.id, NOW + MINUTE)
    snoozed = Deed(NOW, BELOW.id, Act.SNOOZED, NOW + HOUR)
    acknowledged = Deed(NOW + MINUTE, BELOW.id, Act.ACKNOWLEDGED)
    assert reader.deeds(9) == [snoozed, Deed(NOW, ABOVE.id, Act.PAUSED), acknowledged]
    assert reader.deeds(9, BELOW.id) == [snoozed, acknowledged]
    assert reader.deeds(1) == [acknowledged]
