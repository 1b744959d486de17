"""From whom do prices come, when are there new ones, and what keeps them away?

BABA   last bar 2026-11-23 10:31 EST, from alpaca, for yahoo; delayed by 15m
       next poll in 45s
       yahoo does not know it since 2026-11-20 10:00 EST; asked again 2026-11-23 18:00 EST
yahoo  rests until 2026-11-23 10:42 EST, 4m from now: answered 429
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.cli import output
from alertd.core import rests, standings, words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from alertd.cli.tickers import Ticker
    from alertd.core.rests import Rest
    from alertd.store.reading import SymbolRow

HEADINGS = ("=source", ">symbols", "state")

_WELL = "asked as usual"
_UTC = ZoneInfo("UTC")


def origin(ticker: Ticker) -> str:
    """Return when the newest bar began, whose it is, and by how much its prices lag."""
    last = ticker.seen and ticker.seen.price_at
    if not last:
        return ""
    whose = f", from {ticker.source}" if ticker.source else ""
    lags = f"; delayed by {words.duration(ticker.delay)}" if ticker.delay else ""
    return f"last bar {words.local(last, ticker.zone)}{whose}{lags}"


def polling(seen: SymbolRow, now: datetime) -> list[str]:
    """Return when the next poll is due, and what stopped the last one if anything did."""
    due = next_poll(seen, now)
    return [due, failed] if (failed := failure(seen)) else [due]


def next_poll(seen: SymbolRow, now: datetime) -> str:
    """Return when the next poll is due."""
    if seen.due_at > now:
        return f"next poll in {output.about(seen.due_at - now)}"
    return "due now, before others" if seen.pointed else "due now"


def failure(seen: SymbolRow) -> str:
    """Return what stopped the last poll; "" where nothing did."""
    if seen.error is None:
        return ""
    return f"{output.count(seen.failures, 'failed poll')}, the last: {seen.error}"


def quality(ticker: Ticker) -> list[str]:
    """Return what is wrong with the data of a symbol, a line each."""
    seen = ticker.seen
    if seen is None:
        return []
    bars, gaps = standings.bars(seen.record), standings.gaps(seen.record, ticker.zone)
    found = (missing(ticker), f"bars: {bars}" if bars else "", f"gaps: {gaps}" if gaps else "")
    return [each for each in found if each]


def missing(ticker: Ticker) -> str:
    """Return why a symbol has no prices at all; "" where it has."""
    seen = ticker.seen
    if seen and seen.unknown_since:
        since, again = (words.local(at, ticker.zone) for at in (seen.unknown_since, seen.due_at))
        whose = seen.source or ticker.first
        return f"{whose} does not know it since {since}; asked again {again}"
    if seen and seen.silent_since:
        return f"no good price since {words.local(seen.silent_since, ticker.zone)}"
    return ""


def sources(
    named: Sequence[str], found: Mapping[str, Rest], tickers: Collection[Ticker], now: datetime
) -> list[tuple[str, ...]]:
    """Return a row for each source; none where a single one is asked as usual.

    named: as the configuration has them. found: the newest rest of each.
    """
    given, zone = Counter(_givers(tickers)), _zone(tickers)
    resting = {name: rest for name, rest in found.items() if rests.is_on(rest, now)}
    names = dict.fromkeys([*named, *given])
    if len(names) == 1 and not resting.keys() & names.keys():
        return []
    elsewhere = given.total() - given[named[0]]
    usual = dict.fromkeys(named, _WELL)
    if elsewhere:
        # Why is not kept: it is down or silent, or does not know them.
        symbols = output.count(elsewhere, "symbol")
        usual[named[0]] = f"gave no prices of {symbols} last; tried again after growing pauses"
    return [
        (name, f"{given[name]:,}", resting_words(resting[name], zone, now))
        if name in resting
        else (name, f"{given[name]:,}", usual.get(name, "not configured"))
        for name in names
    ]


def resting_words(rest: Rest, zone: ZoneInfo, now: datetime) -> str:
    """Return until when a source is left alone, and why."""
    left = output.about(rest.until - now)
    often = f", {rest.times} times in a row" if rest.times > 1 else ""
    return f"rests until {words.local(rest.until, zone)}, {left} from now{often}: {rest.why}"


def _givers(tickers: Collection[Ticker]) -> list[str]:
    rows = (ticker.seen for ticker in tickers)
    return [row.source for row in rows if row and row.source]


def _zone(tickers: Collection[Ticker]) -> ZoneInfo:
    """Return the clock of all symbols; UTC where they do not share one."""
    zones = {ticker.zone for ticker in tickers}
    return zones.pop() if len(zones) == 1 else _UTC
