"""How is an event written, for programs and for people?

Both list the same events in the same order: a line of JSON, or a row of a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core import words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from alertd.core.events import Event

HEADINGS = ("time", "=alert", "event", "=symbol", ">level", ">price")


def fields(event: Event) -> dict[str, object]:
    """Return an event for a line of JSON; `resolution` says in seconds how long its bar is."""
    return {
        "alert": event.alert,
        "kind": event.kind.value,
        "symbol": event.symbol,
        "level": event.level,
        "price": event.price,
        "at": words.stamp(event.at),
        "gap": event.gap,
        "id": str(event.id),
        "resolution": event.resolution.total_seconds(),
    }


def cells(event: Event, zone: ZoneInfo, digits: int, currency: str | None) -> tuple[str, ...]:
    """Return an event for a row below `HEADINGS`."""
    return (
        words.local(event.at, zone),
        event.alert,
        f"{event.kind} over a gap" if event.gap else event.kind,
        event.symbol,
        words.price(event.level, digits, currency),
        words.price(event.price, digits, currency),
    )
