"""Who did what, to which level?

    BABA | fell below | $150.00          BABA | held above | $150.00 | for 2 closes

The parts are kept apart so that several levels can share one verb.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alertd.core import terms, words
from alertd.core.events import Event, Kind
from alertd.core.rules import Condition, Figure

if TYPE_CHECKING:
    from alertd.core.notices import Notice

# Of these a price is told.
PRICED = frozenset({Kind.FIRED, Kind.RECOVERED, Kind.WITHDRAWN})

MOVES = frozenset({Condition.RISES, Condition.FALLS, Condition.MOVES})

_CROSSED = {
    Condition.BELOW: "fell below",
    Condition.ABOVE: "rose above",
    Condition.TOUCHES: "touched",
    Condition.INSIDE: "entered",
    Condition.OUTSIDE: "left",
}
_RETURNED = {
    Condition.BELOW: "is back above",
    Condition.ABOVE: "is back below",
    Condition.TOUCHES: "has moved away from",
    Condition.INSIDE: "is back outside",
    Condition.OUTSIDE: "is back inside",
    Condition.TRAILS: "is back above its stop of",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """What happened, in parts; `level` and `rest` are empty where there is none."""

    who: str
    does: str
    level: str = ""
    rest: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.who, self.did)))

    @property
    def did(self) -> str:
        """Return what was done, without who did it: "fell below $150.00"."""
        return " ".join(filter(None, (self.does, self.level, self.rest)))


def phrase(notice: Notice) -> Phrase:
    """Return what a firing or a recovery says."""
    event = notice.event
    who = words.whose(event.symbol, event.of)
    return _recovered(notice, who) if event.kind is Kind.RECOVERED else _fired(notice, who)


def as_told(notice: Notice) -> Notice:
    """Return the notice that is taken back by this one."""
    kind = Kind.RECOVERED if notice.event.about == Kind.RECOVERED else Kind.FIRED
    return replace(notice, event=replace(notice.event, kind=kind, about=""))


def amount(value: float, notice: Notice) -> str:
    """Return a value of the figure that the alert watches."""
    return words.number(value, notice.event.of, notice.digits, notice.currency)


def cash(value: float, notice: Notice) -> str:
    """Return a price, whatever the alert watches."""
    return words.price(value, notice.digits, notice.currency)


def level(notice: Notice) -> str:
    """Return the level as it is now: "$150.00", "its 52-week high of $192.67"."""
    event, name = notice.event, words.by_name(notice.asked)
    if event.band:
        return words.band(*event.band, event.of, notice.digits, notice.currency)
    shown = words.level(event.level, event.of, notice.digits, notice.currency)
    if name is None:
        return shown
    return (
        f"its {words.named(name)} ({shown})"
        if name.offset
        else f"its {words.named(name)} of {shown}"
    )


def share(notice: Notice) -> str:
    """Return how far a move or a trail is asked to go: "5 %"."""
    return f"{notice.asked.partition('%')[0]} %"


def _fired(notice: Notice, who: str) -> Phrase:
    event, condition = notice.event, notice.condition
    match condition:
        case None:
            return Phrase(who, "")
        case Condition.RISES | Condition.FALLS | Condition.MOVES:
            went = "fell" if _fell(notice) else "rose"
            return Phrase(who, f"{went} {_far(notice)} {_within(notice)}")
        case Condition.TRAILS:
            peak = f" of {cash(event.origin.price, notice)}" if event.origin else ""
            return Phrase(who, f"fell {_far(notice)} under its peak{peak}")
        case _ if notice.hold:
            held = f"held {terms.BEYOND[condition]}"
            return Phrase(who, held, level(notice), f"for {notice.hold}")
        case _:
            return Phrase(who, _crossed(condition, event), level(notice))


def _crossed(condition: Condition, event: Event) -> str:
    if event.about:
        return f"is {terms.BEYOND[condition]}"
    if event.of is Figure.VOLUME and condition is Condition.ABOVE:
        return "exceeded"
    return _CROSSED[condition]


def _recovered(notice: Notice, who: str) -> Phrase:
    event, condition = notice.event, notice.condition
    if event.price == event.level and not event.band:
        return Phrase(who, "is back at", level(notice))
    returned = _RETURNED.get(condition, "is back from") if condition else "is back from"
    return Phrase(who, returned, level(notice))


def _fell(notice: Notice) -> bool:
    """Tell whether a move or a trail went down."""
    event = notice.event
    if notice.condition in (Condition.FALLS, Condition.TRAILS):
        return True
    since = event.origin.price if event.origin else event.price
    return notice.condition is Condition.MOVES and event.level < since


def _far(notice: Notice) -> str:
    """Return how far a move or a trail went: "17.0 %"; "5 % or more" where its start is unknown."""
    event = notice.event
    if event.origin is None or not event.origin.price:
        return f"{share(notice)} or more"
    return words.share((event.price / event.origin.price - 1) * 100)


def _within(notice: Notice) -> str:
    within = notice.asked.partition(" within ")[2]
    return f"within {within}" if within else "from its previous close"
