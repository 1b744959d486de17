"""How are quotes had from Yahoo without hanging, hammering or trusting it?

    Yahoo.bars    -> reach.stretches -> YfData(own session).get -> answers.chart -> chart.series
    Yahoo.outlook                    -> YfData(own session).get -> answers.quote -> outlooks.outlook

yfinance keeps the cookie and the crumb; what Yahoo says is read as raw JSON, because DataFrames
are nine tenths of the cost. Only this module imports yfinance and curl_cffi, and importing it
takes half a second and 90 MB: import it where Yahoo is used.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil, floor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import yfinance
from curl_cffi import CurlError
from curl_cffi.requests import Response, Session
from loguru import logger
from peewee import PeeweeException
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFRateLimitError

from alertd.core.bars import Series
from alertd.errors import RateLimited, SourceDown
from alertd.quotes import answers, chart, outlooks, reach, splits
from alertd.quotes.answers import HOST, SUMMARY_HOST, Answer
from alertd.quotes.leftovers import sweep

if TYPE_CHECKING:
    from pathlib import Path

    from curl_cffi.requests.session import HttpMethod

    from alertd.core.almanac import Outlook, Targets
    from alertd.core.bars import Bar, Symbol
    from alertd.core.calendars import Listing

_CHART = "/v8/finance/chart/"
_QUOTE = "/v7/finance/quote"
_SUMMARY = "/v10/finance/quoteSummary/"
_CRUMB = "/v1/test/getcrumb"
# The cookie and the crumb are worth less waiting than what they are for.
_ASIDE = 0.3

_DAY = timedelta(days=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# Yahoo dates a split at its session's open. Asked for the time until now, it might keep the split
# to itself for the hours of pre-market in which new shares trade already.
_PRE_MARKET = timedelta(hours=6)

_Reader = Callable[[Answer, "Symbol", datetime], object]

# What yfinance lets through when a cookie, a consent page or its cache is not as it expects.
_FOREIGN = (
    YFException,
    CurlError,
    OSError,
    PeeweeException,
    pickle.PickleError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
)


class Yahoo:
    """Bars and figures from Yahoo."""

    name = "yahoo"

    def __init__(self, cache_dir: Path, now: Callable[[], datetime], timeout: float = 10.0) -> None:
        """Point yfinance at a cache and a session of our own; `timeout` is seconds per request."""
        self._now = now
        self._session = _Session(timeout)
        self._quiet: RateLimited | None = None
        yfinance.config.network.retries = 0
        yfinance.config.debug.hide_exceptions = False
        sweep(cache_dir)
        yfinance.set_tz_cache_location(str(cache_dir))

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return the bars of `[since, until)`: 1 minute for 29 days, then coarser.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Yahoo v8 chart, `indicators.quote`, unadjusted for dividends.
        """
        pieces = [
            self._stretch(listing, stretch)
            for stretch in reach.stretches(since, until, self._now())
        ]
        if not pieces:
            return Series(listing.symbol, ())
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
        # A row may be stamped with midnight in the exchange's zone, hours before the open.
        wide = reach.Stretch(reach.DAY, max(first - _DAY, _BEGINNING), until + _DAY)
        found = chart.daily(self._chart(listing, wide), listing)
        return _kept(found, lambda bar: first <= bar.start < until, first - _DAY, until)

    def outlook(self, listing: Listing, *, targets: bool) -> Outlook:
        """Return the last price, the P/E, and where asked for what analysts expect.

        Targets that cannot be had are absent: the figures do not wait for them.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Yahoo v7 quote; v10 quoteSummary, `financialData`.
        """
        symbol, now = listing.symbol, self._now()
        asked = {"symbols": symbol, "formatted": "false"}
        url = f"https://{HOST}{_QUOTE}"
        found = outlooks.outlook(
            self._ask(listing, url, asked, answers.quote), symbol, now, self.name
        )
        return replace(found, targets=self._targets(listing)) if targets else found

    def _targets(self, listing: Listing) -> Targets | None:
        asked = {"modules": "financialData", "formatted": "false"}
        url = f"https://{SUMMARY_HOST}{_SUMMARY}{quote(listing.symbol, safe='')}"
        try:
            body = self._ask(listing, url, asked, answers.summary)
            return None if body is None else outlooks.targets(body, listing.symbol)
        except SourceDown as error:
            logger.warning("no analyst targets", symbol=listing.symbol, error=str(error))
            return None

    def _stretch(self, listing: Listing, stretch: reach.Stretch) -> Series:
        start, length = stretch.start, stretch.granularity.length
        if stretch.granularity is not reach.MINUTE:
            start -= length  # what began before the stretch may reach into it
        if stretch.granularity is reach.DAY:
            found = self.daily(listing, start, stretch.end)
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
        return self._ask(listing, url, asked, answers.chart)

    def _ask(self, listing: Listing, url: str, asked: dict[str, str], read: _Reader) -> object:
        """Return the JSON of one request, as `read` finds it in the answer.

        raises: RateLimited without asking, until the quiet that Yahoo has asked for is over.
        """
        now = self._now()
        if self._quiet and now < self._quiet.retry_at <= now + answers.LONGEST_QUIET:
            raise self._quiet
        try:
            return read(self._answer(listing, url, asked), listing.symbol, now)
        except RateLimited as error:
            self._quiet = error
            raise

    def _answer(self, listing: Listing, url: str, asked: dict[str, str]) -> Answer:
        """Return what Yahoo says to one request, whatever the status.

        raises: SourceDown when it says nothing.
        """
        self._session.expect(url)
        try:
            # One YfData serves the whole process: whoever asks names the session.
            return _answer(YfData(session=self._session).get(url, params=asked))
        except _Refused as refused:
            return refused.answer
        except YFRateLimitError:
            return self._session.last or Answer(429, "")
        except _FOREIGN as error:
            msg = f"{urlsplit(url).hostname}: {listing.symbol}: {_reason(error)}"
            raise SourceDown(msg) from error


