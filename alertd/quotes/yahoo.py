"""How are bars had from Yahoo without hanging, hammering or trusting it?

    Yahoo.bars -> reach.stretches -> YfData(own session).get -> answers.chart -> chart.series

yfinance keeps the cookie and the crumb; the chart is read as raw JSON, because its DataFrames
are nine tenths of the cost. Only this module imports yfinance and curl_cffi, and importing it
takes half a second and 90 MB: import it where Yahoo is used.
"""

from __future__ import annotations

import pickle
import sqlite3
import threading
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from math import ceil, floor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import yfinance
from curl_cffi import CurlError
from curl_cffi.requests import Response, Session
from peewee import PeeweeException
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFRateLimitError

from alertd.core.bars import Series
from alertd.errors import RateLimited, SourceDown
from alertd.quotes import answers, chart, reach
from alertd.quotes.answers import HOST, Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from curl_cffi.requests.session import HttpMethod

    from alertd.core.bars import Bar
    from alertd.core.calendars import Listing

_CHART = "/v8/finance/chart/"
# The cookie and the crumb are worth less waiting than the chart, which does without them.
_ASIDE = 0.3

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
    """Bars from Yahoo's chart service."""

    name = "yahoo"

    def __init__(self, cache_dir: Path, now: Callable[[], datetime], timeout: float = 10.0) -> None:
        """Point yfinance at a cache and a session of our own; `timeout` is seconds per request."""
        self._now = now
        self._session = _Session(timeout)
        self._quiet: RateLimited | None = None
        yfinance.config.network.retries = 0
        yfinance.config.debug.hide_exceptions = False
        _sweep(cache_dir)
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
        bars = reach.joined([piece.bars for piece in pieces])
        return Series(listing.symbol, bars, pieces[-1].digits, pieces[-1].currency)

    def daily(self, listing: Listing, since: datetime, until: datetime) -> Series:
        """Return the daily bars of the sessions that open in `[since, until)`.

        raises: RateLimited, UnknownSymbol, SourceDown.
        source: Yahoo v8 chart, `indicators.quote`, unadjusted for dividends.
        """
        if since >= until:
            return Series(listing.symbol, ())
        # A row may be stamped with midnight in the exchange's zone, hours before the open.
        wide = reach.Stretch(reach.DAY, since - timedelta(days=1), until + timedelta(days=1))
        found = chart.daily(self._fetch(listing, wide), listing)
        return _kept(found, lambda bar: since <= bar.start < until)

    def _stretch(self, listing: Listing, stretch: reach.Stretch) -> Series:
        length = stretch.granularity.length
        if stretch.granularity is reach.MINUTE:
            found = chart.series(self._fetch(listing, stretch), listing, length)
            return _kept(found, lambda bar: stretch.start <= bar.start < stretch.end)
        # What began before the stretch and reaches into it is part of it.
        wide = replace(stretch, start=stretch.start - length)
        if stretch.granularity is reach.DAY:
            found = self.daily(listing, wide.start, wide.end)
        else:
            found = chart.series(self._fetch(listing, wide), listing, length)
        return _kept(found, lambda bar: stretch.start < bar.end and bar.start < stretch.end)

    def _fetch(self, listing: Listing, stretch: reach.Stretch) -> object:
        """Return the JSON of one chart request.

        raises: RateLimited without asking, until the quiet that Yahoo has asked for is over.
        """
        now = self._now()
        if self._quiet and now < self._quiet.retry_at <= now + answers.LONGEST_QUIET:
            raise self._quiet
        params = {
            "period1": str(floor(stretch.start.timestamp())),
            "period2": str(ceil(stretch.end.timestamp())),
            "interval": stretch.granularity.interval,
            "includePrePost": "true",
            "events": "div,splits",
        }
        url = f"https://{HOST}{_CHART}{quote(listing.symbol, safe='')}"
        try:
            return answers.chart(self._answer(listing, url, params), listing.symbol, now)
        except RateLimited as error:
            self._quiet = error
            raise

    def _answer(self, listing: Listing, url: str, params: dict[str, str]) -> Answer:
        """Return what Yahoo says to one request, whatever the status.

        raises: SourceDown when it says nothing.
        """
        try:
            # One YfData serves the whole process: whoever asks names the session.
            return _answer(YfData(session=self._session).get(url, params=params))
        except _Refused as refused:
            return refused.answer
        except YFRateLimitError:
            return self._session.last or Answer(429, "")
        except _FOREIGN as error:
            msg = f"{HOST}: {listing.symbol}: {_reason(error)}"
            raise SourceDown(msg) from error


class _Refused(Exception):
    """Yahoo refused a chart; carried past yfinance, which would ask twice more."""

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
    def last(self) -> Answer | None:
        """Return the newest answer that this thread has had."""
        answer: Answer | None = getattr(self._seen, "answer", None)
        return answer

    def request(self, method: HttpMethod, url: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 -- curl_cffi's own
        """Send one request under our time limit, not the caller's.

        raises: _Refused when a chart is refused for good.
        """
        wanted = urlsplit(url).path.startswith(_CHART)
        self._seen.answer = None
        kwargs["timeout"] = self._limit if wanted else self._limit * _ASIDE
        response = super().request(method, url, *args, **kwargs)
        self._seen.answer = answer = _answer(response)
        if wanted and answer.status in answers.FINAL:
            raise _Refused(answer)
        return response


def _answer(response: Response) -> Answer:
    return Answer(response.status_code, response.text, response.headers.get("Retry-After"))


def _reason(error: BaseException) -> str:
    """Return what stopped a request, in one line and without the URL that curl may repeat."""
    said = str(error).partition(" See https://")[0].removeprefix("Failed to perform, ")
    lines = [word for word in said.split() if "://" not in word]
    return " ".join([type(error).__name__ + ":", *lines]) if lines else type(error).__name__


def _kept(found: Series, belongs: Callable[[Bar], bool]) -> Series:
    return replace(found, bars=tuple(bar for bar in found.bars if belongs(bar)))


def _sweep(cache_dir: Path) -> None:
    """Delete yfinance's cache files that cannot be read; it makes new ones, or does without."""
    with suppress(OSError):
        cache_dir.mkdir(parents=True, exist_ok=True)
        for path in cache_dir.glob("*.db"):
            if not _sound(path):
                for part in cache_dir.glob(f"{path.name}*"):
                    part.unlink(missing_ok=True)


def _sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=1.0)) as database:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False
