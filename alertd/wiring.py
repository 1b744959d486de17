"""Which parts does a configuration ask for?

    Config -> channels with their manners, the sources of quotes, the heartbeat

What an extra brings is imported when it is used: without matplotlib mails have no chart, and
without Apprise a configuration that names it says what to install.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, assert_never

from alertd.channels.apprise import Apprise
from alertd.channels.console import Console
from alertd.channels.email import Email
from alertd.channels.ping import Ping
from alertd.channels.templated import Templated
from alertd.channels.webhook import Webhook
from alertd.config.settings import (
    AppriseSettings,
    ConsoleSettings,
    EmailSettings,
    WebhookSettings,
)
from alertd.core.almanac import restated
from alertd.core.templates import BUILT_IN
from alertd.deliver import Route
from alertd.errors import ConfigError, Problem
from alertd.ops.heartbeat import Heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from alertd.config.settings import (
        AlpacaSettings,
        ChannelSettings,
        Config,
        FinnhubSettings,
        HeartbeatSettings,
    )
    from alertd.core.almanac import Almanac
    from alertd.core.bars import Bar, Symbol
    from alertd.core.messages import Chart
    from alertd.core.notices import Notice
    from alertd.core.parcels import Parcel
    from alertd.core.templates import Templates
    from alertd.deliver import Picture
    from alertd.ports import Channel, Clock, SourceStore
    from alertd.quotes.failover import Failover, Feed
    from alertd.quotes.manners import Manners
    from alertd.quotes.yahoo import Yahoo

# What the user allows is for the first source.
_AS_A_STAND_IN = 60


def routes(settings: Config, almanac: Callable[[Symbol], Almanac | None]) -> dict[str, Route]:
    """Return the way to each channel. `almanac` gives what charts are drawn from.

    raises: ConfigError where a channel cannot be had.
    """
    picture = pictures(almanac)
    found, problems = {}, []
    for name, one in settings.channels.items():
        manner = settings.manner(name)
        shown = picture if isinstance(one, EmailSettings) and one.chart else None
        try:
            found[name] = Route(channel(one, manner.templates), manner.calm, manner.fallback, shown)
        except ValueError as error:
            problems.append(Problem(f"channel.{name}", str(error)))
    if problems:
        raise ConfigError(str(settings.path), problems)
    return found


def channel(settings: ChannelSettings, templates: Templates = BUILT_IN) -> Channel:
    """Return one channel, speaking in its user's words where there are any.

    raises: ValueError, without a secret in it, where it cannot be had.
    """
    plain = _channel(settings)
    return plain if templates == BUILT_IN else Templated(plain, templates)


def _channel(settings: ChannelSettings) -> Channel:
    match settings:
        case WebhookSettings():
            return Webhook(
                url=settings.url, secret=settings.secret, old_secret=settings.old_secret,
                ca_file=settings.ca_file, allow_http=settings.allow_http,
                allow_hosts=settings.allow_hosts,
            )  # fmt: skip
        case EmailSettings():
            return Email(
                host=settings.host, port=settings.port, tls=settings.tls.value,
                username=settings.username, password=settings.password,
                sender=settings.sender, to=settings.to, ca_file=settings.ca_file,
            )  # fmt: skip
        case AppriseSettings():
            return Apprise(url=settings.url)
        case ConsoleSettings():
            return Console(sys.stdout)
        case _:
            assert_never(settings)


def pictures(almanac: Callable[[Symbol], Almanac | None]) -> Picture | None:
    """Return what draws a message's chart; None where the extra `charts` is not installed."""
    if find_spec("matplotlib") is None:
        return None
    importing = Lock()

    def drawn(parcel: Parcel) -> Chart | None:
        if len(parcel.notices) > 1:
            return None
        # Slow the first time, and not at all where no mail is sent.
        with importing:
            from alertd.charts.sessions import draw
        (notice,) = parcel.notices
        known = almanac(notice.event.symbol)
        return draw(notice, _in_its_shares(known, notice)) if known else None

    return drawn


