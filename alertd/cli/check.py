"""`alertd check`: what does the configuration mean?

the file, every alert in words, the levels of each symbol with the price among them, the channels
and their manners, the sources, the store, the heartbeat
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never
from urllib.parse import urlsplit

from alertd.cli import asking, keeping, manners, options, output
from alertd.cli.tickers import Ticker, tickers
from alertd.config.settings import (
    AppriseSettings,
    ConsoleSettings,
    EmailSettings,
    Manner,
    Tls,
    WebhookSettings,
)
from alertd.core import currencies, standings, terms, words
from alertd.core.rules import Band, Figure
from alertd.errors import StoreTooOld

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alertd.config.settings import ChannelSettings, Config
    from alertd.core.alerts import Alert
    from alertd.deliver import Route
    from alertd.store.reading import Reader

EXAMPLES = """\
  alertd check
  alertd check --config alerts.toml"""

_ENCRYPTED = {Tls.STARTTLS: "STARTTLS", Tls.IMPLICIT: "TLS", Tls.NONE: "not encrypted"}


def check(config: options.ConfigFile = None) -> None:
    """Read the configuration back in plain words.

    Names everything that is wrong with it, with exit status 2. Else shows each alert, the levels of
    each symbol with the distance from the last price that the daemon has seen, and the channels.
    No secret is shown, and nothing is sent.
    """
    settings = options.settings(config, secrets=True)
    from alertd import wiring
    from alertd.ops.clock import SystemClock

    # Some things only a channel itself can tell: if Apprise understands a URL, if a file is there.
    routes = wiring.routes(settings, lambda _symbol: None)
    found, now = tickers(settings, _reader(settings)), SystemClock().now()
    _summary(settings)
    for alert in settings.alerts:
        _alert(alert, found[alert.rule.symbol], now)
    for ticker in found.values():
        _levels(ticker, now)
    _channels(settings, routes)
    _sources(settings)
    _daemon(settings)


def _reader(settings: Config) -> Reader | None:
    """Return who knows the last prices; one that has to be updated first is no mistake here."""
    from alertd.store.reading import Reader

    try:
        return Reader.open(settings.store.path)
    except StoreTooOld as error:
        output.say(str(error))
        return None


def _summary(settings: Config) -> None:
    alerts = output.count(len(settings.alerts), "alert")
    symbols = output.count(len(settings.listings), "symbol")
    output.show(f"{settings.path}: {alerts} on {symbols}")


def _alert(alert: Alert, ticker: Ticker, now: datetime) -> None:
    output.show()
    output.show(f"{alert.rule.id}: {words.line(alert.name, 200)} ({alert.severity})")
    output.paragraph(terms.rule(alert.rule, ticker.digits, ticker.currency), indent=4)
    every = f", every {words.duration(alert.repeat_every)}" if alert.repeat_every else ""
    until = f"{every} until it is acknowledged" if every else ""
    output.paragraph(f"tells {', '.join(alert.notify)}{until}", indent=4)
    if alert.rule.expires is not None and alert.rule.expires <= now:
        output.paragraph("expired: it fires no more", indent=4)


def _levels(ticker: Ticker, now: datetime) -> None:
    output.show()
    currency = f", in {currencies.named(ticker.currency)}" if ticker.currency else ""
    output.show(f"{ticker.listing.symbol} on {ticker.listing.calendar.name}{currency}")
    rungs = sorted(_rungs(ticker), key=lambda rung: -rung[0])
    if ticker.price is None:
        table = [(level, alert) for _, level, _, alert in rungs]
        output.table((">level", "=alert"), [*table, *_elsewhere(ticker)], indent=4)
        return
    rungs.append((ticker.price, ticker.amount(ticker.price), "", f"the price, {ticker.age(now)}"))
    rungs.sort(key=lambda rung: -rung[0])
    unknown = [(level, "", alert) for level, alert in _elsewhere(ticker)]
    rows = [*(rung[1:] for rung in rungs), *unknown]
    output.table((">level", ">distance", "=alert"), rows, indent=4)


def _rungs(ticker: Ticker) -> list[tuple[float, str, str, str]]:
    """Return the levels that are known now: the price, and it in words with distance and alert."""
    return [
        (edge, _rung(ticker, alert, edge), ticker.distance(edge), alert.rule.id)
        for alert in ticker.alerts
        for edge in ticker.edges(alert.rule)
    ]


def _rung(ticker: Ticker, alert: Alert, edge: float) -> str:
    rule = alert.rule
    plain = isinstance(rule.level, float | int | Band) and rule.of is Figure.PRICE
    return ticker.amount(edge) if plain else f"{ticker.amount(edge)} ({_named(alert)})"


def _named(alert: Alert) -> str:
    """Return a level that is no price as the file has it: "52w high", "P/E 20"."""
    rule = alert.rule
    if rule.of is Figure.PRICE or not isinstance(rule.level, float | int):
        return terms.asked(rule)
    return words.figure(rule.level, rule.of, 2, None)


def _elsewhere(ticker: Ticker) -> list[tuple[str, str]]:
    """Return the levels that have no price, or none yet, and their alerts."""
    return [
        (standings.level(alert.rule, ticker.basis(alert.rule), ticker.known), alert.rule.id)
        for alert in ticker.alerts
        if not ticker.edges(alert.rule)
    ]


def _channels(settings: Config, routes: Mapping[str, Route]) -> None:
    output.show()
    rows = [
        (name, channel_in_words(one), _how(one, settings.manner(name), routes[name]))
        for name, one in settings.channels.items()
    ]
    headings = ("=channel", "sends to", "how")
    wide = len(headings) if any(how for *_, how in rows) else len(headings) - 1
    output.table(headings[:wide], [row[:wide] for row in rows])


def _how(channel: ChannelSettings, manner: Manner, route: Route) -> str:
    bare = isinstance(channel, EmailSettings) and channel.chart and route.picture is None
    lack = 'no chart, alertd is installed without "alertd[charts]"' if bare else ""
    return "; ".join(filter(None, (manners.in_words(manner), lack)))


def _sources(settings: Config) -> None:
    output.show()
    first, *more = asking.plan(settings)
    output.paragraph(first, indent=0)
    for line in more:
        output.paragraph(line, indent=4)


def _daemon(settings: Config) -> None:
    output.show()
    output.paragraph(f"store: {'; '.join(keeping.plan(settings.store))}", indent=0)
    beat = settings.heartbeat
    if beat is not None:
        host, every = urlsplit(beat.url).hostname, words.duration(beat.every)
        output.paragraph(f"heartbeat: {host} hears from the daemon every {every}", indent=0)


def channel_in_words(channel: ChannelSettings) -> str:
    """Return where a channel leads, without its secrets."""
    match channel:
        case ConsoleSettings():
            return "the terminal"
        case WebhookSettings():
            return f"webhook at {urlsplit(channel.url).hostname}, {_webhook(channel)}"
        case EmailSettings():
            server = f"{channel.host}:{channel.port}, {_ENCRYPTED[channel.tls]}"
            login = ", with a login" if channel.username else ""
            return f"{', '.join(channel.to)} by way of {server}{login}"
        case AppriseSettings():
            # All that follows may be a secret, with some services the host too.
            return f"{channel.url.partition('://')[0]}, by Apprise"
        case _:
            assert_never(channel)


def _webhook(channel: WebhookSettings) -> str:
    plain = "not encrypted" if urlsplit(channel.url).scheme == "http" else ""
    secrets = "signed with two secrets" if channel.old_secret else "signed"
    signed = secrets if channel.secret else "unsigned"
    allowed = f"may lead to {', '.join(channel.allow_hosts)}" if channel.allow_hosts else ""
    return ", ".join(filter(None, (signed, plain, allowed)))
