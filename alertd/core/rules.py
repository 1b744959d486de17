"""What does an alert watch for?

A rule is the meaning of one `[[alert]]` table. Whatever changes that meaning changes its
`revision`, and a new revision starts afresh; a new note or another channel does not.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NewType

from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from alertd.core.bars import Symbol

AlertId = NewType("AlertId", str)
Revision = NewType("Revision", str)


class Condition(StrEnum):
    """What the price must do to the level."""

    BELOW = "below"
    ABOVE = "above"
    TOUCHES = "touches"
    INSIDE = "inside"
    OUTSIDE = "outside"
    RISES = "rises"
    FALLS = "falls"
    MOVES = "moves"
    TRAILS = "trails"


class Figure(StrEnum):
    """What is watched: the price, or something that is said of it."""

    PRICE = "price"
    PE = "pe"
    FORWARD_PE = "forward pe"
    VOLUME = "volume"


class OnStart(StrEnum):
    """What a new alert does when the price is already beyond its level."""

    SILENT = "silent"
    FIRE = "fire"


@dataclass(frozen=True, slots=True)
class Closes:
    """A hold of `count` consecutive daily closes beyond the level."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} close{'s' if self.count != 1 else ''}"


@dataclass(frozen=True, slots=True)
class Percent:
    """A share of the level: `Percent(1.0)` of 150 is 1.50."""

    value: float

    def of(self, level: float) -> float:
        return level * self.value / 100

    def __str__(self) -> str:
        return f"{self.value:g}%"


@dataclass(frozen=True, slots=True)
class Amount:
    """An absolute distance in the listing's currency."""

    value: float

    def of(self, _level: float) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class Band:
    """The prices from `low` to `high`, both of them inside; what `inside` and `outside` watch."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"[{self.low:g}, {self.high:g}]"


class Name(StrEnum):
    """A level that is known by its name and has another value in each session."""

    YEAR_HIGH = "52w high"
    YEAR_LOW = "52w low"
    PREVIOUS_CLOSE = "previous close"
    SMA = "sma"
    ALL_TIME_HIGH = "all-time high"
    ANALYST_TARGET = "analyst target"
    ANALYST_HIGH = "analyst high"
    ANALYST_LOW = "analyst low"


@dataclass(frozen=True, slots=True)
class Named:
    """A level by name, `offset` per cent above it (negative: below); `count` closes for `sma`."""

    name: Name
    count: int = 0
    offset: float = 0.0

    def __str__(self) -> str:
        name = f"{self.name} {self.count}" if self.name is Name.SMA else str(self.name)
        sign = "+" if self.offset > 0 else "-"
        return f"{name} {sign} {abs(self.offset):g}%" if self.offset else name


@dataclass(frozen=True, slots=True)
class SessionCount:
    """A stretch of so many sessions, the one that is open among them."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} session{'s' if self.count != 1 else ''}"


@dataclass(frozen=True, slots=True)
class Move:
    """A change by `percent` of what the price was `within`; None stands for the previous close."""

    percent: float
    within: timedelta | SessionCount | None = None

    def __str__(self) -> str:
        return f"{self.percent:g}%"


@dataclass(frozen=True, slots=True)
class Trail:
    """A distance of `percent` under the highest price since the alert was armed."""

    percent: float

    def __str__(self) -> str:
        return f"{self.percent:g}%"


Hold = Closes | timedelta
Distance = Percent | Amount
# below, above, touches: float or Named; inside, outside: Band; rises, falls, moves: Move.
Level = float | Named | Band | Move | Trail

# Told or forgotten, these leave the state machine as it is.
_NOT_MEANING = {"id", "recovery", "expires"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert's condition.

    Prices are in the listing's currency. With another figure than the price, `level` and an
    absolute `rearm` are in that figure's own unit: a P/E of 20, three times the usual volume.
    """

    id: AlertId
    symbol: Symbol
    condition: Condition
    level: Level
    hold: Hold | None = None
    rearm: Distance = Percent(1.0)
    cooldown: timedelta = timedelta(0)
    once: bool = False
    recovery: bool = False
    session: Hours = Hours.REGULAR
    on_start: OnStart = OnStart.SILENT
    expires: datetime | None = None
    of: Figure = Figure.PRICE

    @property
    def revision(self) -> Revision:
        """Return a hash of what the alert means."""
        return _revision(self)

    @property
    def trailing(self) -> timedelta | SessionCount | None:
        """Return the trailing time that a move is measured in; None for anything else."""
        return self.level.within if isinstance(self.level, Move) else None

    def expired(self, by: datetime) -> bool:
        """Tell whether the alert has expired by a moment."""
        return self.expires is not None and self.expires <= by


@lru_cache(maxsize=1 << 17)
def _revision(rule: Rule) -> Revision:
    meaning = [
        (field.name, repr(getattr(rule, field.name)))
        for field in fields(rule)
        if field.name not in _NOT_MEANING
        # What did not exist when an alert was first read does not change what it means.
        and not (field.name == "of" and rule.of is Figure.PRICE)
    ]
    return Revision(hashlib.sha256(repr(meaning).encode()).hexdigest()[:16])