def _in_its_shares(almanac: Almanac, notice: Notice) -> Sequence[Bar]:
    """Return daily bars in the shares in which a notice tells its prices."""
    for split in almanac.splits:
        if split.at <= notice.event.at:
            almanac = restated(almanac, split)
    return almanac.days


def heartbeat(settings: Config) -> Heartbeat | None:
    """Return what tells others that the daemon lives; None where nobody is to be told.

    raises: ConfigError where it cannot be had.
    """
    asked = settings.heartbeat
    if asked is None:
        return None
    try:
        return Heartbeat(ping(asked), asked.every)
    except ValueError as error:
        raise ConfigError(str(settings.path), [Problem("heartbeat", str(error))]) from None


def ping(settings: HeartbeatSettings) -> Ping:
    """Return what posts to the heartbeat's URL.

    raises: ValueError, without a secret in it, where it cannot be had.
    """
    return Ping(
        url=settings.url, ca_file=settings.ca_file, allow_http=settings.allow_http,
        allow_hosts=settings.allow_hosts,
    )  # fmt: skip


def sources(
    settings: Config,
    *,
    clock: Clock,
    store: SourceStore | None,
    environ: Mapping[str, str],
    chance: Callable[[], float],
) -> Failover:
    """Return the configured sources of quotes as one; `store` keeps for how long they are left.

    raises: ConfigError where one cannot be had.
    """
    from alertd.quotes.failover import Failover
    from alertd.quotes.manners import Manners

    quotes = settings.quotes

    def manners(name: str) -> Manners:
        return Manners(name, per_minute(settings, name), clock.now, store, chance)

    def source(name: str) -> Feed:
        if name == "alpaca" and quotes.alpaca:
            return _alpaca(quotes.alpaca, manners(name), clock)
        if name == "finnhub" and quotes.finnhub:
            return _finnhub(quotes.finnhub, manners(name), clock)
        return yahoo(clock, environ, manners(name))

    try:
        found = [source(name) for name in quotes.sources]
    except ValueError as error:
        raise ConfigError(str(settings.path), [Problem("quotes", str(error))]) from None
    return Failover(found, clock.now, patience=settings.stale_limit, chance=chance)


def per_minute(settings: Config, name: str) -> int:
    """Return how many requests a source is sent in a minute at most."""
    own = own_limit(name)
    if name != settings.quotes.sources[0]:
        return own or _AS_A_STAND_IN
    asked = settings.poll.requests_per_minute
    return min(asked, own) if own else asked


def own_limit(name: str) -> int | None:
    """Return what a source allows anybody, where it says so."""
    if name == "alpaca":
        from alertd.quotes.alpaca import PER_MINUTE as ALPACAS

        return ALPACAS
    if name == "finnhub":
        from alertd.quotes.finnhub import PER_MINUTE as FINNHUBS

        return FINNHUBS
    return None


def _alpaca(account: AlpacaSettings, manners: Manners, clock: Clock) -> Feed:
    from alertd.quotes.alpaca import Alpaca

    return Alpaca(
        key=account.key, secret=account.secret, feed=account.feed, manners=manners, now=clock.now
    )


def _finnhub(account: FinnhubSettings, manners: Manners, clock: Clock) -> Feed:
    from alertd.quotes.finnhub import Finnhub

    return Finnhub(token=account.token, manners=manners, now=clock.now)


def yahoo(clock: Clock, environ: Mapping[str, str], manners: Manners | None = None) -> Yahoo:
    """Return the source of real quotes, its cache where the system wants caches.

    manners: None asks without limit.
    """
    from alertd.quotes.yahoo import Yahoo

    given = environ.get("CACHE_DIRECTORY") or environ.get("XDG_CACHE_HOME")
    folder = Path(given) if given else Path.home() / ".cache"
    cache = folder if environ.get("CACHE_DIRECTORY") else folder / "alertd"
    return Yahoo(cache, clock.now, manners=manners)
