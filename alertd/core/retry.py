"""When is a message tried again, and when is it given up?

    at once, 5 s, 30 s, 2 min, 5 min, 15 min, 30 min, 1 h, 2 h, then every 4 h
    until 72 h after it could first go out; then it is dead: kept, shown, sent again only by command

A channel that takes nothing at all is closed: it is left alone for an hour, and then tried with one
message.

Only the 4-hour steps are jittered: the short ones are spread by when alerts happen, the long ones
would let everything that one outage stopped arrive in one second, again and again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LIFETIME = timedelta(hours=72)

_STEPS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
)
_CAP = timedelta(hours=4)
_JITTER = 0.2

# No attempt is ever due later than this from now: a due time beyond it means that a clock moved.
LONGEST_STEP = _CAP * (1 + _JITTER)

# What a channel has not taken for so long goes to its fallback too.
FALLBACK_AFTER = timedelta(minutes=15)

# For so long a closed channel is left alone.
CLOSED_FOR = timedelta(hours=1)

_SHORTEST_WISH = timedelta(seconds=1)
_LONGEST_WISH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who of several has a message, and who will never take it and why, by their addresses."""

    reached: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)


NOBODY = Recipients()


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has the message."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not taken this time; it may be the next. `after` is the receiver's own wish.

    `recipients` are those who are done with; the others may still take it.
    """

    reason: str
    after: timedelta | None = None
    recipients: Recipients = NOBODY


@dataclass(frozen=True, slots=True)
class Rejected:
    """The receiver will never take it, or some of the `recipients`."""

    reason: str
    recipients: Recipients = NOBODY


@dataclass(frozen=True, slots=True)
class Closed:
    """The receiver takes nothing until somebody acts: it is gone, or refuses our login."""

    reason: str


Outcome = Sent | Failed | Rejected | Closed


@dataclass(frozen=True, slots=True)
class Delivered:
    """Nothing more is to be done."""


@dataclass(frozen=True, slots=True)
class Again:
    """The next attempt is due at `at`; with `closed` the whole channel is left alone until then."""

    at: datetime
    reason: str
    recipients: Recipients = NOBODY
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Dead:
    """No further attempt is made by itself; with `closed` the channel is left alone, too."""

    reason: str
    recipients: Recipients = NOBODY
    closed: bool = False


Settlement = Delivered | Again | Dead


def settle(
    outcome: Outcome, tried: int, ready_at: datetime, now: datetime, random: float
) -> Settlement:
    """Return what becomes of a message that has been tried so often, this attempt included.

    `ready_at` is when it could first go out. `random` lies in [0, 1] and moves the 4-hour steps.
    The last attempt is due at the end of the lifetime, so that no hour of it is given away.
    """
    end = ready_at + LIFETIME
    match outcome:
        case Sent():
            return Delivered()
        case Rejected(reason, recipients):
            return Dead(reason, recipients)
        case Failed(reason, _, recipients) if now >= end:
            return Dead(f"given up after 72 h: {reason}", recipients)
        case Failed(reason, after, recipients):
            pause = step(tried, random) if after is None else granted(after)
            return Again(min(now + pause, end), reason, recipients)
        case Closed(reason) if now >= end:
            return Dead(f"given up after 72 h: {reason}", closed=True)
        case Closed(reason):
            return Again(now + CLOSED_FOR, reason, closed=True)
        case _:
            assert_never(outcome)


def step(attempt: int, random: float) -> timedelta:
    """Return how long to wait after attempt number `attempt`, counted from 1."""
    if attempt <= len(_STEPS):
        return _STEPS[max(attempt, 1) - 1]
    return _CAP * (1 + _JITTER * (2 * random - 1))


def wish(header: str | None, now: datetime) -> timedelta | None:
    """Return what a `Retry-After` header asks for: seconds or an HTTP date; None when neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        # Longer numbers than this mean "not for a long time"; the digits do not matter.
        return timedelta(seconds=int(text[:9]))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now


def granted(asked: timedelta) -> timedelta:
    """Return the pause that a peer gets who asks for one."""
    return min(max(asked, _SHORTEST_WISH), _LONGEST_WISH)
