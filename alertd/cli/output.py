"""How do the commands write?

    data  -> stdout    plain lines, tables, JSON
    words -> stderr    what happened, what is wrong, how far it is

A table fits itself to a terminal. In a pipe it is as wide as it needs to be, and nothing is cut.
"""

from __future__ import annotations

import json
import sys
import textwrap
from datetime import timedelta
from shutil import get_terminal_size
from typing import TYPE_CHECKING, NoReturn

import typer

from alertd.core import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.progress import Progress

_ENDLESS = 10_000
_LONGEST_CELL = 500
_NARROWEST = 40
_WIDEST = 100

_UNITS = (
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "m"),
    (timedelta(seconds=1), "s"),
)


def show(text: str = "") -> None:
    """Write one line of data."""
    sys.stdout.write(f"{text}\n")


def say(text: str) -> None:
    """Write words for whoever watches."""
    sys.stderr.write(f"{text}\n")


def fail(text: str) -> NoReturn:
    """Say what is wrong, and leave with status 1."""
    say(text)
    raise typer.Exit(1)


def record(fields: Mapping[str, object]) -> None:
    """Write one line of JSON."""
    show(json.dumps(fields, ensure_ascii=False))


def paragraph(text: str, indent: int) -> None:
    """Write a sentence, broken into lines only where somebody reads them on a terminal."""
    columns = get_terminal_size().columns if sys.stdout.isatty() else _ENDLESS
    width = max(min(columns, _WIDEST) if columns < _ENDLESS else columns, _NARROWEST)
    margin = " " * indent
    show(textwrap.fill(text, width, initial_indent=margin, subsequent_indent=margin))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], indent: int = 0) -> None:
    """Write rows below their headings; a heading that starts with ">" stands to the right."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        grid.add_column(heading.lstrip(">"), justify="right" if heading[0] == ">" else "left")
    for row in rows:
        grid.add_row(*(words.line(cell, _LONGEST_CELL) for cell in row))
    width = None if sys.stdout.isatty() else _ENDLESS
    console = Console(width=width, markup=False, emoji=False, highlight=False)
    with console.capture() as captured:
        console.print(Padding(grid, (0, 0, 0, indent), expand=False))
    for line in captured.get().splitlines():
        show(line.rstrip())


def progress() -> Progress:
    """Return a progress display on stderr, silent where that is no terminal."""
    from rich import progress as parts
    from rich.console import Console

    return parts.Progress(
        parts.TextColumn("{task.description}", markup=False),
        parts.BarColumn(),
        parts.MofNCompleteColumn(),
        parts.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def about(span: timedelta) -> str:
    """Return the size of a span of time in its largest unit: "48s", "3h", "2d"."""
    size = abs(span)
    return next((f"{size // unit}{sign}" for unit, sign in _UNITS if size >= unit), "0s")


def count(number: int, noun: str) -> str:
    """Return how many there are of something: "1 event", "2,963 bars"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
