"""Where in the file is a problem, and in which words?

pydantic knows the place as `("channel", "desk", "webhook", "url")`; its writer knows it as
`channel.desk.url`. What our own readers complain about is told as they put it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alertd.config.channels import CHANNELS
from alertd.config.file import AlertTable, File
from alertd.config.quotes import ACCOUNTS
from alertd.config.tables import SymbolTable
from alertd.config.wrong import Wrong, listed, meant, shown
from alertd.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from alertd.config.tables import Table

Loc = tuple[int | str, ...]

_HEADERS = {
    "alert": "[[alert]] tables",
    "channel": "[channel.NAME] tables",
    "symbol": "[symbol.NAME] tables",
}

_SECRETIVE = frozenset({"channel", "heartbeat", "quotes"})

_TEMPLATES = frozenset({"subject_template", "text_template", "html_template"})

_ALERT = "add an [[alert]] table with an id, a symbol and a condition"


def where(loc: Sequence[int | str]) -> str:
    """Return a place as users see it: `alert[3].below`, counted from 1."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{_key(part)}" for part in loc)
    return text.removeprefix(".")


def problems(error: ValidationError) -> list[Problem]:
    """Return everything that pydantic found wrong with the shape of a file."""
    return [_problem(each) for each in error.errors(include_url=False)]


def _problem(error: ErrorDetails) -> Problem:
    loc, value = error["loc"], error["input"]
    place = where(_written(loc))
    match error["type"]:
        case "value_error":
            return _complaint(place, error["ctx"]["error"])
        case "missing":
            return Problem(place, "missing", _ALERT if loc == ("alert",) else _description(loc))
        case "extra_forbidden":
            return Problem(place, "unknown key", _known(loc, value))
        case "union_tag_not_found" | "union_tag_invalid":
            return _unknown_type(f"{place}.type", value)
        case "too_short":
            return Problem(place, "expected at least one [[alert]] table, found none", _ALERT)
        case _:
            # A key of a channel that stands outside of it may be a secret.
            secret = isinstance(value, str) and loc[0] in _SECRETIVE
            found = "a text" if secret else shown(value)
            return Problem(place, f"expected {_header(loc)}, found {found}")


def _complaint(place: str, wrong: Wrong) -> Problem:
    return Problem(place, str(wrong), wrong.hint)


def _written(loc: Loc) -> Loc:
    """Return a place without what pydantic adds: a channel's type, and the mark of a key."""
    if loc[0] == "channel" and len(loc) > 2 and loc[2] != "[key]":  # noqa: PLR2004 - see the top
        loc = (*loc[:2], *loc[3:])
    return loc[:-1] if loc[-1] == "[key]" else loc


def _table(loc: Loc) -> type[Table]:
    """Return the table that holds the key at a place."""
    match loc:
        case ("alert", _, _):
            return AlertTable
        case ("symbol", _, _):
            return SymbolTable
        case ("channel", _, kind, _):
            return CHANNELS[str(kind)]
        case ("quotes", account, _):
            return ACCOUNTS[str(account)]
        case (name, _):
            return File.TABLES[str(name)]
        case _:
            return File


def _description(loc: Loc) -> str:
    """Return what a key is for, as a hint has it."""
    named = {_name(key, field.alias): field for key, field in _table(loc).model_fields.items()}
    text = named[str(loc[-1])].description or ""
    return text[:1].lower() + text[1:].removesuffix(".")


def _known(loc: Loc, value: object) -> str:
    """Return a hint towards the key that was meant."""
    known = [_name(key, field.alias) for key, field in _table(loc).model_fields.items()]
    if loc[0] == "symbol" and isinstance(value, dict):
        return f"a name with a dot needs quotes: [symbol.{shown(f'{loc[1]}.{loc[2]}')}]"
    if loc[0] == "channel" and loc[2] == "webhook" and loc[-1] in _TEMPLATES:
        return "a webhook's JSON is always the same; templates are for channels that people read"
    return meant(str(loc[-1]), known) or f"known here: {listed(known, 'and')}"


def _unknown_type(place: str, value: object) -> Problem:
    kinds = listed(f'"{each}"' for each in CHANNELS)
    kind = value.get("type") if isinstance(value, dict) else value
    if kind is None:
        return Problem(place, "missing", f"one of {kinds}")
    hint = meant(kind, CHANNELS) if isinstance(kind, str) else None
    return Problem(place, f"expected {kinds}, found {shown(kind)}", hint)


def _header(loc: Loc) -> str:
    match loc:
        case (("alert" | "channel" | "symbol") as name,):
            return _HEADERS[name]
        case (name,):
            return f"a [{name}] table"
        case ("quotes", _):
            return f"a [{where(loc)}] table"
        case _:
            return "a table"


def _name(key: str, alias: str | None) -> str:
    return alias or key


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]{1,40}", name) else shown(name)


def in_order(found: Iterable[Problem], raw: Mapping[str, object]) -> list[Problem]:
    """Return problems in the order of their tables in the file, each one once."""
    places = list(_places(raw))

    def rank(problem: Problem) -> int:
        inside = [index for index, place in enumerate(places) if _is_in(problem.where, place)]
        return inside[-1] if inside else -1

    return sorted(dict.fromkeys(found), key=rank)


def _places(raw: Mapping[str, object]) -> Iterator[str]:
    """Yield every table, each after the one that holds it."""
    for name, value in raw.items():
        yield where((name,))
        if isinstance(value, dict):
            yield from (where((name, key)) for key in value)
        elif isinstance(value, list):
            yield from (where((name, index)) for index in range(len(value)))


def _is_in(place: str, table: str) -> bool:
    return place == table or (place.startswith(table) and place[len(table)] in ".[")
