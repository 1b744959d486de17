"""Where does an alert stand?

ARMED   waits for the price to cross      -> PENDING if that has to hold, else FIRED
PENDING waits for it to hold              -> FIRED, or back to ARMED
FIRED   waits for a retreat, and its time -> ARMED
DONE    waits for nothing: fired, and was to fire once
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from alertd.core.rules import Move

if TYPE_CHECKING:
    from alertd.core.events import Event
    from alertd.core.rules import AlertId, Rule


class Phase(StrEnum):
    """What an alert is waiting for."""

    ARMED = "armed"
    PENDING = "pending"
    FIRED = "fired"
    DONE = "done"


class Side(IntEnum):
    """Where the price last was: against the level, or against both edges of a band.

    AT is at the level for `touches`, between the edges for a band or a move.
    """

    BELOW = -1
    AT = 0
    ABOVE = 1


class Reason(StrEnum):
    """Why a judgement came out as it did."""

    BASELINE = "first price, sets the side"
    ALREADY_BEYOND = "already beyond the level at the start"
    CROSSED = "crossed the level"
    TURNED = "on the other side of the level, where it may come from"
    HOLD_BEGAN = "crossed the level, has to hold"
    HOLDS = "still held"
    HELD = "held as long as asked"
    NOT_HELD = "came back before it was held"
    REARMED = "back far enough, armed again"
    NOT_BACK = "crossed again, but was not yet back by `rearm`"
    COOLING_DOWN = "crossed again, but `cooldown` is not over"
    ALREADY_TOLD = "told once in this bar already"
    LEVEL_MOVED = "the level moved, the price did not cross it"
    LACKING = "waits for what its level is made of"
    NEW_EXTREME = "a new highest or lowest price to measure from"
    NOT_SO_FAR = "not as far as asked from where it is measured"
    FIXED = "level fixed for the session"
    NEW_SESSION = "a new session, measured from its own previous close"
    RESCALED = "split: level and state are in the new shares"


class Want(StrEnum):
    """What an alert may be waiting for before its level is known."""

    HISTORY = "history"
    TARGET = "target"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Lack:
    """Why an alert has no level now: what it wants, and the words for the user.

    A refused analyst target is told as well as shown (`refused`).
    """

    want: Want
    words: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a level comes from: `what`, the price that it stands on, and when that was.

    `what` is a named level as users write it, without its offset ("52w high", "sma 200"), "previous
    close", "lowest" or "highest" of a move's time, "peak", "EPS", "20-session mean" of the volume,
    or a split ("10:1").
    """

    what: str
    price: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Basis:
    """What an alert's numbers stand on where its rule alone does not say it.

    `scale` makes the rule's own numbers prices of today: 0.1 after a 10:1 split, the earnings per
    share for a P/E, the mean volume. `level` is that of a named level, or the previous close that
    a move is measured from, fixed for the session that opens at `fixed_for`; `lack` says why there
    is none. `told_level` is the level that the user knows. `peak` is the highest price of a trail.
    `gone` are the directions of a move that were told in this session. `anew` is the bar's start
    and the point on its path with which an alert was armed again, or a trailing window begins.
    `edge` is the side on which the price left a band.
    """

    scale: float = 1.0
    level: float | None = None
    origin: Origin | None = None
    fixed_for: datetime | None = None
    lack: Lack | None = None
    told_level: float | None = None
    peak: float | None = None
    peak_at: datetime | None = None
    gone: tuple[Side, ...] = ()
    anew: tuple[datetime, int] | None = None
    edge: Side | None = None


PLAIN = Basis()


@dataclass(frozen=True, slots=True)
class State:
    """One alert's memory. Moments are bar time, UTC.

    `since` is when the alert was set up: bars that ended by then do not count. `crossed_at` is the
    start of the bar whose crossing is pending. `suppressed` counts the crossings that were not told
    since the last firing.
    """

    phase: Phase = Phase.ARMED
    side: Side | None = None
    since: datetime | None = None
    crossed_at: datetime | None = None
    closes: int = 0
    held: timedelta = timedelta(0)
    fired_at: datetime | None = None
    suppressed: int = 0
    basis: Basis = PLAIN


def is_over(rule: Rule, state: State | None, by: datetime) -> bool:
    """Tell whether an alert fires no more: it is done, or has expired by then."""
    return (state is not None and state.phase is Phase.DONE) or rule.expired(by)


def cooled_at(rule: Rule, state: State) -> datetime | None:
    """Return when an alert may fire again as far as `cooldown` goes; None where none runs.

    One that is armed again has none; a move is armed all the time, and has.
    """
    counts = state.phase is Phase.FIRED or isinstance(rule.level, Move)
    if not rule.cooldown or state.fired_at is None or not counts:
        return None
    return state.fired_at + rule.cooldown


@dataclass(frozen=True, slots=True)
class Decision:
    """What one judgement did to one alert: its state from here on, why, and what is told.

    `price` is the point or close that was judged; None where none was.
    """

    alert: AlertId
    at: datetime
    state: State
    reason: Reason
    event: Event | None = None
    price: float | None = None
