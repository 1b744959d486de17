"""How do the commands write?

    data  -> stdout    plain lines, tables, JSON
    words -> stderr    what happened, what is wrong, how far it is

A table folds its sentences to fit a terminal, and never an id or a number. In a pipe it is as wide
as it needs to be. Nothing is cut.
"""

from __future__ import annotations

import json
import sys
import textwrap
from datetime import timedelta
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Literal, NoReturn

import typer

from alertd.core import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.progress import Progress
    from rich.table import Table

_ENDLESS = 10_000
_LONGEST_CELL = 500
_NARROWEST = 40
_WIDEST = 100
_GAP = 2
# No column of sentences is narrower than this for the sake of one long word.
_LONGEST_WORD = 12

_THOUSAND = 1_000

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
    labelled(" " * indent, text)


def labelled(label: str, text: str) -> None:
    """Write a sentence behind its label; what is broken off stands below where it begins."""
    if not sys.stdout.isatty():
        show(label + text)
        return
    margin = " " * len(label)
    width = max(min(get_terminal_size().columns, _WIDEST), _NARROWEST + len(margin))
    lines = textwrap.wrap(text, width - len(margin), break_on_hyphens=False)
    for number, line in enumerate(lines or [""]):
        show(f"{margin if number else label}{line}".rstrip())


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], indent: int = 0) -> None:
    """Write rows below their headings.

    What stands below a heading that starts with "=" or ">" is never folded; ">" moves it to the
    right.
    """
    from rich.console import Console
    from rich.padding import Padding

    cells = [[words.line(cell, _LONGEST_CELL) for cell in row] for row in rows]
    room = get_terminal_size().columns if sys.stdout.isatty() else _ENDLESS
    grid = _grid(headings, cells, room - indent)
    # Where even folding makes no room, the terminal breaks the lines, and nothing is lost.
    console = Console(width=_ENDLESS, markup=False, emoji=False, highlight=False)
    with console.capture() as captured:
        console.print(Padding(grid, (0, 0, 0, indent), expand=False))
    for line in captured.get().splitlines():
        show(line.rstrip())


def _grid(headings: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> Table:
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for heading, width in zip(headings, _widths(headings, rows, room), strict=True):
        justify: Literal["left", "right"] = "right" if heading[0] == ">" else "left"
        grid.add_column(heading.lstrip("=>"), justify=justify, width=width, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return how wide each column is; for want of room those further right give way first."""
    columns = list(zip(headings, *rows, strict=True))
    titled = zip((heading.lstrip("=>") for heading in headings), *rows, strict=True)
    widths = [max(map(_wide, column)) for column in titled]
    excess = sum(widths) + _GAP * (len(widths) - 1) - room
    for index in reversed(range(len(columns))):
        given = min(max(excess, 0), widths[index] - _least(*columns[index]))
        widths[index] -= given
        excess -= given
    return widths


def _least(heading: str, *cells: str) -> int:
    """Return the least width of a column: words, and cells below "=" and ">", stay whole."""
    title = [_wide(word) for word in heading.lstrip("=>").split()]
    if heading[0] in "=>":
        return max([*title, *map(_wide, cells)])
    widths = (_wide(word) for cell in cells for word in cell.split())
    return max([*title, *(min(width, _LONGEST_WORD) for width in widths)])


def _wide(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two."""
    from rich.cells import cell_len

    return cell_len(text)


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


def size(number: float) -> str:
    """Return how much room bytes take: "512 B", "12.3 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        # What would be rounded to four digits belongs to the next unit.
        if number < _THOUSAND - 0.5:
            return f"{number:.3g} {unit}"
        number /= _THOUSAND
    return f"{number:,.3g} TB"
