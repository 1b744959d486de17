"""How is an event written, for programs and for people?

Both list the same events in the same order: a line of JSON, or a row of a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core import words
from alertd.core.events import Kind
from alertd.core.headlines import rescaled, split
from alertd.core.rules import Figure

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from alertd.core.events import Event
    from alertd.core.states import Origin

HEADINGS = ("time", "=alert", "event", "=symbol", ">level", ">price")

_OF_SYMBOL = (Kind.STALE, Kind.RESUMED)
_PRICELESS = (Kind.SPLIT, Kind.HELD)


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


def details(event: Event) -> dict[str, object]:
    """Return what else is known of an event: what its level is made of, and what it is about."""
    return {
        "of": event.of.value,
        "unit": event.unit,
        "band": list(event.band) if event.band else None,
        "origin": origin(event.origin),
        "was": event.was,
        "about": event.about or None,
    }


def origin(origin: Origin | None) -> dict[str, object] | None:
    """Return where a level comes from, for JSON."""
    if origin is None:
        return None
    return {"what": origin.what, "price": origin.price, "at": words.stamp(origin.at)}


def cells(event: Event, zone: ZoneInfo, digits: int, currency: str | None) -> tuple[str, ...]:
    """Return an event for a row below `HEADINGS`."""
    price = words.figure(event.price, event.of, digits, currency)
    return (
        words.local(event.at, zone),
        event.alert,
        _kind(event),
        event.symbol,
        _level(event, digits, currency),
        price if event.price and event.kind not in _PRICELESS else "",
    )


def _level(event: Event, digits: int, currency: str | None) -> str:
    """Return the level of an event: both edges of a band, of a split before and after it."""
    if not event.level or event.kind in _OF_SYMBOL:
        return ""
    if event.kind is Kind.SPLIT:
        before, now, _ = rescaled(event, digits, currency)
        return f"{before}, now {now}"
    if event.band is None:
        return words.figure(event.level, event.of, digits, currency)
    band = words.band(*event.band, event.of, digits, currency)
    return band if event.of is Figure.PRICE else f"{words.FIGURES[event.of]} {band}"


def _kind(event: Event) -> str:
    match event.kind:
        case Kind.WITHDRAWN:
            return f"{event.kind}: {event.about or Kind.FIRED}"
        case Kind.HELD | Kind.STALE if event.about:
            return f"{event.kind}: {event.about}"
        case Kind.SPLIT:
            return split(event)
        case Kind.FIRED if event.gap:
            return f"{event.kind} over a gap"
        case _:
            return event.kind
