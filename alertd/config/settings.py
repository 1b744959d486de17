"""What has the user asked for?

    Config
    ├── alerts      what to watch, how much it matters, whom to tell
    ├── channels    how to tell
    ├── listings    where each watched symbol trades
    └── poll, store, log

Everything here is checked: whoever holds a `Config` need not look at the file again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from alertd.core.alerts import Alert
    from alertd.core.bars import Symbol
    from alertd.core.calendars import Listing


class Tls(StrEnum):
    """How a connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


class Level(StrEnum):
    """The least that the log tells."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """An HTTP receiver; without a `secret` its messages are not signed."""

    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.url, self.secret)))


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """A mail server and who writes to whom; `username` and `password` come together."""

    host: str
    port: int
    tls: Tls
    sender: str
    to: tuple[str, ...]
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.password,) if self.password else ()


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """The terminal."""

    @property
    def secrets(self) -> tuple[str, ...]:
        return ()


ChannelSettings = WebhookSettings | EmailSettings | ConsoleSettings


@dataclass(frozen=True, slots=True)
class Poll:
    """How often to ask for bars, and how long after its end a bar counts as settled.

    `stale_after` is for how long none may come while the exchange is open.
    """

    interval: timedelta
    settle: timedelta
    stale_after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The database file."""

    path: Path


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the log tells."""

    level: Level


@dataclass(frozen=True, slots=True)
class Config:
    """One configuration file, checked. `listings` holds the symbols that alerts watch.

    `stale_after` is that of symbols which have one of their own.
    """

    path: Path
    alerts: tuple[Alert, ...]
    channels: Mapping[str, ChannelSettings]
    listings: Mapping[Symbol, Listing]
    poll: Poll
    store: StoreSettings
    log: LogSettings
    stale_after: Mapping[Symbol, timedelta] = field(default_factory=dict)

    def stale_limit(self, symbol: Symbol) -> timedelta:
        """Return for how long a symbol may be silent in open hours, the source's delay apart."""
        return self.stale_after.get(symbol, self.poll.stale_after)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret in use, for whoever must keep them out of the log."""
        return tuple(secret for channel in self.channels.values() for secret in channel.secrets)
