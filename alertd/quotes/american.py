"""Which American share does one of Yahoo's symbols mean, and what do others call it?

    BABA -> BABA        BRK-B -> BRK.B        9988.HK, BTC-USD, ^GSPC, EURUSD=X -> not one

Sources that know the United States alone stand in for these, and for nothing else.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.bars import DIGITS, Series, rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alertd.core.bars import Bar, Split
    from alertd.core.calendars import Listing

CURRENCY = "USD"

# The one calendar of all American exchanges.
_CALENDAR = "XNYS"
_SHARE = r"([A-Z]{1,5})(?:-([A-Z]))?"
# Prices are in whole cents from a dollar on.
_CENTS, _DOLLAR = 2, 1.0


def ticker(listing: Listing) -> str | None:
    """Return what American sources call a listing; None where it is not an American share."""
    found = re.fullmatch(_SHARE, listing.symbol)
    if not found or listing.calendar.name != _CALENDAR:
        return None
    if listing.currency not in (None, CURRENCY):
        return None
    return ".".join(filter(None, found.groups()))


def digits(prices: Iterable[float]) -> int:
    """Return the decimals of a share that trades at these prices, as Yahoo's price hint has it.

    Trades at a fraction of a cent are reported too; no level lies there.
    """
    return DIGITS if any(price < _DOLLAR for price in prices) else _CENTS


def series(listing: Listing, bars: Sequence[Bar], splits: tuple[Split, ...] = ()) -> Series:
    """Return bars as a series, rounded."""
    places = digits(bar.low for bar in bars)
    return Series(
        listing.symbol, tuple(_rounded(bar, places) for bar in bars), places, CURRENCY, splits
    )


def _rounded(bar: Bar, places: int) -> Bar:
    opened, high, low, close = (
        rounded(price, places) for price in (bar.open, bar.high, bar.low, bar.close)
    )
    return replace(bar, open=opened, high=high, low=low, close=close)
