"""What does an alert ask for, in words?

    rule -> "when BABA falls below $150.00; armed again at $151.50 or above; regular session"

It can be said before anything is known of the price; with an alert's basis, the ways back are
those of today.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from alertd.core import words
from alertd.core.bars import DIGITS
from alertd.core.lines import backs
from alertd.core.rules import (
    Amount,
    Band,
    Closes,
    Condition,
    Figure,
    Move,
    Named,
    OnStart,
    Trail,
)
from alertd.core.sessions import Hours
from alertd.core.states import PLAIN, Side

if TYPE_CHECKING:
    from alertd.core.rules import Rule
    from alertd.core.states import Basis

# A day's volume only grows, and so comes back with the next day alone.
NEXT_SESSION = "in the next session"

CROSSES = {
    Condition.BELOW: "falls below",
    Condition.ABOVE: "rises above",
    Condition.TOUCHES: "touches",
    Condition.INSIDE: "enters",
    Condition.OUTSIDE: "leaves",
    Condition.RISES: "rises",
    Condition.FALLS: "falls",
    Condition.MOVES: "rises or falls",
    Condition.TRAILS: "falls",
}
BEYOND = {
    Condition.BELOW: "below",
    Condition.ABOVE: "above",
    Condition.TOUCHES: "at",
    Condition.INSIDE: "inside",
    Condition.OUTSIDE: "outside",
    Condition.RISES: "above",
    Condition.FALLS: "below",
    Condition.MOVES: "beyond",
    Condition.TRAILS: "below",
}


def rule(rule: Rule, digits: int, currency: str | None) -> str:
    """Return a whole alert in words, as the inside of a sentence."""
    parts = [
        f"when {_asks(rule, digits, currency)}{_hold(rule)}",
        _again(rule, digits, currency),
        _recovery(rule),
        _session(rule.session),
        _on_start(rule),
        f"until {rule.expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if rule.expires else "",
    ]
    return "; ".join(part for part in parts if part)


def _asks(rule: Rule, digits: int, currency: str | None) -> str:
    who, crosses = words.whose(rule.symbol, rule.of), CROSSES[rule.condition]
    if rule.of is Figure.VOLUME and rule.condition is Condition.ABOVE:
        crosses = "exceeds"
    match rule.level:
        case Band(low, high):
            return f"{who} {crosses} {words.band(low, high, rule.of, digits, currency)}"
        case Move():
            return f"{who} {crosses} {move(rule.level)}"
        case Trail(percent):
            return f"{who} falls {percent:g} % under its highest price since the alert was armed"
        case Named():
            return f"{who} {crosses} its {words.named(rule.level)}"
        case _:
            return f"{who} {crosses} {words.level(rule.level, rule.of, digits, currency)}"


def _hold(rule: Rule) -> str:
    beyond = f"{BEYOND[rule.condition]} it"
    match rule.hold:
        case None:
            return ""
        case Closes(1):
            return f" and the day closes {beyond}"
        case Closes(count):
            return f" and {count} daily closes in a row are {beyond}"
        case timedelta():
            return f" and stays {beyond} for {words.duration(rule.hold)} of trading"


def returns(rule: Rule, basis: Basis, digits: int, currency: str | None) -> tuple[str, str]:
    """Return the values to rise to and to fall to before an alert is armed again; "" for none."""
    if rule.of is not Figure.PRICE:
        # In its own unit a figure needs no prices: 1 % under a P/E of 20 is 19.8.
        own = replace(rule, of=Figure.PRICE)
        back = backs(own, replace(PLAIN, edge=basis.edge), DIGITS)
    else:
        back = backs(rule, basis, digits)
    # A price cannot fall by more than the whole of it.
    ends = [end if end is not None and end > 0 else None for end in (back.up, back.down)]
    up, down = ("" if e is None else words.number(e, rule.of, digits, currency) for e in ends)
    return up, down


def way_back(rule: Rule, digits: int, currency: str | None, basis: Basis = PLAIN) -> str:
    """Return where an alert that has fired is armed again: "at $151.50 or above".

    Without the state, a level that is not a number is "it".
    """
    if rule.of is Figure.VOLUME:
        return NEXT_SESSION
    up, down = returns(rule, basis, digits, currency)
    if rule.condition is Condition.OUTSIDE and basis.edge is None:
        up, _ = returns(rule, replace(basis, edge=Side.BELOW), digits, currency)
        return f"inside: from {up} up after a fall, from {down} down after a rise"
    ends = [f"at {up} or above" if up else "", f"at {down} or below" if down else ""]
    return ", or ".join(filter(None, ends)) or _relative(rule, digits, currency)


def _relative(rule: Rule, digits: int, currency: str | None) -> str:
    far = rule.rearm
    shown = (
        words.price(far.value, digits, currency) if isinstance(far, Amount) else f"{far.value:g} %"
    )
    match rule.condition:
        case Condition.TOUCHES:
            return f"{shown} away from it"
        case Condition.TRAILS:
            return f"{shown} above that"
        case _:
            return f"{shown} {'above' if rule.condition is Condition.BELOW else 'below'} it"


def _again(rule: Rule, digits: int, currency: str | None) -> str:
    if rule.once:
        return "once only"
    wait = f", {words.duration(rule.cooldown)} after firing at the soonest" if rule.cooldown else ""
    if isinstance(rule.level, Move):
        return f"{_afresh(rule, rule.level)}{wait}"
    return f"armed again {way_back(rule, digits, currency)}{wait}"


def _afresh(rule: Rule, move: Move) -> str:
    if move.within is not None:
        return "measured anew after each firing"
    each = " each way" if rule.condition is Condition.MOVES else ""
    return f"at most once a session{each}"


def _recovery(rule: Rule) -> str:
    if rule.once or not rule.recovery or isinstance(rule.level, Move):
        return ""
    return "a message says when it is armed again"


def _session(hours: Hours) -> str:
    return "regular session" if hours is Hours.REGULAR else "pre- and post-market too"


def _on_start(rule: Rule) -> str:
    if rule.on_start is OnStart.SILENT:
        return ""
    if isinstance(rule.level, Move):
        return "fires at the start if it has already gone so far"
    what = "the band" if isinstance(rule.level, Band) else "the level"
    return f"fires at the start if it is already {BEYOND[rule.condition]} {what}"


def asked(rule: Rule) -> str:
    """Return a rule's level as users write it: "150", "52w high - 2%", "5% within 1h"."""
    match rule.level:
        case Band(low, high):
            return f"[{words.plain(low)}, {words.plain(high)}]"
        case Move():
            return (
                f"{rule.level} within {_span(rule.level)}" if rule.level.within else f"{rule.level}"
            )
        case Named() | Trail():
            return str(rule.level)
        case _:
            return words.plain(rule.level)


def move(level: Move) -> str:
    """Return how far a move goes, and from where: "5 % from its previous close"."""
    since = f"within {_span(level)}" if level.within else "from its previous close"
    return f"{level.percent:g} % {since}"


def _span(move: Move) -> str:
    return words.duration(move.within) if isinstance(move.within, timedelta) else str(move.within)
