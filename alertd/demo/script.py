"""What is shown: which alerts, and what do they tell?

152 --> under 150 --> back over 151.50 --> over 192
        lost          reclaimed            crossed
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from alertd.config.settings import (
    Config,
    EmailSettings,
    Level,
    LogSettings,
    Poll,
    StoreSettings,
    Tls,
    WebhookSettings,
)
from alertd.core import calendars
from alertd.core.alerts import Alert
from alertd.core.bars import Symbol
from alertd.core.notices import Severity
from alertd.core.rules import AlertId, Condition, Rule

if TYPE_CHECKING:
    from pathlib import Path

SYMBOL = Symbol("BABA")

_CHANNELS = ("webhook", "mail")

_ALERTS = (
    Alert(
        Rule(AlertId("support-150"), SYMBOL, Condition.BELOW, 150.0, recovery=True),
        name="Support at 150",
        note="The low of the range. If it goes, reduce.",
        severity=Severity.CRITICAL,
        notify=_CHANNELS,
    ),
    Alert(
        Rule(AlertId("high-192"), SYMBOL, Condition.ABOVE, 192.0),
        name="52-week high at 192",
        note="New high. Raise the stop.",
        severity=Severity.WARNING,
        notify=_CHANNELS,
    ),
)


@dataclass(frozen=True, slots=True)
class Story:
    """What one message tells: which alert did what."""

    alert: str
    kind: str

    @classmethod
    def of(cls, body: dict[str, Any]) -> Self:
        """Return what a webhook's body tells."""
        return cls(body["data"]["alert"], body["data"]["kind"])


STORIES = {
    Story("support-150", "fired"),
    Story("support-150", "recovered"),
    Story("high-192", "fired"),
}
MESSAGES = len(STORIES) * len(_CHANNELS)


def settings(folder: Path, url: str, secret: str, smtp_port: int) -> Config:
    """Return a configuration as a user would write it, with both channels leading here.

    The calendar never closes, so that there is something to see on a Sunday too.
    """
    return Config(
        path=folder / "alertd.toml",
        alerts=_ALERTS,
        channels={
            "webhook": WebhookSettings(url, secret, allow_http=True, allow_hosts=("127.0.0.1",)),
            "mail": EmailSettings(
                "127.0.0.1", smtp_port, Tls.NONE, "alertd@localhost", ("you@localhost",)
            ),
        },
        listings={SYMBOL: calendars.listing(SYMBOL, calendars.ALWAYS, "USD")},
        poll=Poll(interval=timedelta(minutes=1), settle=timedelta(minutes=5)),
        store=StoreSettings(folder / "alertd.db"),
        log=LogSettings(Level.WARNING),
    )
