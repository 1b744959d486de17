"""Which bars does a history file hold, and if it cannot be trusted, which lines are to blame?

    lines -> header -> rows (prices checked) -> starts (dates or times) -> bars, splits -> Series

A file with one bad row is refused whole: history with a hole would be replayed as if it were true.
All bad rows are named at once.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, NoReturn

from alertd.core.bars import DIGITS, Bar, Series, Split, rounded
from alertd.errors import BadFile, Problem
from alertd.quotes.days import trading_from
from alertd.quotes.moments import Moment, NotAMoment, Span, moment, spans
from alertd.quotes.splits import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from alertd.core.calendars import Listing

_TIMES = ("timestamp", "datetime", "date")
_PRICES = ("open", "high", "low", "close")
_VOLUME = "volume"
_SPLIT = "split"
_NO_SPLIT = (0.0, 1.0)
_EXAMPLE = "Date,Open,High,Low,Close,Volume"
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the columns are."""

    width: int
    time: int
    prices: tuple[int, ...]
    volume: int | None
    split: int | None


@dataclass(frozen=True, slots=True)
class _Row:
    """One line whose prices are sound."""

    line: int
    moment: Moment
    prices: tuple[float, float, float, float]
    volume: float | None
    split: float | None


class _Bad(Exception):
    """One line cannot be read; says why."""


def read(path: Path, listing: Listing) -> Series:
    """Return the bars of a history file, oldest first, prices rounded to 4 decimals.

    A file of dates holds daily bars, each from its session's open to its close. Else the smallest
    spacing between rows is the length of every bar, and times without an offset are in the
    exchange's zone. A column of splits may say at any row of a day how many new shares an old one
    became.

    raises: BadFile with every bad line.
    """
    lines = _lines(path)
    header, delimiter = _header(path, lines)
    rows, problems = _rows(path, lines, header, delimiter)
    placed = _placed(path, rows, listing, problems)
    bars, misplaced = _bars(placed)
    splits, odd = _splits(placed, listing)
    if problems or misplaced or odd:
        raise BadFile(str(path), _listed([*problems, *misplaced, *odd]))
    return Series(listing.symbol, bars, DIGITS, listing.currency, splits)


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror}", "check the path and its permissions")
    except UnicodeDecodeError as error:
        hint = "save it as UTF-8"
        _refuse(path, f"not UTF-8 text: byte {error.object[error.start]:#04x}", hint)
    if not any(line.strip() for line in lines):
        _refuse(path, "the file is empty", f"expected a header such as {_EXAMPLE}")
    return lines


