"""Does what was told of a bar still stand now that the bar has settled?

told while it grew ---> settled in the same shape    the event turns up again: it stands
                  '---> settled in another           it does not: withdrawn, and told once
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alertd.core.events import Event, EventId, Kind, event_id
from alertd.core.rules import AlertId, Closes, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alertd.core.book import Cursor
    from alertd.core.engine import Judgement


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of events that were told early.

    `settled` says of each that is decided whether it stands. `withdrawn` are the events that take
    the others back. `again` are those of the judgement that were told already, of a finer bar.
    """

    settled: Mapping[EventId, bool]
    withdrawn: tuple[Event, ...]
    again: frozenset[EventId]


def standing(told: Iterable[Event], judgement: Judgement, rules: Iterable[Rule]) -> Standing:
    """Return what became of the events that were told of bars which could still change."""
    told, by_id = tuple(told), {rule.id: rule for rule in rules}
    shown = [decision.event for decision in judgement.decisions if decision.event]
    settled = {
        event.id: any(_same(event, other) for other in shown)
        for event in told
        if _is_decided(event, judgement.cursor, by_id)
    }
    return Standing(
        # What is found in a bar that has settled is decided as soon as it is known.
        {**settled, **{event.id: True for event in shown}},
        tuple(_taken_back(event) for event in told if settled.get(event.id) is False),
        frozenset(
            other.id
            for other in judgement.events
            if any(other.id != event.id and _same(event, other) for event in told)
        ),
    )


def _is_decided(event: Event, cursor: Cursor, rules: Mapping[AlertId, Rule]) -> bool:
    rule = rules.get(event.alert)
    if rule is None or rule.revision != event.revision:
        return False
    held = isinstance(rule.hold, Closes) and event.kind is Kind.FIRED
    through = cursor.closed_through if held else cursor.at
    return through is not None and through >= event.bar_end


def _same(event: Event, other: Event) -> bool:
    """Tell whether two events are one; bars of two lengths show it under two ids."""
    if event.id == other.id:
        return True
    if (event.alert, event.revision, event.kind) != (other.alert, other.revision, other.kind):
        return False
    overlap = event.bar_start < other.bar_end and other.bar_start < event.bar_end
    return event.resolution != other.resolution and overlap


def _taken_back(event: Event) -> Event:
    return replace(
        event,
        # A bar may have told two things, and each is taken back by itself.
        id=event_id(event.alert, event.revision, f"{Kind.WITHDRAWN} {event.kind}", event.bar_start),
        kind=Kind.WITHDRAWN,
        about=event.kind.value,
    )
