"""Is a piece of an answer of the shape that was expected?

What is absent may be absent; what is there in another shape makes the whole answer doubtful, and
the reader says where and what was found.
"""

from __future__ import annotations

import math

from alertd.core.bars import DIGITS, rounded

_MOST_DIGITS = 10
_INFINITE = ("Infinity", "-Infinity", "NaN")  # numbers that JSON has no other way to write


class Misshapen(Exception):
    """An answer is not of the shape that was expected; says what was found."""


def dict_at(value: object, where: str) -> dict[str, object]:
    """Return an object of the answer.

    raises: Misshapen.
    """
    if not isinstance(value, dict):
        msg = f"expected an object at {where}, found {value!r:.40}"
        raise Misshapen(msg)
    return value


def list_at(value: object, where: str) -> list[object]:
    """Return a list of the answer.

    raises: Misshapen.
    """
    if not isinstance(value, list):
        msg = f"expected a list at {where}, found {value!r:.40}"
        raise Misshapen(msg)
    return value


def first_at(value: object, where: str) -> dict[str, object]:
    """Return the first object of a list.

    raises: Misshapen.
    """
    listed = list_at(value, where)
    return dict_at(listed[0] if listed else None, f"{where}[0]")


def number_at(value: object, where: str) -> float:
    """Return a number of the answer; what is absent, or too large for a price, is `nan`.

    raises: Misshapen.
    """
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"expected numbers at {where}, found {value!r:.40}"
        raise Misshapen(msg)
    try:
        return float(value)
    except OverflowError:
        return math.nan


def positive(value: object) -> float | None:
    """Return a number that is finite and above 0; anything else is None."""
    try:
        number = number_at(value, "")
    except Misshapen:
        return None
    return number if math.isfinite(number) and number > 0 else None


def figure(fields: dict[str, object], name: str) -> float | None:
    """Return a number above 0; it may be an object with a `raw` one, written for people.

    raises: Misshapen.
    """
    value = fields.get(name)
    raw = value.get("raw") if isinstance(value, dict) else value
    return None if raw in _INFINITE else positive(number_at(raw, name))


def price(fields: dict[str, object], name: str, places: int) -> float | None:
    """Return a price above 0, rounded.

    raises: Misshapen.
    """
    found = figure(fields, name)
    return None if found is None else rounded(found, places) or None


def digits(fields: dict[str, object]) -> int:
    """Return the decimals of a symbol's prices, as its price hint has them."""
    hint = fields.get("priceHint")
    if isinstance(hint, int) and not isinstance(hint, bool) and 0 <= hint <= _MOST_DIGITS:
        return hint
    return DIGITS


def currency(fields: dict[str, object]) -> str | None:
    """Return what a symbol's prices are in, where it is said."""
    found = fields.get("currency")
    return found if isinstance(found, str) and found else None
