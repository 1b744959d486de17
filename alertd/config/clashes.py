"""What does no single value say: do the tables fit each other?

This looks at the file as TOML has it, beside the check of each value, so that both kinds of
problem are told at once. What is not of the right shape is passed over here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.config.file import CONDITIONS
from alertd.config.problems import where
from alertd.config.quotes import ACCOUNTS, ALPACA, FINNHUB, YAHOO
from alertd.config.raw import alerts, has, named
from alertd.config.routing import misrouted
from alertd.config.wrong import listed, shown
from alertd.core import calendars
from alertd.core.bars import Symbol
from alertd.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alertd.config.raw import Raw

_HTTPS = 'an https URL, or { env = "NAME" }'
_SERVICE = 'an Apprise URL, best as { env = "NAME" }'
# What an account at a source consists of.
_KEYS = {ALPACA: ("key", "secret"), FINNHUB: ("token",)}
_NEEDS = {ALPACA: "the key and the secret of an account", FINNHUB: "the token of an account"}


def clashes(raw: Raw) -> Iterator[Problem]:
    """Yield what is wrong between keys and between tables."""
    yield from _conditions(raw)
    yield from _same_ids(raw)
    yield from misrouted(raw)
    yield from _unplaced_symbols(raw)
    yield from _heartbeat(raw)
    yield from _quotes(raw)
    for name, table in named(raw, "channel"):
        yield from _channel(f"{where(('channel', name))}", table)


def _conditions(raw: Raw) -> Iterator[Problem]:
    for index, table in alerts(raw):
        given = [condition for condition in CONDITIONS if condition in table]
        if not given:
            what = f"expected a condition, one of {listed(CONDITIONS)}, found none"
            yield Problem(where(("alert", index)), what)
        for extra in given[1:]:
            what = f"a second condition beside {given[0]}"
            yield Problem(where(("alert", index, extra)), what, "write a second [[alert]]")


def _same_ids(raw: Raw) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, table in alerts(raw):
        name = table.get("id")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            what = f"{shown(name)} is the id of {where(('alert', first[name]))} already"
            yield Problem(where(("alert", index, "id")), what)


def _unplaced_symbols(raw: Raw) -> Iterator[Problem]:
    placed = {name for name, table in named(raw, "symbol") if "calendar" in table}
    for index, table in alerts(raw):
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
    yield from _twice(place, table)
    kind = table.get("type")
    if kind == "webhook":
        yield from _url(place, table, _HTTPS)
        yield from _rotation(place, table)
    if kind == "apprise":
        yield from _url(place, table, _SERVICE)
    if kind == "email":
        yield from _login(place, table)


def _heartbeat(raw: Raw) -> Iterator[Problem]:
    table = raw.get("heartbeat")
    if isinstance(table, dict):
        yield from _twice("heartbeat", table)
        yield from _url("heartbeat", table, _HTTPS)


def _quotes(raw: Raw) -> Iterator[Problem]:
    quotes = raw.get("quotes")
    sources = quotes.get("sources", [YAHOO]) if isinstance(quotes, dict) else None
    if not isinstance(quotes, dict) or not isinstance(sources, list):
        return
    for name in ACCOUNTS:
        place = f"quotes.{name}"
        if name in sources and name not in quotes:
            what = f'missing, and quotes.sources names "{name}"'
            yield Problem(place, what, f"add [{place}] with {_NEEDS[name]}, or do not name it")
        if name in quotes and name not in sources:
            what = "an account that quotes.sources does not name"
            yield Problem(place, what, f'add "{name}" to quotes.sources, or remove the table')
        yield from _account(name, quotes.get(name))


def _account(name: str, table: object) -> Iterator[Problem]:
    if not isinstance(table, dict):
        return
    yield from _twice(f"quotes.{name}", table)
    for key in _KEYS[name]:
        if not has(table, key):
            hint = f'the {key} of your account, best as {{ env = "NAME" }}'
            yield Problem(f"quotes.{name}.{key}", "missing", hint)


def _twice(place: str, table: Mapping[str, object]) -> Iterator[Problem]:
    for key in table:
        if f"{key}_file" in table:
            yield Problem(f"{place}.{key}_file", f"a second {key} beside {place}.{key}")


def _url(place: str, table: Mapping[str, object], what: str) -> Iterator[Problem]:
    if not has(table, "url"):
        yield Problem(f"{place}.url", "missing", what)


def _rotation(place: str, table: Mapping[str, object]) -> Iterator[Problem]:
    if has(table, "old_secret") and not has(table, "secret"):
        yield Problem(f"{place}.secret", "missing", "old_secret signs beside it, not instead")


def _login(place: str, table: Mapping[str, object]) -> Iterator[Problem]:
    for key, other in (("username", "password"), ("password", "username")):
        if has(table, key) and not has(table, other):
            yield Problem(f"{place}.{other}", "missing", f"a {key} needs it")
