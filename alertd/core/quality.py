"""Can a bar be believed?

    bars of the source -> [ gate ] -> good bars, oldest first
                             `-----> refused, each with a verdict

A refused bar never reaches the engine and never moves the cursor.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite, isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alertd.core.bars import Bar, Series

# How far a bar's start may lie ahead of our clock.
_AHEAD = timedelta(minutes=2)


class Verdict(StrEnum):
    """What the gate says of a bar."""

    GOOD = "good"
    MISSING = "price missing"
    NOT_FINITE = "price not finite"
    NOT_POSITIVE = "price not positive"
    INCONSISTENT = "open or close outside of high and low"
    AHEAD = "lies in the future"
    CURRENCY = "not in the expected currency"


@dataclass(frozen=True, slots=True)
class Sifted:
    """The good bars of a series, and how many were refused for what."""

    good: tuple[Bar, ...]
    refused: Counter[Verdict]


def sift(series: Series, currency: str | None, now: datetime) -> Sifted:
    """Return the bars that can be believed; `currency` None takes what the source says."""
    if currency and series.currency and series.currency != currency and series.bars:
        return Sifted((), Counter({Verdict.CURRENCY: len(series.bars)}))
    found = [(bar, verdict(bar, now)) for bar in series.bars]
    good = tuple(bar for bar, said in found if said is Verdict.GOOD)
    return Sifted(good, Counter(said for _, said in found if said is not Verdict.GOOD))


def verdict(bar: Bar, now: datetime) -> Verdict:
    """Return what is wrong with one bar, if anything."""
    prices = (bar.open, bar.high, bar.low, bar.close)
    if any(isnan(price) for price in prices):
        return Verdict.MISSING
    if not all(isfinite(price) for price in prices):
        return Verdict.NOT_FINITE
    if min(prices) <= 0:
        return Verdict.NOT_POSITIVE
    if bar.high < max(prices) or bar.low > min(prices):
        return Verdict.INCONSISTENT
    return Verdict.AHEAD if bar.start > now + _AHEAD else Verdict.GOOD
