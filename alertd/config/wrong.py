"""How is a value that cannot be used described to its writer?

    expected a price, found "15O"

Whatever looks like a secret is named by its kind only.
"""

from __future__ import annotations

from datetime import date, datetime, time
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 40
_HUGE = 10**18


class Wrong(ValueError):
    """One value is not what it should be; `hint` says what to do about it."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(what)


def expected(value: object, what: str, hint: str | None = None) -> Wrong:
    """Return the complaint about a value that is not `what`."""
    return Wrong(f"expected {what}, found {shown(value)}", hint)


def shown(value: object) -> str:
    """Return a value as its writer knows it, short, on one line and without secrets."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            # TOML allows integers so long that Python refuses to print them.
            huge = isinstance(value, int) and abs(value) > _HUGE
            return "a huge number" if huge else repr(value)
        case str():
            return _quoted(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return "a list" if value else "an empty list"
        case _:
            return "a table"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant, in any case of letters."""
    by_fold = {each.casefold(): each for each in known}
    close = get_close_matches(name[:_LONGEST].casefold(), by_fold, n=1)
    return by_fold[close[0]] if close else None


def meant(name: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the nearest known name, if one is near."""
    near = nearest(name, known)
    return f"did you mean {shown(near)}?" if near else None


def listed(names: Iterable[str], last: str = "or") -> str:
    """Return names as a sentence has them: `a, b or c`."""
    *rest, final = names
    return f"{', '.join(rest)} {last} {final}" if rest else final


def _quoted(text: str) -> str:
    if text.startswith("whsec_"):
        return "a signing secret"
    if "://" in text:
        return "a URL"
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return '"{}"'.format("".join(map(_printable, short)))


def _printable(character: str) -> str:
    return character if character.isprintable() else f"\\u{ord(character):04x}"
