"""What does a price cost among many levels, and what would it cost a simpler program?

Setting up is not timed: each round judges the same bars from the same states, on a fresh copy.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import pytest

from alertd.core.calendars import listing
from alertd.core.ladder import Ladder
from alertd.quotes.csv import read
from tests.bench.courses import DIGITS, FIRST, PRICE, SYMBOL, armed, minutes
from tests.bench.rivals import Arrayed, Contender, JudgingLoop, Listed, SearchingLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from alertd.core.bars import Bar

SIZES = (10, 1_000, 100_000)
REAL_MINUTES = "1m_regular_2026-03-09_2026-05-05.csv"
# So many levels may all rivals of one kind look at in a round; that bounds their bars.
_LOOKS = {"ladder": 1 << 40, "numpy": 150_000_000, "plain": 8_000_000, "judging": 100_000}
_ROUNDS = {"ladder": 20, "numpy": 5, "plain": 5, "judging": 1}
_DENSE_BARS = 20


class Timed(Protocol):
    """What is used of pytest-benchmark's fixture."""

    extra_info: dict[str, object]

    def pedantic(
        self, target: Callable[..., object], *, setup: Callable[[], object], rounds: int
    ) -> object: ...


@pytest.mark.parametrize("levels", SIZES)
@pytest.mark.parametrize("name", _LOOKS)
def bench_points(benchmark: Timed, name: str, levels: int) -> None:
    count = max(1, _LOOKS[name] // (4 * levels))
    _measure(benchmark, "walk", name, (levels, PRICE, False), _walk()[:count])


@pytest.mark.parametrize("name", ["ladder", "numpy", "plain"])
def bench_dense_points(benchmark: Timed, name: str) -> None:
    _measure(benchmark, "dense", name, (SIZES[-1], PRICE, True), _walk()[:_DENSE_BARS])


@pytest.mark.parametrize("levels", SIZES)
def bench_real_points(benchmark: Timed, levels: int, shared: Path) -> None:
    course = read(shared / "data" / "baba" / REAL_MINUTES, listing(SYMBOL)).bars
    _measure(benchmark, "real", "ladder", (levels, course[0].open, False), course)


def _measure(
    benchmark: Timed, course: str, name: str, among: tuple[int, float, bool], bars: Sequence[Bar]
) -> None:
    contender = _contender(name, *among)
    visits = _through(contender.fork(), bars)
    benchmark.extra_info |= {
        "course": course,
        "contender": name,
        "levels": among[0],
        "points": 4 * len(bars),
        "visits": visits,
    }
    benchmark.pedantic(_through, setup=lambda: ((contender.fork(), bars), {}), rounds=_ROUNDS[name])


def _through(contender: Contender, bars: Sequence[Bar]) -> int:
    """Judge all bars and return how many decisions that took."""
    return sum(len(contender.feed(bar, whole=True)) for bar in bars)


def _contender(name: str, levels: int, price: float, dense: bool) -> Contender:  # noqa: FBT001
    rules, states = _armed(levels, price, dense=dense)
    match name:
        case "ladder":
            return Ladder(rules, states, DIGITS)
        case "judging":
            return JudgingLoop(rules, states, DIGITS)
        case _:
            kind = Arrayed if name == "numpy" else Listed
            return SearchingLoop(rules, states, DIGITS, kind)


_armed = lru_cache(maxsize=1)(armed)


@lru_cache(maxsize=1)
def _walk() -> Sequence[Bar]:
    return minutes(FIRST, sessions=20)
