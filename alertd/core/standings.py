"""Where does an alert stand, and what does it wait for?

    armed      1 of 2 closes below $150.00      silent: not yet back above $151.50      done

`status` and `explain` say the same sentences. What the file says now comes first: an alert that has
expired, or that the daemon has not read yet, stands nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from alertd.core import terms, words
from alertd.core.bars import DIGITS
from alertd.core.lines import backs, lines
from alertd.core.quality import Verdict
from alertd.core.records import KEPT
from alertd.core.rules import Band, Closes, Condition, Figure, Move, Named, Rule, Trail
from alertd.core.states import Basis, Phase, Side, State, cooled_at

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alertd.core.lines import Lines
    from alertd.core.records import Record

_UPWARDS = (Condition.RISES, Condition.MOVES)
_DOWNWARDS = (Condition.FALLS, Condition.MOVES)
_NAMED_VERDICTS = {
    Verdict.SUSPECT: "suspect",
    Verdict.CONFIRMED: "confirmed late",
    Verdict.AGREED: "confirmed by a second source",
    Verdict.DROPPED: "dropped",
    Verdict.CUT: "cut",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a symbol: its last price, and how prices and times are said of it."""

    zone: ZoneInfo
    price: float | None = None
    digits: int = DIGITS
    currency: str | None = None

    def cash(self, price: float) -> str:
        """Return a price of this symbol as people write it."""
        return words.price(price, self.digits, self.currency)

    def day(self, at: datetime) -> str:
        """Return the exchange's day of a moment."""
        return f"{at.astimezone(self.zone):%Y-%m-%d}"


def standing(rule: Rule, state: State | None, seen: Seen, now: datetime) -> str:
    """Return what an alert waits for; `state` is None where the daemon does not know it."""
    if rule.expired(now):
        return "expired"
    if state is None:
        return "not taken up yet"
    if state.phase is Phase.DONE:
        return "done"
    said = _waiting(rule, state, seen, now)
    split = rescaled(rule, state.basis, seen)
    return f"{said}; {split}" if split else said


def rescaled(rule: Rule, basis: Basis, seen: Seen) -> str:
    """Return which split the numbers of the file still wait for; "" for none."""
    if basis.scale in (0, 1) or rule.of is not Figure.PRICE:
        return ""
    where = lines(rule, basis, seen.digits)
    if where is None or not isinstance(rule.level, Band | float | int):
        return ""
    ratio = 1 / basis.scale
    split = f"{ratio:.6g}:1" if ratio >= 1 else f"1:{basis.scale:.6g}"
    now = seen.cash(where.low)
    if isinstance(rule.level, Band):
        now = words.band(where.low, where.high, rule.of, seen.digits, seen.currency)
    return f"{split} split: {terms.asked(rule)} in the file is {now} now"


def level(rule: Rule, basis: Basis, seen: Seen) -> str:
    """Return an alert's level as it is now, with its name if it has one: "$192.67 (52w high)"."""
    asked, where = terms.asked(rule), lines(rule, basis, seen.digits)
    match rule.level:
        case Band() if rule.of is Figure.PRICE and where:
            return words.band(where.low, where.high, rule.of, seen.digits, seen.currency)
        case Band(low, high):
            return words.band(low, high, rule.of, seen.digits, seen.currency)
        case Named() | Trail():
            return f"{seen.cash(where.low)} ({asked})" if where else asked
        case float() if rule.of is Figure.PRICE:
            return seen.cash(where.low if where else rule.level)
        case float() if rule.of is not Figure.VOLUME:
            return words.figure(rule.level, rule.of, seen.digits, seen.currency)
        case _:
            return asked if isinstance(rule.level, Move) else f"{asked} times usual volume"


def edges(rule: Rule, basis: Basis, digits: int) -> tuple[float, ...]:
    """Return the prices at which an alert acts, lower first; none where they are not known."""
    where = lines(rule, basis, digits) if rule.of is not Figure.VOLUME else None
    if where is None:
        return ()
    # What a move has told in this session it does not tell again.
    found = {line for side, line in _ends_of(where) if side not in basis.gone}
    return tuple(sorted(edge for edge in found if 0 < edge < float("inf")))


def _ends_of(where: Lines) -> tuple[tuple[Side, float], ...]:
    return (Side.BELOW, where.low), (Side.ABOVE, where.high)


def source(rule: Rule, basis: Basis, seen: Seen) -> str:
    """Return where a level comes from: "52-week high of $192.67, from 2025-10-02"."""
    origin = basis.origin
    if isinstance(rule.level, Trail):
        return _peak(rule.level, basis, seen)
    if origin is None or basis.lack is not None:
        return ""
    day = seen.day(origin.at)
    match rule.of:
        case Figure.VOLUME:
            return f"{origin.what} of {origin.price:,.0f} shares, as of {day}"
        case Figure.PE | Figure.FORWARD_PE:
            earnings = seen.cash(round(origin.price, 2))
            return f"earnings per share of {earnings}, as of {day}"
        case Figure.PRICE:
            return f"{words.made_of(origin.what)} of {seen.cash(origin.price)}, from {day}"
        case _:
            assert_never(rule.of)


def bars(record: Record) -> str:
    """Return what became of bars that were not simply good: "3 refused, 1 confirmed late"."""
    refused = sum(
        count
        for verdict, count in record.verdicts.items()
        if verdict is not Verdict.GOOD and verdict not in _NAMED_VERDICTS
    )
    found = [(refused, "refused")]
    found += [(record.verdicts.get(verdict, 0), name) for verdict, name in _NAMED_VERDICTS.items()]
    return ", ".join(f"{count:,} {name}" for count, name in found if count)


