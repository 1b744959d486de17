"""A symbol's daily history is kept for as long as the symbol is watched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.almanac import Almanac, Outlook, Targets
from alertd.core.bars import Split, Symbol
from tests.store.written import ABOVE, BELOW, NOW
from tests.support.build import at, daily

if TYPE_CHECKING:
    from alertd.store.database import Database

BABA, NVDA = Symbol("BABA"), Symbol("NVDA")
DAY = replace(daily("2026-03-06", "150.2 151.4 149.6 150.1"), volume=12_345_678.0)
OUTLOOK = Outlook(
    NOW, "yahoo", price=0.1 + 0.2, currency="USD", pe=20.13,
    targets=Targets(mean=194.0, high=230.0, low=150.0, current=150.1, currency="CNY"),
)  # fmt: skip
ALMANAC = Almanac((DAY,), (Split(at("04:00"), 10.0),), OUTLOOK, whole=True)


def test_there_is_none_before_one_is_kept(database: Database) -> None:
    database.adopt([BELOW], NOW)
    assert database.almanac(BABA) is None


def test_it_comes_back_as_it_was_kept(database: Database) -> None:
    database.adopt([BELOW], NOW)
    database.keep_almanac(BABA, ALMANAC, NOW)
    assert database.almanac(BABA) == ALMANAC


def test_a_newer_one_takes_its_place(database: Database) -> None:
    database.adopt([BELOW], NOW)
    database.keep_almanac(BABA, ALMANAC, NOW)
    database.keep_almanac(BABA, Almanac(), NOW)
    assert database.almanac(BABA) == Almanac()


def test_it_goes_with_its_symbol_and_only_then(database: Database) -> None:
    other = replace(ABOVE, symbol=NVDA)
    database.adopt([BELOW, other], NOW)
    database.keep_almanac(BABA, ALMANAC, NOW)
    database.keep_almanac(NVDA, ALMANAC, NOW)
    database.adopt([replace(other, level=200.0)], NOW)
    assert database.almanac(BABA) is None
    assert database.almanac(NVDA) == ALMANAC


def test_one_that_came_too_late_is_forgotten_at_the_next_reading(database: Database) -> None:
    database.adopt([BELOW], NOW)
    database.keep_almanac(NVDA, ALMANAC, NOW)
    database.adopt([BELOW], NOW)
    assert database.almanac(NVDA) is None
