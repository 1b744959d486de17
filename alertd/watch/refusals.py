"""What becomes of a symbol whose bars cannot be had?

no answer       asked again after the interval
rests           asked again when the rest is over, or when its silence is to be told
crowded         asked again when there is room: nothing is wrong
unknown         left alone for 15 min -> 30 -> 1 h -> .. -> 24 h, and told once
no calendar     looked at again in an hour
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.errors import Crowded, NoSessions, RateLimited, UnknownSymbol
from alertd.watch import telling
from alertd.watch.telling import Promise, Scene

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.claims import Claim
    from alertd.errors import AlertdError
    from alertd.watch.looks import Look, Plan

_LONG_PAUSE = timedelta(hours=1)
_ADVICE = "asked for again after growing pauses; look up how it is written, or remove its alerts"
_FIRST_QUARANTINE, _LONGEST_QUARANTINE = timedelta(minutes=15), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Delay:
    """When a symbol is due again that was not judged, and what is to be told of that.

    `error` is empty where nothing is wrong. `unknown_since` is since when no source knows it.
    """

    due_at: datetime
    error: str
    notices: tuple[Promise, ...]
    silent_since: datetime | None
    unknown_since: datetime | None


def uncalendared(claim: Claim, error: NoSessions, now: datetime) -> Delay:
    """Return what becomes of a symbol whose sessions nobody knows."""
    return Delay(now + _LONG_PAUSE, str(error), (), claim.silent_since, claim.unknown_since)


def delayed(
    look: Look, plan: Plan, error: AlertdError, source: str, traded_at: datetime | None
) -> Delay:
    """Return what becomes of a symbol whose source does not give its bars.

    traded_at: when it was last traded, as far as quotes say: it is not silent since earlier.
    """
    claim, due_at = look.claim, look.now + plan.interval
    if isinstance(error, UnknownSymbol):
        return _quarantined(look, plan, error, source)
    good_until = max(filter(None, (claim.good_until, traded_at)), default=None)
    if isinstance(error, RateLimited):
        due_at = error.retry_at if isinstance(error, Crowded) else max(due_at, error.retry_at)
    since = look.news_of_silence(good_until)
    notices = (telling.stale(_scene(look, plan, source), since, str(error)),) if since else ()
    if not since:
        due_at = look.no_later_than_news(due_at, good_until)
    said = "" if isinstance(error, Crowded) else str(error)
    return Delay(due_at, said, notices, since or claim.silent_since, claim.unknown_since)


def _quarantined(look: Look, plan: Plan, error: UnknownSymbol, source: str) -> Delay:
    """Return how a symbol is left alone that its source does not know.

    Sources forget symbols for a moment, too: one that has had bars is told only when it is unknown
    for the second time in a row.
    """
    claim, now = look.claim, look.now
    unknown_since = min(claim.unknown_since or now, now)
    due_at = now + min(now - unknown_since + _FIRST_QUARANTINE, _LONGEST_QUARANTINE)
    sure = claim.unknown_since is not None or claim.good_until is None
    news = sure and claim.silent_since is None and look.waits(claim.states)
    since = (claim.good_until or unknown_since) if news else None
    if not since:
        due_at = max(look.no_later_than_news(due_at, claim.good_until), now + plan.interval)
    why = f"{error}; {_ADVICE}"
    notices = (telling.stale(_scene(look, plan, source), since, why),) if since else ()
    return Delay(due_at, str(error), notices, since or claim.silent_since, unknown_since)


def _scene(look: Look, plan: Plan, source: str) -> Scene:
    series, last = telling.nothing_seen(look)
    return Scene(plan, look, series, last, look.claim.states, source, source)