def gaps(record: Record, zone: ZoneInfo) -> str:
    """Return how much of open sessions no bar covers: "2, the last of 3m from 2026-03-09 09:36"."""
    if not record.gaps:
        return ""
    count, last = len(record.gaps), record.gaps[-1]
    more = " or more" if count == KEPT else ""
    long = words.duration(last.end - last.start)
    return f"{count}{more}, the last of {long} from {words.local(last.start, zone)}"


def _waiting(rule: Rule, state: State, seen: Seen, now: datetime) -> str:
    lack = state.basis.lack
    if lack is not None:
        return f"{'held' if lack.refused else 'waits'}: {lack.words}"
    if state.side is None or seen.price is None:
        return "waits for a first price"
    if isinstance(rule.level, Move):
        return _move(rule, rule.level, state, seen, now)
    match state.phase:
        case Phase.ARMED:
            return f"armed; {_stop(rule, state.basis, seen)}".removesuffix("; ")
        case Phase.PENDING:
            return _held(rule, state, seen)
        case Phase.FIRED | Phase.DONE:
            return _silent(rule, state, seen, now)
        case _:
            assert_never(state.phase)


def _stop(rule: Rule, basis: Basis, seen: Seen) -> str:
    where = lines(rule, basis, seen.digits)
    if not isinstance(rule.level, Trail) or where is None:
        return ""
    return f"stop at {seen.cash(where.low)}, {_peak(rule.level, basis, seen)}"


def _peak(trail: Trail, basis: Basis, seen: Seen) -> str:
    if basis.peak is None:
        return ""
    day = f" of {seen.day(basis.peak_at)}" if basis.peak_at else ""
    return f"{trail.percent:g} % under {seen.cash(basis.peak)}{day}"


def _held(rule: Rule, state: State, seen: Seen) -> str:
    beyond = f"{terms.BEYOND[rule.condition]} {level(rule, state.basis, seen)}"
    match rule.hold:
        case Closes():
            return f"{state.closes} of {rule.hold} {beyond}"
        case timedelta():
            held, asked = words.duration(state.held), words.duration(rule.hold)
            return f"held {held} of {asked} {beyond}"
        case None:
            return f"crossed, {beyond}"
        case _:
            assert_never(rule.hold)


def _silent(rule: Rule, state: State, seen: Seen, now: datetime) -> str:
    up, down = terms.returns(rule, state.basis, seen.digits, seen.currency)
    ends = " or ".join(filter(None, (up and f"above {up}", down and f"below {down}")))
    over = cooled_at(rule, state)
    wait = f"not before {words.local(over, seen.zone)}" if over and over > now else ""
    if rule.of is Figure.VOLUME:
        told = "told for today; " if _is_of_today(state) else ""
        return f"silent: {told}armed again {terms.NEXT_SESSION}" + (f", and {wait}" if wait else "")
    if not ends:
        return f"silent: {wait}" if wait else "silent"
    if rule.condition is Condition.OUTSIDE:
        ends = f"inside, {ends}"
    if not _is_back(rule, state.basis, seen):
        return f"silent: not yet back {ends}" + (f", and {wait}" if wait else "")
    if wait:
        return f"silent: {wait}, and only {ends}"
    return f"silent: no settled bar of its session is back {ends} yet"


def _is_back(rule: Rule, basis: Basis, seen: Seen) -> bool:
    where = lines(rule, basis, seen.digits)
    if seen.price is None or where is None:
        return False
    if rule.condition is Condition.OUTSIDE and not where.low <= seen.price <= where.high:
        return False
    back = backs(rule, basis, seen.digits)
    risen = back.up is not None and seen.price >= back.up
    return risen or (back.down is not None and seen.price <= back.down)


def _move(rule: Rule, move: Move, state: State, seen: Seen, now: datetime) -> str:
    over = cooled_at(rule, state)
    wait = f"; not before {words.local(over, seen.zone)}" if over and over > now else ""
    if move.within is not None:
        return f"armed; fires {_within(rule, move)}{wait}"
    gone = state.basis.gone
    up = rule.condition in _UPWARDS and Side.ABOVE not in gone
    down = rule.condition in _DOWNWARDS and Side.BELOW not in gone
    if not up and not down:
        return f"{_why_gone(state)}; armed again at the next session"
    half = f"; {_why_gone(state)} the other way" if gone else ""
    return f"armed; fires {_ends(rule, move, state.basis, seen, up=up, down=down)}{half}{wait}"


def _within(rule: Rule, move: Move) -> str:
    span = terms.asked(rule).partition(" within ")[2]
    above = f"{move.percent:g} % above the lowest price within {span}"
    below = f"{move.percent:g} % under the highest price within {span}"
    return " or ".join(
        said
        for said, wanted in ((above, _UPWARDS), (below, _DOWNWARDS))
        if rule.condition in wanted
    )


def _ends(rule: Rule, move: Move, basis: Basis, seen: Seen, *, up: bool, down: bool) -> str:
    where = lines(rule, basis, seen.digits)
    if where is None or basis.level is None:
        return terms.move(move)
    prices = [seen.cash(where.high)] if up else []
    prices += [seen.cash(where.low)] if down else []
    way = "from" if up and down else "above" if up else "under"
    close = f"the previous close of {seen.cash(basis.level)}"
    return f"at {' or '.join(prices)}, {move.percent:g} % {way} {close}"


def _why_gone(state: State) -> str:
    return "told for today" if _is_of_today(state) else "had gone that far before it was watched"


def _is_of_today(state: State) -> bool:
    """Tell whether an alert fired in the session that its level is fixed for."""
    fired, opened = state.fired_at, state.basis.fixed_for
    return fired is not None and (opened is None or fired >= opened)
