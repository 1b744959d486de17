"""Whoever only wants to know sees what the daemon has kept, and changes nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.calm import Calm, Held, Quiet
from alertd.core.events import Kind
from alertd.core.pointing import Bounds, Seen
from alertd.core.quality import Verdict
from alertd.core.records import Gap, Judged, Record
from alertd.core.retry import Again, Dead, Delivered, Recipients
from alertd.core.states import Basis, Phase, Reason, Side, State
from alertd.errors import StoreError, StoreTooNew
from alertd.store.reading import ChannelRow, DeliveryRow, Reader
from tests.cli.kept import BELOW, MINUTE, NOW, deliver, keeping, record
from tests.store.written import again
from tests.support.build import at, found, rule

if TYPE_CHECKING:
    from pathlib import Path

ABOVE = rule("above 192", id="high")
FIRED = State(Phase.FIRED, Side.BELOW, NOW, fired_at=at("09:31"), suppressed=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alertd.db"


def reader(path: Path) -> Reader:
    opened = Reader.open(path)
    assert opened is not None
    return opened


def test_there_is_nothing_to_read_before_a_daemon_has_run(path: Path) -> None:
    assert Reader.open(path) is None
    assert not path.exists()


def test_an_alert_stands_where_the_last_poll_left_it(path: Path) -> None:
    with keeping(path, BELOW) as database:
        record(database, state=FIRED)
    (row,) = reader(path).alerts()
    assert (row.alert, row.symbol, row.revision) == ("support", "BABA", BELOW.revision)
    assert row.state == FIRED
    assert row.last_fired_at is None


def test_an_alert_tells_its_last_firing_not_its_last_recovery(path: Path) -> None:
    events = (
        found(BELOW, 149.6, "09:31"),
        found(BELOW, 149.8, "09:33"),
        found(BELOW, 151.6, "09:35", kind=Kind.RECOVERED),
    )
    with keeping(path, BELOW, ABOVE) as database:
        record(database, *events)
    high, support = reader(path).alerts()
    assert (high.alert, high.last_fired_at) == ("high", None)
    assert (support.alert, support.last_fired_at) == ("support", at("09:33"))


def test_a_firing_that_was_taken_back_is_not_the_last_one(path: Path) -> None:
    first, second = (found(BELOW, 149.6, clock) for clock in ("09:31", "09:33"))
    with keeping(path, BELOW) as database:
        again(database, first, second, settled={second.event.id: False})
    (row,) = reader(path).alerts()
    assert row.last_fired_at == at("09:31")


def test_one_alert_can_be_asked_for(path: Path) -> None:
    with keeping(path, BELOW, ABOVE) as database:
        record(database, found(BELOW, 149.6, "09:31"), state=FIRED)
    row = reader(path).alert("support")
    assert row is not None
    assert (row.alert, row.state, row.last_fired_at) == ("support", FIRED, at("09:31"))
    assert reader(path).alert("other") is None


def test_an_alert_tells_what_it_stands_on_and_its_newest_judgements(path: Path) -> None:
    judged = tuple(
        Judged(at(clock), Phase.FIRED, reason, 149.6)
        for clock, reason in (("09:31", Reason.CROSSED), ("09:32", Reason.NOT_BACK))
    )
    state = replace(FIRED, basis=Basis(scale=0.1, told_level=1000.0))
    with keeping(path, BELOW) as database:
        again(database, states={BELOW.id: state}, lately={BELOW.id: judged})
    (row,) = reader(path).alerts()
    assert (row.state, row.lately) == (state, judged)


def test_a_symbol_tells_how_its_bars_are(path: Path) -> None:
    seen = Record({Verdict.MISSING: 2}, gaps=(Gap(at("09:31"), at("09:35")),))
    with keeping(path, BELOW) as database:
        again(database, record=seen, silent_since=at("09:20"), good_until=at("09:32"))
    (row,) = reader(path).symbols()
    assert (row.record, row.silent_since, row.good_until) == (seen, at("09:20"), at("09:32"))


def test_a_symbol_tells_its_price_and_what_stopped_the_last_poll(path: Path) -> None:
    with keeping(path, BELOW) as database:
        record(database, price=149.5, price_at=at("09:38"))
        (claim,) = database.claim_symbols(NOW, MINUTE, 1)
        database.postpone(claim, "no answer within 20 s", NOW + timedelta(minutes=5))
    (row,) = reader(path).symbols()
    assert (row.symbol, row.currency, row.digits) == ("BABA", "USD", 2)
    assert (row.price, row.price_at, row.polled_at) == (149.5, at("09:38"), NOW)
    assert (row.failures, row.error) == (1, "no answer within 20 s")
    assert row.due_at == NOW + timedelta(minutes=5)


def test_a_symbol_tells_whose_bars_it_has_and_what_they_have_shown(path: Path) -> None:
    seen = Seen(Bounds(150.0, None), at("09:30"), 150.25, 151.0)
    with keeping(path, BELOW) as database:
        again(database, seen=seen, source="alpaca", due_at=NOW)
        database.keep_delays({BELOW.symbol: 15 * MINUTE})
        (row,) = reader(path).symbols()
        assert (row.source, row.delay, row.seen) == ("alpaca", 15 * MINUTE, seen)
        assert (row.pointed, row.unknown_since) == (False, None)
        database.hasten([BELOW.symbol], NOW)
        assert [row.pointed for row in reader(path).symbols()] == [True]
        (claim,) = database.claim_symbols(NOW, MINUTE, 1)
        database.postpone(claim, "404", NOW, unknown_since=at("09:20"))
    assert [row.unknown_since for row in reader(path).symbols()] == [at("09:20")]


def test_a_channel_tells_what_waits_what_was_sent_and_what_was_given_up(path: Path) -> None:
    events = [found(BELOW, 149.6, clock) for clock in ("09:31", "09:32", "09:33", "09:34")]
    with keeping(path, BELOW) as database:
        record(database, *events)
        deliver(database, "desk", Delivered())
        deliver(database, "desk", Dead("gone for good"))
        deliver(database, "desk", Again(NOW + timedelta(seconds=5), "answered 503"))
    (row,) = reader(path).channels()
    assert row == ChannelRow(
        "desk", 2, 1, 1, NOW, "gone for good", failing_since=events[2].detected_at
    )


def test_a_channel_without_trouble_tells_no_old_error(path: Path) -> None:
    with keeping(path, BELOW) as database:
        record(database, found(BELOW, 149.6, "09:31"))
        deliver(database, "desk", Again(NOW, "answered 503"))
        deliver(database, "desk", Delivered())
    assert reader(path).channels() == [ChannelRow("desk", 0, 0, 1, NOW, None)]


def test_the_newest_events_come_oldest_first(path: Path) -> None:
    events = [found(BELOW, 149.6, clock) for clock in ("09:33", "09:31", "09:32")]
    with keeping(path, BELOW) as database:
        record(database, *events)
    rows = reader(path).events(limit=2)
    assert [row.notice for row in rows] == [events[2], events[0]]


def test_an_event_tells_how_far_its_messages_are(path: Path) -> None:
    with keeping(path, BELOW) as database:
        record(database, found(BELOW, 149.6, "09:31"), channels=("mail", "desk"))
        deliver(database, "desk", Dead("gone for good"))
    (row,) = reader(path).events(limit=1)
    assert row.deliveries == (
        DeliveryRow("desk", "dead", 1, NOW, "gone for good"),
        DeliveryRow("mail", "due", 0, None, None, row.notice.detected_at),
    )


def test_only_what_a_channel_never_got_can_be_asked_for(path: Path) -> None:
    lost, early, fine = (found(BELOW, 149.6, clock) for clock in ("09:33", "09:31", "09:32"))
    with keeping(path, BELOW) as database:
        again(database, fine)
        deliver(database, "desk", Delivered())
        again(database, replace(lost, together=(early.event,)), channels=("desk", "mail"))
        deliver(database, "mail", Dead("550 no such user"))
    rows = reader(path).events(9, dead=True)
    assert [row.notice.event for row in rows] == [early.event, lost.event]
    assert [one.status for one in rows[0].deliveries] == ["due", "dead"]
    assert reader(path).events(9, "other", dead=True) == []


def test_a_delivery_tells_why_it_waits_and_whom_it_has_reached(path: Path) -> None:
    done = Recipients(frozenset({"a@example.com"}), {"b@example.com": "550"})
    calm = Calm(quiet=Quiet(time(13), time(15)))
    with keeping(path, BELOW) as database:
        again(database, found(BELOW, 149.6, "09:31"), channels=("mail", "phone"))
        deliver(database, "mail", Again(NOW + MINUTE, "one put off", done))
        assert database.claim_deliveries(NOW, "phone", MINUTE, 1, calm) == []
        assert database.hand_over(NOW + timedelta(minutes=15), {"mail": "desk"}) == 1
    (row,) = reader(path).events(1)
    later, evening = NOW + timedelta(minutes=15), at("11:00")
    assert row.deliveries == (
        DeliveryRow("desk", "due", 0, None, None, later, instead_of="mail"),
        DeliveryRow("mail", "due", 1, None, "one put off", NOW + MINUTE, recipients=done),
        DeliveryRow("phone", "due", 0, None, None, evening, Held.QUIET),
    )


def test_an_event_tells_whether_it_stands(path: Path) -> None:
    first, second, third = (found(BELOW, 149.6, clock) for clock in ("09:31", "09:32", "09:33"))
    with keeping(path, BELOW) as database:
        settled = {first.event.id: True, second.event.id: False}
        again(database, first, second, third, settled=settled)
    assert [row.standing for row in reader(path).events(9)] == ["settled", "withdrawn", "open"]


def test_an_event_that_another_tells_of_has_that_ones_deliveries(path: Path) -> None:
    early, late = found(BELOW, 149.6, "09:31"), found(BELOW, 149.4, "09:33")
    with keeping(path, BELOW) as database:
        again(database, replace(late, together=(early.event,)))
        deliver(database, "desk", Delivered())
    first, second = reader(path).events(9)
    assert (first.told_with, second.told_with) == (late.event.id, None)
    assert first.deliveries == second.deliveries == (DeliveryRow("desk", "sent", 1, NOW, None),)


def test_an_event_that_another_alerts_message_tells_of_is_as_far_as_that_one(path: Path) -> None:
    high, support = found(ABOVE, 19.2, "09:31"), found(BELOW, 15.0, "09:31")
    with keeping(path, BELOW, ABOVE) as database:
        again(database, replace(support, together=(high.event,)))
    (row,) = reader(path).events(9, "high")
    (delivery,) = row.deliveries
    assert (delivery.channel, delivery.status) == ("desk", "due")


def test_events_can_be_those_of_one_alert(path: Path) -> None:
    with keeping(path, BELOW, ABOVE) as database:
        record(database, found(BELOW, 149.6, "09:31"), found(ABOVE, 192.5, "09:32"))
    assert [row.notice.event.alert for row in reader(path).events(9, "high")] == ["high"]
    assert reader(path).events(9, "other") == []


def test_the_last_sign_of_life_is_told(path: Path) -> None:
    with keeping(path, BELOW) as database:
        assert reader(path).alive_at() is None
        database.beat(NOW)
        database.beat(NOW + MINUTE)
    assert reader(path).alive_at() == NOW + MINUTE


def test_reading_neither_waits_for_a_writer_nor_stops_it(path: Path) -> None:
    with keeping(path, BELOW) as database:
        record(database)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE symbols SET price = 1.0")
    assert [row.price for row in reader(path).symbols()] == [149.5]
    writer.execute("COMMIT")
    writer.close()
    assert [row.price for row in reader(path).symbols()] == [1.0]


def test_a_damaged_file_is_told_and_not_raised_as_it_comes(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match=r"alertd\.db: the database is damaged"):
        Reader.open(path)


def test_a_table_that_is_lost_later_is_told_too(path: Path) -> None:
    with keeping(path, BELOW):
        opened = reader(path)
    database = sqlite3.connect(path)
    database.execute("DROP TABLE deliveries")
    database.close()
    with pytest.raises(StoreError, match="no such table: deliveries"):
        opened.channels()


def test_a_newer_database_is_not_read(path: Path) -> None:
    with keeping(path, BELOW):
        pass
    database = sqlite3.connect(path)
    database.execute("UPDATE facts SET value = '99' WHERE name = 'schema'")
    database.commit()
    database.close()
    with pytest.raises(StoreTooNew, match="newer alertd"):
        Reader.open(path)
