"""How does a database come into the middle of a day without a cycle over every symbol?

The bench gives every symbol the same bars and the same alerts, so what one symbol was left with is
what every other one would be left with.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OWN = {"symbol", "alert", "revision"}


def spread(database: Path) -> None:
    """Give every symbol what the one that was judged is left with; ids begin with the symbol."""
    with closing(sqlite3.connect(database)) as connection, connection:
        judged = "select symbol from symbols where cursor_at is not null"
        ((symbol,),) = connection.execute(judged).fetchall()
        kept = _columns(connection, "symbols")
        connection.execute(
            f"update symbols set ({kept}) = (select {kept} from symbols where symbol = ?)",
            (symbol,),
        )
        kept = _columns(connection, "alerts")
        same = "one.alert = ? || substr(alerts.alert, ?)"
        connection.execute(
            f"update alerts set ({kept}) = (select {kept} from alerts as one where {same})",
            (symbol, len(symbol) + 1),
        )


def _columns(connection: sqlite3.Connection, table: str) -> str:
    names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    return ", ".join(name for name in names if name not in _OWN)
