"""What is known of each watched symbol, and how are its prices said?

the configuration  +  what the daemon last saw, if it ever ran  ->  Ticker
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alertd.cli import output
from alertd.core import standings, words
from alertd.core.bars import DIGITS
from alertd.core.standings import Seen
from alertd.core.states import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from alertd.config.settings import Config
    from alertd.core.alerts import Alert
    from alertd.core.bars import Symbol
    from alertd.core.calendars import Listing
    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import Basis, State
    from alertd.store.reading import AlertRow, Reader, SymbolRow


@dataclass(frozen=True, slots=True)
class Ticker:
    """One symbol: where it trades, its alerts from the highest level down, what was last seen.

    `rows` are its alerts as the daemon knows them. `first` is the source that is asked first.
    """

    listing: Listing
    alerts: tuple[Alert, ...]
    seen: SymbolRow | None
    rows: Mapping[AlertId, AlertRow] = field(default_factory=dict)
    first: str = ""

    @property
    def digits(self) -> int:
        return DIGITS if self.seen is None or self.seen.digits is None else self.seen.digits

    @property
    def currency(self) -> str | None:
        return (self.seen and self.seen.currency) or self.listing.currency

    @property
    def price(self) -> float | None:
        return self.seen.price if self.seen else None

    @property
    def zone(self) -> ZoneInfo:
        return self.listing.calendar.zone

    @property
    def source(self) -> str:
        """Return who gave its newest bars, and for whom that one stands in."""
        given = (self.seen and self.seen.source) or ""
        return f"{given}, for {self.first}" if given and given != self.first else given

    @property
    def delay(self) -> timedelta:
        """Return by how much its prices lag."""
        return self.listing.lagging(self.seen.delay if self.seen else None).delay

    @property
    def known(self) -> Seen:
        """Return what sentences about its alerts need."""
        return Seen(self.zone, self.price, self.digits, self.currency)

    def state(self, rule: Rule) -> State | None:
        """Return an alert's state; None where the daemon does not know the alert as it is now."""
        row = self.rows.get(rule.id)
        return row.state if row and row.revision == rule.revision else None

    def basis(self, rule: Rule) -> Basis:
        """Return what an alert's level stands on, as far as it is known."""
        state = self.state(rule)
        return state.basis if state else PLAIN

    def standing(self, rule: Rule, now: datetime) -> str:
        """Return where an alert stands, in words; what an open bar has fired counts."""
        row = self.rows.get(rule.id)
        if row and row.fired_openly and self.state(rule):
            return "fired, its bar may still change"
        return standings.standing(rule, self.state(rule), self.known, now)

    def edges(self, rule: Rule) -> tuple[float, ...]:
        """Return the prices at which an alert acts, lower first."""
        return standings.edges(rule, self.basis(rule), self.digits)

    def nearest(self, rule: Rule) -> float | None:
        """Return the price nearest to here at which an alert acts; None where none is known."""
        edges, price = self.edges(rule), self.price
        if price is None:
            return edges[-1] if edges else None
        return min(edges, key=lambda edge: abs(edge - price), default=None)

    def age(self, now: datetime) -> str:
        """Return how old the price is: "12s ago"."""
        at = self.seen.price_at if self.seen else None
        return f"{output.about(now - at)} ago" if at else "none yet"

    def amount(self, price: float) -> str:
        """Return a price of this symbol as people write it."""
        return words.price(price, self.digits, self.currency)

    def percent(self, level: float | None) -> float | None:
        """Return by how many per cent the price must change to reach a level."""
        return None if level is None or not self.price else (level / self.price - 1) * 100

    def distance(self, level: float | None) -> str:
        """Return how far the price must go to a level; "" while either is not known."""
        far = self.percent(level)
        return "" if far is None else words.percent(far)


def tickers(settings: Config, reader: Reader | None) -> dict[Symbol, Ticker]:
    """Return the watched symbols in the order of the configuration."""
    seen = {row.symbol: row for row in reader.symbols()} if reader else {}
    rows = {row.alert: row for row in reader.alerts()} if reader else {}
    own: defaultdict[Symbol, list[Alert]] = defaultdict(list)
    for alert in settings.alerts:
        own[alert.rule.symbol].append(alert)
    first = settings.quotes.sources[0]
    return {
        symbol: _ticker(listing, own[symbol], seen.get(symbol), rows, first)
        for symbol, listing in settings.listings.items()
    }


def _ticker(
    listing: Listing,
    own: Sequence[Alert],
    seen: SymbolRow | None,
    rows: Mapping[AlertId, AlertRow],
    first: str,
) -> Ticker:
    ids = [alert.rule.id for alert in own]
    known = {id_: rows[id_] for id_ in ids if id_ in rows}
    ticker = Ticker(listing, tuple(own), seen, known, first)
    # What has no price of its own comes last, in the order of the file.
    ladder = sorted(own, key=lambda alert: -(max(ticker.edges(alert.rule), default=0)))
    return replace(ticker, alerts=tuple(ladder))
