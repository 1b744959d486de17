"""How do the core's values become rows, and rows the core's values?

Each pair `from_x`, `to_x` is the inverse of the other: nothing is lost on the way.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from alertd.core.bars import Last, Symbol
from alertd.core.book import Cursor
from alertd.core.events import Event, EventId, Kind
from alertd.core.notices import Notice, OtherLevel, Severity, Wish
from alertd.core.retry import NOBODY, Recipients
from alertd.core.rules import AlertId, Condition, Figure, Revision
from alertd.core.states import Phase, Side, State
from alertd.store.documents import (
    from_basis,
    from_memory,
    from_moment,
    from_origin,
    to_basis,
    to_memory,
    to_moment,
    to_origin,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import RowMapping

    Found = RowMapping | Mapping[str, Any]

Row = dict[str, Any]


def from_cursor(cursor: Cursor) -> Row:
    """Return the columns of a symbol's cursor."""
    return {
        "cursor_at": cursor.at,
        "closed_through": cursor.closed_through,
        "regular_price": cursor.regular.price if cursor.regular else None,
        "regular_start": cursor.regular.start if cursor.regular else None,
        "extended_price": cursor.extended.price if cursor.extended else None,
        "extended_start": cursor.extended.start if cursor.extended else None,
        "split_through": cursor.split_through,
        "regular_memory": from_memory(cursor.regular_memory),
        "extended_memory": from_memory(cursor.extended_memory),
    }


def to_cursor(row: Found) -> Cursor:
    """Return a symbol's cursor."""
    return Cursor(
        row["cursor_at"],
        row["closed_through"],
        _last(row["regular_price"], row["regular_start"]),
        _last(row["extended_price"], row["extended_start"]),
        row["split_through"],
        to_memory(row["regular_memory"]),
        to_memory(row["extended_memory"]),
    )


def from_state(state: State) -> Row:
    """Return the columns of an alert's state."""
    return {
        "phase": state.phase.value,
        "side": None if state.side is None else int(state.side),
        "since": state.since,
        "crossed_at": state.crossed_at,
        "closes": state.closes,
        "held": state.held.total_seconds(),
        "fired_at": state.fired_at,
        "suppressed": state.suppressed,
        "basis": from_basis(state.basis),
    }


def to_state(row: Found) -> State:
    """Return an alert's state."""
    return State(
        phase=Phase(row["phase"]),
        side=None if row["side"] is None else Side(row["side"]),
        since=row["since"],
        crossed_at=row["crossed_at"],
        closes=row["closes"],
        held=timedelta(seconds=row["held"]),
        fired_at=row["fired_at"],
        suppressed=row["suppressed"],
        basis=to_basis(row["basis"]),
    )


def from_notice(notice: Notice) -> Row:
    """Return the columns of an event, its surroundings as JSON."""
    return {
        **from_event(notice.event),
        "detected_at": notice.detected_at,
        "late": notice.late,
        "context": _context(notice),
    }


def to_notice(row: Found) -> Notice:
    """Return an event with its surroundings."""
    context = row["context"]
    return Notice(
        event=to_event(row),
        name=context["name"],
        condition=Condition(context["condition"]) if context["condition"] else None,
        hold=context["hold"],
        severity=Severity(context["severity"]),
        note=context["note"],
        currency=context["currency"],
        zone=context["zone"],
        digits=context["digits"],
        price_now=context["price_now"],
        price_at=to_moment(context["price_at"]),
        others=tuple(_other(other) for other in context["others"]),
        detected_at=row["detected_at"],
        late=row["late"],
        source=context["source"],
        simulated=context["simulated"],
        # What follows is not in the rows that version 1 wrote.
        asked=context.get("asked", ""),
        together=tuple(_to_together(event) for event in context.get("together", ())),
        names=context.get("names", {}),
        repeat_every=_to_span(context.get("repeat_every")),
        wishes={AlertId(a): _to_wish(wish) for a, wish in context.get("wishes", {}).items()},
        first_source=context.get("first_source", ""),
    )


