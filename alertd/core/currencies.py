"""What is a price in: dollars, or hundredths of a pound?

    GBp -> pence, 100 to 1 GBP        72.5 in GBp is 72.50 pence, and 0.725 GBP

Some exchanges quote in a part of their currency, and sources name the part by a code of its own,
often by the case of one letter. Prices and levels stay in what is quoted; words say what that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.errors import WrongCurrency

if TYPE_CHECKING:
    from alertd.core.bars import Symbol


@dataclass(frozen=True, slots=True)
class Part:
    """What prices are in that are not in a whole currency; `count` of it make one `whole`."""

    name: str
    whole: str
    count: int = 100


PARTS = {
    "GBp": Part("pence", "GBP"),
    "GBX": Part("pence", "GBP"),
    "ZAc": Part("ZA cents", "ZAR"),
    "ILA": Part("agorot", "ILS"),
    "USX": Part("US cents", "USD"),
    "KWF": Part("fils", "KWD", 1000),
}


def amount(number: str, currency: str) -> str:
    """Return a number of a currency as people write it: "$72.50", "72.50 EUR", "72.50 pence"."""
    return f"${number}" if currency == "USD" else f"{number} {unit(currency)}"


def unit(currency: str) -> str:
    """Return what prices are counted in: "EUR", "pence"."""
    part = PARTS.get(currency)
    return part.name if part else currency


def named(currency: str) -> str:
    """Return a currency by its code, and what that is a part of: "GBp (pence, 100 to 1 GBP)"."""
    part = PARTS.get(currency)
    return f"{currency} ({part.name}, {part.count} to 1 {part.whole})" if part else currency


def insist(symbol: Symbol, expected: str | None, found: str | None) -> None:
    """Let prices pass that are in the expected currency, or where either is not known.

    raises: WrongCurrency that says what to write instead.
    """
    if expected and found and found != expected:
        msg = f"{symbol}: {mismatch(symbol, expected, found)}"
        raise WrongCurrency(msg)


def mismatch(symbol: Symbol, expected: str, found: str) -> str:
    """Return what is wrong where prices are not in the expected currency, and what to write."""
    return (
        f"prices are in {named(found)}, not in the expected currency {named(expected)}: "
        f'for [symbol."{symbol}"] write currency = "{found}" and levels in it'
    )
