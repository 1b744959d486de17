"""Can a bar be believed?

    bars of the source -> [ whole? ] -> [ likely? ] -> good bars, oldest first
                               |             `-------> suspect: the next bar or another feed decides
                               `---------------------> refused, each with a verdict

A refused bar never reaches the engine and never moves the cursor. A suspect one reaches it late, or
cut, or not at all: what it crossed is delayed, and lost only if the price was never there.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf, isfinite, isnan, log
from typing import TYPE_CHECKING

from alertd.core.bars import Last, Range, rounded
from alertd.core.records import Doubt
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from alertd.core.bars import Bar, Series
    from alertd.core.sessions import Sessions
    from alertd.core.splits import Rebase

# How far a bar's start may lie ahead of our clock.
AHEAD = timedelta(minutes=2)

# How far a price may lie from the last good one: 15 %, and a hair for what floats make of it.
_LIMIT = 0.15 + 1e-9

# A session may open far from the last one, but not at a multiple: that is another unit.
_AT_FIRST = 2.0

# In a longer bar the price has the time to go far and come back; in a shorter one that is a wild
# print.
_ONE_PRINT = timedelta(minutes=5)

_DAY = timedelta(days=1)


class Verdict(StrEnum):
    """What the gate says of a bar."""

    GOOD = "good"
    MISSING = "price missing"
    NOT_FINITE = "price not finite"
    NOT_POSITIVE = "price not positive"
    INCONSISTENT = "open or close outside of high and low"
    AHEAD = "lies in the future"
    CURRENCY = "not in the expected currency"
    MIXED = "mixes prices before and after a split"
    SUSPECT = "suspect: far from the last price, waits for the next bar"
    CONFIRMED = "suspect, confirmed late by the next bar"
    AGREED = "suspect, confirmed by a second source"
    DROPPED = "suspect, dropped: the next bar was back"
    CUT = "suspect extreme, cut off: the bar itself closed where it came from"


@dataclass(frozen=True, slots=True)
class Sifted:
    """The good bars of a series, and what became of the others.

    `refusals` are the starts of refused bars with their verdicts. `doubts` are the bars that were
    suspect or mixed, with what became of each. `waiting` is the newest bar where that is still
    open; no bar after it is good yet.
    """

    good: tuple[Bar, ...]
    refusals: tuple[tuple[datetime, Verdict], ...] = ()
    doubts: tuple[Doubt, ...] = ()
    waiting: Bar | None = None

    @property
    def refused(self) -> Counter[Verdict]:
        """Return how many bars were refused for what."""
        return Counter(said for _, said in self.refusals)

    def tally(self, since: datetime | None, until: datetime) -> Counter[Verdict]:
        """Count what was not simply good among the bars that start in `[since, until)`.

        Between two places of a cursor each bar is counted once, however often it is fetched.
        """
        # A mixed bar is among the doubts as well.
        refused = [(at, said) for at, said in self.refusals if said is not Verdict.MIXED]
        doubted = [(doubt.at, doubt.verdict) for doubt in self.doubts]
        return Counter(
            said for at, said in refused + doubted if at < until and (since is None or at >= since)
        )


def sift(
    series: Series,
    currency: str | None,
    now: datetime,
    *,
    sessions: Sessions | None = None,
    last: Last | None = None,
    rebases: Sequence[Rebase] = (),
    confirmed: Collection[datetime] = (),
) -> Sifted:
    """Return the bars that can be believed; `currency` None takes what the source says.

    sessions: without them no bar is doubted, as for the daily history.
    last:     the last good bar before the series, as it was kept; None believes the first bar.
    rebases:  the splits that lie between `last` and the end of the series, oldest first.
    confirmed: the starts of bars that do not wait, as a second source agrees.
    """
    if currency and series.currency and series.currency != currency:
        return Sifted((), tuple((bar.start, Verdict.CURRENCY) for bar in series.bars))
    refusals: list[tuple[datetime, Verdict]] = []
    doubting = _Doubting(sessions, rebases, last, series.digits, confirmed) if sessions else None
    good: list[Bar] = []
    for bar in series.bars:
        said = verdict(bar, now)
        if said is Verdict.GOOD and doubting:
            said = doubting.take(bar)
        elif said is Verdict.GOOD:
            good.append(bar)
        if said is not Verdict.GOOD:
            refusals.append((bar.start, said))
    if doubting is None:
        return Sifted(tuple(good), tuple(refusals))
    return doubting.sifted(refusals)


def agrees(suspect: Bar, last: Last, others: Sequence[Bar]) -> bool:
    """Tell whether another source's bars bear a suspect one out; `last` is the good one before."""
    met = [bar for bar in others if bar.start < suspect.end and suspect.start < bar.end]
    if not met or any(verdict(bar, bar.end) is not Verdict.GOOD for bar in met):
        return False
    # A print far from all that the other feed shows is wild, wherever the bar closed.
    low = min(last.price, *(bar.low for bar in met)) * (1 - _LIMIT)
    high = max(last.price, *(bar.high for bar in met)) * (1 + _LIMIT)
    closed = met[-1].close
    nearer = abs(closed - suspect.close) < abs(closed - last.price)
    return nearer and low <= suspect.low and suspect.high <= high


