"""`alertd retry` sends again what was given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from alertd.core.calm import FREELY
from alertd.core.events import EventId
from alertd.core.retry import Again, Dead, Delivered
from alertd.store.reading import Reader
from tests.cli.kept import BELOW, MINUTE, deliver, keeping, record
from tests.support.build import found

if TYPE_CHECKING:
    from tests.cli.typed import Answer, Home

ALERTS = """
[[alert]]
id = "support"
symbol = "BABA"
below = 150

[channel.desk]
type = "webhook"
url = { env = "DESK_URL" }

[channel.console]
type = "console"
"""
HOUR = timedelta(hours=1)
REST = "-0000-5000-8000-000000000000"
FIRST, SECOND = (found(BELOW, 149.6, clock) for clock in ("09:31", "09:32"))


def retry(home: Home, *words: str) -> Answer:
    return home.alertd("retry", "--config", home.config(ALERTS), *words)


def dead(home: Home) -> list[tuple[EventId, str]]:
    reader = Reader.open(home.folder / "alertd.db")
    assert reader is not None
    return [
        (row.notice.event.id, each.channel)
        for row in reader.events(100, dead=True)
        for each in row.deliveries
        if each.status == "dead"
    ]


@pytest.fixture
def given_up(home: Home) -> None:
    """Two events, each of which one channel gave up and the other one too."""
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, FIRST, SECOND, channels=("desk", "console"))
        for channel in ("desk", "desk", "console", "console"):
            deliver(database, channel, Dead("gone for good"))


@pytest.mark.usefixtures("given_up")
class TestRetry:
    def test_all_that_was_given_up_goes_out_again(self, home: Home) -> None:
        answer = retry(home)
        assert (answer.status, answer.out, dead(home)) == (0, "", [])
        assert answer.err == (
            "4 messages go out again now\n"
            "they go out once the daemon runs: the daemon has given no sign of life yet\n"
        )
        with keeping(home.folder / "alertd.db", BELOW) as database:
            now = datetime.now(UTC)
            assert len(database.claim_deliveries(now, "desk", MINUTE, 9, FREELY)) == 2

    def test_what_one_channel_gave_up_goes_out_again(self, home: Home) -> None:
        answer = retry(home, "desk")
        assert (answer.status, answer.err.splitlines()[0]) == (0, "2 messages go out again now")
        assert {channel for _, channel in dead(home)} == {"console"}

    @pytest.mark.parametrize("length", [8, 36])
    def test_one_event_is_named_by_its_id_or_how_that_begins(self, home: Home, length: int) -> None:
        answer = retry(home, "--event", str(FIRST.event.id)[:length].upper())
        assert (answer.status, answer.err.splitlines()[0]) == (0, "2 messages go out again now")
        assert {event for event, _ in dead(home)} == {SECOND.event.id}

    def test_one_event_goes_out_again_by_one_channel(self, home: Home) -> None:
        answer = retry(home, "desk", "--event", str(FIRST.event.id))
        assert (answer.status, answer.err.splitlines()[0]) == (0, "1 message goes out again now")
        assert len(dead(home)) == 3

    def test_while_the_daemon_runs_nothing_is_said_of_it(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            database.beat(datetime.now(UTC))
            assert retry(home).err == "4 messages go out again now\n"

    @pytest.mark.parametrize(
        ("words", "status", "said"),
        [
            (("dsk",), 2, 'there is no channel "dsk"; did you mean desk?'),
            (("--event", "xyz"), 2, "expected the id of an event, or its first 4 characters"),
            (("--event", "abc"), 2, "expected the id of an event"),
            (("--event", ""), 2, "expected the id of an event"),
            (("--event", "00000000"), 1, 'nothing was given up of an event "00000000"'),
        ],
        ids=["channel", "no id", "short", "empty", "unknown"],
    )
    def test_what_is_not_there_is_answered_in_words(
        self, home: Home, words: tuple[str, ...], status: int, said: str
    ) -> None:
        answer = retry(home, *words)
        assert (answer.status, answer.out) == (status, "")
        assert said in answer.err
        assert "Traceback" not in answer.err
        assert len(dead(home)) == 4


def test_a_beginning_that_two_events_share_is_not_enough(home: Home) -> None:
    twins = [
        replace(each, event=replace(each.event, id=EventId(UUID(id_))))
        for each, id_ in ((FIRST, f"abcd1234{REST}"), (SECOND, f"abcd5678{REST}"))
    ]
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, *twins)
        for _ in twins:
            deliver(database, "desk", Dead("gone for good"))
    answer = retry(home, "--event", "abcd")
    assert answer.status == 2
    assert '2 events begin with "abcd"; write more of the id' in answer.err
    assert retry(home, "--event", "abcd1").status == 0


def test_a_channel_that_is_left_alone_is_tried_again(home: Home) -> None:
    now = datetime.now(UTC)
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, FIRST)
        deliver(database, "desk", Again(now + HOUR, "the receiver is gone", closed=True), now)
        assert list(database.claim_deliveries(now, "desk", MINUTE, 9, FREELY)) == []
        answer = retry(home, "desk")
        assert answer.status == 0
        assert answer.err.splitlines()[:2] == [
            "desk: it is not left alone any more", "1 message goes out again now",
        ]  # fmt: skip
        assert len(database.claim_deliveries(datetime.now(UTC), "desk", MINUTE, 9, FREELY)) == 1


def test_where_nothing_was_given_up_there_is_nothing_to_do(home: Home) -> None:
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, FIRST)
        deliver(database, "desk", Delivered())
    answer = retry(home)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == (
        "nothing to send again: nothing was given up, and no channel is left alone\n"
    )
