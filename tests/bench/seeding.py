"""How does a database come into the middle of a day without a cycle over every symbol?

The bench gives every symbol the same bars and the same alerts so far, so what one symbol was left
with is what every other one would be left with.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OWN = {"symbol", "alert", "revision"}
# As SQLite keeps moments here.
_FORMAT = "%Y-%m-%d %H:%M:%S.%f"


def spread(database: Path, now: datetime | None = None, sweep: timedelta = timedelta(0)) -> None:
    """Give every symbol what one that was judged is left with; ids begin with their symbol.

    With a sweep, each is due at a moment of its own within that time from `now` on.
    """
    with closing(sqlite3.connect(database)) as connection, connection:
        judged = "select symbol from symbols where cursor_at is not null limit 1"
        ((symbol,),) = connection.execute(judged).fetchall()
        kept = _columns(connection, "symbols")
        connection.execute(
            f"update symbols set ({kept}) = (select {kept} from symbols where symbol = ?)",
            (symbol,),
        )
        kept = _columns(connection, "alerts")
        same = "one.symbol = ? and substr(one.alert, ?) = substr(alerts.alert, ?)"
        own = len(symbol) + 1
        connection.execute(
            f"update alerts set ({kept}) = (select {kept} from alerts as one where {same})",
            (symbol, own, own),
        )
        if now:
            _take_turns(connection, now, sweep)


def _take_turns(connection: sqlite3.Connection, now: datetime, sweep: timedelta) -> None:
    names = connection.execute("select symbol from symbols order by symbol").fetchall()
    turns = [
        ((now + (number + 1) * sweep / len(names)).astimezone(UTC).strftime(_FORMAT), name)
        for number, (name,) in enumerate(names)
    ]
    connection.executemany("update symbols set due_at = ? where symbol = ?", turns)


def _columns(connection: sqlite3.Connection, table: str) -> str:
    names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    return ", ".join(name for name in names if name not in _OWN)
