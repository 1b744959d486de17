"""How are American shares quoted by Alpaca?

    bars    -> /v2/stocks/bars, 1Min, raw, page by page     + /v1/corporate-actions: the splits
    daily   -> /v2/stocks/bars, 1Day, split-adjusted
    quotes  -> /v2/stocks/snapshots, 99 shares a request

The free feed tells of the trades at one exchange, IEX: true prices, but within narrower highs and
lows, and few shares of them. Volumes of it are left out: nothing may be compared with them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alertd.core.almanac import Outlook
from alertd.errors import SourceDown, UnknownSymbol
from alertd.quotes import pages
from alertd.quotes.actions import Actions
from alertd.quotes.american import series, ticker
from alertd.quotes.rest import TIMEOUT, Refused, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from alertd.core.bars import Bar, Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.pointing import Quote
    from alertd.core.rests import Rest
    from alertd.quotes.manners import Manners
    from alertd.quotes.pages import Page

URL = "https://data.alpaca.markets"
PER_MINUTE = 200

_BARS, _SNAPSHOTS = "/v2/stocks/bars", "/v2/stocks/snapshots"
_ALL, _FREE = "sip", "iex"
_BATCH = 99
_INVALID = re.compile(r"invalid symbol: ?(\S+)")
_INVALID_AT_MOST = 5

_DAY = timedelta(days=1)
# Alpaca has nothing older.
_BEGINNING = datetime(2016, 1, 1, tzinfo=UTC)
_HOLIDAYS = timedelta(days=7)
# What was traded at all exchanges is free for everybody, but for the last quarter of an hour.
_EMBARGO = timedelta(minutes=16)


class Alpaca:
    """Bars and quotes of American shares from Alpaca."""

    name = "alpaca"

    def __init__(
        self,
        *,
        key: str,
        secret: str,
        manners: Manners,
        now: Callable[[], datetime],
        feed: str = _FREE,
        url: str = URL,
        timeout: float = TIMEOUT,
    ) -> None:
        """Read one feed as the holder of an account; `timeout` is seconds per request."""
        self._now, self._feed, self._host = now, feed, urlsplit(url).hostname
        self._server = Server(
            url, secrets={"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret},
            settings="[quotes.alpaca]", manners=manners, now=now, timeout=timeout,
        )  # fmt: skip
        self._actions = Actions(self._server, now)
        self._invalid: set[str] = set()

    @property
    def room(self) -> int:
        return self._server.room

    @property
    def resting(self) -> Rest | None:
        return self._server.resting

    @property
    def ahead(self) -> timedelta | None:
        """Return by how much Alpaca's clock ran ahead of ours at its newest answer."""
        return self._server.ahead

    def covers(self, listing: Listing) -> bool:
        """Tell whether a listing is one that Alpaca may know."""
        return ticker(listing) is not None

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return the minutes of `[since, until)`, before and after hours too, oldest first.

        Of very many the last are left to the next call, which begins where this one ends.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Alpaca v2 stock bars, unadjusted.
        """
        if since >= until:
            return series(listing, ())
        self._server.enter()
        splits = self._actions.of(listing, since, until)
        asked = {"timeframe": "1Min", "adjustment": "raw", "feed": self._feed}
        found = self._rows(listing, asked, since, until)
        bars = pages.minutes(found, counted=self._feed == _ALL)
        return series(listing, [bar for bar in bars if since <= bar.start < until], splits)

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        """Return the daily bars of the sessions that open in `[since, until)` and are over.

        All days of a share that is older than Alpaca's are not to be had, and so are none.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Alpaca v2 stock bars of all exchanges, split-adjusted.
        """
        first, known = since or _BEGINNING, self._now() - _EMBARGO
        last = min(until, known)
        if first >= last:
            return series(listing, ())
        self._server.enter()
        asked = {"timeframe": "1Day", "adjustment": "split", "feed": _ALL}
        found = self._rows(listing, asked, max(first - _DAY, _BEGINNING), last)
        try:
            bars = pages.days(found, listing)
        except ValueError as error:
            msg = f"{self._host}: {listing.symbol}: {error}"
            raise SourceDown(msg) from None
        if first <= _BEGINNING and bars and bars[0].start < _BEGINNING + _HOLIDAYS:
            # An all-time high of a part of all time would be a wrong number.
            msg = f"{self._host}: {listing.symbol}: no days before {_BEGINNING.year}"
            raise SourceDown(msg)
        # A day that is not over for everybody would have a close that is none.
        kept = [bar for bar in bars if first <= bar.start < until and bar.end <= known]
        return series(listing, kept)

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's shape
        """Return an empty outlook: Alpaca knows nothing of the kind."""
        return Outlook(self._now(), self.name)

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        """Return the last trades; a share that Alpaca does not know is missing.

        raises: RateLimited, SourceDown.
        source: Alpaca v2 snapshots, `latestTrade` and `dailyBar`.
        """
        shares = {name: each for each in listings if (name := ticker(each))}
        names = [name for name in shares if name not in self._invalid]
        batches = [names[first : first + _BATCH] for first in range(0, len(names), _BATCH)]
        if not batches:
            return {}
        self._server.enter(len(batches))
        symbols = {name: each.symbol for name, each in shares.items()}
        zone = next(iter(shares.values())).calendar.zone
        found: dict[Symbol, Quote] = {}
        for batch in batches:
            found |= self._snapshots(batch, symbols, zone)
        return found

    def _snapshots(
        self, batch: Sequence[str], symbols: Mapping[str, Symbol], zone: ZoneInfo
    ) -> Mapping[Symbol, Quote]:
        """Return what is said of some shares, but for those whose names are not taken."""
        for _ in range(_INVALID_AT_MOST):
            names = ",".join(name for name in batch if name not in self._invalid)
            if not names:
                return {}
            try:
                return self._server.get(
                    _SNAPSHOTS, {"symbols": names, "feed": self._feed}, "quotes",
                    lambda body: pages.quotes(body, symbols, zone),
                )  # fmt: skip
            except Refused as error:
                # One such name spoils the whole request.
                invalid = _INVALID.search(error.said)
                if invalid is None or invalid[1] not in batch:
                    raise
                self._invalid.add(invalid[1])
        msg = f"{self._host}: quotes: more than {_INVALID_AT_MOST} symbols that are not taken"
        raise SourceDown(msg)

    def _rows(
        self, listing: Listing, asked: Mapping[str, str], since: datetime, until: datetime
    ) -> list[Bar]:
        share = ticker(listing)
        if share is None:
            msg = f"{self._host}: {listing.symbol}: not an American share"
            raise UnknownSymbol(msg)
        limits = {"start": _written(since), "end": _written(until), "limit": "10000"}

        def page(more: Mapping[str, str]) -> Page[Bar]:
            return self._server.get(
                _BARS, {"symbols": share, **asked, **limits, **more}, listing.symbol,
                lambda body: pages.rows(body, share),
            )  # fmt: skip

        try:
            return pages.turned(page)
        except Refused as error:
            if _INVALID.search(error.said):
                raise UnknownSymbol(str(error)) from None
            raise


def _written(moment: datetime) -> str:
    """Return a moment as Alpaca reads it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
