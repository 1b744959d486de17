"""What does the database file hold, read without any of alertd's own code?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Promise:
    """One event that was recorded."""

    id: str
    alert: str
    kind: str
    late: bool
    detected_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """How far one message to one channel is."""

    channel: str
    status: str
    attempt: int


class Ledger:
    """Read access to one database file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def priced(self) -> bool:
        """Tell whether a price was ever seen."""
        return self._rows("SELECT 1 FROM symbols WHERE price IS NOT NULL") != []

    def alerts(self) -> list[str]:
        return [row[0] for row in self._rows("SELECT alert FROM alerts ORDER BY alert")]

    def judgement(self) -> list[tuple[Any, ...]]:
        """Return everything that judging a bar could have changed."""
        cursors = self._rows("SELECT symbol, cursor_at, regular_price, regular_start FROM symbols")
        return [*cursors, *self._rows("SELECT * FROM alerts ORDER BY alert")]

    def failures(self) -> int:
        """Return how many polls in a row have failed."""
        ((count,),) = self._rows("SELECT failures FROM symbols")
        return int(count)

    def promises(self) -> list[Promise]:
        """Return the events, oldest first."""
        rows = self._rows("SELECT id, alert, kind, late, detected_at FROM events ORDER BY at, id")
        return [
            Promise(id, alert, kind, bool(late), datetime.fromisoformat(found).replace(tzinfo=UTC))
            for id, alert, kind, late, found in rows  # noqa: A001 - the column's name
        ]

    def outbox(self) -> list[Waiting]:
        """Return the deliveries, by channel."""
        query = "SELECT channel, status, attempt FROM deliveries ORDER BY channel, event"
        return [Waiting(*row) for row in self._rows(query)]

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return []
        with closing(sqlite3.connect(self._path, timeout=5)) as database:
            return database.execute(query).fetchall()
