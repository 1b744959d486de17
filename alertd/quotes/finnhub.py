"""What is an American share's price now, when Finnhub is all there is?

    /quote -> c, its last price, at t     (o, h, l, pc: of its day, never of a minute)

Finnhub has no minutes for free. What it said at each call is kept for a while and makes them: the
minute of a last price reaches over the last prices seen in it. Between two calls nobody looks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, rounded
from alertd.core.pointing import Quote
from alertd.errors import UnknownSymbol
from alertd.quotes.american import CURRENCY, digits, series, ticker
from alertd.quotes.rest import TIMEOUT, Server
from alertd.quotes.shapes import Misshapen, dict_at, positive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from alertd.core.bars import Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.rests import Rest
    from alertd.quotes.manners import Manners

URL = "https://finnhub.io/api/v1"
HOST = "finnhub.io"
PER_MINUTE = 60

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2200 = 7_258_118_400
_MINUTE = timedelta(minutes=1)
# Longer than a bar takes to settle: one that is forgotten before that was never there.
_KEPT = timedelta(hours=2)


class Finnhub:
    """Last prices of American shares from Finnhub."""

    name = "finnhub"

    def __init__(
        self,
        *,
        token: str,
        manners: Manners,
        now: Callable[[], datetime],
        url: str = URL,
        timeout: float = TIMEOUT,
    ) -> None:
        """Ask as the holder of an account; `timeout` is seconds per request."""
        self._now = now
        self._most_quoted = (manners.per_minute or PER_MINUTE) // 2
        self._server = Server(
            url, secrets={"X-Finnhub-Token": token}, settings="[quotes.finnhub]",
            manners=manners, now=now, timeout=timeout,
        )  # fmt: skip
        self._minutes: dict[Symbol, list[Bar]] = {}
        self._keeping = Lock()

    @property
    def room(self) -> int:
        return self._server.room

    @property
    def resting(self) -> Rest | None:
        return self._server.resting

    @property
    def ahead(self) -> timedelta | None:
        """Return by how much Finnhub's clock ran ahead of ours at its newest answer."""
        return self._server.ahead

    def covers(self, listing: Listing) -> bool:
        """Tell whether a listing is one that Finnhub may know, for free."""
        return ticker(listing) is not None

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return the minutes of `[since, until)` in which a last price was seen, oldest first.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Finnhub quote, `c` and `t`.
        """
        if since >= until:
            return series(listing, ())
        self._server.enter()
        self._quote(listing)
        seen = self._minutes[listing.symbol]
        return series(listing, [bar for bar in seen if since <= bar.start < until])

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:  # noqa: ARG002 - the port's shape
        """Return no bars: Finnhub has no history for free."""
        return series(listing, ())

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's shape
        """Return an empty outlook."""
        return Outlook(self._now(), self.name)

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        """Return the last prices, each by a request of its own; unknown shares are missing.

        So are all of very many: bars, at a request each as well, are seen and judged in one.

        raises: RateLimited, SourceDown.
        source: Finnhub quote, `c` and `t`.
        """
        asked = [each for each in listings if self.covers(each)]
        if len(asked) > self._most_quoted:
            return {}
        self._server.enter(len(asked))
        found: dict[Symbol, Quote] = {}
        for each in asked:
            try:
                found[each.symbol] = self._quote(each)
            except UnknownSymbol:
                continue
        return found

    def _quote(self, listing: Listing) -> Quote:
        share = ticker(listing)
        if share is None:
            msg = f"{HOST}: {listing.symbol}: not an American share"
            raise UnknownSymbol(msg)
        read = self._server.get("/quote", {"symbol": share}, listing.symbol, _last)
        if read is None:
            msg = f"{HOST}: {listing.symbol}: all zeros, as for a symbol that is not known"
            raise UnknownSymbol(msg)
        price, at = read
        quote = Quote(listing.symbol, price, at, currency=CURRENCY)
        self._keep(quote)
        return quote

    def _keep(self, quote: Quote) -> None:
        """Let the minutes of a share that are kept grow by a last price."""
        with self._keeping:
            forgotten = self._now() - _KEPT
            minutes = [b for b in self._minutes.get(quote.symbol, []) if b.start >= forgotten]
            self._minutes[quote.symbol] = grown(minutes, quote)


def grown(minutes: Sequence[Bar], quote: Quote) -> list[Bar]:
    """Return minutes with a last price that was seen; one from before them tells nothing new."""
    price, at = quote.price, quote.at
    if price is None or at is None:
        return list(minutes)
    start = at.replace(second=0, microsecond=0)
    if minutes and start < minutes[-1].start:
        return list(minutes)
    if not minutes or start > minutes[-1].start:
        return [*minutes, Bar(start, _MINUTE, price, price, price, price)]
    last = minutes[-1]
    high, low = max(last.high, price), min(last.low, price)
    return [*minutes[:-1], replace(last, high=high, low=low, close=price)]


def _last(body: object) -> tuple[float, datetime] | None:
    """Return the last price and its time; None of a share that is not known.

    raises: Misshapen.
    """
    fields = dict_at(body, "the body")
    if not fields.get("c") and not fields.get("t"):
        if "c" not in fields:
            msg = f"expected c, found {', '.join(sorted(fields)) or 'nothing'}"
            raise Misshapen(msg)
        return None
    price, stamp = positive(fields.get("c")), positive(fields.get("t"))
    if price is None or stamp is None or stamp > _YEAR_2200:
        msg = f"expected a price and a time, found {fields.get('c')!r:.20}, {fields.get('t')!r:.20}"
        raise Misshapen(msg)
    return rounded(price, digits([price])), _EPOCH + timedelta(seconds=stamp)
