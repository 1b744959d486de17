"""What does no single value say: do the tables fit each other?

This looks at the file as TOML has it, beside the check of each value, so that both kinds of
problem are told at once. What is not of the right shape is passed over here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.config.file import CONDITIONS
from alertd.config.problems import where
from alertd.config.wrong import listed, meant, shown
from alertd.core import calendars
from alertd.core.bars import Symbol
from alertd.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Raw = dict[str, object]

CONSOLE = "console"


def clashes(raw: Raw) -> Iterator[Problem]:
    """Yield what is wrong between keys and between tables."""
    yield from _conditions(raw)
    yield from _same_ids(raw)
    yield from _unknown_channels(raw)
    yield from _unplaced_symbols(raw)
    for name, table in _named(raw, "channel"):
        yield from _channel(f"{where(('channel', name))}", table)


def _conditions(raw: Raw) -> Iterator[Problem]:
    for index, table in _alerts(raw):
        given = [condition for condition in CONDITIONS if condition in table]
        if not given:
            what = f"expected a condition, one of {listed(CONDITIONS)}, found none"
            yield Problem(where(("alert", index)), what)
        for extra in given[1:]:
            what = f"a second condition beside {given[0]}"
            yield Problem(where(("alert", index, extra)), what, "write a second [[alert]]")


def _same_ids(raw: Raw) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, table in _alerts(raw):
        name = table.get("id")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            what = f"{shown(name)} is the id of {where(('alert', first[name]))} already"
            yield Problem(where(("alert", index, "id")), what)


def _unknown_channels(raw: Raw) -> Iterator[Problem]:
    channels = raw.get("channel") or {CONSOLE: {}}
    if not isinstance(channels, dict):
        return
    for index, table in _alerts(raw):
        notify = table.get("notify")
        for name in notify if isinstance(notify, list) else []:
            if isinstance(name, str) and name not in channels:
                what = f"expected configured channels, found {shown(name)}"
                hint = meant(name, channels) or f"configured: {listed(map(shown, channels), 'and')}"
                yield Problem(where(("alert", index, "notify")), what, hint)


def _unplaced_symbols(raw: Raw) -> Iterator[Problem]:
    placed = {name for name, table in _named(raw, "symbol") if "calendar" in table}
    for index, table in _alerts(raw):
        symbol = table.get("symbol")
        if isinstance(symbol, str) and symbol not in placed and not _has_calendar(symbol):
            placed.add(symbol)
            what = f"no calendar is known for {shown(symbol)}"
            hint = f'add [symbol.{shown(symbol)}] with its calendar, such as "XNYS"'
            yield Problem(where(("alert", index, "symbol")), what, hint)


def _has_calendar(symbol: str) -> bool:
    try:
        calendars.listing(Symbol(symbol))
    except LookupError:
        return False
    return True


def _channel(place: str, table: Mapping[str, object]) -> Iterator[Problem]:
    for key in table:
        if f"{key}_file" in table:
            yield Problem(f"{place}.{key}_file", f"a second {key} beside {place}.{key}")
    if table.get("type") == "webhook" and not _has(table, "url"):
        yield Problem(f"{place}.url", "missing", 'an https URL, or { env = "NAME" }')
    if table.get("type") == "email":
        yield from _login(place, table)


def _login(place: str, table: Mapping[str, object]) -> Iterator[Problem]:
    for key, other in (("username", "password"), ("password", "username")):
        if _has(table, key) and not _has(table, other):
            yield Problem(f"{place}.{other}", "missing", f"a {key} needs it")


def _has(table: Mapping[str, object], key: str) -> bool:
    return key in table or f"{key}_file" in table


def _alerts(raw: Raw) -> Iterator[tuple[int, Raw]]:
    tables = raw.get("alert")
    for index, table in enumerate(tables if isinstance(tables, list) else []):
        if isinstance(table, dict):
            yield index, table


def _named(raw: Raw, kind: str) -> Iterator[tuple[str, Raw]]:
    tables = raw.get(kind)
    for name, table in tables.items() if isinstance(tables, dict) else ():
        if isinstance(table, dict):
            yield name, table