def _header(path: Path, lines: Sequence[str]) -> tuple[_Header, str]:
    first = lines[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    time = next((name for name in _TIMES if name in names), None)
    missing = [name for name in _PRICES if name not in names] + ([] if time else ["date"])
    twice = [name for name in (*_TIMES, *_PRICES, _VOLUME) if names.count(name) > 1]
    splits = [name for name in names if _joined(name) in COLUMNS]
    twice += splits if len(splits) > 1 else []
    if time is None or missing or twice:
        what = f"missing {', '.join(missing)}" if missing else f"twice: {', '.join(twice)}"
        found = f"columns {what}; found {', '.join(names)}"
        _refuse(path, found, f"expected {_EXAMPLE}", "line 1")
    prices = tuple(names.index(name) for name in _PRICES)
    volume = names.index(_VOLUME) if _VOLUME in names else None
    split = names.index(splits[0]) if splits else None
    return _Header(len(names), names.index(time), prices, volume, split), delimiter


def _joined(name: str) -> str:
    return name.replace(" ", "").replace("_", "")


def _rows(
    path: Path, lines: Sequence[str], header: _Header, delimiter: str
) -> tuple[list[_Row], list[tuple[int, str]]]:
    """Return the sound rows, and of the others the line and what is wrong with it."""
    rows: list[_Row] = []
    problems: list[tuple[int, str]] = []
    for line, fields in _fields(path, lines, delimiter):
        try:
            rows.append(_row(line, fields, header))
        except (_Bad, NotAMoment) as error:
            problems.append((line, str(error)))
    if not rows and not problems:
        _refuse(path, "no rows below the header", "expected at least one bar")
    return rows, problems


def _fields(path: Path, lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        next(reader)
        for fields in reader:
            if fields:
                yield reader.line_num, fields
    except csv.Error as error:
        _refuse(path, f"not CSV: {error}", "look for a stray quote", f"line {reader.line_num}")


def _row(line: int, fields: Sequence[str], header: _Header) -> _Row:
    if len(fields) != header.width:
        msg = f"expected {header.width} columns, found {len(fields)}"
        raise _Bad(msg)
    opened, high, low, close = (
        _price(name, fields[at]) for name, at in zip(_PRICES, header.prices, strict=True)
    )
    if not low <= min(opened, close) or not max(opened, close) <= high:
        msg = f"high {high:g} and low {low:g} do not contain open {opened:g}, close {close:g}"
        raise _Bad(msg)
    volume = None if header.volume is None else _volume(fields[header.volume])
    split = None if header.split is None else _ratio(fields[header.split])
    return _Row(line, moment(fields[header.time]), (opened, high, low, close), volume, split)


def _price(name: str, text: str) -> float:
    price = rounded(_number(name, text))
    if price <= 0:
        msg = f"{name}: expected a price above 0, found {text.strip()}"
        raise _Bad(msg)
    return price


def _volume(text: str) -> float | None:
    return _number(_VOLUME, text) if text.strip() else None


def _ratio(text: str) -> float | None:
    ratio = _number(_SPLIT, text) if text.strip() else 0.0
    if ratio < 0:
        msg = f"{_SPLIT}: expected a ratio above 0, found {text.strip()}"
        raise _Bad(msg)
    return None if ratio in _NO_SPLIT else ratio


def _number(name: str, text: str) -> float:
    found = text.strip()
    if not found:
        msg = f"{name} is empty"
        raise _Bad(msg)
    try:
        number = float(found)
    except ValueError:
        number = math.nan
    # Python reads 1_000 as a number; a file that says so means something else.
    if not math.isfinite(number) or "_" in found:
        msg = f'{name}: expected a number, found "{found:.40}"'
        raise _Bad(msg)
    return number


def _placed(
    path: Path, rows: Sequence[_Row], listing: Listing, problems: Sequence[object]
) -> list[tuple[_Row, Span | str]]:
    """Return each row with the span of its bar, or with what is wrong with its time."""
    try:
        found = spans([row.moment for row in rows], listing.calendar)
    except ValueError as error:
        if not problems:
            hint = "expected at least two rows, in sessions that the symbol's calendar knows"
            _refuse(path, str(error), hint)
        return []
    return list(zip(rows, found, strict=True))


def _bars(
    placed: Sequence[tuple[_Row, Span | str]],
) -> tuple[tuple[Bar, ...], list[tuple[int, str]]]:
    """Return the bars in order, and the lines whose start no bar can have."""
    bars: dict[datetime, tuple[int, Bar]] = {}
    problems: list[tuple[int, str]] = []
    for row, span in placed:
        if isinstance(span, str):
            problems.append((row.line, span))
        elif span.start in bars:
            problems.append((row.line, f"the same time as line {bars[span.start][0]}"))
        else:
            bar = Bar(span.start, span.length, *row.prices, row.volume)
            bars[span.start] = (row.line, bar)
    return tuple(bar for _, (_, bar) in sorted(bars.items())), problems


def _splits(
    placed: Sequence[tuple[_Row, Span | str]], listing: Listing
) -> tuple[tuple[Split, ...], list[tuple[int, str]]]:
    """Return the splits in order, one a session, and the lines that contradict an earlier one."""
    found: dict[datetime, tuple[int, float]] = {}
    problems: list[tuple[int, str]] = []
    for row, span in placed:
        if row.split is None or isinstance(span, str):
            continue
        at = trading_from(listing.calendar, span.start) or span.start
        line, ratio = found.setdefault(at, (row.line, row.split))
        if ratio != row.split:
            problems.append((row.line, f"{_SPLIT} of {row.split:g}, of {ratio:g} on line {line}"))
    return tuple(Split(at, ratio) for at, (_, ratio) in sorted(found.items())), problems


def _listed(problems: Sequence[tuple[int, str]]) -> list[Problem]:
    ordered = sorted(problems, key=itemgetter(0))
    named = [Problem(f"line {line}", what) for line, what in ordered[:_MOST_NAMED]]
    rest = len(ordered) - len(named)
    return [*named, Problem("", f"and {rest} more bad lines")] if rest else named


def _refuse(path: Path, what: str, hint: str, where: str = "") -> NoReturn:
    raise BadFile(str(path), [Problem(where, what, hint)]) from None
