"""A database of an older version becomes one of this version, with all that was in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, Engine, MetaData, create_engine, inspect, text

from alertd.core.calm import Held
from alertd.core.parcels import alone, parcel_id
from alertd.core.pointing import UNSEEN
from alertd.core.retry import Delivered
from alertd.errors import StoreError
from alertd.store import migrations
from alertd.store.database import Database
from alertd.store.reading import Reader
from alertd.store.tables import VERSION, deliveries, metadata
from tests.store import version_1, version_2, version_3
from tests.store.written import BELOW, CURSOR, LEASE, NOW, claimed, due, table
from tests.support.build import at, found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


Leave = Callable[[Connection], None]


def left(tmp_path: Path, leave: Leave) -> Path:
    """Leave a file of an older version."""
    file = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        leave(connection)
    engine.dispose()
    return file


def opened(request: pytest.FixtureRequest, leave: Leave) -> Iterator[Database]:
    """Open a database of an older version with this program."""
    if request.param == "sqlite":
        database = Database.own(left(request.getfixturevalue("tmp_path"), leave))
        yield database
        database.close()
        return
    engine = request.getfixturevalue("postgres")
    with engine.begin() as connection:
        leave(connection)
    with engine.begin() as connection:
        migrations.prepare(connection)
    yield Database(engine)
    metadata.drop_all(engine)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Leave a file of version 1."""
    return left(tmp_path, version_1.leave)


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Open a database of version 1 with this program."""
    yield from opened(request, version_1.leave)


@pytest.fixture(params=["sqlite", "postgresql"])
def second(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Open a database of version 2 with this program."""
    yield from opened(request, version_2.leave)


