"""What may keep alerts from arriving is told in words, and counted by channel."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from alertd.core.calm import Calm, Quiet
from alertd.core.rests import Rest
from alertd.core.retry import Again, Dead, Delivered
from alertd.store.answers import ChannelRow
from alertd.store.troubles import channels
from tests.store.written import BELOW, NOW, again, claimed_again, desk_of, due, recorded
from tests.support.build import at, found

if TYPE_CHECKING:
    from alertd.core.retry import Settlement
    from alertd.store.database import Database

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUIET = Calm(quiet=Quiet(time(13), time(15)))
THREE = tuple(found(BELOW, 149, clock) for clock in ("09:29", "09:30", "09:31"))


def end(database: Database, settlement: Settlement, channel: str = "desk") -> None:
    """Try the one message that is due longest, with this end."""
    (delivery,) = due(database, NOW, channel, limit=1)
    assert database.settle(delivery, settlement, NOW)


def row(database: Database) -> ChannelRow:
    with database._engine.connect() as connection:  # noqa: SLF001 - what a reader sees
        (found,) = channels(connection)
    return found


class TestChannels:
    def test_what_waits_by_calm_is_held_and_not_waiting(self, database: Database) -> None:
        recorded(database, *THREE)
        end(database, Again(NOW + HOUR, "503"))
        due(database, NOW, calm=QUIET)
        seen = row(database)
        assert (seen.waiting, seen.held) == (1, 2)
        (digest, _) = due(database, at("11:00"))
        assert (row(database).waiting, row(database).held) == (2, 0)
        database.settle(digest, Again(at("12:00"), "503"), at("11:00"))
        assert (row(database).waiting, row(database).held) == (2, 0)

    def test_a_digest_counts_as_one_message(self, database: Database) -> None:
        recorded(database, *THREE)
        due(database, NOW, calm=QUIET)
        (digest,) = due(database, at("11:00"))
        database.settle(digest, Delivered(), at("11:00"))
        assert row(database) == ChannelRow("desk", 0, 0, 1, at("11:00"), None)

    def test_a_channel_fails_since_its_oldest_untaken_message_was_ready(
        self, database: Database
    ) -> None:
        recorded(database, *THREE)
        assert row(database).failing_since is None
        end(database, Delivered())
        end(database, Again(NOW + HOUR, "503"))
        assert row(database).failing_since == THREE[1].detected_at
        end(database, Again(NOW + HOUR, "503"))
        assert row(database).failing_since == THREE[1].detected_at

    def test_what_failed_and_waits_by_calm_now_is_no_failure(self, database: Database) -> None:
        recorded(database, THREE[0])
        end(database, Again(NOW, "503"))
        due(database, NOW, calm=QUIET)
        assert (row(database).failing_since, row(database).held) == (None, 1)

    def test_a_closed_channel_says_until_when_and_why(self, database: Database) -> None:
        recorded(database, THREE[0])
        end(database, Again(NOW + HOUR, "410 Gone", closed=True))
        seen = row(database)
        assert (seen.closed_until, seen.closed_why) == (NOW + HOUR, "410 Gone")


class TestTroubles:
    def test_where_all_is_well_there_are_none(self, database: Database) -> None:
        recorded(database, *THREE)
        end(database, Delivered())
        assert database.troubles(NOW) == []

    def test_a_silent_symbol_is_one(self, database: Database) -> None:
        recorded(database)
        again(database, silent_since=at("09:20"))
        assert database.troubles(NOW) == ["no good price of BABA since 2026-03-09 13:20 UTC"]

    def test_a_symbol_that_its_source_does_not_know_is_one_and_not_silent_too(
        self, database: Database
    ) -> None:
        recorded(database, source="yahoo")
        claim = claimed_again(database)
        database.postpone(claim, "404", NOW, silent_since=at("09:31"), unknown_since=at("09:20"))
        assert database.troubles(NOW) == ["yahoo has not known BABA since 2026-03-09 13:20 UTC"]
        again(database)
        assert database.troubles(NOW) == []

    def test_a_symbol_that_never_had_a_price_is_known_to_nobody(self, database: Database) -> None:
        database.adopt([BELOW], NOW)
        database.postpone(claimed_again(database), "404", NOW, unknown_since=at("09:20"))
        assert database.troubles(NOW) == ["no source has known BABA since 2026-03-09 13:20 UTC"]

    def test_a_source_is_one_for_as_long_as_it_rests(self, database: Database) -> None:
        database.keep_rest("yahoo", Rest(NOW, NOW + 5 * MINUTE, 1, "answered 429"))
        told = ["yahoo takes no requests until 2026-03-09 13:37 UTC: answered 429"]
        assert database.troubles(NOW + 4 * MINUTE) == told
        assert database.troubles(NOW + 5 * MINUTE) == []

    def test_a_rest_from_before_the_clock_was_set_back_is_none(self, database: Database) -> None:
        database.keep_rest("yahoo", Rest(NOW, NOW + 5 * MINUTE, 1, "answered 429"))
        assert database.troubles(NOW - 48 * HOUR) == []

    def test_a_clock_that_lags_behind_the_market_is_one(self, database: Database) -> None:
        recorded(database, price=151.0, price_at=NOW)
        assert database.troubles(NOW - 2 * MINUTE) == []
        (told,) = database.troubles(NOW - 3 * MINUTE)
        assert told == (
            "the last price of BABA is of 2026-03-09 13:32 UTC, "
            "and this clock says 2026-03-09 13:29 UTC"
        )

    def test_a_channel_that_takes_nothing_is_one(self, database: Database) -> None:
        recorded(database, THREE[0])
        end(database, Again(NOW + HOUR, "desk.example answered 410", closed=True))
        told = ["channel desk takes nothing: desk.example answered 410"]
        assert database.troubles(NOW) == told
        desk_of(database).retry(NOW, channel="desk")
        assert database.troubles(NOW) == []

    def test_a_channel_that_fails_for_15_minutes_is_one(self, database: Database) -> None:
        recorded(database, THREE[2])
        end(database, Again(NOW + HOUR, "503"))
        assert database.troubles(NOW + 14 * MINUTE) == []
        told = ["channel desk has failed since 2026-03-09 13:32 UTC: 503"]
        assert database.troubles(NOW + 15 * MINUTE) == told

    def test_a_channel_that_gave_up_is_one_until_it_has_delivered_again(
        self, database: Database
    ) -> None:
        recorded(database, *THREE, channels=("desk", "mail"))
        end(database, Dead("550 no such user"), "mail")
        told = ["channel mail gave up its newest message: 550 no such user"]
        assert database.troubles(NOW) == told
        (delivery,) = due(database, NOW + MINUTE, "mail", limit=1)
        database.settle(delivery, Delivered(), NOW + MINUTE)
        assert database.troubles(NOW) == []

    def test_a_channel_that_is_not_asked_about_is_none(self, database: Database) -> None:
        recorded(database, *THREE, channels=("gone",))
        end(database, Dead("550"), "gone")
        assert database.troubles(NOW, {"desk"}) == []
        assert len(database.troubles(NOW, {"gone"})) == 1
