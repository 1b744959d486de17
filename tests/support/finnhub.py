"""Finnhub's quotes on loopback, in their documented shape.

with FinnhubServer() as finnhub:
    finnhub.quote("BABA", 149.9, at("15:30:12"))
    Finnhub(token=TOKEN, url=finnhub.url, ...)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.quotes.finnhub import Finnhub
from alertd.quotes.manners import Manners
from tests.quotes.build import NOON
from tests.support.api import Reply, Request, Service
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from datetime import datetime

TOKEN = "cs8f2k9r01qmb1d7u4a0"

INVALID_KEY = Reply(401, {"error": "Invalid API key"})
NO_ACCESS = Reply(403, {"error": "You don't have access to this resource."})
TOO_MANY = Reply(429, {"error": "API limit reached. Please try again later. Remaining Limit: 0"})
UNKNOWN = {"c": 0, "d": None, "dp": None, "h": 0, "l": 0, "o": 0, "pc": 0, "t": 0}


def account(
    server: Service,
    clock: HandClock | None = None,
    *,
    per_minute: int = 60,
    timeout: float = 2.0,
) -> Finnhub:
    """Return an account there; without a clock it is noon on a Friday in November."""
    now = (clock or HandClock(NOON)).now
    return Finnhub(
        token=TOKEN, now=now, url=server.url, timeout=timeout,
        manners=Manners("finnhub", per_minute, now),
    )  # fmt: skip


class FinnhubServer(Service):
    """What Finnhub knows of some shares."""

    base = "/api/v1"

    def __init__(self) -> None:
        super().__init__()
        self._quotes: dict[str, dict[str, object]] = {}

    def quote(self, ticker: str, price: object, at: datetime, **fields: object) -> None:
        """Have a last price; its day reaches far above and below it."""
        self._quotes[ticker] = {
            "c": price, "d": 1.2, "dp": 0.8, "h": 999.0, "l": 1.0, "o": 149.0, "pc": 148.0,
            "t": int(at.timestamp()), **fields,
        }  # fmt: skip

    def respond(self, request: Request) -> Reply:
        if request.headers.get("x-finnhub-token") != TOKEN:
            return INVALID_KEY
        if request.path != f"{self.base}/quote":
            return Reply(404, b"404 page not found")
        return Reply(200, self._quotes.get(request.query["symbol"], UNKNOWN))
