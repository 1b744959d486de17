"""Does a quote give reason to ask for a symbol's bars now, rather than at its next sweep?

    bars judged -> Seen: between which prices nothing happens, and the day's range so far
    a quote     -> at or beyond one of them, and that was not so before? -> ask for the bars

A quote only points; bars decide. What a quote cannot show, a wick inside the day's range, the
sweep finds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from alertd.core.bars import Bar, Symbol
    from alertd.core.sessions import Session


class Pointer(StrEnum):
    """Why bars are asked for, or not yet."""

    QUIET = "nothing that matters to an alert"
    PRICE = "the price is at or beyond a level"
    HIGH = "a new high of the day is at or beyond a level"
    LOW = "a new low of the day is at or beyond a level"
    FIRST = "the first trade of a session, whose levels are new"
    MISSING = "missing from the quotes"
    SILENT = "no trade for too long"
    BACK = "trades again"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a source says of a symbol at this moment; what it does not say is None.

    `at` is the time of the last trade, which was at `price`. `low` and `high` are of the regular
    session that holds it. `delay` is by how much the source's prices lag.
    """

    symbol: Symbol
    price: float | None = None
    at: datetime | None = None
    low: float | None = None
    high: float | None = None
    delay: timedelta | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The nearest prices at which anything happens to a symbol's alerts; None where none does.

    `closely` says that bars may move an alert without either price being reached: one that has to
    hold for some time, that watches the volume, or that has no side yet.
    """

    below: float | None = None
    above: float | None = None
    closely: bool = False


FREE = Bounds()
CLOSELY = Bounds(closely=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the bars had shown when a symbol was judged last, those that still grow included.

    `low` and `high` are of the regular session that opened at `day`, None before its first bar.
    """

    bounds: Bounds = FREE
    day: datetime | None = None
    low: float | None = None
    high: float | None = None


UNSEEN = Seen()


def pointer(quote: Quote, seen: Seen, day: datetime | None) -> Pointer:
    """Return what a quote points at that the bars have not shown, going by prices alone.

    day: the open of the regular session that is open now; None outside of one. A day's range of an
         earlier trade than that is yesterday's, and counts for nothing.
    """
    bounds = seen.bounds
    if _falls_to(bounds.below, quote.price) or _rises_to(bounds.above, quote.price):
        return Pointer.PRICE
    if day is None or quote.at is None or quote.at < day:
        return Pointer.QUIET
    shown = seen if seen.day == day else UNSEEN
    if _rises_to(bounds.above, quote.high) and _is_news(quote.high, shown.high, 1):
        return Pointer.HIGH
    if _falls_to(bounds.below, quote.low) and _is_news(quote.low, shown.low, -1):
        return Pointer.LOW
    return Pointer.QUIET


def seen_after(before: Seen, bounds: Bounds, bars: Sequence[Bar], session: Session | None) -> Seen:
    """Return what the bars have shown once some more are judged.

    bars:    good ones, those that still grow included; of any hours and sessions.
    session: the newest whose regular hours have begun. Its range grows by what lies in them, and
             is kept where the bars are only a part of it.
    """
    if session is None:
        return replace(before, bounds=bounds)
    known = before if before.day == session.open else UNSEEN
    of_day = [bar for bar in bars if session.holds(bar.start, Hours.REGULAR)]
    lows = [known.low, *(bar.low for bar in of_day)]
    highs = [known.high, *(bar.high for bar in of_day)]
    return Seen(
        bounds,
        session.open,
        min((low for low in lows if low is not None), default=None),
        max((high for high in highs if high is not None), default=None),
    )


def _falls_to(bound: float | None, price: float | None) -> bool:
    return bound is not None and price is not None and price <= bound


def _rises_to(bound: float | None, price: float | None) -> bool:
    return bound is not None and price is not None and price >= bound


def _is_news(extreme: float | None, shown: float | None, sign: int) -> bool:
    """Tell whether an extreme of the day (`sign` 1: a high) is beyond the one that bars showed."""
    return extreme is not None and (shown is None or (extreme - shown) * sign > 0)
