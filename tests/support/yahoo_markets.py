"""How are recorded minutes played again, at another time and as they grow?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from alertd.core.bars import Bar
    from tests.support.yahoo_quotes import Market


def shifted(bars: Sequence[Bar], first_at: datetime) -> list[Bar]:
    """Return the bars moved in time so that the first one starts then, distances kept."""
    shift = first_at - bars[0].start
    return [replace(bar, start=bar.start + shift) for bar in bars]


def unfolding(bars: Sequence[Bar], now: Callable[[], datetime]) -> Market:
    """Return a market that shows what has happened by now, the last bar as far as it has grown."""

    def market(_symbol: str, since: datetime, until: datetime) -> Sequence[Bar]:
        moment = now()
        begun = (bar for bar in bars if since <= bar.start < until and bar.start <= moment)
        return [bar if bar.end <= moment else forming(bar, moment) for bar in begun]

    return market


def forming(bar: Bar, now: datetime) -> Bar:
    """Return a bar as far as it has grown: one more point of its path in each quarter."""
    quarters = max(0, (now - bar.start) // (bar.length / 4))
    points = path(bar)[: quarters + 1]
    return replace(bar, high=max(points), low=min(points), close=points[-1])


def live_row(bar: Bar, traded_at: datetime) -> Bar:
    """Return the row of the latest trade, which Yahoo stamps with its time and volume 0."""
    return replace(
        bar, start=traded_at, open=bar.close, high=bar.close, low=bar.close, volume=0.0,
        length=timedelta(0),
    )  # fmt: skip
