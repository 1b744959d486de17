"""What did Yahoo answer: what was asked for, a plea for quiet, or nothing of use?

Pure: status, text and Retry-After go in; the parsed JSON, one of our errors or a plea comes out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from alertd.core.retry import wish
from alertd.errors import SourceDown, UnknownSymbol

if TYPE_CHECKING:
    from datetime import datetime, timedelta

HOST = "query1.finance.yahoo.com"
SUMMARY_HOST = "query2.finance.yahoo.com"

# A second request would be answered the same, or make it worse.
FINAL = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)

# A plea for quiet is a line of plain text; a chart that quotes one is not a plea.
_PLEA, _PLEA_LENGTH = "Too Many Requests", 500
_BEFORE_LISTING = "Data doesn't exist for startDate"
_NO_ROWS: dict[str, object] = {"chart": {"result": [{"indicators": {"quote": [{}]}}]}}
_EXCERPT = 80
# It has eleven characters.
_LONGEST_CRUMB = 32


class Plea(Exception):
    """Yahoo asks for quiet, and may say itself for how long."""

    def __init__(self, message: str, asked: timedelta | None) -> None:
        self.asked = asked
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    text: str
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class _Reply:
    """A body that could be parsed, with the code and the description of its error, if any."""

    body: object
    code: str
    description: str

    @property
    def unknown(self) -> bool:
        return self.code == "Not Found" or "delisted" in self.description


def chart(answer: Answer, about: str, now: datetime) -> object:
    """Return the JSON of a chart answer; its inner shape is for the parser to judge.

    returns: a chart without rows where the window lies before the symbol's first trade.
    raises:  Plea, UnknownSymbol, SourceDown.
    """
    where = f"{HOST}: {about}"
    reply = _reply(answer, where, now)
    if reply.description.startswith(_BEFORE_LISTING):
        return _NO_ROWS
    _insist_known(reply, where)
    return _good(answer, reply, where, "a chart")


def quote(answer: Answer, about: str, now: datetime) -> object:
    """Return the JSON of a quote answer; its inner shape is for the parser to judge.

    raises: Plea, UnknownSymbol, SourceDown.
    """
    where = f"{HOST}: {about}"
    reply = _reply(answer, where, now)
    _insist_known(reply, where)
    return _good(answer, reply, where, "a quote")


def quotes(answer: Answer, about: str, now: datetime) -> object:
    """Return the JSON of a quote answer about many symbols, as `quote` does.

    raises: Plea, SourceDown.
    """
    where = f"{HOST}: {about}"
    return _good(answer, _reply(answer, where, now), where, "quotes")


def spark(answer: Answer, about: str, now: datetime) -> object:
    """Return the JSON of a spark answer; empty where Yahoo knows none of the symbols.

    raises: Plea, SourceDown.
    """
    where = f"{HOST}: {about}"
    reply = _reply(answer, where, now)
    return {} if reply.unknown else _good(answer, reply, where, "closes")


def summary(answer: Answer, about: str, now: datetime) -> object | None:
    """Return the JSON of a quoteSummary answer; None where Yahoo has none of the symbol.

    raises: Plea, SourceDown.
    """
    where = f"{SUMMARY_HOST}: {about}"
    reply = _reply(answer, where, now)
    return None if reply.unknown else _good(answer, reply, where, "a summary")


def pleads(answer: Answer) -> bool:
    """Tell whether an answer asks for quiet, whatever its status."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return len(answer.text) <= _PLEA_LENGTH and _PLEA in answer.text


def is_crumb(answer: Answer) -> bool:
    """Tell whether an answer is a crumb, and not an apology or a page for people."""
    text = answer.text
    short = 0 < len(text) <= _LONGEST_CRUMB and not any(c.isspace() or c == "<" for c in text)
    return short and answer.status == HTTPStatus.OK


def found(answer: Answer) -> str:
    """Return in words what an answer is that was expected to be something else."""
    return f"{_kind(answer.text)} with status {answer.status}{_excerpt(answer.text)}"


def _reply(answer: Answer, where: str, now: datetime) -> _Reply:
    if pleads(answer):
        msg = f"{where}: too many requests, status {answer.status}"
        raise Plea(msg, wish(answer.retry_after, now))
    body = _parsed(answer, where)
    return _Reply(body, *_complaint(body))


def _insist_known(reply: _Reply, where: str) -> None:
    if reply.unknown:
        msg = f"{where}: {reply.description or reply.code}"
        raise UnknownSymbol(msg)


def _good(answer: Answer, reply: _Reply, where: str, wanted: str) -> object:
    if reply.code or answer.status != HTTPStatus.OK:
        said = f"{reply.code}: {reply.description}" if reply.code else answer.text
        msg = f"{where}: expected {wanted}, found status {answer.status}{_excerpt(said)}"
        raise SourceDown(msg)
    return reply.body


def _parsed(answer: Answer, where: str) -> object:
    try:
        body: object = json.loads(answer.text)
    except (ValueError, RecursionError):
        msg = f"{where}: expected JSON, found {found(answer)}"
        raise SourceDown(msg) from None
    return body


def _kind(text: str) -> str:
    start = text.lstrip()[:1]
    if not start:
        return "nothing"
    return {"<": "HTML", "{": "JSON that breaks off"}.get(start, "other text")


def _complaint(body: object) -> tuple[str, str]:
    """Return the code and description of an error envelope; empty where there is none."""
    for key in ("chart", "quoteResponse", "quoteSummary", "spark", "finance"):
        inner = body.get(key) if isinstance(body, dict) else None
        error = inner.get("error") if isinstance(inner, dict) else None
        if isinstance(error, dict):
            return str(error.get("code") or "error"), str(error.get("description") or "")
    return "", ""


def _excerpt(text: str) -> str:
    """Return the beginning of what was found, on one line, in a form that is safe to log."""
    start = " ".join(text.split())[:_EXCERPT]
    return f": {start!r}" if start else ""
