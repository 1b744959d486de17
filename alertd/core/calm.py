"""May a message go out now, or does it wait?

    snoozed, paused      its alert is held back, until then or until it is armed
    quiet, digest, rate  its channel is, and a critical message passes

What waits is judged and recorded all the same. When its time has come, everything that waited for a
channel goes out as one message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from alertd.core.notices import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

# When a message of a paused alert is due: never by itself.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

_DAY = timedelta(days=1)


class Held(StrEnum):
    """Why a message waits."""

    SNOOZED = "snoozed"
    PAUSED = "paused"
    QUIET = "quiet"
    DIGEST = "digest"
    RATE = "rate"


# These end by what their user does or has said, however far ahead that is.
HUSHED = frozenset({Held.SNOOZED, Held.PAUSED})

# No other hold lasts longer than this: a due time beyond it means that a clock moved.
LONGEST_HOLD = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Hush:
    """An alert whose messages wait: until a moment, or until it is armed (None)."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of each day, `[start, end)` on the user's clock, in which a channel is silent."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages in any stretch of this length."""

    count: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Calm:
    """How much one channel may say, and when; `quiet` and `digest_at` go by the clock of `zone`."""

    zone: ZoneInfo | None = None
    quiet: Quiet | None = None
    digest_at: time | None = None
    rate: Rate | None = None


FREELY = Calm()


@dataclass(frozen=True, slots=True)
class Hold:
    """A message waits until then, and why."""

    until: datetime
    why: Held


def verdict(
    calm: Calm,
    severity: Severity,
    *,
    hush: Hush | None,
    held: Held | None,
    sent: Sequence[datetime],
    now: datetime,
) -> Hold | None:
    """Return how long a message that is due has to wait; None when it goes out.

    hush: what its user has said of its alert. held: why it has waited until now.
    sent: when the channel's messages of the last `calm.rate.span` went out, those under way too.
    """
    if hush is not None and hush.until is None:
        return Hold(NEVER, Held.PAUSED)
    if hush is not None and hush.until is not None and now < hush.until:
        return Hold(hush.until, Held.SNOOZED)
    if severity is Severity.CRITICAL:
        return None
    return _digest(calm, held, now) or _quiet(calm, now) or _rate(calm, sent, now)


def _quiet(calm: Calm, now: datetime) -> Hold | None:
    if calm.quiet is None:
        return None
    start, end = calm.quiet.start, calm.quiet.end
    here = now.astimezone(calm.zone or UTC).time()
    inside = start <= here < end if start < end else here >= start or here < end
    return Hold(_next(end, calm, now), Held.QUIET) if inside else None


def _digest(calm: Calm, held: Held | None, now: datetime) -> Hold | None:
    # What has waited for a digest, or for the channel since, goes out now that its time has come.
    if calm.digest_at is None or held in (Held.DIGEST, Held.QUIET, Held.RATE):
        return None
    return Hold(_next(calm.digest_at, calm, now), Held.DIGEST)


def _rate(calm: Calm, sent: Sequence[datetime], now: datetime) -> Hold | None:
    if calm.rate is None:
        return None
    lately = sorted(at for at in sent if now - calm.rate.span < at <= now)
    if len(lately) < calm.rate.count:
        return None
    return Hold(lately[-calm.rate.count] + calm.rate.span, Held.RATE)


def _next(clock: time, calm: Calm, now: datetime) -> datetime:
    """Return when a clock in the user's zone shows this time next, after `now`."""
    zone = calm.zone or UTC
    here = now.astimezone(zone)
    # In the hour that the clock shows twice, it is that of the reading which is under way.
    clock = clock.replace(fold=here.fold)
    days = (here.date() + number * _DAY for number in range(3))
    moments = (datetime.combine(day, clock, zone).astimezone(UTC) for day in days)
    return next(moment for moment in moments if moment > now)
