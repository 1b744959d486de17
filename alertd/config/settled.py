"""What does a checked file mean, with every default in place?

Nothing can be wrong any more here: every problem was found before.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from alertd.config import settings, values
from alertd.config.clashes import CONSOLE
from alertd.config.file import ConsoleTable, EmailTable, SymbolTable, WebhookTable
from alertd.config.fitting import MOVES, REARM
from alertd.config.settings import Tls
from alertd.core import calendars
from alertd.core.alerts import Alert
from alertd.core.rules import Condition, Move, Rule, Trail

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alertd.config.file import AlertTable, File, PollTable
    from alertd.core.bars import Symbol
    from alertd.core.calendars import Listing
    from alertd.core.rules import Band, Level, Named

_INTERVAL = timedelta(seconds=60)
_SETTLE = timedelta(minutes=5)
_STALE_AFTER = timedelta(minutes=10)
_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}
_DATABASE = "alertd.db"
_UNSAID = SymbolTable.model_validate({})


def settled(path: Path, file: File, environ: Mapping[str, str]) -> settings.Config:
    """Return a file's meaning."""
    channels = {name: _channel(table) for name, table in file.channel.items()}
    channels = channels or {CONSOLE: settings.ConsoleSettings()}
    listings = {
        symbol: _listing(symbol, file.symbol.get(symbol, _UNSAID))
        for symbol in dict.fromkeys(table.symbol for table in file.alert)
    }
    return settings.Config(
        path=path,
        alerts=tuple(_alert(table, listings[table.symbol], channels) for table in file.alert),
        channels=channels,
        listings=listings,
        poll=_poll(file.poll),
        store=settings.StoreSettings(file.store.path or database(path.parent, environ)),
        log=settings.LogSettings(file.log.level),
        stale_after={
            symbol: table.stale_after
            for symbol, table in file.symbol.items()
            if symbol in listings and table.stale_after
        },
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


def _alert(table: AlertTable, listing: Listing, channels: Iterable[str]) -> Alert:
    return Alert(
        rule=_rule(table, listing),
        name=table.name or _words(table.id),
        note=table.note,
        severity=table.severity,
        notify=table.notify or tuple(channels),
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


def _channel(table: WebhookTable | EmailTable | ConsoleTable) -> settings.ChannelSettings:
    match table:
        case WebhookTable():
            return _webhook(table)
        case EmailTable():
            return _email(table)
        case ConsoleTable():
            return settings.ConsoleSettings()
        case _:
            assert_never(table)


def _webhook(table: WebhookTable) -> settings.WebhookSettings:
    return settings.WebhookSettings(
        url=table.url or table.url_file or "",
        secret=table.secret or table.secret_file,
        ca_file=table.ca_file,
    )


def _email(table: EmailTable) -> settings.EmailSettings:
    return settings.EmailSettings(
        host=table.host,
        port=table.port or _PORTS[table.tls],
        tls=table.tls,
        sender=table.sender,
        to=table.to,
        username=table.username or table.username_file,
        password=table.password or table.password_file,
        ca_file=table.ca_file,
    )


def _listing(symbol: Symbol, table: SymbolTable) -> Listing:
    return calendars.listing(symbol, table.calendar, table.currency, table.delay)


def _poll(table: PollTable) -> settings.Poll:
    return settings.Poll(
        interval=table.interval or _INTERVAL,
        settle=_SETTLE if table.settle is None else table.settle,
        stale_after=table.stale_after or _STALE_AFTER,
    )
