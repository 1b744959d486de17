"""Which past bars does a replay run over, and on which daily history do levels by name stand?

--csv SYMBOL=FILE      history files; --daily SYMBOL=FILE for those that are not daily themselves
--from DATE [--to]     Yahoo, for both
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from alertd.cli import output
from alertd.core import words
from alertd.core.almanac import moves_by_session, needs_outlook, reach
from alertd.core.dailies import is_daily
from alertd.core.rules import Closes
from alertd.errors import BadFile, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alertd.config.settings import Config
    from alertd.core.bars import Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.rules import Rule
    from alertd.ports import QuoteSource

_DAY = timedelta(days=1)
_CSV, _DAILY, _FROM, _TO = "--csv", "--daily", "--from", "--to"

# Outside these, the day before or another zone may lie beyond what Python can count.
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Past:
    """The bars of one symbol, and the daily history beside them where there is one.

    `whole` says that the history begins with the symbol's first session, as far as is known.
    """

    series: Series
    daily: Series | None = None
    whole: bool = True


class Files:
    """History files, by symbol."""

    def __init__(self, settings: Config, csv: Sequence[str], daily: Sequence[str]) -> None:
        """Read the arguments, not the files.

        raises: typer.BadParameter.
        """
        self._files = _pairs(_CSV, csv, settings.listings)
        self._daily = _pairs(_DAILY, daily, settings.listings)
        for symbol in self._daily.keys() - self._files.keys():
            raise _misused(_DAILY, f"there is no {_CSV} file of {symbol} to go with it")
        for symbol in settings.listings.keys() - self._files.keys():
            output.say(f"{symbol}: no --csv file, its alerts are left out")

    @property
    def symbols(self) -> list[Symbol]:
        return list(self._files)

    def of(self, listing: Listing) -> Past:
        """Return what the symbol's files hold.

        raises: BadFile.
        """
        from alertd.quotes import csv

        series = csv.read(self._files[listing.symbol], listing)
        place = self._daily.get(listing.symbol)
        if place is None:
            return Past(series)
        daily = csv.read(place, listing)
        _check_daily(place, daily, listing)
        return Past(series, daily)


class Source:
    """A source of quotes, over some days on the exchange's calendar, both included."""

    def __init__(self, settings: Config, since: date, until: date | None) -> None:
        """Look at the arguments; nothing is fetched yet.

        raises: typer.BadParameter.
        """
        _check_year(_FROM, since)
        _check_year(_TO, until or since)
        if until is not None and until < since:
            raise _misused(_TO, "it lies before --from")
        self._settings, self._since, self._until = settings, since, until
        self._quotes, self._now = _yahoo()

    @property
    def symbols(self) -> list[Symbol]:
        return list(self._settings.listings)

    def of(self, listing: Listing) -> Past:
        """Fetch the bars of one symbol, and as much daily history as its alerts stand on.

        raises: SourceError.
        """
        midnight = time(tzinfo=listing.calendar.zone)
        since = datetime.combine(self._since, midnight)
        until = datetime.combine(self._until + _DAY, midnight) if self._until else self._now
        series = self._quotes.bars(listing, since, until)
        reaches = [far for far in map(_reach, self._rules(listing.symbol)) if far != timedelta(0)]
        if not reaches:
            return Past(series)
        known = [far for far in reaches if far is not None]
        whole = len(known) < len(reaches)
        daily = self._quotes.daily(listing, None if whole else since - max(known), until)
        over = tuple(bar for bar in daily.bars if bar.end <= self._now)
        return Past(series, replace(daily, bars=over), whole)

    def _rules(self, symbol: Symbol) -> list[Rule]:
        rules = (alert.rule for alert in self._settings.alerts)
        return [rule for rule in rules if rule.symbol == symbol]


def chosen(
    settings: Config,
    csv: Sequence[str],
    daily: Sequence[str],
    since: date | None,
    until: date | None,
) -> Files | Source:
    """Return where the bars come from.

    raises: typer.BadParameter when that is not said, or said twice.
    """
    if csv and (since or until):
        raise _misused(_CSV, "it does not go with --from and --to")
    if csv:
        return Files(settings, csv, daily)
    if daily:
        raise _misused(_DAILY, f"it goes with {_CSV}; Yahoo has a daily history of its own")
    if since is None:
        raise _misused(_FROM, "give a first day, or --csv SYMBOL=FILE")
    return Source(settings, since, until)


def _pairs(
    option: str, given: Sequence[str], listings: Mapping[Symbol, Listing]
) -> dict[Symbol, Path]:
    """Return the files that an option names, by their symbols."""
    found: dict[Symbol, Path] = {}
    for argument in given:
        symbol, path = _pair(option, argument, listings)
        if symbol in found:
            raise _misused(option, f"{symbol} is given twice")
        found[symbol] = path
    return found


def _pair(option: str, argument: str, listings: Mapping[Symbol, Listing]) -> tuple[Symbol, Path]:
    # A symbol may hold a "=" itself, as EURUSD=X does: those that alerts use are tried first.
    for symbol in sorted(listings, key=len, reverse=True):
        if argument.startswith(f"{symbol}=") and len(argument) > len(symbol) + 1:
            return symbol, Path(argument[len(symbol) + 1 :])
    name, sign, path = argument.partition("=")
    if not (name and sign and path):
        raise _misused(option, f'expected SYMBOL=FILE, found "{argument}"')
    raise _misused(option, f"no alert watches {name}; watched: {', '.join(listings)}")


def _check_daily(place: Path, series: Series, listing: Listing) -> None:
    bars = series.bars
    if is_daily(bars, listing.calendar.around(bars[0].start, bars[-1].end)):
        return
    length = words.duration(min(bar.length for bar in bars))
    hint = "a column of dates without times is daily; bars to replay go with --csv"
    problem = Problem("", f"expected one bar a session, found bars of {length}", hint)
    raise BadFile(str(place), [problem])


def _reach(rule: Rule) -> timedelta | None:
    """Return how far before the first bar a rule needs daily bars; None for all there are."""
    if moves_by_session(rule) and not needs_outlook(rule):
        return reach(rule)
    # Official closes are asked for from the first day on, and a little before.
    return _DAY if isinstance(rule.hold, Closes) else timedelta(0)


def _check_year(option: str, day: date) -> None:
    if day.year not in _YEARS:
        raise _misused(option, f"expected a year from {_YEARS[0]} to {_YEARS[-1]}, found {day}")


def _misused(option: str, why: str) -> typer.BadParameter:
    return typer.BadParameter(why, param_hint=option)


def _yahoo() -> tuple[QuoteSource, datetime]:
    from alertd import wiring
    from alertd.ops import log
    from alertd.ops.clock import SystemClock

    log.setup("warning", sys.stderr)
    clock = SystemClock()
    return wiring.yahoo(clock, os.environ), clock.now()
