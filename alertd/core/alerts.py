"""What did the user ask for, and what is known about it when something happens?

alert (what was asked) + event (what happened) + last price  ->  notice (what is told)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alertd.core import words
from alertd.core.notices import Notice, OtherLevel, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alertd.core.bars import Series
    from alertd.core.calendars import Listing
    from alertd.core.engine import Last
    from alertd.core.events import Event
    from alertd.core.rules import Hold, Rule

# An event is late when it was found more than two polls after its bar, but at least this much.
_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Alert:
    """One `[[alert]]` table: the rule, and what does not change its meaning.

    `notify` names configured channels.
    """

    rule: Rule
    name: str
    note: str = ""
    severity: Severity = Severity.INFO
    notify: tuple[str, ...] = ()


def is_late(event: Event, found_at: datetime, delay: timedelta, interval: timedelta) -> bool:
    """Tell whether an event was found later than polling every `interval` explains."""
    return found_at - event.bar_end - delay > max(2 * interval, _LATE)


def others(alert: Alert, alerts: Iterable[Alert], price: float) -> tuple[OtherLevel, ...]:
    """Return the symbol's other levels, highest first, and the way to each in per cent."""
    found = {
        other.rule.level: OtherLevel(
            other.rule.id, other.name, other.rule.level, (other.rule.level / price - 1) * 100
        )
        for other in alerts
        if other.rule.symbol == alert.rule.symbol and other.rule.level != alert.rule.level
    }
    return tuple(found[level] for level in sorted(found, reverse=True))


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
) -> Notice:
    """Return an event with what the world looked like when it was found."""
    return Notice(
        event=event,
        name=alert.name,
        condition=alert.rule.condition,
        hold=hold_in_words(alert.rule.hold),
        severity=alert.severity,
        note=alert.note,
        currency=series.currency or listing.currency,
        zone=listing.calendar.zone.key,
        digits=series.digits,
        price_now=last.price,
        price_at=last.start,
        others=others(alert, alerts, last.price),
        detected_at=found_at,
        late=late,
        source=source,
        simulated=source == "simulated",
    )


def hold_in_words(hold: Hold | None) -> str | None:
    """Return a hold as users write it: "2 closes", "30m"."""
    if isinstance(hold, timedelta):
        return words.duration(hold)
    return str(hold) if hold else None
