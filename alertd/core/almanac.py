"""What is known of a symbol besides its bars: its daily history, its figures, what analysts say?

    almanac + session -> the value of "52w high", "sma 200", the earnings under a P/E

Everything here is as of the session's start: of the daily bars only those of earlier sessions
count, or no price could ever exceed the high that it makes.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import Bar, Range
from alertd.core.rules import Figure, Move, Name, Named, Rule
from alertd.core.splits import rescaled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alertd.core.bars import Split
    from alertd.core.sessions import Session
    from alertd.core.states import Basis

_TARGETS = (Name.ANALYST_TARGET, Name.ANALYST_HIGH, Name.ANALYST_LOW)
# These stand on many days, so that one without trading does not matter.
_LASTING = (Name.YEAR_HIGH, Name.YEAR_LOW, Name.ALL_TIME_HIGH, Name.SMA)
_RECENT = timedelta(days=7)
# The year that is asked for is a little longer, so that its first day is surely in it.
_YEAR = timedelta(days=366 + 14)
_MONTHS = timedelta(days=60)
# No market rests longer: a history asked for from a day on begins this soon after it.
_SLACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Targets:
    """What analysts expect a share to cost.

    `currency` is what the source says they are in, if it does. `current` is the price that the
    source puts beside them, in the same currency.
    """

    mean: float | None = None
    high: float | None = None
    low: float | None = None
    current: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a source says of a company rather than of its price, as of `at`.

    `price` is the last price at that time, in `currency`. `pe` and `forward_pe` are absent where
    there are no earnings. `source` is the source's name: "yahoo".
    """

    at: datetime
    source: str
    price: float | None = None
    currency: str | None = None
    pe: float | None = None
    forward_pe: float | None = None
    targets: Targets | None = None


@dataclass(frozen=True, slots=True)
class Almanac:
    """Daily history and outlook of one symbol.

    days: daily bars, oldest first, each from its session's open to its close, raw prices.
    splits: those inside that time whose earlier bars are still in old shares, to be restated when
            the judged bars come there; none where the source has rescaled its history already.
    whole: whether `days` begins with the symbol's first session ever, as far as the source knows.
    complete_to: a session that opened by then and has no day here has none: the source was asked
                 often enough. There was a halt, or nobody traded.
    """

    days: tuple[Bar, ...] = ()
    splits: tuple[Split, ...] = ()
    outlook: Outlook | None = None
    whole: bool = False
    complete_to: datetime | None = None


def moves_by_session(rule: Rule) -> bool:
    """Tell whether what a rule stands on is fixed anew at each session's start."""
    if isinstance(rule.level, Move):
        return rule.level.within is None
    return isinstance(rule.level, Named) or rule.of is not Figure.PRICE


def lacks(rule: Rule, basis: Basis) -> bool:
    """Tell whether what a rule stands on is not there, so that no price means anything yet."""
    return basis.lack is not None or (moves_by_session(rule) and basis.fixed_for is None)


def needs_targets(rule: Rule) -> bool:
    """Tell whether a rule stands on what analysts expect."""
    return isinstance(rule.level, Named) and rule.level.name in _TARGETS


def needs_outlook(rule: Rule) -> bool:
    """Tell whether a rule stands on what a source says of the company."""
    return needs_targets(rule) or rule.of in (Figure.PE, Figure.FORWARD_PE)


def reach(rule: Rule) -> timedelta | None:
    """Return how far back the daily bars must go that a rule stands on; None for all there are."""
    match rule.level:
        case Named(Name.ALL_TIME_HIGH):
            return None
        case Named(Name.YEAR_HIGH | Name.YEAR_LOW):
            return _YEAR
        case Named(Name.SMA, count):
            # Seven days hold five sessions, less in weeks of holidays.
            return timedelta(days=count * 7 // 5 + count // 10 + 20)
        case _:
            return _MONTHS


def restated(almanac: Almanac, split: Split) -> Almanac:
    """Return an almanac whose days before a split are in new shares, as all later ones are."""
    if split not in almanac.splits:
        return almanac
    days = (rescaled(day, split.ratio) if day.start < split.at else day for day in almanac.days)
    rest = tuple(other for other in almanac.splits if other != split)
    return replace(almanac, days=tuple(days), splits=rest)


def same_day(bar: Bar, session: Session) -> bool:
    """Tell whether a daily bar is that of a session."""
    return abs(bar.start - session.open) < timedelta(hours=12)


def start_of(bar: Bar) -> datetime:
    """Return a bar's start, by which days are looked up."""
    return bar.start


def year_before(moment: datetime) -> datetime:
    """Return the same date and time a year ago; the 28th for a leap day."""
    try:
        return moment.replace(year=moment.year - 1)
    except ValueError:
        return moment.replace(year=moment.year - 1, day=28)


def is_current(rule: Rule, almanac: Almanac, session: Session, before: Session | None) -> bool:
    """Tell whether an almanac knows the session `before` one, and so is what a rule waits for."""
    if before is None:
        return True
    if needs_outlook(rule):
        return almanac.outlook is not None and almanac.outlook.at >= before.close
    count = bisect_left(almanac.days, session.open, key=start_of)
    if count == 0:
        return False
    newest = almanac.days[count - 1]
    return same_day(newest, before) or _does(rule, newest, almanac, session, before)


def _does(rule: Rule, newest: Bar, almanac: Almanac, session: Session, before: Session) -> bool:
    """Tell whether an older day will do, as there is no newer one and none to come."""
    through = almanac.complete_to
    if through is None or before.open > through or not isinstance(rule.level, Named):
        return False
    return rule.level.name in _LASTING and session.open - newest.start <= _RECENT


def said(rule: Rule, outlook: Outlook) -> float | None:
    """Return the figure or target that a rule stands on, where it is known beside its price."""
    if outlook.price is None:
        return None
    if not isinstance(rule.level, Named):
        return outlook.pe if rule.of is Figure.PE else outlook.forward_pe
    targets = outlook.targets or Targets()
    return {
        Name.ANALYST_TARGET: targets.mean,
        Name.ANALYST_HIGH: targets.high,
        Name.ANALYST_LOW: targets.low,
    }[rule.level.name]


def reaches(rule: Rule, almanac: Almanac, session: Session) -> bool:
    """Tell whether an almanac goes as far back as a rule needs it to."""
    if almanac.whole or needs_outlook(rule):
        return True
    far = reach(rule)
    first = almanac.days[0].start if almanac.days else None
    return far is not None and first is not None and first <= session.open - far + _SLACK


def year(days: Sequence[Bar], now: datetime) -> Range | None:
    """Return the highest and lowest price of the 52 weeks up to now; None where there is none."""
    start = year_before(now) - timedelta(hours=12)
    bars = days[bisect_left(days, start, key=start_of) :]
    if not bars:
        return None
    return Range(max(bar.high for bar in bars), min(bar.low for bar in bars))
