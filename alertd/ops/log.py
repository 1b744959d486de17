"""What does a log line look like, and what may never be in it?

    2026-11-22T14:31:07.250Z WARNING source is down symbol=BABA reason="no answer within 20 s"

One event is one line: UTC, level, a constant message, then fields. A traceback becomes fields too.
Control characters are escaped, so that nothing from outside can forge a line, and every loaded
secret reads `***`.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, TextIO

from loguru import logger

from alertd.core.redaction import Redaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loguru import Message, Record

# At INFO httpx logs whole URLs, which may hold tokens; peewee logs its SQL.
_QUIET = ("httpcore", "httpx", "peewee", "urllib3", "yfinance")

_FRAMES = 8


def setup(level: str, stream: TextIO, secrets: Iterable[str] = ()) -> None:
    """Log to a stream from `level` on, what libraries log included, and hide the secrets."""
    logger.remove()
    # loguru's own defaults print the values of local variables, passwords too.
    sink = _Lines(stream, Redaction.of(secrets))
    logger.add(sink, level=level.upper(), format="{message}", diagnose=False, backtrace=False)
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of each tick that it leaves out because the one before still fetches.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def line(record: Record, redact: Redaction) -> str:
    """Return the one line of a record, without its end."""
    moment = _moment(record["time"])
    words = [moment, f"{record['level'].name:<7}", _escaped(redact(record["message"]))]
    return " ".join([*words, *(f"{name}={_value(text, redact)}" for name, text in _fields(record))])


class _Lines:
    """A loguru sink that writes each record as one line."""

    def __init__(self, stream: TextIO, redact: Redaction) -> None:
        self._stream = stream
        self._redact = redact

    def write(self, message: Message) -> None:
        self._stream.write(line(message.record, self._redact) + "\n")
        self._stream.flush()


class _Forward(logging.Handler):
    """Hands to loguru what libraries log with the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        known = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
        level = record.levelname if record.levelname in known else record.levelno
        bound = logger.opt(exception=record.exc_info).bind(logger=record.name)
        bound.log(level, record.getMessage())


def _fields(record: Record) -> Iterator[tuple[str, str]]:
    for name, value in record["extra"].items():
        yield name, _moment(value) if isinstance(value, datetime) else str(value)
    if record["exception"] is not None and record["exception"].value is not None:
        yield from _failure(record["exception"].value)


def _failure(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield what was raised, what caused it, and the innermost frames, newest first."""
    yield "error", _raised(error)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield "cause", _raised(cause)
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{PurePath(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames)]
    yield "trace", " < ".join(places)


def _raised(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _value(text: str, redact: Redaction) -> str:
    text = redact(text)
    plain = text and not any(sign in text for sign in ' "=\\')
    if plain and text.isprintable():
        return text
    return '"' + _escaped(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _escaped(text: str) -> str:
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
