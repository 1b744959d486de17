"""Which past bars does a replay run over?

--csv SYMBOL=FILE      history files
--from DATE [--to]     Yahoo
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from alertd.cli import output
from alertd.core.quality import sift
from alertd.core.rules import Closes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alertd.config.settings import Config
    from alertd.core.bars import Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.ports import QuoteSource

_DAY = timedelta(days=1)
_CSV, _FROM, _TO = "--csv", "--from", "--to"

# Outside these, the day before or another zone may lie beyond what Python can count.
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Past:
    """The bars of one symbol, and the official closes by their session's open."""

    series: Series
    closes: Mapping[datetime, float] = field(default_factory=dict)


class Files:
    """History files, by symbol."""

    def __init__(self, settings: Config, given: Sequence[str]) -> None:
        """Read the arguments, not the files.

        raises: typer.BadParameter.
        """
        self._files: dict[Symbol, Path] = {}
        for argument in given:
            symbol, path = _pair(argument, settings.listings)
            if symbol in self._files:
                raise _misused(_CSV, f"{symbol} is given twice")
            self._files[symbol] = path
        for symbol in settings.listings.keys() - self._files.keys():
            output.say(f"{symbol}: no --csv file, its alerts are left out")

    @property
    def symbols(self) -> list[Symbol]:
        return list(self._files)

    def of(self, listing: Listing) -> Past:
        """Return what the symbol's file holds.

        raises: BadFile.
        """
        from alertd.quotes import csv

        return Past(csv.read(self._files[listing.symbol], listing))


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
        """Fetch the bars of one symbol, and its daily closes if an alert holds for closes.

        raises: SourceError.
        """
        midnight = time(tzinfo=listing.calendar.zone)
        since = datetime.combine(self._since, midnight)
        until = datetime.combine(self._until + _DAY, midnight) if self._until else self._now
        series = self._quotes.bars(listing, since, until)
        if not self._holds_closes(listing.symbol):
            return Past(series)
        daily = self._quotes.daily(listing, since, until)
        good = sift(daily, listing.currency, self._now).good
        return Past(series, {bar.start: bar.close for bar in good if bar.end <= self._now})

    def _holds_closes(self, symbol: Symbol) -> bool:
        rules = (alert.rule for alert in self._settings.alerts)
        return any(rule.symbol == symbol and isinstance(rule.hold, Closes) for rule in rules)


def chosen(
    settings: Config, csv: Sequence[str], since: date | None, until: date | None
) -> Files | Source:
    """Return where the bars come from.

    raises: typer.BadParameter when that is not said, or said twice.
    """
    if csv and (since or until):
        raise _misused(_CSV, "it does not go with --from and --to")
    if csv:
        return Files(settings, csv)
    if since is None:
        raise _misused(_FROM, "give a first day, or --csv SYMBOL=FILE")
    return Source(settings, since, until)


def _pair(argument: str, listings: Mapping[Symbol, Listing]) -> tuple[Symbol, Path]:
    # A symbol may hold a "=" itself, as EURUSD=X does: those that alerts use are tried first.
    for symbol in sorted(listings, key=len, reverse=True):
        if argument.startswith(f"{symbol}=") and len(argument) > len(symbol) + 1:
            return symbol, Path(argument[len(symbol) + 1 :])
    name, sign, path = argument.partition("=")
    if not (name and sign and path):
        raise _misused(_CSV, f'expected SYMBOL=FILE, found "{argument}"')
    raise _misused(_CSV, f"no alert watches {name}; watched: {', '.join(listings)}")


def _check_year(option: str, day: date) -> None:
    if day.year not in _YEARS:
        raise _misused(option, f"expected a year from {_YEARS[0]} to {_YEARS[-1]}, found {day}")


def _misused(option: str, why: str) -> typer.BadParameter:
    return typer.BadParameter(why, param_hint=option)


def _yahoo() -> tuple[QuoteSource, datetime]:
    from alertd import daemon
    from alertd.ops import log
    from alertd.ops.clock import SystemClock

    log.setup("warning", sys.stderr)
    clock = SystemClock()
    return daemon.yahoo(clock, os.environ), clock.now()
