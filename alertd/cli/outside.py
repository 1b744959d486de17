"""Does everybody answer whom alertd talks to, and is it the same time there?

    source     quotes of the watched symbols in one request, and the bars of one of them
    clock      the time at which a source says that it has answered
    channel    a connection and a login, without a message
    heartbeat  a connection, without a ping

A source that rests is not asked at all.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alertd import wiring
from alertd.cli import findings
from alertd.cli.check import channel_in_words
from alertd.cli.findings import Finding, ok, skipped, trouble
from alertd.cli.origins import resting_words
from alertd.config.settings import AppriseSettings, ConsoleSettings, EmailSettings, WebhookSettings
from alertd.core import currencies, words
from alertd.core.sessions import Hours
from alertd.errors import AlertdError, RateLimited, SourceDown, WrongCurrency

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from alertd.config.settings import ChannelSettings, HeartbeatSettings
    from alertd.core.calendars import Listing
    from alertd.core.rests import Rest
    from alertd.quotes.failover import Feed

CLOCK, HEARTBEAT = "clock", "heartbeat"

# As many as a source gives in one request, or what is fair where each takes a request.
_MOST, _ONE_BY_ONE = 99, 5
_NAMED = 10

# Bars from the future are refused from two minutes on; the clock is wrong long before.
_OFF = timedelta(seconds=30)

_UTC = ZoneInfo("UTC")

_UNREACHED = "see if this machine reaches it, by name and through the proxy if there is one"
_WHERE = {
    WebhookSettings: "url, ca_file and allow_hosts",
    EmailSettings: "host, port, tls, ca_file, username and password",
}


@runtime_checkable
class Dated(Protocol):
    """A source whose answers say what time it is."""

    @property
    def ahead(self) -> timedelta | None:
        """Return by how much its clock ran ahead of ours at its newest answer."""
        ...


@runtime_checkable
class Reachable(Protocol):
    """A channel that can be tried without a message."""

    def reach(self) -> str | None:
        """Connect, and return why that failed, or None."""
        ...


class Resting:
    """The rests of sources as the daemon has kept them: nothing is kept here."""

    def __init__(self, rests: Mapping[str, Rest]) -> None:
        self._rests = rests

    def rests(self) -> Mapping[str, Rest]:
        return self._rests

    def keep_rest(self, source: str, rest: Rest) -> None:
        """Keep nothing: the daemon is told the same when it asks."""


def source(
    one: Feed, listings: Sequence[Listing], now: datetime, *, first: bool
) -> Iterator[Finding]:
    """Ask a source for what it will be asked for, as little as that can be.

    `first`: all symbols are expected of it.
    """
    about = f"source {one.name}"
    if rest := one.resting:
        hint = "it is asked again by itself; a second one in [quotes] sources would stand in"
        yield trouble(about, resting_words(rest, _UTC, now), hint)
        return
    known = [each for each in listings if one.covers(each)]
    if not known:
        yield skipped(about, "none of the symbols is one that it knows prices of")
        return
    try:
        yield from _prices(about, one, known, now, first=first)
    except RateLimited as error:
        again = words.local(error.retry_at, _UTC)
        hint = f"the daemon leaves it alone until then, {again}, and goes on by itself"
        yield trouble(about, str(error), hint)
    except SourceDown as error:
        # What it has answered with says more than any hint of ours.
        yield trouble(about, str(error), "" if _ahead(one) is not None else _UNREACHED)
    except AlertdError as error:
        yield from findings.refused(about, error)
    ahead = _ahead(one)
    if ahead is not None:
        yield clock(ahead, one.name)
    elif first:
        yield skipped(CLOCK, f"{one.name} has not said what time it is")


def _ahead(one: Feed) -> timedelta | None:
    """Return by how much a source's clock runs ahead of ours; None where it has not answered."""
    return one.ahead if isinstance(one, Dated) else None


def _prices(
    about: str, one: Feed, known: Sequence[Listing], now: datetime, *, first: bool
) -> Iterator[Finding]:
    asked = known[: _ONE_BY_ONE if one.name == "finnhub" else _MOST]
    quotes = one.quotes(asked)
    lost = [each.symbol for each in asked if each.symbol not in quotes]
    found = [each for each in asked if each.symbol in quotes]
    if found:
        of = f"{len(found)} of {len(known)}" if len(found) < len(known) else "all"
        yield ok(about, f"quotes of {of} symbols; {_minutes(one, found[0], now)}")
    if lost:
        rest = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        what = f"does not know {', '.join(lost[:_NAMED])}{rest}"
        hint = "look up how Yahoo writes them, or remove their alerts"
        yield trouble(about, what, hint) if first else skipped(about, what)
    for each in found:
        try:
            currencies.insist(each.symbol, each.currency, quotes[each.symbol].currency)
        except WrongCurrency as error:
            yield from findings.refused(about, error)


def _minutes(one: Feed, listing: Listing, now: datetime) -> str:
    """Return which bars there are of one symbol in its newest session."""
    session = listing.calendar.around(now, now).last(now, Hours.EXTENDED)
    since = session.pre if session else now - timedelta(days=1)
    bars = one.bars(listing, since, now).bars
    zone = listing.calendar.zone
    if not bars:
        return f"no bar of {listing.symbol} since {words.local(since, zone)}"
    return f"the last bar of {listing.symbol} is of {words.local(bars[-1].start, zone)}"


def clock(ahead: timedelta, whose: str) -> Finding:
    """Return how well this machine's clock agrees with that of a source."""
    if abs(ahead) <= _OFF:
        within = max(ceil(abs(ahead).total_seconds()), 1)
        return ok(CLOCK, f"agrees with that of {whose} to within {within} s")
    side = "behind" if ahead > timedelta(0) else "ahead of"
    off = words.duration(abs(ahead))
    hint = "set it, best by NTP: bars from the future are refused, and what is old looks new"
    return trouble(CLOCK, f"this machine's is {off} {side} that of {whose}", hint)


def channel(name: str, settings: ChannelSettings) -> Iterator[Finding]:
    """Try to reach a channel without sending anything."""
    about = f"channel {name}"
    try:
        way = wiring.channel(settings)
    except ValueError as error:
        yield trouble(about, str(error))
        return
    where = channel_in_words(settings)
    match settings:
        case ConsoleSettings():
            yield ok(about, where)
        case AppriseSettings():
            what = f"understood; only a message can tell more: `alertd test {name}`"
            yield skipped(about, f"{where}: {what}")
        case WebhookSettings() | EmailSettings():
            assert isinstance(way, Reachable)
            hint = f"see {_WHERE[type(settings)]} in [channel.{name}]"
            yield _reached(about, where, way, hint)


def heartbeat(settings: HeartbeatSettings) -> Iterator[Finding]:
    """Try to reach who hears the heartbeat, without one."""
    try:
        ping = wiring.ping(settings)
    except ValueError as error:
        yield trouble(HEARTBEAT, str(error))
        return
    where = str(urlsplit(settings.url).hostname)
    yield _reached(HEARTBEAT, where, ping, "see url, ca_file and allow_hosts in [heartbeat]")


def _reached(about: str, where: str, way: Reachable, hint: str) -> Finding:
    why = way.reach()
    return trouble(about, why, hint) if why else ok(about, f"{where}: reached, nothing was sent")
