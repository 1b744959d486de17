"""What may stand in the tables beside alerts and channels?

    [defaults]   [symbol.NAME]   [poll]   [store]   [heartbeat]   [log]

Descriptions are for whoever edits the file; editors show them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from alertd.config import fields, placed  # noqa: TC001 - pydantic needs them at run time
from alertd.config.settings import Level

if TYPE_CHECKING:
    from pydantic.config import JsonDict


def one_of(*keys: str) -> JsonDict:
    """Return what tells editors that a table has exactly one of some keys."""
    return {"oneOf": [{"required": [key]} for key in keys]}


class Table(BaseModel):
    """A table of the file; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DefaultsTable(Table):
    """What counts where an alert, or a channel, does not say it itself."""

    notify: fields.Channels | None = Field(
        None, description="The channels that tell an alert. Default: all."
    )
    severity: fields.Severity | None = Field(
        None, description='"info" (default), "warning" or "critical".'
    )
    repeat_every: fields.Minutes | None = Field(
        None, description='How often a critical alert reminds of a firing, such as "15m".'
    )
    zone: fields.Zone | None = Field(
        None, description="Your clock, for quiet hours and digests. Default: the machine's."
    )


class SymbolTable(Table):
    """Where a symbol trades, if its suffix does not say it or says it wrong."""

    calendar: fields.Calendar | None = Field(
        None, description='The calendar of its sessions, such as "XNYS", "XHKG" or "24/7".'
    )
    currency: fields.Currency | None = Field(
        None, description="The expected currency; bars in another are refused."
    )
    delay: fields.Duration | None = Field(
        None, description='By how much the source\'s prices lag, such as "15m".'
    )
    stale_after: fields.Minutes | None = Field(
        None, description="As in [poll], for this symbol. Default: what [poll] says."
    )


class PollTable(Table):
    """How often prices are asked for."""

    interval: fields.Interval | None = Field(
        None, description='How often; at least "1s". Default: "60s".'
    )
    settle: fields.Duration | None = Field(
        None, description='How long after its end a bar may still change. Default: "5m".'
    )
    stale_after: fields.Minutes | None = Field(
        None,
        description='How long no price may come in open hours; at least "1m". Default: "10m".',
    )
    sweep: fields.Minutes | None = Field(
        None,
        description='How often bars are read that no quote points at. Default: "15m" from the '
        "eleventh symbol on, else as interval.",
    )
    requests_per_minute: fields.Requests | None = Field(
        None, description="At most so many requests to the first source. Default: 60."
    )


class StoreTable(Table):
    """Where states and messages are kept, and for how long."""

    path: placed.StorePath | None = Field(
        None, description="The SQLite file. Default: alertd.db in the state folder."
    )
    keep: fields.Keep = Field(
        timedelta(days=400),
        description='How long what was delivered is kept: "400 days" (default), or "forever".',
    )
    backups: fields.Backups = Field(
        7, description="How many daily backups are kept, from 0 to 365. Default: 7."
    )
    free: fields.Size = Field(
        50_000_000,
        description='How much room stays free on the disk for what cannot wait. Default: "50 MB".',
    )


class LogTable(Table):
    """What the log tells."""

    level: fields.LogLevel = Field(
        Level.INFO, description='"debug", "info" (default), "warning" or "error".'
    )


class ReceiverTable(Table):
    """A server that is sent HTTP requests. It has url or url_file."""

    model_config = ConfigDict(json_schema_extra=one_of("url", "url_file"))

    allow_http: fields.Flag = Field(
        default=False, description="Allows a URL without TLS. Default: false."
    )
    allow_hosts: fields.Hosts = Field(
        (), description="Names, addresses and networks that are not public, and allowed here."
    )
    url: placed.Url | None = Field(None, description='Where to post; { env = "NAME" } hides it.')
    url_file: placed.UrlFile | None = Field(None, description="A file that holds the URL.")
    ca_file: placed.Certificates | None = Field(
        None, description="The authority to trust, as PEM. Default: the system's."
    )


class HeartbeatTable(ReceiverTable):
    """Who is told that alertd lives, and so notices when it does not. It has url or url_file."""

    every: fields.Pace = Field(
        timedelta(minutes=5), description='How often it is told; at least "10s". Default: "5m".'
    )
