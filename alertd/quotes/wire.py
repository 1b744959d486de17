"""How does a request get to Yahoo and back without hanging, hammering or being refused?

    Wire.get -> YfData(own session).get    cookie and crumb by yfinance, then what is wanted
             -> own session                where no crumb is needed and none is to be had

Whoever is refused a crumb leaves cookies and crumbs alone for a growing pause. What is nothing
without one, quotes and summaries, has no way meanwhile; the rest goes on.

Only this module imports yfinance and curl_cffi, and importing it takes half a second and 90 MB:
import it where Yahoo is used.
"""

from __future__ import annotations

import logging
import pickle
import threading
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yfinance
from curl_cffi import CurlError, CurlOpt
from curl_cffi.requests import Response, Session
from loguru import logger
from peewee import PeeweeException
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFRateLimitError

from alertd.core.retry import wish
from alertd.errors import SourceDown
from alertd.quotes import answers
from alertd.quotes.answers import Answer
from alertd.quotes.dates import Dates
from alertd.quotes.leftovers import sweep
from alertd.quotes.manners import Manners

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from curl_cffi.requests.session import HttpMethod

    from alertd.errors import RateLimited

_CRUMB_PATH = "/v1/test/getcrumb"
_COOKIE_HOST, _CONSENT_HOST = "fc.yahoo.com", "guce.yahoo.com"
# Whoever was given no cookie is given none a moment later; a crumb is tried again after more.
_WITHOUT_COOKIE = timedelta(minutes=4)
# The cookie and the crumb are worth less waiting than what they are for.
_ASIDE = 0.3
# So many times what one request may take is the most for all that belong to one.
_ALTOGETHER = 1.6
_SHORTEST = 0.05  # curl takes 0 for no limit at all
# Forty years of days are 2 MB; no honest answer is larger than this.
_LARGEST = 16_000_000

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


class Crumb(Enum):
    """Whether a request goes with a crumb."""

    NEVER = auto()
    WELCOME = auto()  # asked for, and done without where there is none
    NEEDED = auto()


@dataclass(slots=True)
class _Errand:
    """One call of ours: what is wanted, and what became of the requests on the way to it.

    It is to be over by `until`, on the monotonic clock. `begun` says that what is wanted has been
    asked for. `lack` is why there is no crumb; with `consented` one way to it was tried before.
    """

    path: str
    crumb: Crumb
    until: float
    begun: bool = False
    consented: bool = False
    lack: str | None = None

    def patience(self, seconds: float) -> float:
        """Return how long its next request may take, of the time that it has left."""
        return max(min(seconds, self.until - monotonic()), _SHORTEST)


class Wire:
    """The way to Yahoo, for all threads."""

    def __init__(
        self, cache_dir: Path, now: Callable[[], datetime], timeout: float, manners: Manners
    ) -> None:
        """Point yfinance at a cache and a session of our own; `timeout` is seconds per request."""
        self._timeout = timeout
        self._crumbs = Manners("yahoo's crumb", None, now)
        self._session = _Session(timeout, now, manners, self._crumbs)
        yfinance.config.network.retries = 0
        yfinance.config.debug.hide_exceptions = False
        # What it warns of is a crumb that it goes on without; we say so ourselves, and say why.
        logging.getLogger("yfinance").setLevel(logging.ERROR)
        sweep(cache_dir)
        yfinance.set_tz_cache_location(str(cache_dir))

    @property
    def has_crumbs(self) -> bool:
        """Tell whether it is worth trying what needs a crumb."""
        return self._crumbs.resting is None

    @property
    def ahead(self) -> timedelta | None:
        """Return by how much Yahoo's clock ran ahead of ours at its newest answer."""
        return self._session.dates.ahead

    def get(self, url: str, asked: dict[str, str], crumb: Crumb, about: str) -> Answer:
        """Return what Yahoo says to one request, whatever the status.

        about:  what the request is about, for errors.
        raises: RateLimited without asking, while Yahoo, or a crumb that is needed, is to be left
                alone; SourceDown when Yahoo says nothing.
        """
        if crumb is Crumb.NEEDED:
            self._crumbs.enter()
        until = monotonic() + self._timeout * _ALTOGETHER
        errand = self._session.set_out(_Errand(urlsplit(url).path, crumb, until))
        try:
            return self._fetched(url, asked, errand)
        except _Refused as refused:
            return refused.answer
        except _FOREIGN as error:
            msg = f"{urlsplit(url).hostname}: {about}: {_reason(error)}"
            raise SourceDown(msg) from error
        finally:
            self._session.settle(errand)

    def distrust_crumb(self, why: str) -> None:
        """Leave crumbs alone for a while: Yahoo refuses even a new one."""
        _close(self._crumbs, None, why)

    def _fetched(self, url: str, asked: dict[str, str], errand: _Errand) -> Answer:
        if errand.crumb is Crumb.NEVER or not self.has_crumbs:
            return _answer(self._session.get(url, params=asked))
        try:
            # One YfData serves the whole process: whoever asks names the session.
            return _answer(YfData(session=self._session).get(url, params=asked))
        except _FOREIGN as error:
            if errand.begun or errand.crumb is Crumb.NEEDED:
                raise
            errand.lack = _reason(error)
            return _answer(self._session.get(url, params=asked))


