"""How does a store fail at exactly this commit, before it or after?

    commits:   1     2     3
    fuse:      left 2, "before"    nothing of the second is kept, and the process is dead
               left 2, "after"     all of the second is kept, and the process is dead
               left 2, "refused"   nothing of the second is kept, and the process lives on

Who is dead keeps nothing more, in any thread, until somebody opens the file anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Self

from sqlalchemy import event

from alertd.errors import StoreLocked
from alertd.store import cycles, promises
from alertd.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from alertd.core.claims import Claim, Progress
    from alertd.core.events import EventId

WAYS = ("before", "after", "refused")


_COMPILED: dict[object, object] = {}


class Crash(BaseException):
    """The process is dead: nothing may catch this but who started it."""


@dataclass
class Fuse:
    """Counts a store's commits, and burns at one of them."""

    left: int | None = None
    way: str = "before"
    dead: bool = False
    _lock: Lock = field(default_factory=Lock)

    def set(self, left: int | None, way: str = "before") -> None:
        """Burn at the commit of this number from now on; at none for None."""
        self.left, self.way = left, way

    def commit(self, connection: Connection) -> None:
        """Let a commit be, or not."""
        with self._lock:
            if self.dead:
                raise Crash
            if self.left is None:
                return
            self.left -= 1
            if self.left == 0:
                self.left = None
                self._burn(connection)

    def _burn(self, connection: Connection) -> None:
        if self.way == "refused":
            raise StoreLocked("somebody else writes")
        self.dead = True
        if self.way == "after":
            connection.exec_driver_sql("COMMIT")
        raise Crash


class Fragile(Database):
    """A store whose commits a fuse can burn."""

    @classmethod
    def begun(cls, path: Path, fuse: Fuse) -> Self:
        """Open a file as its only owner, and let a fuse count its commits from then on."""
        database = cls.own(path)
        database.heed(fuse.commit)
        return database

    def heed(self, commit: Callable[[Connection], None]) -> None:
        # Thousands are opened, and all ask the same: each question is translated once.
        self._engine.update_execution_options(compiled_cache=_COMPILED)
        event.listen(self._engine, "connect", _carelessly)
        event.listen(self._engine, "commit", commit)


class Torn(Fragile):
    """A store that keeps where judgement stands first, and the events in a commit of their own."""

    def record_all(
        self, done: Sequence[tuple[Claim, Progress]], now: datetime
    ) -> Sequence[frozenset[EventId] | None]:
        with self._engine.begin() as connection:
            ours = cycles.keep(connection, done, now)
        with self._engine.begin() as connection:
            return [
                promises.judged(connection, progress, now) if held else None
                for held, (_, progress) in zip(ours, done, strict=True)
            ]


def _carelessly(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The machine stays up: what a commit does to its disk is for other rounds.
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.execute("PRAGMA journal_mode=MEMORY")
    cursor.close()
