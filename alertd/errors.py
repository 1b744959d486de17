"""What can go wrong at the edges of alertd?

    AlertdError
    ├── ConfigError        the configuration; carries every problem at once; exit status 2
    ├── SourceError        quotes could not be had
    │   ├── SourceDown       no answer, or none that can be read; the next poll tries again
    │   ├── RateLimited      the source asks for quiet until `retry_at`
    │   │   └── Crowded        we have asked it as often as we may, until `retry_at`
    │   ├── UnknownSymbol    the source does not know the symbol
    │   ├── WrongCurrency    prices are in another currency than the file says
    │   └── BadFile          a history file; carries every bad row at once
    ├── NoSessions         the exchange has not announced its sessions for the time in question
    └── StoreError         the database could not be opened or does not fit
        ├── StoreBusy        another daemon owns it
        ├── StoreFull        the disk is full; nothing that was kept is lost; tried again
        ├── StoreLocked      another program writes to it for too long; tried again
        ├── StoreBroken      the disk fails or the file is damaged; a fresh start is needed
        ├── StoreTooOld      written by an older alertd, and not brought up to date yet
        └── StoreTooNew      written by a newer alertd

Bugs stay ordinary exceptions. A message says where, what was found and what was expected, and
never holds a secret or a whole URL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file: where, what, and what to do about it."""

    where: str
    what: str
    hint: str | None = None

    def __str__(self) -> str:
        line = f"  - {self.where}: {self.what}" if self.where else f"  - {self.what}"
        return f"{line}\n    hint: {self.hint}" if self.hint else line


class AlertdError(Exception):
    """The root of everything that alertd raises on purpose."""


class ConfigError(AlertdError):
    """The configuration cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__(_listing(path, self.problems))


class SourceError(AlertdError):
    """Quotes could not be had."""


class SourceDown(SourceError):
    """The source gave no answer, or none that can be read."""


class RateLimited(SourceError):
    """The source asks for quiet until `retry_at`."""

    def __init__(self, message: str, retry_at: datetime) -> None:
        self.retry_at = retry_at
        super().__init__(message)


class Crowded(RateLimited):
    """As much was asked in a minute as is allowed: nothing is wrong."""


class UnknownSymbol(SourceError):
    """The source does not know the symbol."""


class WrongCurrency(SourceError):
    """Prices are in another currency than the configuration says."""


class BadFile(SourceError):
    """A history file cannot be read; `problems` names the lines."""

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__(_listing(path, self.problems))


class NoSessions(AlertdError):
    """The exchange has not announced its sessions for the time in question."""


class StoreError(AlertdError):
    """The database could not be opened or does not fit."""


class StoreBusy(StoreError):
    """Another daemon owns the database."""


class StoreFull(StoreError):
    """The disk is full: nothing is kept until there is room, and nothing that was kept is lost."""


class StoreLocked(StoreError):
    """Another program has been writing to the database for too long."""


class StoreBroken(StoreError):
    """The disk fails, or the file is damaged: what was just written may not be there."""


class StoreTooOld(StoreError):
    """The database was written by an older alertd, and no daemon has opened it since."""


class StoreTooNew(StoreError):
    """The database was written by a newer alertd."""


def _listing(path: str, problems: Sequence[Problem]) -> str:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return "\n".join([f"{path}: {count}", *map(str, problems)])
