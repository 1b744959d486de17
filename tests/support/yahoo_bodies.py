"""What does Yahoo say, on good days and on bad ones?

A fault turns the answer that was due into the one that is sent, so that one list of faults serves
every path and every market.
"""

from __future__ import annotations

import gzip
import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.bars import Bar

_JSON = (("Content-Type", "application/json;charset=utf-8"),)
_HTML = (("Content-Type", "text/html"),)
_META: dict[str, object] = {
    "currency": "USD",
    "exchangeName": "NYQ",
    "exchangeTimezoneName": "America/New_York",
    "instrumentType": "EQUITY",
    "priceHint": 2,
}
_QUOTE: dict[str, object] = {
    "quoteType": "EQUITY",
    "currency": "USD",
    "financialCurrency": "CNY",
    "priceHint": 2,
}


class Ending(Enum):
    """How an answer ends: it is sent, the connection breaks, or (the rest of) it never comes."""

    SENT = auto()
    RESET = auto()
    HANG = auto()
    STALL = auto()  # after half of the body
    DRIP = auto()  # a byte at a time
    FLOOD = auto()  # the body again and again, for ever


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = _JSON
    ending: Ending = Ending.SENT


Fault = Callable[[Answer], Answer]


def chart(
    bars: Sequence[Bar], meta: dict[str, object], splits: Sequence[dict[str, object]] = ()
) -> Answer:
    """Return a chart of these bars as Yahoo shapes it; prices carry its float32 noise."""
    quote: dict[str, object] = {
        "open": [_price(bar.open) for bar in bars],
        "high": [_price(bar.high) for bar in bars],
        "low": [_price(bar.low) for bar in bars],
        "close": [_price(bar.close) for bar in bars],
        "volume": [None if math.isnan(bar.open) else int(bar.volume or 0) for bar in bars],
    }
    result: dict[str, object] = {
        "meta": {**_META, **meta},
        "indicators": {"quote": [quote if bars else {}]},
    }
    if splits:
        result["events"] = {"splits": {str(each["date"]): each for each in splits}}
    if bars:
        result["timestamp"] = [int(bar.start.timestamp()) for bar in bars]
    return _answer(200, {"chart": {"result": [result], "error": None}})


def quote(symbol: str, fields: dict[str, object]) -> bytes:
    """Return one entry of a quote answer."""
    return json.dumps({**_QUOTE, "symbol": symbol, **fields}).encode()


def quotes(entries: Sequence[bytes]) -> Answer:
    """Return these entries as an answer; what is unknown is silently missing."""
    return Answer(200, b'{"quoteResponse":{"result":[%s],"error":null}}' % b",".join(entries))


def spark(found: dict[str, dict[str, object]]) -> Answer:
    """Return the closes of these symbols; where there are none at all, what Yahoo says then."""
    if not found:
        return _refusal(404, "Not Found", "No data found for spark symbols", key="spark")
    return _answer(200, found)


def crowd(symbols: int) -> Answer:
    """Return what a spark of too many symbols gets."""
    said = f"Number of symbols {symbols} exceeds the limit"
    return _refusal(400, "Bad Request", said, key="spark")


def summary(financial: dict[str, object] | None) -> Answer:
    """Return a summary with these values, or what a symbol without fundamentals gets."""
    if financial is None:
        said = "No fundamentals data found for any of the summaryTypes=financialData"
        return _refusal(404, "Not Found", said, key="quoteSummary")
    result = [{"financialData": {"maxAge": 86400, "financialCurrency": "CNY", **financial}}]
    return _answer(200, {"quoteSummary": {"result": result, "error": None}})


def not_found() -> Answer:
    """Return what an unknown symbol gets."""
    return _refusal(404, "Not Found", "No data found, symbol may be delisted")


