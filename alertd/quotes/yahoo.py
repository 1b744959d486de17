"""How are quotes had from Yahoo without trusting it?

    Yahoo.bars    -> reach.stretches -> wire.get -> answers.chart  -> chart.series
    Yahoo.outlook                    -> wire.get -> answers.quote  -> outlooks.outlook
    Yahoo.quotes                     -> wire.get -> answers.quotes -> board.quotes    99 a request
                         no crumb?   -> wire.get -> answers.spark  -> board.closes    20 a request

What Yahoo says is read as raw JSON, because DataFrames are nine tenths of the cost. It is asked as
often as `manners` allow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from math import ceil, floor
from typing import TYPE_CHECKING
from urllib.parse import quote

from loguru import logger

from alertd.core.bars import Series
from alertd.errors import SourceDown, SourceError
from alertd.quotes import answers, board, chart, outlooks, reach, splits
from alertd.quotes.answers import HOST, SUMMARY_HOST, Answer
from alertd.quotes.manners import Manners
from alertd.quotes.wire import Crumb, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from alertd.core.almanac import Outlook, Targets
    from alertd.core.bars import Bar, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.pointing import Quote
    from alertd.core.rests import Rest

_CHART = "/v8/finance/chart/"
_SPARK = "/v8/finance/spark"
_QUOTE = "/v7/finance/quote"
_SUMMARY = "/v10/finance/quoteSummary/"
# One request takes no more symbols.
_MOST_QUOTED, _MOST_SPARKED = 99, 20

_DAY = timedelta(days=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# Yahoo dates a split at its session's open. Asked for the time until now, it might keep the split
# to itself for the hours of pre-market in which new shares trade already.
_PRE_MARKET = timedelta(hours=6)

_Reader = Callable[[Answer, str, datetime], object]


class Yahoo:
    """Bars and figures from Yahoo."""

    name = "yahoo"

    def __init__(
        self,
        cache_dir: Path,
        now: Callable[[], datetime],
        timeout: float = 10.0,
        *,
        manners: Manners | None = None,
    ) -> None:
        """Keep cookies in `cache_dir`; `timeout` is seconds per request.

        manners: None asks without limit, and forgets with the process that Yahoo asked for quiet.
        """
        self._now = now
        self._manners = manners or Manners(self.name, None, now)
        self._wire = Wire(cache_dir, now, timeout, self._manners)

    @property
    def room(self) -> int:
        """Return how many requests may be made now; 0 while Yahoo is left alone."""
        return self._manners.room

    @property
    def resting(self) -> Rest | None:
        """Return for how long and why Yahoo is left alone, if it is."""
        return self._manners.resting

    @property
    def ahead(self) -> timedelta | None:
        """Return by how much Yahoo's clock ran ahead of ours at its newest answer."""
        return self._wire.ahead

    def covers(self, listing: Listing) -> bool:  # noqa: ARG002 - the port's shape
        """Tell that any listing may be known: our symbols are Yahoo's."""
        return True

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return the bars of `[since, until)`: 1 minute for 29 days, then coarser.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Yahoo v8 chart, `indicators.quote`, unadjusted for dividends.
        """
        stretches = tuple(reach.stretches(since, until, self._now()))
        if not stretches:
            return Series(listing.symbol, ())
        self._manners.enter(len(stretches))
        pieces = [self._stretch(listing, stretch) for stretch in stretches]
        return replace(
            pieces[-1],
            bars=reach.joined([piece.bars for piece in pieces]),
            splits=splits.joined([split for each in pieces for split in each.splits]),
        )

    def daily(self, listing: Listing, since: datetime | None, until: datetime) -> Series:
        """Return the daily bars of the sessions that open in `[since, until)`.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Yahoo v8 chart, `indicators.quote`, unadjusted for dividends.
        """
        first = since or _BEGINNING
        if first >= until:
            return Series(listing.symbol, ())
        self._manners.enter()
        return self._daily(listing, first, until)

    def quotes(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        """Return what Yahoo says of each symbol at this moment; who is unknown is missing.

        Without a crumb prices come from the newest closes, and the day's range is theirs.

        raises: RateLimited, SourceDown.
        source: Yahoo v7 quote; v8 spark.
        """
        if self._wire.has_crumbs:
            try:
                return self._in_batches(listings, _MOST_QUOTED, self._quoted)
            except SourceError:
                if self._wire.has_crumbs:
                    raise
        return self._in_batches(listings, _MOST_SPARKED, self._sparked)

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:
        """Return the last price, the P/E, and where asked for what analysts expect.

        Targets that cannot be had are absent: the figures do not wait for them.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Yahoo v7 quote; v10 quoteSummary, `financialData`.
        """
        self._manners.enter()
        asked = {"symbols": listing.symbol, "formatted": "false"}
        body = self._figures(listing.symbol, asked, answers.quote)
        found = outlooks.outlook(body, listing.symbol, self._now(), self.name)
        return replace(found, targets=self._targets(listing)) if targets else found

    def _daily(self, listing: Listing, first: datetime, until: datetime) -> Series:
        # A row may be stamped with midnight in the exchange's zone, hours before the open.
        wide = reach.Stretch(reach.DAY, max(first - _DAY, _BEGINNING), until + _DAY)
        found = chart.daily(self._chart(listing, wide), listing)
        return _kept(found, lambda bar: first <= bar.start < until, first - _DAY, until)

    def _targets(self, listing: Listing) -> Targets | None:
        asked = {"modules": "financialData", "formatted": "false"}
        url = f"https://{SUMMARY_HOST}{_SUMMARY}{quote(listing.symbol, safe='')}"
        try:
            body = self._ask(listing.symbol, url, asked, Crumb.NEEDED, answers.summary)
            return None if body is None else outlooks.targets(body, listing.symbol)
        except SourceDown as error:
            logger.warning("no analyst targets", symbol=listing.symbol, error=str(error))
            return None

    def _stretch(self, listing: Listing, stretch: reach.Stretch) -> Series:
        start, length = stretch.start, stretch.granularity.length
        if stretch.granularity is not reach.MINUTE:
            start -= length  # what began before the stretch may reach into it
        if stretch.granularity is reach.DAY:
            found = self._daily(listing, start, stretch.end)
        else:
            wide = replace(stretch, start=start)
            found = chart.series(self._chart(listing, wide), listing, length)
        return _kept(found, stretch.holds, start - _DAY, stretch.end)

    def _chart(self, listing: Listing, stretch: reach.Stretch) -> object:
        """Return the JSON of one chart request."""
        end = stretch.end
        if end + _PRE_MARKET > self._now():
            end += _PRE_MARKET
        asked = {
            "period1": str(floor(stretch.start.timestamp())),
            "period2": str(ceil(end.timestamp())),
            "interval": stretch.granularity.interval,
            "includePrePost": "true",
            "events": "div,splits",
        }
        url = f"https://{HOST}{_CHART}{quote(listing.symbol, safe='')}"
        return self._ask(listing.symbol, url, asked, Crumb.WELCOME, answers.chart)

    def _in_batches(
        self,
        listings: Sequence[Listing],
        most: int,
        ask: Callable[[Sequence[Listing]], Mapping[Symbol, Quote]],
    ) -> Mapping[Symbol, Quote]:
        batches = [listings[first : first + most] for first in range(0, len(listings), most)]
        self._manners.enter(len(batches))
        told: dict[Symbol, Quote] = {}
        for batch in batches:
            told |= ask(batch)
        return told

    def _quoted(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        named = ",".join(listing.symbol for listing in listings)
        asked = {"symbols": named, "formatted": "false", "fields": board.FIELDS}
        body = self._figures(_these(listings), asked, answers.quotes)
        return board.quotes(body, listings)

    def _sparked(self, listings: Sequence[Listing]) -> Mapping[Symbol, Quote]:
        named = ",".join(listing.symbol for listing in listings)
        asked = {"symbols": named, "range": "1d", "interval": "5m", "includePrePost": "true"}
        url = f"https://{HOST}{_SPARK}"
        body = self._ask(_these(listings), url, asked, Crumb.NEVER, answers.spark)
        return board.closes(body, listings)

    def _figures(self, about: str, asked: dict[str, str], read: _Reader) -> object:
        """Return the JSON of one v7 quote; a crumb that it refuses is not tried again soon."""

        def seen(answer: Answer, about: str, now: datetime) -> object:
            if answer.status == HTTPStatus.UNAUTHORIZED:
                self._wire.distrust_crumb(f"{HOST}: {about}: crumb refused, status {answer.status}")
            return read(answer, about, now)

        return self._ask(about, f"https://{HOST}{_QUOTE}", asked, Crumb.NEEDED, seen)

    def _ask(
        self, about: str, url: str, asked: dict[str, str], crumb: Crumb, read: _Reader
    ) -> object:
        """Return the JSON of one request, as `read` finds it in the answer."""
        try:
            answer = self._wire.get(url, asked, crumb, about)
            return read(answer, about, self._now())
        except answers.Plea as plea:
            raise self._manners.refused(plea.asked, str(plea)) from None


def _kept(
    found: Series, belongs: Callable[[Bar], bool], since: datetime, until: datetime
) -> Series:
    """Return the bars that belong, and the splits that begin in `(since, until)`."""
    return replace(
        found,
        bars=tuple(bar for bar in found.bars if belongs(bar)),
        splits=tuple(split for split in found.splits if since < split.at < until),
    )


def _these(listings: Sequence[Listing]) -> str:
    count = len(listings)
    return listings[0].symbol if count == 1 else f"{count} symbols"