class _Refused(Exception):
    """Yahoo refused what was asked for; carried past yfinance, which would ask twice more."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"status {answer.status}")


class _Session(Session[Response]):
    """A browser-like session whose every request is bounded in time and size, and counted."""

    def __init__(
        self, timeout: float, now: Callable[[], datetime], manners: Manners, crumbs: Manners
    ) -> None:
        super().__init__(impersonate="chrome", curl_options={CurlOpt.MAXFILESIZE_LARGE: _LARGEST})
        self.dates = Dates(now)
        self._limit = timeout
        self._now = now
        self._manners = manners
        self._crumbs = crumbs
        self._here = threading.local()
        self._bare_at: datetime | None = None

    def set_out(self, errand: _Errand) -> _Errand:
        """Take note of what this thread is about to do."""
        self._here.errand = errand
        return errand

    def settle(self, errand: _Errand) -> None:
        """Leave crumbs alone for a while where none was to be had."""
        if errand.lack is not None:
            _close(self._crumbs, None, errand.lack)
            errand.lack = None

    def request(self, method: HttpMethod, url: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 -- curl_cffi's own
        """Send one request under our limits, not the caller's.

        raises: _Refused when what is wanted, or a crumb without which it is not to be had, is
                refused for good; RateLimited when Yahoo is to be left alone.
        """
        errand: _Errand = self._here.errand
        host, path = str(urlsplit(url).hostname), urlsplit(url).path
        wanted = path == errand.path
        self._manners.obey()
        self._begin(errand) if wanted else self._insist_on_crumbs()
        if self._has_asked(host):
            return _NOTHING
        errand.consented |= host == _CONSENT_HOST
        kwargs["timeout"] = errand.patience(self._limit if wanted else self._limit * _ASIDE)
        self._manners.count()
        try:
            response = super().request(method, url, *args, **kwargs)
        except (CurlError, OSError) as error:
            if not wanted:
                errand.lack = f"{host}: {_reason(error)}"
            raise
        self._manners.count(response.redirect_count)
        self.dates.heard(response.headers)
        answer = _answer(response)
        if wanted:
            if answer.status in answers.FINAL:
                raise _Refused(answer)
            return response
        self._heed(errand, answer, host)
        self._bare_at = self._now() if host == _COOKIE_HOST and not self.cookies else self._bare_at
        good = path != _CRUMB_PATH or self._takes(errand, answer, host)
        return response if good else _NOTHING

    def _begin(self, errand: _Errand) -> None:
        errand.begun = True
        if errand.crumb is Crumb.WELCOME:
            self.settle(errand)

    def _has_asked(self, host: str) -> bool:
        """Tell whether a cookie is there, or none is given: yfinance may remember neither."""
        if host != _COOKIE_HOST:
            return False
        at, now = self._bare_at, self._now()
        return bool(self.cookies) or (at is not None and at <= now < at + _WITHOUT_COOKIE)

    def _insist_on_crumbs(self) -> None:
        if self._crumbs.resting:
            # yfinance goes on without.
            raise YFRateLimitError

    def _heed(self, errand: _Errand, answer: Answer, host: str) -> None:
        """Go no further on the way to a crumb where Yahoo asks for quiet."""
        if answers.pleads(answer):
            why = f"{host}: no crumb: too many requests, status {answer.status}"
            limited = _close(self._crumbs, wish(answer.retry_after, self._now()), why)
            raise limited if errand.crumb is Crumb.NEEDED else YFRateLimitError

    def _takes(self, errand: _Errand, answer: Answer, host: str) -> bool:
        """Tell whether this is a crumb.

        Of what is none yfinance may see nothing: it would keep it, and send it as a crumb. The
        first time it tries its other way to one; where there is no other left it goes on without.
        """
        if answers.is_crumb(answer):
            errand.lack = None
            return True
        again, errand.lack = errand.lack, f"{host}: expected a crumb, found {answers.found(answer)}"
        if again or errand.consented:
            raise YFRateLimitError
        return False


def _close(crumbs: Manners, asked: timedelta | None, why: str) -> RateLimited:
    known = crumbs.resting
    limited = crumbs.refused(asked, why)
    if known is None:
        logger.info("no crumb from Yahoo", why=why, until=limited.retry_at)
    return limited


# What yfinance knows as no crumb, and forgets while it tries its other way.
_NOTHING = Response()
_NOTHING.status_code, _NOTHING.content = HTTPStatus.OK, b"<html>"


def _answer(response: Response) -> Answer:
    return Answer(response.status_code, response.text, response.headers.get("Retry-After"))


def _reason(error: BaseException) -> str:
    """Return what stopped a request, in one line and without the URL that curl may repeat."""
    said = str(error).partition(" See https://")[0].removeprefix("Failed to perform, ")
    lines = [word for word in said.split() if "://" not in word]
    return " ".join([type(error).__name__ + ":", *lines]) if lines else type(error).__name__
