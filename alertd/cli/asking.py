"""Whom does the daemon ask for prices, how often, and may it?

quotes: yahoo; alpaca stands in for American shares
    bars of 3 symbols every 1m: about 3 requests a minute, 60 are allowed
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from alertd.cli import output
from alertd.config.values import REQUESTS
from alertd.config.wrong import listed
from alertd.core import words

if TYPE_CHECKING:
    from alertd.config.settings import Config

_MINUTE = timedelta(minutes=1)
# So many symbols are quoted in one request, where a source can do that.
_TOGETHER = {"finnhub": 1}
_USUALLY_TOGETHER = 99

_EVERYTHING = "yahoo"
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked for, of how many symbols: quotes every `interval`, bars every `sweep`.

    Where both are the same there are no quotes. `together` symbols are quoted in one request.
    """

    symbols: int
    interval: timedelta
    sweep: timedelta
    together: int = _USUALLY_TOGETHER

    @property
    def quotes(self) -> float:
        """Return the requests in a minute that quotes take."""
        if self.sweep <= self.interval:
            return 0.0
        return ceil(self.symbols / self.together) * (_MINUTE / self.interval)

    @property
    def per_minute(self) -> int:
        """Return all requests in a minute, while every exchange is open."""
        return ceil(self.quotes + self.symbols * (_MINUTE / self.sweep))

    def remedies(self, allowed: int, most: int) -> list[str]:
        """Return what makes do with the requests that are allowed: each of these is enough.

        most: how many may be allowed.
        """
        found = []
        if self.per_minute <= most:
            found.append(f"requests_per_minute = {self.per_minute}")
        if self.quotes == 0:
            found.append(f'interval = "{_enough(self.symbols, allowed)}"')
        elif self.quotes < allowed:
            found.append(f'sweep = "{_enough(self.symbols, allowed - self.quotes)}"')
        else:
            # Half of what is allowed for the quotes, half for the bars.
            interval = _enough(2 * ceil(self.symbols / self.together), allowed)
            sweep = _enough(2 * self.symbols, allowed)
            found.append(f'interval = "{interval}" and sweep = "{sweep}"')
        return found


def plan(settings: Config) -> list[str]:
    """Return who is asked and how often, and what to change where that is too often."""
    from alertd import wiring
    from alertd.watch.looks import Plan

    first, *others = settings.quotes.sources
    whole = Plan.configured(settings)
    need = Need(
        len(settings.listings), whole.interval, whole.pace,
        _TOGETHER.get(first, _USUALLY_TOGETHER),
    )  # fmt: skip
    allowed = wiring.per_minute(settings, first)
    told = [f"quotes: {first}{_stand_ins(others)}", _often(need, allowed)]
    if need.per_minute > allowed:
        most = wiring.own_limit(first) or REQUESTS[-1]
        remedies = listed(need.remedies(allowed, most))
        told.append(f"too many, so prices come later: in [poll], set {remedies}")
    if lost := _lost(settings):
        told.append(f"no prices of {lost}: only yahoo knows more than American shares")
    return told


def _lost(settings: Config) -> str:
    """Return the symbols that no configured source may know."""
    from alertd.quotes.american import ticker

    if _EVERYTHING in settings.quotes.sources:
        return ""
    lost = [symbol for symbol, each in settings.listings.items() if ticker(each) is None]
    more = [f"{len(lost) - _NAMED:,} more"] if len(lost) > _NAMED else []
    return listed([*lost[:_NAMED], *more], "and") if lost else ""


def _stand_ins(names: list[str]) -> str:
    if not names:
        return ""
    american = " for American shares" if _EVERYTHING not in names else ""
    verb = "stands" if len(names) == 1 else "stand"
    return f"; {listed(names, 'and')} {verb} in{american}"


def _often(need: Need, allowed: int) -> str:
    interval, sweep = words.duration(need.interval), words.duration(need.sweep)
    symbols = output.count(need.symbols, "symbol")
    what = f"bars of {symbols} every {interval}"
    if need.quotes:
        what = f"quotes of {symbols} every {interval}, bars every {sweep} or when one points at it"
    requests = output.count(need.per_minute, "request")
    return f"{what}: about {requests} a minute, {allowed} are allowed"


def _enough(requests: int, per_minute: float) -> str:
    """Return a span in which so many requests may be made, in whole minutes."""
    return words.duration(ceil(requests / per_minute) * _MINUTE)
