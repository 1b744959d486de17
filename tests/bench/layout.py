"""How do numbers and tables look on the page?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Where three digits are written without an exponent, and without decimals.
_TINY, _LARGE = 0.01, 100


@dataclass(frozen=True)
class Promise:
    """What is promised of a figure, and what it is."""

    words: str
    figure: float
    kept: bool

    def __str__(self) -> str:
        return f"{'kept' if self.kept else 'BROKEN'}: {self.words}; measured: {number(self.figure)}"


def number(value: float) -> str:
    """Return a number in three digits, or in three decimals where it is tiny; 0 as it is."""
    if value == 0:
        return "0"
    if value < _TINY:
        return f"{value:.3f}"
    short = f"{value:.3g}"
    return f"{float(short):,.0f}" if value >= _LARGE else short


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; an empty head is none at all."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
