"""What does a checked file mean, with every default in place?

Nothing can be wrong any more here: every problem was found before.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from alertd.config import settings, telling, values, zones
from alertd.config.channels import ConsoleTable
from alertd.config.fitting import MOVES, REARM
from alertd.config.routing import CONSOLE, takers
from alertd.config.tables import SymbolTable
from alertd.core import calendars
from alertd.core.alerts import Alert
from alertd.core.notices import Severity
from alertd.core.rules import Condition, Move, Rule, Trail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alertd.config.channels import ChannelTable
    from alertd.config.file import AlertTable, File
    from alertd.config.quotes import AlpacaTable, FinnhubTable, QuotesTable
    from alertd.config.tables import DefaultsTable, PollTable, StoreTable
    from alertd.core.bars import Symbol
    from alertd.core.calendars import Listing
    from alertd.core.rules import Band, Level, Named

_INTERVAL = timedelta(seconds=60)
_SETTLE = timedelta(minutes=5)
_STALE_AFTER = timedelta(minutes=10)
_REQUESTS_PER_MINUTE = 60
_DATABASE = "alertd.db"
_UNSAID = SymbolTable.model_validate({})


def settled(path: Path, file: File, environ: Mapping[str, str]) -> settings.Config:
    """Return a file's meaning."""
    tables = file.channel or {CONSOLE: ConsoleTable.model_validate({"type": CONSOLE})}
    zone = file.defaults.zone or zones.machines(environ)
    listings = {
        symbol: _listing(symbol, file.symbol.get(symbol, _UNSAID))
        for symbol in dict.fromkeys(table.symbol for table in file.alert)
    }
    return settings.Config(
        path=path,
        alerts=tuple(
            _alert(table, file.defaults, listings[table.symbol], tables) for table in file.alert
        ),
        channels={name: telling.channel(table) for name, table in tables.items()},
        listings=listings,
        poll=_poll(file.poll),
        store=_store(file.store, database(path.parent, environ)),
        log=settings.LogSettings(file.log.level),
        stale_after={
            symbol: table.stale_after
            for symbol, table in file.symbol.items()
            if symbol in listings and table.stale_after
        },
        manners={name: telling.manner(table, zone) for name, table in tables.items()},
        heartbeat=telling.heartbeat(file.heartbeat) if file.heartbeat else None,
        quotes=_quotes(file.quotes),
    )


def database(folder: Path, environ: Mapping[str, str]) -> Path:
    """Return where the database lies by default; beside the file when nothing says where."""
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0], _DATABASE)
    state_home = environ.get("XDG_STATE_HOME", "")
    if state_home.startswith("/"):
        return Path(state_home, "alertd", _DATABASE)
    if home := environ.get("HOME"):
        return Path(home, ".local", "state", "alertd", _DATABASE)
    return folder / _DATABASE


def _alert(
    table: AlertTable,
    defaults: DefaultsTable,
    listing: Listing,
    channels: Mapping[str, ChannelTable],
) -> Alert:
    severity = table.severity or defaults.severity or Severity.INFO
    least = {name: channel.min_severity for name, channel in channels.items()}
    reminds = severity is Severity.CRITICAL
    return Alert(
        rule=_rule(table, listing),
        name=table.name or _words(table.id),
        note=table.note,
        severity=severity,
        notify=takers(table.notify or defaults.notify or tuple(channels), severity, least),
        repeat_every=(table.repeat_every or defaults.repeat_every) if reminds else None,
    )


def _rule(table: AlertTable, listing: Listing) -> Rule:
    condition, level = _condition(table)
    return Rule(
        id=table.id,
        symbol=table.symbol,
        condition=condition,
        level=level,
        hold=table.hold,
        rearm=table.rearm or REARM,
        cooldown=table.cooldown or timedelta(0),
        once=table.once,
        recovery=table.recovery,
        session=table.session,
        on_start=table.on_start,
        of=table.of,
        expires=values.until(table.expires, listing.calendar.zone) if table.expires else None,
    )


def _condition(table: AlertTable) -> tuple[Condition, Level]:
    asked = ((condition, getattr(table, condition)) for condition in Condition)
    condition, value = next((name, value) for name, value in asked if value is not None)
    return condition, _level(condition, value, table)


def _level(condition: Condition, value: float | Named | Band, table: AlertTable) -> Level:
    match value:
        case float() if condition in MOVES:
            return Move(value, table.within)
        case float() if condition is Condition.TRAILS:
            return Trail(value)
        case _:
            return value


def _words(name: str) -> str:
    """Return an id as words: "support-150" is "Support 150"."""
    words = " ".join(name.replace("-", " ").replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _listing(symbol: Symbol, table: SymbolTable) -> Listing:
    return calendars.listing(symbol, table.calendar, table.currency, table.delay)


def _poll(table: PollTable) -> settings.Poll:
    return settings.Poll(
        interval=table.interval or _INTERVAL,
        settle=_SETTLE if table.settle is None else table.settle,
        stale_after=table.stale_after or _STALE_AFTER,
        sweep=table.sweep,
        requests_per_minute=table.requests_per_minute or _REQUESTS_PER_MINUTE,
    )


def _quotes(table: QuotesTable) -> settings.QuotesSettings:
    return settings.QuotesSettings(
        sources=table.sources,
        alpaca=_alpaca(table.alpaca) if table.alpaca else None,
        finnhub=_finnhub(table.finnhub) if table.finnhub else None,
    )


def _alpaca(table: AlpacaTable) -> settings.AlpacaSettings:
    return settings.AlpacaSettings(
        key=table.key or table.key_file or "",
        secret=table.secret or table.secret_file or "",
        feed=str(table.feed),
    )


def _finnhub(table: FinnhubTable) -> settings.FinnhubSettings:
    return settings.FinnhubSettings(table.token or table.token_file or "")


def _store(table: StoreTable, default: Path) -> settings.StoreSettings:
    return settings.StoreSettings(
        path=table.path or default, keep=table.keep, backups=table.backups, free=table.free
    )
