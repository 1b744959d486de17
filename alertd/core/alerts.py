"""What did the user ask for, and what is known about it when something happens?

alert (what was asked) + event (what happened) + last price  ->  notice (what is told)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from alertd.core import terms, words
from alertd.core.bars import DIGITS
from alertd.core.events import Kind
from alertd.core.lines import lines
from alertd.core.notices import Notice, OtherLevel, Severity, Wish
from alertd.core.phrases import PRICED
from alertd.core.rules import AlertId, Figure, Move
from alertd.core.states import PLAIN, Phase, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from alertd.core.bars import Last, Series
    from alertd.core.calendars import Listing
    from alertd.core.events import Event
    from alertd.core.rules import Hold, Rule

# An event is late when it was found more than two polls after its bar, but at least this much.
_LATE = timedelta(minutes=5)

_MOST_OTHERS = 50

_UNKNOWN: Mapping[AlertId, State] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Alert:
    """One `[[alert]]` table: the rule, and what does not change its meaning.

    `notify` names configured channels. A critical alert reminds of a firing every `repeat_every`
    until it is acknowledged.
    """

    rule: Rule
    name: str
    note: str = ""
    severity: Severity = Severity.INFO
    notify: tuple[str, ...] = ()
    repeat_every: timedelta | None = None


def is_late(event: Event, found_at: datetime, delay: timedelta, interval: timedelta) -> bool:
    """Tell whether an event was found later than polling every `interval` explains."""
    return found_at - event.bar_end - delay > max(2 * interval, _LATE)


def others(
    alert: Alert,
    alerts: Iterable[Alert],
    price: float,
    *,
    now: datetime,
    states: Mapping[AlertId, State] = _UNKNOWN,
    digits: int = DIGITS,
) -> tuple[OtherLevel, ...]:
    """Return the symbol's other levels as they are `now`, highest first, and how far each is.

    Of a band it is the nearer edge. Moves, figures other than the price, levels that are not known
    now and alerts that fire no more are left out, and of two on one level the later one stays.
    """
    own = _level(alert.rule, states, digits, price)
    found = {}
    for other in alerts:
        if other.rule.symbol != alert.rule.symbol or _is_over(other.rule, states, now):
            continue
        level = _level(other.rule, states, digits, price)
        if level and level != own:
            far = (level / price - 1) * 100
            found[level] = OtherLevel(other.rule.id, other.name, level, far)
    return tuple(found[level] for level in sorted(found, reverse=True))


def nearest(
    alerts: Iterable[Alert], price: float, *, states: Mapping[AlertId, State], digits: int
) -> list[Alert]:
    """Return the alerts of a symbol whose levels are nearest to its price, as many as are told.

    A crash through thousands of levels must not look at all of them for each of its messages.
    """
    found = []
    for alert in alerts:
        level = _level(alert.rule, states, digits, price)
        if level:
            found.append((abs(level - price), alert))
    return [alert for _, alert in nsmallest(_MOST_OTHERS, found, key=itemgetter(0))]


def _is_over(rule: Rule, states: Mapping[AlertId, State], now: datetime) -> bool:
    state = states.get(rule.id)
    done = state is not None and state.phase is Phase.DONE
    return done or (rule.expires is not None and rule.expires <= now)


def _level(rule: Rule, states: Mapping[AlertId, State], digits: int, price: float) -> float | None:
    """Return the price nearest to here at which a rule acts; None where there is none."""
    if rule.of is not Figure.PRICE or isinstance(rule.level, Move):
        return None
    state = states.get(rule.id)
    where = lines(rule, state.basis if state else PLAIN, digits)
    return min((where.low, where.high), key=lambda edge: abs(edge - price)) if where else None


def notice(
    event: Event,
    alert: Alert,
    alerts: Iterable[Alert],
    *,
    listing: Listing,
    series: Series,
    last: Last,
    source: str,
    found_at: datetime,
    late: bool,
    states: Mapping[AlertId, State] = _UNKNOWN,
    together: Sequence[Event] = (),
    first_source: str = "",
) -> Notice:
    """Return an event with what the world looked like when it was found.

    states: where the symbol's alerts stand now; without them levels are those of the file.
    together: what the same message tells besides it, of this alert or of others; it matters as much
              as the alert that matters most. Of a split of several nothing is said of one alone.
    first_source: the source that is asked first; `source` is whose prices these are.
    """
    alerts = tuple(alerts)
    named = {other.alert for other in together}
    told = [each for each in alerts if each.rule.id in named and each.rule.id != alert.rule.id]
    alone = not (event.kind is Kind.SPLIT and named)
    crossed = [alert, *told] if told and event.kind in PRICED else []
    return Notice(
        event=event,
        name=alert.name,
        condition=alert.rule.condition,
        hold=hold_in_words(alert.rule.hold),
        severity=max((each.severity for each in (alert, *told)), key=list(Severity).index),
        note=alert.note if alone else "",
        currency=series.currency or listing.currency,
        zone=listing.calendar.zone.key,
        digits=series.digits,
        price_now=last.price,
        price_at=last.start,
        others=others(
            alert,
            (each for each in alerts if each.rule.id not in named),
            last.price,
            now=found_at,
            states=states,
            digits=series.digits,
        )
        if alone
        else (),
        detected_at=found_at,
        late=late,
        source=source,
        simulated=source == "simulated",
        asked=terms.asked(alert.rule),
        together=tuple(together),
        names={each.rule.id: each.name for each in told},
        repeat_every=_repeats(alert, (event, *together)),
        wishes={each.rule.id: _wish(each, (event, *together)) for each in crossed},
        first_source="" if first_source == source else first_source,
    )


def _wish(alert: Alert, events: Sequence[Event]) -> Wish:
    return Wish(
        alert.rule.condition, hold_in_words(alert.rule.hold), terms.asked(alert.rule),
        alert.severity, alert.note, _repeats(alert, events),
    )  # fmt: skip


def _repeats(alert: Alert, events: Sequence[Event]) -> timedelta | None:
    """Return how often a critical alert reminds, where one of these events is its firing."""
    fired = any(e.kind is Kind.FIRED and e.alert == alert.rule.id for e in events)
    return alert.repeat_every if fired and alert.severity is Severity.CRITICAL else None


def symbol_notice(
    event: Event,
    *,
    listing: Listing,
    source: str,
    found_at: datetime,
    last: Last | None = None,
    currency: str | None = None,
    digits: int = DIGITS,
) -> Notice:
    """Return a symbol's own event, STALE or RESUMED, with what is known of the symbol.

    last: the newest good price; None where there never was one.
    """
    return Notice(
        event=event,
        name=str(event.symbol),
        condition=None,
        hold=None,
        severity=Severity.WARNING,
        note="",
        currency=currency or listing.currency,
        zone=listing.calendar.zone.key,
        digits=digits,
        price_now=last.price if last else event.price,
        price_at=last.start if last else event.bar_start,
        others=(),
        detected_at=found_at,
        late=False,
        source=source,
        simulated=source == "simulated",
    )


def hold_in_words(hold: Hold | None) -> str | None:
    """Return a hold as users write it: "2 closes", "30m"."""
    if isinstance(hold, timedelta):
        return words.duration(hold)
    return str(hold) if hold else None
