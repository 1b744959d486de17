"""`alertd check`: what does the configuration mean?

the file, every alert in words, the levels of each symbol with the price among them, the channels
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never
from urllib.parse import urlsplit

from alertd.cli import options, output
from alertd.cli.tickers import Ticker, tickers
from alertd.config.settings import ConsoleSettings, EmailSettings, Tls, WebhookSettings
from alertd.core import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alertd.config.settings import ChannelSettings, Config
    from alertd.core.alerts import Alert

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
    from alertd.ops.clock import SystemClock
    from alertd.store.reading import Reader

    found, now = tickers(settings, Reader.open(settings.store.path)), SystemClock().now()
    _summary(settings)
    for alert in settings.alerts:
        _alert(alert, found[alert.rule.symbol], now)
    for ticker in found.values():
        _levels(ticker, now)
    _channels(settings.channels)


def _summary(settings: Config) -> None:
    alerts = output.count(len(settings.alerts), "alert")
    symbols = output.count(len(settings.listings), "symbol")
    output.show(f"{settings.path}: {alerts} on {symbols}")


def _alert(alert: Alert, ticker: Ticker, now: datetime) -> None:
    output.show()
    output.show(f"{alert.rule.id}: {words.line(alert.name, 200)} ({alert.severity})")
    output.paragraph(words.rule(alert.rule, ticker.digits, ticker.currency), indent=4)
    output.paragraph(f"tells {', '.join(alert.notify)}", indent=4)
    if alert.rule.expires is not None and alert.rule.expires <= now:
        output.paragraph("expired: it fires no more", indent=4)


def _levels(ticker: Ticker, now: datetime) -> None:
    output.show()
    currency = f", in {ticker.currency}" if ticker.currency else ""
    output.show(f"{ticker.listing.symbol} on {ticker.listing.calendar.name}{currency}")
    if ticker.price is None:
        rungs = [(ticker.amount(alert.rule.level), alert.rule.id) for alert in ticker.alerts]
        output.table((">level", "=alert"), rungs, indent=4)
    else:
        output.table(
            (">level", ">distance", "=alert"), _around(ticker.price, ticker, now), indent=4
        )


def _around(price: float, ticker: Ticker, now: datetime) -> list[tuple[str, str, str]]:
    """Return the levels from the top down, and the price where it stands among them."""
    above = [alert for alert in ticker.alerts if alert.rule.level > price]
    rungs: list[tuple[str, str, str]] = [
        (ticker.amount(alert.rule.level), ticker.distance(alert.rule.level), alert.rule.id)
        for alert in ticker.alerts
    ]
    rungs.insert(len(above), (ticker.amount(price), "", f"the price, {ticker.age(now)}"))
    return rungs


def _channels(channels: Mapping[str, ChannelSettings]) -> None:
    output.show()
    rows = [(name, channel_in_words(channel)) for name, channel in channels.items()]
    output.table(("channel", "sends to"), rows)


def channel_in_words(channel: ChannelSettings) -> str:
    """Return where a channel leads, without its secrets."""
    match channel:
        case ConsoleSettings():
            return "the terminal"
        case WebhookSettings():
            signed = "signed" if channel.secret else "unsigned"
            return f"webhook at {urlsplit(channel.url).hostname}, {signed}"
        case EmailSettings():
            server = f"{channel.host}:{channel.port}, {_ENCRYPTED[channel.tls]}"
            login = ", with a login" if channel.username else ""
            return f"{', '.join(channel.to)} by way of {server}{login}"
        case _:
            assert_never(channel)
