"""Alpaca's market data on loopback, in its documented shapes.

with AlpacaServer() as alpaca:
    alpaca.play("BABA", minutes)
    Alpaca(key=KEY, secret=SECRET, url=alpaca.url, ...)
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alertd.quotes.alpaca import Alpaca
from alertd.quotes.manners import Manners
from tests.quotes.build import NOON
from tests.support.api import Reply, Request, Service
from tests.support.fakes import HandClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alertd.core.bars import Bar

KEY, SECRET = "PKTESTKEY0000001", "secret-of-the-account"

FORBIDDEN = Reply(403, {"message": "forbidden."})
UNAUTHORIZED = Reply(401, {"code": 40110000, "message": "request is not authorized"})
NOT_PAID_FOR = Reply(403, {"message": "subscription does not permit querying recent SIP data"})
TOO_MANY = Reply(429, {"message": "too many requests."})

_NAME = re.compile(r"[A-Z]+(\.[A-Z]+)?")


def account(
    server: Service,
    clock: HandClock | None = None,
    *,
    per_minute: int = 200,
    feed: str = "iex",
    timeout: float = 2.0,
) -> Alpaca:
    """Return an account there; without a clock it is noon on a Friday in November."""
    now = (clock or HandClock(NOON)).now
    return Alpaca(
        key=KEY, secret=SECRET, feed=feed, now=now, url=server.url, timeout=timeout,
        manners=Manners("alpaca", per_minute, now),
    )  # fmt: skip


class AlpacaServer(Service):
    """What Alpaca knows of some shares."""

    def __init__(self, page: int = 10_000) -> None:
        """Give at most so many rows on a page, whatever is asked for."""
        super().__init__()
        self._page = page
        self._bars: dict[tuple[str, str], list[dict[str, object]]] = {}
        self._actions: dict[str, list[dict[str, object]]] = {}
        self._snapshots: dict[str, object] = {}

    def play(self, ticker: str, bars: Iterable[Bar], timeframe: str = "1Min") -> None:
        """Have these bars of a share; those of a day are stamped with its midnight."""
        self._bars[ticker, timeframe] = [_row(bar, timeframe) for bar in bars]

    def split(self, ticker: str, day: str, new: object, old: object, kind: str = "forward") -> None:
        """Announce a split."""
        entry = {
            "id": f"{ticker}-{day}", "symbol": ticker, "ex_date": day, "process_date": day,
            "new_rate": new, "old_rate": old,
        }  # fmt: skip
        self._actions.setdefault(f"{kind}_splits", []).append(entry)

    def snap(self, ticker: str, snapshot: object) -> None:
        """Have this to say of a share."""
        self._snapshots[ticker] = snapshot

    def respond(self, request: Request) -> Reply:
        keys = [request.headers.get(f"apca-api-{name}") for name in ("key-id", "secret-key")]
        if keys != [KEY, SECRET]:
            return FORBIDDEN
        names = request.query.get("symbols", "").split(",")
        if wrong := [name for name in names if name and not _NAME.fullmatch(name)]:
            return Reply(400, {"message": f"invalid symbol: {wrong[0]}"})
        match request.path:
            case "/v2/stocks/bars":
                return self._found(request, names)
            case "/v2/stocks/snapshots":
                known = {name: self._snapshots[name] for name in names if name in self._snapshots}
                return Reply(200, known)
            case "/v1/corporate-actions":
                return self._announced(request)
            case _:
                return Reply(404, {"message": "not found"})

    def _found(self, request: Request, names: Sequence[str]) -> Reply:
        start, end = (datetime.fromisoformat(request.query[key]) for key in ("start", "end"))
        rows = [
            (name, row)
            for name in sorted(names)
            for row in self._bars.get((name, request.query["timeframe"]), [])
            if start <= datetime.fromisoformat(str(row["t"])) <= end
        ]
        first = int(request.query.get("page_token", "0"))
        last = first + min(self._page, int(request.query["limit"]))
        bars: dict[str, list[object]] = {}
        for name, row in rows[first:last]:
            bars.setdefault(name, []).append(row)
        token = str(last) if last < len(rows) else None
        return Reply(200, {"bars": bars, "next_page_token": token})

    def _announced(self, request: Request) -> Reply:
        start, end = request.query["start"], request.query["end"]
        kinds = {
            kind: [entry for entry in entries if start <= str(entry["ex_date"]) <= end]
            for kind, entries in self._actions.items()
        }
        return Reply(200, {"corporate_actions": kinds, "next_page_token": None})


def _row(bar: Bar, timeframe: str) -> dict[str, object]:
    at = bar.start.replace(hour=5, minute=0) if timeframe == "1Day" else bar.start
    return {
        "t": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "o": bar.open, "h": bar.high, "l": bar.low, "c": bar.close,
        "v": bar.volume or 0, "n": 3, "vw": bar.close,
    }  # fmt: skip
