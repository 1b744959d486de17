"""How does a Yahoo with ten thousand symbols stay out of the way of what is measured?

    Elsewhere --"it is now .."--> Crowd, in a process of its own --> how often each was asked so far
                                                                     how many came to a level

All symbols have one course up to `since`; from then on each has its own. Quotes are written when
time moves, between what is measured; a chart is written when it is asked for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self, cast

from alertd.core.bars import Bar, Symbol, rounded
from alertd.core.calendars import Calendar
from tests.bench.courses import DIGITS, FIRST, MINUTE, minutes
from tests.support import yahoo_bodies as bodies
from tests.support.yahoo import YahooServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alertd.core.sessions import Session
    from tests.support.yahoo_bodies import Answer

# Ninety minutes into the second session, which leaves five hours.
_OPEN_FOR = timedelta(minutes=90)
_HORIZON = 300
# Each symbol goes on as this walk does from another minute on.
_WALK = 60
_LEVELS = (0.87, 0.91, 0.94, 0.96, 0.98, 1.02, 1.04, 1.06, 1.09, 1.13)
_CRASH = 0.97


def named(symbols: int) -> list[Symbol]:
    """Return the names of so many symbols."""
    return [Symbol(f"S{number:05}") for number in range(symbols)]


class Paths:
    """What the prices of many symbols do."""

    def __init__(self, symbols: int) -> None:
        course = minutes(FIRST, sessions=2)
        self.opened = next(b.start for a, b in pairwise(course) if b.start > a.end)
        self.since = self.opened + _OPEN_FOR
        self.common = [bar for bar in course if bar.start < self.since]
        self._walk = minutes(FIRST, _WALK)
        self._crashed: dict[str, int] = {}
        self._numbers = {name: number for number, name in enumerate(named(symbols))}

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """Return the sessions in which all this happens."""
        days = (self.common[0].start.date(), self.since.date())
        return Calendar("XNYS").sessions(*days).days

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._numbers

    @cached_property
    def today(self) -> list[Bar]:
        """Return the session's bars that all symbols have in common."""
        return [bar for bar in self.common if bar.start >= self.opened]

    @property
    def price(self) -> float:
        """Return what every symbol costs when they part."""
        return self.common[-1].close

    @cached_property
    def levels(self) -> list[float]:
        """Return where the ten alerts of every symbol are armed."""
        return [rounded(self.price * share, DIGITS) for share in _LEVELS]

    @cached_property
    def turns(self) -> list[float]:
        """Return all prices at which anything may happen: levels, and where they are armed anew."""
        again = [level * (1.01 if level < self.price else 0.99) for level in self.levels]
        return sorted([*self.levels, *(rounded(price, DIGITS) for price in again)])

    def crash(self, count: int, number: int) -> None:
        """Let so many more symbols fall through a level as their minute of that number begins."""
        whole = [name for name in self._numbers if name not in self._crashed]
        self._crashed |= dict.fromkeys(whole[:count], number)

    def own(self, symbol: str, first: int, until: int) -> list[Bar]:
        """Return a symbol's own minutes, by their number since all went their own way."""
        offset = self._numbers[Symbol(symbol)] * 2 % (len(self._walk) - _HORIZON)
        scale, crash = self.price / self._walk[offset].open, self._crashed.get(symbol, until)
        found = []
        for minute, bar in enumerate(self._walk[offset + first : offset + until], first):
            by = scale * _CRASH if minute >= crash else scale
            opening, high, low, close = (
                rounded(price * by, DIGITS) for price in (bar.open, bar.high, bar.low, bar.close)
            )
            start = self.since + minute * MINUTE
            found.append(Bar(start, MINUTE, opening, high, low, close, bar.volume))
        return found


@dataclass(slots=True)
class _Day:
    """A symbol's day so far."""

    low: float
    high: float
    last: float

    def pass_through(self, fresh: Sequence[Bar]) -> tuple[float, float]:
        """Take in some minutes; return the prices between which a quote shows something new."""
        before, low, high = self.last, min(bar.low for bar in fresh), max(bar.high for bar in fresh)
        self.last = fresh[-1].close
        news = [before, self.last, *([low] if low < self.low else []), *(
            [high] if high > self.high else []
        )]  # fmt: skip
        self.low, self.high = min(self.low, low), max(self.high, high)
        return min(news), max(news)