class _Refused(Exception):
    """Yahoo refused what was asked for; carried past yfinance, which would ask twice more."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"status {answer.status}")


class _Session(Session[Response]):
    """A browser-like session whose every request ends in time and whose last answer is kept."""

    def __init__(self, timeout: float) -> None:
        super().__init__(impersonate="chrome")
        self._limit = timeout
        self._seen = threading.local()

    @property
    def _wanted(self) -> str:
        return getattr(self._seen, "wanted", "")

    def expect(self, url: str) -> None:
        """Take note of what this thread is about to ask for, beside cookies and crumbs."""
        self._seen.wanted = urlsplit(url).path

    @property
    def last(self) -> Answer | None:
        """Return the newest answer that this thread has had."""
        answer: Answer | None = getattr(self._seen, "answer", None)
        return answer

    def request(self, method: HttpMethod, url: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 -- curl_cffi's own
        """Send one request under our time limit, not the caller's.

        raises: _Refused when what is wanted, or a crumb without which it is not to be had, is
                refused for good.
        """
        path = urlsplit(url).path
        wanted = path == self._wanted
        self._seen.answer = None
        kwargs["timeout"] = self._limit if wanted else self._limit * _ASIDE
        response = super().request(method, url, *args, **kwargs)
        self._seen.answer = answer = _answer(response)
        if answer.status in answers.FINAL if wanted else self._lacks(path, answer):
            raise _Refused(answer)
        return response

    def _lacks(self, path: str, answer: Answer) -> bool:
        """Tell whether this is a crumb that was refused to a request that is nothing without."""
        refused = path == _CRUMB and answers.pleads(answer)
        return refused and not self._wanted.startswith(_CHART)


def _answer(response: Response) -> Answer:
    return Answer(response.status_code, response.text, response.headers.get("Retry-After"))


def _reason(error: BaseException) -> str:
    """Return what stopped a request, in one line and without the URL that curl may repeat."""
    said = str(error).partition(" See https://")[0].removeprefix("Failed to perform, ")
    lines = [word for word in said.split() if "://" not in word]
    return " ".join([type(error).__name__ + ":", *lines]) if lines else type(error).__name__


def _kept(
    found: Series, belongs: Callable[[Bar], bool], since: datetime, until: datetime
) -> Series:
    """Return the bars that belong, and the splits that begin in `(since, until)`."""
    return replace(
        found,
        bars=tuple(bar for bar in found.bars if belongs(bar)),
        splits=tuple(split for split in found.splits if since < split.at < until),
    )
