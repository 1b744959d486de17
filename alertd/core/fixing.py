"""What does a level by name, a P/E or a multiple of the volume stand on in this session?

    52w high, 52w low, all-time high    the extreme of the daily bars before it
    previous close, sma N               their last close, the mean of their last N
    analyst target, high, low           what was said since the last session, if it can be believed
    P/E, volume                         earnings per share, the mean of 20 volumes: a scale

What is missing for it is a `Lack`, with words for the user; nothing is guessed.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import fmean
from typing import TYPE_CHECKING

from alertd.core.almanac import (
    Targets,
    is_current,
    needs_outlook,
    needs_targets,
    said,
    start_of,
    year_before,
)
from alertd.core.rules import Figure, Name, Named, Rule
from alertd.core.states import Lack, Origin, Want

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.almanac import Almanac, Outlook
    from alertd.core.bars import Bar
    from alertd.core.sessions import Session

_FIGURES = {Figure.PE: "P/E", Figure.FORWARD_PE: "forward P/E"}
_VOLUMES = 20

# A target this much smaller or larger than the price is in another currency.
_LEAST, _MOST = 0.2, 5.0
# Two prices of the same share at about the same time differ by less.
_SAME_PRICE = 0.25


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a level stands on for one session: a `level`, or the `scale` of the rule's numbers."""

    origin: Origin
    level: float | None = None
    scale: float | None = None


def fixed(rule: Rule, session: Session, before: Session | None, almanac: Almanac) -> Fixed | Lack:
    """Return what a rule's level stands on in a session, or what is missing for it.

    before: the session before it, whose daily bar must be there; an older one does where there was
            no trading in it.
    """
    if needs_outlook(rule):
        return _by_outlook(rule, before, almanac.outlook)
    days = almanac.days[: bisect_left(almanac.days, session.open, key=start_of)]
    if not days or before is None or not is_current(rule, almanac, session, before):
        day = f" for {before.open:%Y-%m-%d}" if before else ""
        return Lack(Want.HISTORY, f"no daily bar{day} yet")
    if rule.of is Figure.VOLUME:
        return _volume(days)
    name = rule.level.name if isinstance(rule.level, Named) else Name.PREVIOUS_CLOSE
    found = _by_history(name, rule, session, days, whole=almanac.whole)
    if isinstance(rule.level, Named) and isinstance(found, Fixed) and found.level is not None:
        return replace(found, level=found.level * (1 + rule.level.offset / 100))
    return found


def _by_history(
    name: Name, rule: Rule, session: Session, days: Sequence[Bar], *, whole: bool
) -> Fixed | Lack:
    match name:
        case Name.YEAR_HIGH | Name.YEAR_LOW:
            return _of_year(name, session, days)
        case Name.SMA:
            count = rule.level.count if isinstance(rule.level, Named) else 0
            return _sma(count, days)
        case Name.ALL_TIME_HIGH if not whole:
            return Lack(Want.HISTORY, "the daily bars do not go back to the first session")
        case Name.ALL_TIME_HIGH:
            return _highest(name, days)
        case _:
            return Fixed(Origin(name, days[-1].close, days[-1].start), days[-1].close)


def _of_year(name: Name, session: Session, days: Sequence[Bar]) -> Fixed | Lack:
    # A session opens within half a day of its own clock time a year ago, whatever summer time does.
    start = year_before(session.open) - timedelta(hours=12)
    if days[0].start > start + timedelta(days=1):
        first = f"{days[0].start:%Y-%m-%d}"
        return Lack(Want.HISTORY, f"less than a year of daily bars, the first of {first}")
    year = days[bisect_left(days, start, key=start_of) :]
    if name is Name.YEAR_HIGH:
        return _highest(name, year)
    lowest = min(year, key=lambda bar: bar.low)
    return Fixed(Origin(name, lowest.low, lowest.start), lowest.low)


def _highest(name: Name, days: Sequence[Bar]) -> Fixed:
    highest = max(days, key=lambda bar: bar.high)
    return Fixed(Origin(name, highest.high, highest.start), highest.high)


def _sma(count: int, days: Sequence[Bar]) -> Fixed | Lack:
    if len(days) < count:
        return Lack(Want.HISTORY, f"{len(days)} of {count} daily closes")
    mean = fmean(bar.close for bar in days[-count:])
    return Fixed(Origin(f"{Name.SMA} {count}", mean, days[-1].start), mean)


def _volume(days: Sequence[Bar]) -> Fixed | Lack:
    volumes = [bar.volume for bar in days[-_VOLUMES:] if bar.volume]
    if len(volumes) < _VOLUMES:
        return Lack(Want.HISTORY, f"the volumes of {len(volumes)} of the last {_VOLUMES} sessions")
    mean = fmean(volumes)
    return Fixed(Origin(f"{_VOLUMES}-session mean", mean, days[-1].start), scale=mean)


def _by_outlook(rule: Rule, before: Session | None, outlook: Outlook | None) -> Fixed | Lack:
    want = Want.TARGET if needs_targets(rule) else Want.FIGURE
    if outlook is None or before is None or outlook.at < before.close:
        return Lack(want, "nothing has been heard of it since the last session")
    if isinstance(rule.level, Named):
        return _target(rule.level, said(rule, outlook), outlook)
    ratio = said(rule, outlook)
    if ratio is None or outlook.price is None:
        return Lack(want, f"{outlook.source} gives no {_FIGURES[rule.of]}")
    earnings = outlook.price / ratio
    return Fixed(Origin("EPS", earnings, outlook.at), scale=earnings)


def _target(named: Named, given: float | None, outlook: Outlook) -> Fixed | Lack:
    targets = outlook.targets or Targets()
    if given is None or outlook.price is None:
        return Lack(Want.TARGET, f"{outlook.source} gives no {named.name}")
    if why := _unfit(given, targets, outlook.price, outlook.currency):
        return Lack(Want.TARGET, f"the {named.name} of {given:g} is refused: {why}", refused=True)
    return Fixed(Origin(named.name, given, outlook.at), given * (1 + named.offset / 100))


def _unfit(target: float, targets: Targets, price: float, currency: str | None) -> str | None:
    """Return why a target cannot be in the currency of the price, if that is so."""
    if targets.currency and currency and targets.currency != currency:
        return f"it is in {targets.currency}, the price in {currency}"
    elsewhere = "it seems to be in another currency"
    if targets.current and abs(targets.current / price - 1) > _SAME_PRICE:
        beside = f"it comes with a price of {targets.current:g}, and the price is {price:g}"
        return f"{beside}; {elsewhere}"
    ratio = target / price
    if not _LEAST <= ratio <= _MOST:
        return f"it is {ratio:.3g} times the price of {price:g}; {elsewhere}"
    return None
