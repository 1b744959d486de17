"""What does the file hold, as TOML has it, before anything is checked?

What is not of the right shape is passed over here: `problems` tells of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Raw = dict[str, object]


def alerts(raw: Raw) -> Iterator[tuple[int, Raw]]:
    """Yield the `[[alert]]` tables with their numbers, from 0."""
    tables = raw.get("alert")
    for index, found in enumerate(tables if isinstance(tables, list) else []):
        if isinstance(found, dict):
            yield index, found


def named(raw: Raw, kind: str) -> Iterator[tuple[str, Raw]]:
    """Yield the `[kind.NAME]` tables with their names."""
    for name, found in table(raw, kind).items():
        if isinstance(found, dict):
            yield name, found


def table(raw: Raw, name: str) -> Raw:
    """Return one table; empty where there is none."""
    found = raw.get(name)
    return found if isinstance(found, dict) else {}


def has(found: Mapping[str, object], key: str) -> bool:
    """Tell whether a table has a value, itself or in a file of its own."""
    return key in found or f"{key}_file" in found