@pytest.fixture(params=["sqlite", "postgresql"])
def third(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Open a database of version 3 with this program."""
    yield from opened(request, version_3.leave)


def shape(engine: Engine) -> dict[str, object]:
    """Return the tables with their columns and indexes."""
    tables = MetaData()
    tables.reflect(engine)
    return {
        name: (
            {c.name: (str(c.type), c.nullable, c.primary_key) for c in table.columns},
            {index.name: [c.name for c in index.columns] for index in table.indexes},
            {key.target_fullname for key in table.foreign_keys},
        )
        for name, table in tables.tables.items()
    }


def assert_like_a_new_one(engine: Engine) -> None:
    grown = shape(engine)
    metadata.drop_all(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS facts"))
        migrations.prepare(connection)
    assert grown == shape(engine)


def test_its_tables_are_those_of_a_new_one(migrated: Database) -> None:
    assert_like_a_new_one(migrated._engine)  # noqa: SLF001 - what its tables are


def test_the_tables_of_version_2_become_those_of_a_new_one(second: Database) -> None:
    assert_like_a_new_one(second._engine)  # noqa: SLF001 - what its tables are


def test_the_tables_of_version_3_become_those_of_a_new_one(third: Database) -> None:
    assert_like_a_new_one(third._engine)  # noqa: SLF001 - what its tables are


def test_its_version_is_this_one_and_it_is_brought_up_once(migrated: Database) -> None:
    with migrated._engine.begin() as connection:  # noqa: SLF001 - as the next start does
        assert migrations.version(connection) == VERSION
        migrations.prepare(connection)
        assert migrations.version(connection) == VERSION


def test_judgement_goes_on_where_it_stood(migrated: Database) -> None:
    migrated.adopt([BELOW], NOW)
    claim = claimed(migrated)
    assert (claim.cursor, claim.states) == (CURSOR, {BELOW.id: version_1.STATE})
    assert (claim.price, claim.failures, claim.open) == (149.5, 1, ())


def test_what_was_promised_is_still_sent_as_it_was_found(migrated: Database) -> None:
    (delivery,) = due(migrated, NOW)
    assert delivery.attempt == 4
    assert delivery.notice == version_1.NOTICE


def test_a_message_of_version_2_goes_on_where_it_stood(second: Database) -> None:
    later = at("09:40")
    (delivery,) = due(second, later)
    assert delivery.parcel == alone(version_2.WAITING)
    assert (delivery.attempt, delivery.tried) == (4, 4)
    assert delivery.ready_at == version_2.WAITING.detected_at
    assert second.settle(delivery, Delivered(), later)
    assert due(second, later) == []


def test_what_version_2_sent_and_gave_up_stays_so(second: Database) -> None:
    assert due(second, NOW + timedelta(days=9), "mail") == []
    columns = (deliveries.c.channel, deliveries.c.status, deliveries.c.attempt, deliveries.c.error)
    assert sorted(table(second, *columns)) == [
        ("desk", "due", 3, "answered 503"),
        ("desk", "sent", 1, None),
        ("mail", "dead", 7, "refused"),
    ]


def test_an_alert_of_version_2_stands_where_it_stood(second: Database) -> None:
    second.adopt([BELOW], NOW)
    claim = claimed(second)
    assert claim.states == {BELOW.id: version_2.STATE}
    assert {event.id for event in claim.open} == {
        version_2.SENT.event.id,
        version_2.WAITING.event.id,
        version_2.TOLD_TOO.event.id,
    }


def test_a_symbol_of_version_3_stands_where_it_stood_and_no_quote_is_waited_for(
    third: Database,
) -> None:
    assert third.glimpses() == []
    claims = third.claim_symbols(NOW, LEASE, 9)
    assert {claim.symbol for claim in claims} == {"BABA", "NVDA"}
    for claim in claims:
        assert (claim.cursor, claim.seen, claim.price) == (CURSOR, UNSEEN, 149.5)
        assert (claim.source, claim.delay, claim.unknown_since) == (None, None, None)
    states = [claim.states for claim in claims if claim.states]
    assert states == [{BELOW.id: version_3.STATE}]


def test_a_message_of_version_3_goes_on_where_it_stood(third: Database) -> None:
    assert due(third, at("09:39")) == []
    (delivery,) = due(third, at("09:40"))
    assert (delivery.parcel.id, delivery.notice) == (
        parcel_id(version_3.FOUND.event.id),
        replace(version_3.FOUND, names={}),
    )
    assert (delivery.attempt, delivery.tried, delivery.parcel.held) == (4, 3, Held.QUIET)
    assert delivery.ready_at == at("09:35")


def test_no_source_of_version_3_rests(third: Database) -> None:
    assert third.rests() == {}


def test_an_old_event_is_settled_and_has_a_message_of_its_own(migrated: Database) -> None:
    with migrated._engine.connect() as connection:  # noqa: SLF001 - what is in the table
        asked = text("SELECT standing, told_with FROM events")
        assert [tuple(row) for row in connection.execute(asked)] == [("settled", None)]


def test_an_event_that_is_known_from_before_is_not_told_again(migrated: Database) -> None:
    migrated.adopt([BELOW], NOW)
    claim = claimed(migrated)
    notices = [(found(BELOW, 149.0, "09:31"), ("desk",))]
    assert migrated.postpone(claim, "no answer", NOW, notices=notices) == frozenset()


def test_a_step_that_fails_leaves_the_old_version_as_it_was(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE almanacs (mine INTEGER)"))
    before = shape(engine)
    with pytest.raises(StoreError, match="already exists"):
        Database.own(path)
    with engine.begin() as connection:
        assert migrations.version(connection) == 1
    assert shape(engine) == before
    engine.dispose()


def test_only_its_owner_brings_a_file_up_to_date(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"older alertd \(schema 1, this one reads \d\)") as told:
        Reader.open(path)
    assert "hint: start the daemon once" in str(told.value)
    assert path.read_bytes() == before


def test_once_the_daemon_has_run_everyone_can_read_it(path: Path) -> None:
    Database.own(path).close()
    reader = Reader.open(path)
    assert reader is not None
    (row,) = reader.events(limit=9)
    assert row.notice == version_1.NOTICE
    assert [row.state for row in reader.alerts()] == [version_1.STATE]


def test_a_file_without_tables_has_no_version(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with engine.connect() as connection:
        assert migrations.version(connection) is None
        assert inspect(connection).get_table_names() == []
    engine.dispose()
