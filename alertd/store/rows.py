"""How do the core's values become rows, and rows the core's values?

Each pair `from_x`, `to_x` is the inverse of the other: nothing is lost on the way.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from alertd.core.bars import Symbol
from alertd.core.engine import Cursor, Last
from alertd.core.events import Event, EventId, Kind
from alertd.core.notices import Notice, OtherLevel, Severity
from alertd.core.rules import AlertId, Condition, Revision
from alertd.core.states import Phase, Side, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import RowMapping

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
    }


def to_cursor(row: RowMapping) -> Cursor:
    """Return a symbol's cursor."""
    return Cursor(
        row["cursor_at"],
        row["closed_through"],
        _last(row["regular_price"], row["regular_start"]),
        _last(row["extended_price"], row["extended_start"]),
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
    }


def to_state(row: RowMapping) -> State:
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
    )


def from_notice(notice: Notice) -> Row:
    """Return the columns of an event, its surroundings as JSON."""
    event = notice.event
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
        "detected_at": notice.detected_at,
        "late": notice.late,
        "context": _context(notice),
    }


def to_notice(row: RowMapping) -> Notice:
    """Return an event with its surroundings."""
    context = row["context"]
    return Notice(
        event=to_event(row),
        name=context["name"],
        condition=Condition(context["condition"]),
        hold=context["hold"],
        severity=Severity(context["severity"]),
        note=context["note"],
        currency=context["currency"],
        zone=context["zone"],
        digits=context["digits"],
        price_now=context["price_now"],
        price_at=datetime.fromisoformat(context["price_at"]),
        others=tuple(_other(other) for other in context["others"]),
        detected_at=row["detected_at"],
        late=row["late"],
        source=context["source"],
        simulated=context["simulated"],
    )


def to_event(row: RowMapping) -> Event:
    """Return an event."""
    return Event(
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


def _context(notice: Notice) -> Row:
    return {
        "name": notice.name,
        "condition": notice.condition.value,
        "hold": notice.hold,
        "severity": notice.severity.value,
        "note": notice.note,
        "currency": notice.currency,
        "zone": notice.zone,
        "digits": notice.digits,
        "price_now": notice.price_now,
        "price_at": notice.price_at.isoformat(),
        "others": [[o.alert, o.name, o.level, o.percent] for o in notice.others],
        "source": notice.source,
        "simulated": notice.simulated,
    }


def _other(values: list[Any]) -> OtherLevel:
    alert, name, level, percent = values
    return OtherLevel(AlertId(alert), name, level, percent)


def _last(price: float | None, start: datetime | None) -> Last | None:
    return None if price is None or start is None else Last(price, start)


def changed(before: Mapping[AlertId, State], after: Mapping[AlertId, State]) -> Row:
    """Return the states that a cycle has changed."""
    return {alert: state for alert, state in after.items() if before.get(alert) != state}
