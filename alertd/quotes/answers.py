"""What did Yahoo answer: a chart, a plea for quiet, an unknown symbol, or nothing of use?

Pure: status, text and Retry-After go in; the parsed JSON or one of our errors comes out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from alertd.core.retry import granted, wish
from alertd.errors import RateLimited, SourceDown, UnknownSymbol

if TYPE_CHECKING:
    from alertd.core.bars import Symbol

HOST = "query1.finance.yahoo.com"

# A second request would be answered the same, or make it worse.
FINAL = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)

_QUIET = timedelta(minutes=5)
LONGEST_QUIET = timedelta(hours=1)
# A plea for quiet is a line of plain text; a chart that quotes one is not a plea.
_PLEA, _PLEA_LENGTH = "Too Many Requests", 500
_BEFORE_LISTING = "Data doesn't exist for startDate"
_NO_ROWS: dict[str, object] = {"chart": {"result": [{"indicators": {"quote": [{}]}}]}}
_EXCERPT = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    text: str
    retry_after: str | None = None


def chart(answer: Answer, symbol: Symbol, now: datetime) -> object:
    """Return the JSON of a chart answer; its inner shape is for the parser to judge.

    returns: a chart without rows where the window lies before the symbol's first trade.
    raises:  RateLimited, UnknownSymbol, SourceDown.
    """
    if _pleads(answer):
        msg = f"{HOST}: {symbol}: too many requests, status {answer.status}"
        raise RateLimited(
            msg,
            _retry_at(answer.retry_after, now),
        )
    body = _parsed(answer, symbol)
    code, description = _complaint(body)
    if code == "Not Found" or "delisted" in description:
        msg = f"{HOST}: {symbol}: {description or code}"
        raise UnknownSymbol(msg)
    if description.startswith(_BEFORE_LISTING):
        return _NO_ROWS
    if code or answer.status != HTTPStatus.OK:
        found = _excerpt(f"{code}: {description}" if code else answer.text)
        msg = f"{HOST}: {symbol}: expected a chart, found status {answer.status}{found}"
        raise SourceDown(msg)
    return body


def _pleads(answer: Answer) -> bool:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return len(answer.text) <= _PLEA_LENGTH and _PLEA in answer.text


def _retry_at(retry_after: str | None, now: datetime) -> datetime:
    """Return when to ask again; an absent or unreadable Retry-After means the usual quiet."""
    asked = wish(retry_after, now)
    return now + (_QUIET if asked is None else granted(asked))


def _parsed(answer: Answer, symbol: Symbol) -> object:
    try:
        body: object = json.loads(answer.text)
    except (ValueError, RecursionError):
        found = f"{_kind(answer.text)} with status {answer.status}{_excerpt(answer.text)}"
        msg = f"{HOST}: {symbol}: expected JSON, found {found}"
        raise SourceDown(msg) from None
    return body


def _kind(text: str) -> str:
    start = text.lstrip()[:1]
    if not start:
        return "nothing"
    return {"<": "HTML", "{": "JSON that breaks off"}.get(start, "other text")


def _complaint(body: object) -> tuple[str, str]:
    """Return the code and description of an error envelope; empty where there is none."""
    for key in ("chart", "finance"):
        inner = body.get(key) if isinstance(body, dict) else None
        error = inner.get("error") if isinstance(inner, dict) else None
        if isinstance(error, dict):
            return str(error.get("code") or "error"), str(error.get("description") or "")
    return "", ""


def _excerpt(text: str) -> str:
    """Return the beginning of what was found, on one line, in a form that is safe to log."""
    start = " ".join(text.split())[:_EXCERPT]
    return f": {start!r}" if start else ""