class Crowd(YahooServer):
    """Yahoo with so many symbols."""

    def __init__(self, folder: Path, symbols: int) -> None:
        super().__init__(folder, remember=False)
        self._paths = Paths(symbols)
        today = self._paths.today
        low, high = min(bar.low for bar in today), max(bar.high for bar in today)
        self._days = {name: _Day(low, high, today[-1].close) for name in named(symbols)}
        self._entries: dict[str, bytes] = {}
        self._passed = 0
        self._periods = [[_period(session)] for session in self._paths.sessions]
        for name in self._days:
            self._write(name, self._paths.since)

    def move(self, now: datetime, crashing: int) -> int:
        """Let it be `now`; return how many symbols came to a price at which something happens.

        crashing: how many symbols fall through a level meanwhile.
        """
        first, self._passed = self._passed, (now - self._paths.since) // MINUTE
        self._paths.crash(crashing, first)
        near, prices = 0, self._paths.turns
        if first == self._passed:
            return near
        for name, day in self._days.items():
            low, high = day.pass_through(self._paths.own(name, first, self._passed))
            near += bisect_left(prices, low) < bisect_right(prices, high)
            self._write(name, now)
        return near

    def _write(self, name: Symbol, now: datetime) -> None:
        day = self._days[name]
        fields: dict[str, object] = {
            "marketState": "REGULAR", "exchangeDataDelayedBy": 0,
            "regularMarketTime": int(now.timestamp()) - 1, "regularMarketPrice": day.last,
            "regularMarketDayHigh": day.high, "regularMarketDayLow": day.low,
        }  # fmt: skip
        self._entries[name] = bodies.quote(name, fields)

    def quotes(self, named: Sequence[str]) -> Answer:
        return bodies.quotes([self._entries[name] for name in named if name in self._entries])

    def chart(self, symbol: str, params: dict[str, str]) -> Answer:
        if symbol not in self._paths:
            return bodies.not_found()
        meta: dict[str, object] = {
            "symbol": symbol, "dataGranularity": params["interval"],
            "tradingPeriods": self._periods,
        }  # fmt: skip
        if params["interval"] != "1m" or "period1" not in params:
            return bodies.chart([], meta)
        since = datetime.fromtimestamp(int(params["period1"]), UTC)
        until = datetime.fromtimestamp(int(params["period2"]), UTC)
        first = max(0, -((self._paths.since - since) // MINUTE))
        common = [bar for bar in self._paths.common if since <= bar.start] if first == 0 else []
        own = self._paths.own(symbol, first, self._passed)
        return bodies.chart([bar for bar in (*common, *own) if bar.start < until], meta)


class Elsewhere:
    """A crowd in another process."""

    def __init__(self, symbols: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.market", str(symbols)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self.env = cast("dict[str, str]", json.loads(self._line()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def move(self, now: datetime, crashing: int = 0) -> Mapping[str, int]:
        """Let it be `now` there; return how many came to a level, and what was asked so far."""
        assert self._process.stdin
        self._process.stdin.write(f"{now.isoformat()} {crashing}\n")
        self._process.stdin.flush()
        return cast("dict[str, int]", json.loads(self._line()))

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


def _period(session: Session) -> dict[str, object]:
    """Return a session as charts describe it, which yfinance's own download insists on."""
    times = {"start": int(session.open.timestamp()), "end": int(session.close.timestamp())}
    return {"timezone": "EDT", "gmtoffset": -14400, **times}


def _serve(symbols: int) -> None:
    with TemporaryDirectory() as folder, Crowd(Path(folder), symbols) as crowd:
        _say(crowd.env)
        for line in sys.stdin:
            now, crashing = line.split()
            near = crowd.move(datetime.fromisoformat(now), int(crashing))
            _say({"near": near, "connections": crowd.connections, **crowd.counts})


def _say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
