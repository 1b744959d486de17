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
from typing import NewType

from alertd.core.bars import DIGITS, Symbol, rounded
from alertd.core.sessions import Hours

AlertId = NewType("AlertId", str)
Revision = NewType("Revision", str)


class Condition(StrEnum):
    """What the price must do to the level."""

    BELOW = "below"
    ABOVE = "above"
    TOUCHES = "touches"


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


Hold = Closes | timedelta
Distance = Percent | Amount

# Told or forgotten, these leave the state machine as it is.
_NOT_MEANING = {"id", "recovery", "expires"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert's condition. Prices are in the listing's currency."""

    id: AlertId
    symbol: Symbol
    condition: Condition
    level: float
    hold: Hold | None = None
    rearm: Distance = Percent(1.0)
    cooldown: timedelta = timedelta(0)
    once: bool = False
    recovery: bool = False
    session: Hours = Hours.REGULAR
    on_start: OnStart = OnStart.SILENT
    expires: datetime | None = None

    @property
    def revision(self) -> Revision:
        """Return a hash of what the alert means."""
        return _revision(self)

    def upper(self, digits: int = DIGITS) -> float:
        """Return the price at or above which a `below` or `touches` alert is armed again."""
        return rounded(self.level + self.rearm.of(self.level), digits)

    def lower(self, digits: int = DIGITS) -> float:
        """Return the price at or below which an `above` or `touches` alert is armed again."""
        return rounded(self.level - self.rearm.of(self.level), digits)


@lru_cache(maxsize=1 << 16)
def _revision(rule: Rule) -> Revision:
    meaning = [
        (field.name, repr(getattr(rule, field.name)))
        for field in fields(rule)
        if field.name not in _NOT_MEANING
    ]
    return Revision(hashlib.sha256(repr(meaning).encode()).hexdigest()[:16])
