"""`alertd status`: where does everything stand?

    the daemon, the sources, each symbol with its alerts, the channels       all from the database

Where there are very many symbols, each is one line, and its alerts are shown when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.cli import fates, health, keeping, named, options, origins, output, overview
from alertd.cli.said import NOTHING, said
from alertd.cli.tickers import Ticker, tickers
from alertd.core import standings
from alertd.core.retry import FALLBACK_AFTER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from alertd.cli.fates import Clocks
    from alertd.cli.said import Said
    from alertd.config.settings import Config
    from alertd.core.alerts import Alert
    from alertd.core.rules import AlertId
    from alertd.store.reading import ChannelRow, Reader

EXAMPLES = """\
  alertd status
  alertd status BABA
  watch alertd status"""

# Beyond this many symbols a screen is better filled with a line of each.
_IN_FULL = 20

_HEADINGS = (
    "=alert",
    "name",
    "standing",
    "level",
    ">distance",
    ">last fired",
    ">repeats held back",
)

_CHANNELS = ("=channel", ">waiting", ">held", ">given up", ">last sent", "trouble")


def status(symbols: named.Symbols = None, config: options.ConfigFile = None) -> None:
    """Show where every alert stands.

    Also what was last seen of each symbol, from which source and what keeps it away, which alerts
    are snoozed, paused or not acknowledged, and how delivery goes. Of more than 20 symbols each is
    one line, those in trouble first, then those nearest to a level; name some to see them in full.
    Asks the database, not the daemon. Exit status 1 when there is no database yet.
    """
    settings = options.settings(config)
    wanted = named.symbols(settings, symbols or ())
    from alertd.ops.clock import SystemClock

    reader, now = options.reader(settings), SystemClock().now()
    found = tickers(settings, reader)
    _daemon(settings, reader, now)
    _sources(settings, reader, list(found.values()), now)
    shown = [found[symbol] for symbol in wanted or found]
    if wanted or len(shown) <= _IN_FULL:
        _in_full(shown, said(reader), now)
    else:
        overview.show(shown, now)
    _channels(settings, reader, now)


def _daemon(settings: Config, reader: Reader, now: datetime) -> None:
    alive_at = reader.alive_at()
    problem = health.trouble(alive_at, now)
    state = "alive" if problem is None else f"not running: {problem}"
    output.show(f"daemon    {state}")
    output.show(f"config    {settings.path}")
    output.show(f"database  {'; '.join(keeping.state(settings.store, now))}")


def _sources(settings: Config, reader: Reader, found: Sequence[Ticker], now: datetime) -> None:
    rows = origins.sources(settings.quotes.sources, reader.sources(), found, now)
    if rows:
        output.show()
        output.table(origins.HEADINGS, rows)


def _in_full(shown: Sequence[Ticker], hushed: Mapping[AlertId, Said], now: datetime) -> None:
    for ticker in shown:
        output.show()
        for label, text in _symbol(ticker, now):
            output.labelled(label, text)
        alerts = [
            _alert(alert, ticker, hushed.get(alert.rule.id, NOTHING), now)
            for alert in ticker.alerts
        ]
        output.table(_HEADINGS, alerts, indent=2)


def _symbol(ticker: Ticker, now: datetime) -> list[tuple[str, str]]:
    """Return what is known of a symbol, a line each with what stands before it."""
    name, seen = f"{ticker.listing.symbol}  ", ticker.seen
    if seen is None:
        return [(name, "not taken up yet")]
    heading = (name, f"{_price(ticker, now)}; {origins.next_poll(seen, now)}")
    found = [origins.origin(ticker), *origins.quality(ticker), origins.failure(seen)]
    return [heading, *(("  ", line) for line in found if line)]


def _price(ticker: Ticker, now: datetime) -> str:
    if ticker.price is None:
        return "no price yet"
    return f"{ticker.amount(ticker.price)}, {ticker.age(now)}"


def _alert(alert: Alert, ticker: Ticker, own: Said, now: datetime) -> tuple[str, ...]:
    rule = alert.rule
    row = ticker.rows.get(rule.id)
    fired_at = row.last_fired_at if row else None
    return (
        rule.id,
        alert.name,
        "; ".join([ticker.standing(rule, now), *own.notes(ticker.zone, now)]),
        standings.level(rule, ticker.basis(rule), ticker.known),
        ticker.distance(ticker.nearest(rule)),
        f"{output.about(now - fired_at)} ago" if fired_at else "never",
        str(row.state.suppressed) if row else "",
    )


def _channels(settings: Config, reader: Reader, now: datetime) -> None:
    known = {row.channel: row for row in reader.channels()}
    clocks = fates.clocks(settings, now)
    output.show()
    output.table(
        _CHANNELS,
        [
            (_called(name, settings), *_sending(known.get(name), settings, clocks))
            for name in dict.fromkeys([*settings.channels, *known])
        ],
    )


def _called(channel: str, settings: Config) -> str:
    return channel if channel in settings.channels else f"{channel} (not configured)"


def _sending(row: ChannelRow | None, settings: Config, clocks: Clocks) -> tuple[str, ...]:
    if row is None:
        return "0", "0", "0", "never", ""
    sent = f"{output.about(clocks.now - row.last_sent_at)} ago" if row.last_sent_at else "never"
    trouble = _trouble(row, clocks)
    fallback = settings.manner(row.channel).fallback
    stands_in = f"; {fallback} stands in" if trouble and fallback else ""
    told = trouble + stands_in if trouble else row.error or ""
    return str(row.waiting), str(row.held), str(row.dead), sent, told


def _trouble(row: ChannelRow, clocks: Clocks) -> str:
    """Return what keeps a channel from taking anything at all; "" where nothing does for long."""
    if row.closed_until is not None and row.closed_until > clocks.now:
        until = clocks.shown(row.channel, row.closed_until)
        return f"closed, tried again at {until}: {row.closed_why}"

    since = row.failing_since
    if since is None or clocks.now - since < FALLBACK_AFTER:
        return ""
    long = f"{clocks.shown(row.channel, since)} ({output.about(clocks.now - since)})"
    others = row.last_sent_at is not None and row.last_sent_at > since
    what = "has not taken one message" if others else "has taken nothing"
    because = f": {row.error}" if row.error else ""
    return f"degraded: {what} since {long}{because}"