def page(status: int, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Return a page for people."""
    html = b"<!DOCTYPE html><html><head><title>Yahoo</title></head><body>oops</body></html>"
    return Answer(status, html, (*_HTML, *headers))


def too_many(retry_after: str | None = None) -> Fault:
    """Answer 429 in plain text, as Yahoo's edge does."""
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    return lambda _: Answer(
        429, b"Too Many Requests\r\n", (("Content-Type", "text/plain"), *headers)
    )


def too_many_with_200(_: Answer) -> Answer:
    """Answer the same text with status 200."""
    return Answer(200, b"Edge: Too Many Requests", (("Content-Type", "text/plain"),))


def consent(_: Answer) -> Answer:
    """Send the client to a page that asks for consent, as happens in Europe."""
    place = ("Location", "https://consent.yahoo.com/v2/collectConsent?sessionId=1")
    return Answer(307, b"", (*_HTML, place))


def html(_: Answer) -> Answer:
    """Answer 200 with a page for people."""
    return page(200)


def truncated(due: Answer) -> Answer:
    """Answer half of the JSON."""
    return replace(due, body=due.body[: len(due.body) // 2])


def empty(due: Answer) -> Answer:
    """Answer with no body at all."""
    return replace(due, body=b"")


def unknown(_: Answer) -> Answer:
    """Answer as for an unknown symbol."""
    return not_found()


def before_listing(_: Answer) -> Answer:
    """Answer as for a window that ends before the first trade."""
    return _refusal(400, "Bad Request", "Data doesn't exist for startDate = 1, endDate = 2")


def too_old(_: Answer) -> Answer:
    """Answer as for one-minute bars of last year."""
    return _refusal(422, "Unprocessable Entity", "1m data not available for startTime=1")


def broken(_: Answer) -> Answer:
    """Answer 502 with a page for people."""
    return page(502)


def unauthorized(_: Answer) -> Answer:
    """Answer as for a crumb that has gone stale."""
    error = {"code": "Unauthorized", "description": "Invalid Crumb"}
    return _answer(401, {"finance": {"result": None, "error": error}})


def null_rows(due: Answer) -> Answer:
    """Answer with the rows that were due, every price and volume null."""
    body = json.loads(due.body)
    quote = body["chart"]["result"][0]["indicators"]["quote"][0]
    for name, values in quote.items():
        quote[name] = [None] * len(values)
    return _answer(200, body)


def no_rows(due: Answer) -> Answer:
    """Answer with an empty window."""
    body = json.loads(due.body)
    result = body["chart"]["result"][0]
    result.pop("timestamp", None)
    result["indicators"]["quote"] = [{}]
    return _answer(200, body)


def reset(due: Answer) -> Answer:
    """Break the connection."""
    return replace(due, ending=Ending.RESET)


def hang(due: Answer) -> Answer:
    """Never answer."""
    return replace(due, ending=Ending.HANG)


def stall(due: Answer) -> Answer:
    """Answer half of the body, and then nothing more."""
    return replace(due, ending=Ending.STALL)


def drip(due: Answer) -> Answer:
    """Answer a byte at a time, so slowly that no request waits for the end."""
    return replace(due, ending=Ending.DRIP)


def flood(due: Answer) -> Answer:
    """Answer without end."""
    return replace(due, body=b" " * 65_536, ending=Ending.FLOOD)


def bomb(due: Answer) -> Answer:
    """Answer 64 MB of blanks, which compressed are next to nothing."""
    packed = gzip.compress(b" " * 64_000_000)
    return replace(due, body=packed, headers=(*due.headers, ("Content-Encoding", "gzip")))


def no_access(_: Answer) -> Answer:
    """Answer as for a request without the cookie."""
    error = {"code": "Unauthorized", "description": "User is unable to access this feature"}
    return _answer(401, {"finance": {"result": None, "error": error}})


def doubled_last_row(due: Answer) -> Answer:
    """Answer with the last row twice."""
    return _rows(due, lambda values: [*values, *values[-1:]])


def nan_rows(due: Answer) -> Answer:
    """Answer with rows of NaN, as JSON of Python and of some servers has it."""
    body = json.loads(due.body)
    quote = body["chart"]["result"][0]["indicators"]["quote"][0]
    for name in ("open", "high", "low", "close"):
        quote[name] = [math.nan] * len(quote.get(name, []))
    return _answer(200, body)


def hundredfold(due: Answer) -> Answer:
    """Answer with the last row's prices a hundred times too high."""
    body = json.loads(due.body)
    quote = body["chart"]["result"][0]["indicators"]["quote"][0]
    for name in ("open", "high", "low", "close"):
        *others, last = quote[name]
        quote[name] = [*others, last and last * 100]
    return _answer(200, body)


def no_currency(due: Answer) -> Answer:
    """Answer with a currency of null."""
    body = json.loads(due.body)
    body["chart"]["result"][0]["meta"]["currency"] = None
    return _answer(200, body)


def _rows(due: Answer, change: Callable[[list[object]], list[object]]) -> Answer:
    body = json.loads(due.body)
    result = body["chart"]["result"][0]
    result["timestamp"] = change(result["timestamp"])
    quote = result["indicators"]["quote"][0]
    for name, values in quote.items():
        quote[name] = change(values)
    return _answer(200, body)


def _refusal(status: int, code: str, description: str, key: str = "chart") -> Answer:
    error = {"code": code, "description": description}
    return _answer(status, {key: {"result": None, "error": error}})


def _answer(status: int, body: object) -> Answer:
    return Answer(status, json.dumps(body).encode())


def _price(price: float) -> float | None:
    """Return the price as Yahoo's 32 bits have it."""
    return None if math.isnan(price) else struct.unpack("f", struct.pack("f", price))[0]
