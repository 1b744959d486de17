"""What has the user asked for?

    Config
    ├── alerts      what to watch, how much it matters, whom to tell
    ├── channels    how to tell
    ├── manners     how much each channel may say, and in which words
    ├── listings    where each watched symbol trades
    └── poll, quotes, store, log, heartbeat

Everything here is checked: whoever holds a `Config` need not look at the file again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from alertd.core.calm import FREELY
from alertd.core.templates import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from alertd.core.alerts import Alert
    from alertd.core.bars import Symbol
    from alertd.core.calendars import Listing
    from alertd.core.calm import Calm
    from alertd.core.templates import Templates


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
    """An HTTP receiver; without a `secret` its messages are not signed.

    While secrets are exchanged, `old_secret` signs too. `allow_hosts` are the names, addresses and
    networks that it may lead to although they are not public.
    """

    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    old_secret: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    allow_http: bool = False
    allow_hosts: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.url, self.secret, self.old_secret)))


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """A mail server and who writes to whom; `username` and `password` come together.

    With `chart` a mail shows the last sessions, where the extra `charts` is installed.
    """

    host: str
    port: int
    tls: Tls
    sender: str
    to: tuple[str, ...]
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    chart: bool = True

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.password,) if self.password else ()


@dataclass(frozen=True, slots=True)
class AppriseSettings:
    """Any service that Apprise knows; the URL names it and holds its secrets."""

    url: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.url,) if self.url else ()


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """The terminal."""

    @property
    def secrets(self) -> tuple[str, ...]:
        return ()


ChannelSettings = WebhookSettings | EmailSettings | ConsoleSettings | AppriseSettings


@dataclass(frozen=True, slots=True)
class Manner:
    """How much a channel may say, who stands in for it, and in whose words it speaks."""

    calm: Calm = FREELY
    fallback: str | None = None
    templates: Templates = BUILT_IN


_FREE = Manner()


@dataclass(frozen=True, slots=True)
class HeartbeatSettings:
    """The URL that hears every `every` that all is well, or at "/fail" beneath it what is not."""

    url: str = field(repr=False)
    every: timedelta = timedelta(minutes=5)
    ca_file: Path | None = None
    allow_http: bool = False
    allow_hosts: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.url,) if self.url else ()


@dataclass(frozen=True, slots=True)
class Poll:
    """How often to ask for bars, and how long after its end a bar counts as settled.

    `stale_after` is for how long none may come while the exchange is open. Where there are many
    symbols, those that no quote points at get their bars every `sweep`; None leaves it to their
    number. Of the first source at most `requests_per_minute` is asked.
    """

    interval: timedelta
    settle: timedelta
    stale_after: timedelta = timedelta(minutes=10)
    sweep: timedelta | None = None
    requests_per_minute: int = 60


@dataclass(frozen=True, slots=True)
class AlpacaSettings:
    """An account at Alpaca; `feed` is one that it may use."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    feed: str = "iex"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.key, self.secret)


@dataclass(frozen=True, slots=True)
class FinnhubSettings:
    """An account at Finnhub."""

    token: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token,)


@dataclass(frozen=True, slots=True)
class QuotesSettings:
    """Where prices come from: the first of `sources` that gives them."""

    sources: tuple[str, ...] = ("yahoo",)
    alpaca: AlpacaSettings | None = None
    finnhub: FinnhubSettings | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        accounts = (self.alpaca, self.finnhub)
        return tuple(secret for each in accounts if each for secret in each.secrets)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The database file, and how it is looked after.

    What was delivered is forgotten after `keep`, if ever. So many daily `backups` are kept. With
    fewer than `free` bytes left on the disk, nothing is written that can be done without.
    """

    path: Path
    keep: timedelta | None = timedelta(days=400)
    backups: int = 7
    free: int = 50_000_000


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
    manners: Mapping[str, Manner] = field(default_factory=dict)
    heartbeat: HeartbeatSettings | None = None
    quotes: QuotesSettings = QuotesSettings()

    def stale_limit(self, symbol: Symbol) -> timedelta:
        """Return for how long a symbol may be silent in open hours, the source's delay apart."""
        return self.stale_after.get(symbol, self.poll.stale_after)

    def manner(self, channel: str) -> Manner:
        """Return how a channel is to behave; one that nothing is said of speaks freely."""
        return self.manners.get(channel, _FREE)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret in use, for whoever must keep them out of the log."""
        heartbeats = [self.heartbeat] if self.heartbeat else []
        holders = [*self.channels.values(), *heartbeats, self.quotes]
        return tuple(secret for holder in holders for secret in holder.secrets)
