"""How is written what the user did with an alert, for programs and for people?

It stands among the events of the alert, in the same lines of JSON and in the same table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core import words
from alertd.core.deeds import Act

if TYPE_CHECKING:
    from alertd.config.settings import Config
    from alertd.core.alerts import Alert
    from alertd.core.deeds import Deed

# Where the alert's exchange is not known any more.
_ELSEWHERE = ZoneInfo("UTC")

_DONE = {
    Act.SNOOZED: "snoozed",
    Act.WOKEN: "snooze ended",
    Act.PAUSED: "paused",
    Act.ACKNOWLEDGED: "acknowledged",
    Act.ARMED: "armed by hand",
}


def fields(deed: Deed, settings: Config) -> dict[str, object]:
    """Return a deed for a line of JSON; `deed` tells it from an event, and it has no deliveries."""
    alert = _alert(deed, settings)
    return {
        "alert": deed.alert,
        "kind": deed.act.value,
        "symbol": alert.rule.symbol if alert else None,
        "at": words.stamp(deed.at),
        "deed": True,
        "until": words.stamp(deed.until) if deed.until else None,
        "deliveries": [],
    }


def cells(deed: Deed, settings: Config) -> tuple[str, ...]:
    """Return a deed for a row of the table of events, in the exchange's time."""
    alert = _alert(deed, settings)
    zone = settings.listings[alert.rule.symbol].calendar.zone if alert else _ELSEWHERE
    until = f" until {words.local(deed.until, zone)}" if deed.until else ""
    symbol = alert.rule.symbol if alert else ""
    at = words.local(deed.at, zone)
    return (at, deed.alert, f"{_DONE[deed.act]}{until}", symbol, "", "", "")


def _alert(deed: Deed, settings: Config) -> Alert | None:
    """Return the alert; None where it is not configured any more."""
    return next((alert for alert in settings.alerts if alert.rule.id == deed.alert), None)
