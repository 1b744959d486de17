"""Where do very many symbols stand, in a line each?

symbol     price  age  nearest  alert    next  from   trouble
NOSUCH                                   3h           unknown for 2d
BABA     $150.40  45s   -0.3 %  support  15s   yahoo

Those in trouble come first, then those nearest to a level. What the trouble is about is said where
a symbol is shown in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from alertd.cli import output
from alertd.core import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alertd.cli.tickers import Ticker
    from alertd.core.alerts import Alert

_HEADINGS = ("=symbol", ">price", ">age", ">nearest", "=alert", "next", "from", "=trouble")
_NOWHERE = float("inf")


class _Nearest(NamedTuple):
    """How far it is to the nearest level of a symbol, and whose that is."""

    percent: float
    alert: Alert


class _Line(NamedTuple):
    ticker: Ticker
    trouble: str
    nearest: _Nearest | None

    @property
    def rank(self) -> tuple[bool, float]:
        far = abs(self.nearest.percent) if self.nearest else _NOWHERE
        return not self.trouble, far


def show(tickers: Sequence[Ticker], now: datetime) -> None:
    """Write a line for each symbol, and before them how many there are."""
    lines = [_Line(ticker, _trouble(ticker, now), _nearest(ticker)) for ticker in tickers]
    lines.sort(key=lambda line: line.rank)
    output.show()
    output.paragraph(_summary(lines), indent=0)
    output.table(_HEADINGS, [_cells(line, now) for line in lines])


def _summary(lines: Sequence[_Line]) -> str:
    alerts = sum(len(line.ticker.alerts) for line in lines)
    troubled = sum(bool(line.trouble) for line in lines)
    counts = f"{output.count(len(lines), 'symbol')}, {output.count(alerts, 'alert')}"
    return f"{counts}; {troubled:,} in trouble; `alertd status SYMBOL` says more"


def _trouble(ticker: Ticker, now: datetime) -> str:
    match ticker.seen:
        case None:
            return "not taken up yet"
        case seen if seen.unknown_since:
            return f"unknown for {output.about(now - seen.unknown_since)}"
        case seen if seen.silent_since:
            return f"no price for {output.about(now - seen.silent_since)}"
        case seen if seen.error:
            return output.count(seen.failures, "failed poll")
        case _:
            return ""


def _nearest(ticker: Ticker) -> _Nearest | None:
    found = [
        _Nearest(percent, alert)
        for alert in ticker.alerts
        if (percent := ticker.percent(ticker.nearest(alert.rule))) is not None
    ]
    return min(found, key=lambda each: abs(each.percent), default=None)


def _cells(line: _Line, now: datetime) -> tuple[str, ...]:
    ticker, seen, nearest = line.ticker, line.ticker.seen, line.nearest
    return (
        ticker.listing.symbol,
        ticker.amount(ticker.price) if ticker.price is not None else "",
        output.about(now - seen.price_at) if seen and seen.price_at else "",
        words.percent(nearest.percent) if nearest else "",
        nearest.alert.rule.id if nearest else "",
        _next(ticker, now),
        ticker.source,
        line.trouble,
    )


def _next(ticker: Ticker, now: datetime) -> str:
    seen = ticker.seen
    if seen is None:
        return ""
    return output.about(seen.due_at - now) if seen.due_at > now else "now"