def from_event(event: Event) -> Row:
    """Return the columns of an event itself."""
    return {
        "id": str(event.id),
        "alert": event.alert,
        "revision": event.revision,
        "kind": event.kind.value,
        "symbol": event.symbol,
        "level": event.level,
        "price": event.price,
        "at": event.at,
        "gap": event.gap,
        "bar_start": event.bar_start,
        "resolution": event.resolution.total_seconds(),
        "details": _details(event),
    }


def to_event(row: Found) -> Event:
    """Return an event."""
    plain = Event(
        id=EventId(UUID(row["id"])),
        alert=AlertId(row["alert"]),
        revision=Revision(row["revision"]),
        kind=Kind(row["kind"]),
        symbol=Symbol(row["symbol"]),
        level=row["level"],
        price=row["price"],
        at=row["at"],
        gap=row["gap"],
        bar_start=row["bar_start"],
        resolution=timedelta(seconds=row["resolution"]),
    )
    return _detailed(plain, row["details"]) if row["details"] else plain


def from_recipients(recipients: Recipients) -> Row | None:
    """Return who of several is done with, sorted."""
    if recipients == NOBODY:
        return None
    refused = dict(sorted(recipients.refused.items()))
    return {"reached": sorted(recipients.reached), "refused": refused}


def to_recipients(document: Row | None) -> Recipients:
    """Return who of several is done with."""
    if document is None:
        return NOBODY
    return Recipients(frozenset(document["reached"]), document["refused"])


def _details(event: Event) -> Row | None:
    """Return what few events have to say; None for one that says nothing of it."""
    details = {
        "of": event.of.value,
        "unit": event.unit,
        "band": event.band,
        "origin": from_origin(event.origin),
        "was": event.was,
        "about": event.about,
    }
    return None if details == _PLAIN else details


_PLAIN = {
    "of": Figure.PRICE.value, "unit": 1.0, "band": None, "origin": None, "was": None, "about": "",
}  # fmt: skip


def _detailed(event: Event, details: Row) -> Event:
    low_high = details["band"]
    return replace(
        event,
        of=Figure(details["of"]),
        unit=details["unit"],
        band=(low_high[0], low_high[1]) if low_high else None,
        origin=to_origin(details["origin"]),
        was=details["was"],
        about=details["about"],
    )


def _context(notice: Notice) -> Row:
    return {
        "name": notice.name,
        "condition": notice.condition.value if notice.condition else None,
        "hold": notice.hold,
        "severity": notice.severity.value,
        "note": notice.note,
        "currency": notice.currency,
        "zone": notice.zone,
        "digits": notice.digits,
        "price_now": notice.price_now,
        "price_at": from_moment(notice.price_at),
        "others": [[o.alert, o.name, o.level, o.percent] for o in notice.others],
        "source": notice.source,
        "simulated": notice.simulated,
        "asked": notice.asked,
        "together": [_from_together(event) for event in notice.together],
        "names": dict(notice.names),
        "repeat_every": _from_span(notice.repeat_every),
        "wishes": {alert: _from_wish(wish) for alert, wish in notice.wishes.items()},
        "first_source": notice.first_source,
    }


def _from_wish(wish: Wish) -> Row:
    return {
        "condition": wish.condition.value,
        "hold": wish.hold,
        "asked": wish.asked,
        "severity": wish.severity.value,
        "note": wish.note,
        "repeat_every": _from_span(wish.repeat_every),
    }


def _to_wish(document: Row) -> Wish:
    return Wish(
        Condition(document["condition"]),
        document["hold"],
        document["asked"],
        Severity(document["severity"]),
        document["note"],
        _to_span(document["repeat_every"]),
    )


def _from_span(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _to_span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _from_together(event: Event) -> Row:
    moments = {"at": from_moment(event.at), "bar_start": from_moment(event.bar_start)}
    return from_event(event) | moments


def _to_together(document: Row) -> Event:
    moments = {"at": to_moment(document["at"]), "bar_start": to_moment(document["bar_start"])}
    return to_event(document | moments)


def _other(values: list[Any]) -> OtherLevel:
    alert, name, level, percent = values
    return OtherLevel(AlertId(alert), name, level, percent)


def _last(price: float | None, start: datetime | None) -> Last | None:
    return None if price is None or start is None else Last(price, start)