def verdict(bar: Bar, now: datetime) -> Verdict:
    """Return what is wrong with one bar, if anything."""
    # A price that is nan fails every comparison.
    if not (0 < bar.low <= bar.open <= bar.high < inf and bar.low <= bar.close <= bar.high):
        return _fault(bar)
    return Verdict.AHEAD if bar.start > now + AHEAD else Verdict.GOOD


def _fault(bar: Bar) -> Verdict:
    prices = (bar.open, bar.high, bar.low, bar.close)
    if any(isnan(price) for price in prices):
        return Verdict.MISSING
    if not all(isfinite(price) for price in prices):
        return Verdict.NOT_FINITE
    return Verdict.NOT_POSITIVE if min(prices) <= 0 else Verdict.INCONSISTENT


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A bar that waits for the next one; `close` is its own, in the shares of the bar at hand."""

    bar: Bar
    close: float
    farthest: float


class _Doubting:
    """One way through a series, from good price to good price.

    `_last` is the last good one, in the shares of the bar at hand.
    """

    def __init__(
        self, sessions: Sessions, rebases: Sequence[Rebase], last: Last | None, digits: int,
        confirmed: Collection[datetime],
    ) -> None:  # fmt: skip
        self._sessions, self._digits, self._last = sessions, digits, last
        self._confirmed = confirmed
        self._ahead = deque(r for r in rebases if last is None or r.at > last.start)
        self._changes = [_change(rebase, sessions) for rebase in rebases]
        self._suspect: _Suspect | None = None
        self._good: list[Bar] = []
        self._doubts: list[Doubt] = []

    def sifted(self, refusals: Iterable[tuple[datetime, Verdict]]) -> Sifted:
        """Return what came of the bars; the newest may still wait."""
        waiting = self._suspect
        if waiting:
            self._note(waiting, Verdict.SUSPECT)
        doubts = tuple(sorted(self._doubts, key=lambda doubt: doubt.at))
        return Sifted(tuple(self._good), tuple(refusals), doubts, waiting.bar if waiting else None)

    def take(self, bar: Bar) -> Verdict:
        """Believe one bar, or doubt it; return whether it is refused."""
        while self._ahead and self._ahead[0].at <= bar.start:
            self._rebase(self._ahead.popleft().split.ratio)
        if bar.high > bar.low * (1 + _LIMIT) and self._mixes(bar):
            # It goes by itself alone: which price is the last good one may not be decided yet.
            self._doubts.append(Doubt(bar.start, _farthest(bar, bar.close), Verdict.MIXED))
            return Verdict.MIXED
        if self._suspect:
            self._decide(self._suspect, bar.open)
        price = self._last.price if self._last else None
        if price is None or (price * (1 - _LIMIT) <= bar.low and bar.high <= price * (1 + _LIMIT)):
            self._believe(bar, bar.close)
        else:
            self._doubt(bar, price)
        return Verdict.GOOD

    def _believe(self, bar: Bar, close: float) -> None:
        self._good.append(bar)
        self._last = Last(close, bar.start)

    def _doubt(self, bar: Bar, price: float) -> None:
        reach = self._reach(bar, price)
        if reach.low <= bar.low and bar.high <= reach.high:
            self._believe(bar, bar.close)
        elif not reach.low <= bar.close <= reach.high:
            self._suspect = self._suspected(bar)
            if bar.start in self._confirmed:
                self._settle(self._suspect, Verdict.AGREED)
        elif bar.length > _ONE_PRINT:
            self._believe(bar, bar.close)
        else:
            self._note(self._suspected(bar), Verdict.CUT)
            self._believe(_cut(bar, price, reach), bar.close)

    def _reach(self, bar: Bar, price: float) -> Range:
        """Return how far a bar may go: farther where it is the first good one of its hours."""
        session = self._sessions.last(bar.start, Hours.EXTENDED)
        hours = Hours.REGULAR if session and bar.start >= session.open else Hours.EXTENDED
        if session and self._last and self._last.start >= session.start(hours):
            return Range(price * (1 + _LIMIT), price * (1 - _LIMIT))
        return Range(price * _AT_FIRST, price / _AT_FIRST)

    def _decide(self, suspect: _Suspect, opened: float) -> None:
        """Say what became of the bar that waits, now that the next one has opened."""
        assert self._last, "the first bar of all is believed"
        nearer = abs(opened - suspect.close) < abs(opened - self._last.price)
        self._settle(suspect, Verdict.CONFIRMED if nearer else Verdict.DROPPED)

    def _settle(self, suspect: _Suspect, said: Verdict) -> None:
        self._suspect = None
        self._note(suspect, said)
        if said is not Verdict.DROPPED:
            self._believe(suspect.bar, suspect.close)

    def _rebase(self, ratio: float) -> None:
        if self._last:
            price = rounded(self._last.price / ratio, self._digits)
            self._last = replace(self._last, price=price)
        if self._suspect:
            close = rounded(self._suspect.close / ratio, self._digits)
            self._suspect = replace(self._suspect, close=close)

    def _mixes(self, bar: Bar) -> bool:
        """Tell whether a bar near a split spans the split rather than a course of prices."""
        spread = log(bar.high / bar.low)
        return any(
            change.start <= bar.start < change.end and spread > change.step / 2
            for change in self._changes
        )

    def _suspected(self, bar: Bar) -> _Suspect:
        last = self._last.price if self._last else bar.close
        return _Suspect(bar, bar.close, _farthest(bar, last))

    def _note(self, suspect: _Suspect, said: Verdict) -> None:
        self._doubts.append(Doubt(suspect.bar.start, suspect.farthest, said))


@dataclass(frozen=True, slots=True)
class _Change:
    """The time around a split in which a bar may mix both shares; `step` is log of the ratio."""

    start: datetime
    end: datetime
    step: float


def _change(rebase: Rebase, sessions: Sessions) -> _Change:
    at = rebase.split.at
    first = sessions.at(at, Hours.EXTENDED)
    return _Change(at - _DAY, first.post if first else at + _DAY, abs(log(rebase.split.ratio)))


def _farthest(bar: Bar, price: float) -> float:
    return max(bar.high, bar.low, key=lambda extreme: abs(log(extreme / price)))


def _cut(bar: Bar, price: float, reach: Range) -> Bar:
    """Return a bar without the points that are out of reach."""
    opened = bar.open if reach.low <= bar.open <= reach.high else price
    points = (opened, bar.high, bar.low, bar.close)
    likely = [point for point in points if reach.low <= point <= reach.high]
    return replace(bar, open=opened, high=max(likely), low=min(likely))
