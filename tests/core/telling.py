"""Events of every kind as tests like to write them.

told("below 52w high - 2%", 188.7, 188.82, origin=YEAR_HIGH)
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

from alertd.core.events import Kind
from alertd.core.messages import message
from alertd.core.parcels import alone
from alertd.core.rules import Figure
from alertd.core.states import Origin
from tests.support.build import at, found, rule

if TYPE_CHECKING:
    from alertd.core.messages import Message
    from alertd.core.notices import Notice

YEAR_HIGH = Origin("52w high", 192.67, at("09:30", "2025-10-02"))
CLOSE = Origin("previous close", 150.0, at("09:30", "2026-03-06"))
PEAK = Origin("peak", 192.0, at("10:02"))
EPS = Origin("EPS", 8.0, at("16:00", "2026-03-06"))
MEAN = Origin("20-session mean", 14_200_000.0, at("09:30", "2026-03-06"))
SPLIT = Origin("10:1", 1000.0, at("04:00"))

BAND = {"band": (148.0, 152.0)}
FIGURES: dict[str, dict[str, Any]] = {
    "pe": {"of": Figure.PE, "unit": 8.0, "origin": EPS},
    "volume": {"of": Figure.VOLUME, "unit": 14_200_000.0, "origin": MEAN},
}


def told(
    asked: str, price: float, level: float, kind: Kind = Kind.FIRED, /, **changes: Any  # noqa: ANN401 - the fields of an event
) -> Notice:  # fmt: skip
    """Return the notice of a rule's event at 09:34, with these fields of the event."""
    of = changes.get("of", Figure.PRICE)
    notice = found(rule(asked, of=of), price, "09:34", kind=kind, level=level)
    return replace(notice, event=replace(notice.event, **changes), others=())


def text(notice: Notice) -> str:
    """Return the plain body, of which the HTML says the same."""
    return agreed(message(alone(notice)))


def agreed(both: Message) -> str:
    """Return the plain body of a message whose HTML says the same."""
    shown = unescape(both.html)
    for line in both.text.splitlines():
        assert re.sub("^Note( on .*?)?: ", "", line.strip()).rstrip(".") in shown
    return both.text
