"""What is known of each watched symbol, and how are its prices said?

the configuration  +  what the daemon last saw, if it ever ran  ->  Ticker
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.cli import output
from alertd.core import words
from alertd.core.bars import DIGITS

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.config.settings import Config
    from alertd.core.alerts import Alert
    from alertd.core.bars import Symbol
    from alertd.core.calendars import Listing
    from alertd.store.reading import Reader, SymbolRow


@dataclass(frozen=True, slots=True)
class Ticker:
    """One symbol: where it trades, its alerts from the highest level down, what was last seen."""

    listing: Listing
    alerts: tuple[Alert, ...]
    seen: SymbolRow | None

    @property
    def digits(self) -> int:
        return DIGITS if self.seen is None or self.seen.digits is None else self.seen.digits

    @property
    def currency(self) -> str | None:
        return (self.seen and self.seen.currency) or self.listing.currency

    @property
    def price(self) -> float | None:
        return self.seen.price if self.seen else None

    def age(self, now: datetime) -> str:
        """Return how old the price is: "12s ago"."""
        at = self.seen.price_at if self.seen else None
        return f"{output.about(now - at)} ago" if at else "none yet"

    def amount(self, price: float) -> str:
        """Return a price of this symbol as people write it."""
        return words.price(price, self.digits, self.currency)

    def distance(self, level: float) -> str:
        """Return how far the price must go to a level; "" while no price is known."""
        return words.percent((level / self.price - 1) * 100) if self.price else ""


def tickers(settings: Config, reader: Reader | None) -> dict[Symbol, Ticker]:
    """Return the watched symbols in the order of the configuration."""
    seen = {row.symbol: row for row in reader.symbols()} if reader else {}
    return {
        symbol: Ticker(listing, _alerts(settings, symbol), seen.get(symbol))
        for symbol, listing in settings.listings.items()
    }


def _alerts(settings: Config, symbol: Symbol) -> tuple[Alert, ...]:
    of_symbol = (alert for alert in settings.alerts if alert.rule.symbol == symbol)
    return tuple(sorted(of_symbol, key=lambda alert: -alert.rule.level))
