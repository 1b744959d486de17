"""What may stand in the configuration file?

    [[alert]]   here
    [channel.NAME]   in `channels`, [quotes] in `quotes`, the other tables in `tables`

The shape only: what each key holds, and what two keys of one table say together. What needs a
second table is in `clashes`. Descriptions are for whoever edits the file; editors show them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, TypeVar

from pydantic import ConfigDict, Field, JsonValue, ValidationInfo, field_validator

from alertd.config import fields, fitting
from alertd.config.channels import AnyChannel  # noqa: TC001 - pydantic needs it at run time
from alertd.config.quotes import QuotesTable
from alertd.config.tables import (
    DefaultsTable,
    HeartbeatTable,
    LogTable,
    PollTable,
    StoreTable,
    SymbolTable,
    Table,
    one_of,
)
from alertd.core.notices import Severity
from alertd.core.rules import Condition, Figure, OnStart
from alertd.core.sessions import Hours

Value = TypeVar("Value")

_NO_OTHER_NAMES: dict[str, JsonValue] = {"additionalProperties": False}

CONDITIONS = tuple(map(str, Condition))

# What editors can see of it: where the severity is that of [defaults], `routing` looks.
_REMINDS: JsonValue = {
    "not": {
        "required": ["repeat_every", "severity"],
        "properties": {"severity": {"enum": [Severity.INFO, Severity.WARNING]}},
    }
}


class AlertTable(Table):
    """One thing to watch for. It has exactly one condition, from below to trails."""

    model_config = ConfigDict(
        json_schema_extra={**one_of(*CONDITIONS), "allOf": [*fitting.for_editors(), _REMINDS]}
    )

    id: fields.Id = Field(description='A short name of its own, such as "support-150".')
    symbol: fields.Symbol = Field(description='As Yahoo writes it: "BABA", "0700.HK", "BTC-USD".')
    name: fields.Line | None = Field(None, description="What messages call it. Default: the id.")
    below: fields.PriceLevel | None = Field(
        None, description='Fires when the price falls below this: 150, or "52w low".'
    )
    above: fields.PriceLevel | None = Field(
        None, description='Fires when the price rises above this: 192, or "52w high - 2%".'
    )
    touches: fields.PriceLevel | None = Field(
        None, description='Fires when the price reaches this: 170, or "sma 200".'
    )
    inside: fields.PriceBand | None = Field(
        None, description="Fires when the price comes into this band: [148, 152]."
    )
    outside: fields.PriceBand | None = Field(
        None, description="Fires when the price leaves this band: [150, 192]."
    )
    rises: fields.Share | None = Field(
        None, description='Fires when the price has risen so far within some time: "5%".'
    )
    falls: fields.ShareUnder100 | None = Field(
        None, description='Fires when the price has fallen so far within some time: "5%".'
    )
    moves: fields.Share | None = Field(
        None, description='Fires when the price has risen or fallen so far: "5%".'
    )
    trails: fields.ShareUnder100 | None = Field(
        None, description='Fires when the price is so far under its highest since: "8%".'
    )
    of: fields.Of = Field(
        Figure.PRICE,
        description='What is watched: "price" (default), "pe", "forward pe" or "volume".',
    )
    within: fields.Within | None = Field(
        None,
        description='How far back a move looks: "previous close" (default), "1h", "5 sessions".',
    )
    hold: fields.Hold | None = Field(
        None, description='Fires only if it lasts: "2 closes" (daily ones) or a time, "30m".'
    )
    once: fields.Flag = Field(default=False, description="Fires once, ever. Default: false.")
    rearm: fields.Distance | None = Field(
        None,
        validate_default=True,
        description='How far the price comes back before the next firing: "1%" (default) or 1.50.',
    )
    cooldown: fields.Duration | None = Field(
        None, description='The least time from one firing to the next: "1d". Default: none.'
    )
    recovery: fields.Flag = Field(
        default=False, description="Also tells when the price has come back. Default: false."
    )
    session: fields.Session = Field(
        Hours.REGULAR, description='Counts "regular" hours (default) or "extended" ones too.'
    )
    on_start: fields.Start = Field(
        OnStart.SILENT, description='"fire" if the price is beyond at first sight, or "silent".'
    )
    severity: fields.Severity | None = Field(
        None, description='"info" (default), "warning" or "critical".'
    )
    repeat_every: fields.Minutes | None = Field(
        None, description='How often it reminds until acknowledged, if it is critical: "15m".'
    )
    note: fields.Note = Field("", description="What you want to be told with it.")
    expires: fields.Expiry | None = Field(
        None, description="The last day, or a moment; without an offset, in exchange time."
    )
    notify: fields.Channels | None = Field(
        None, description="The channels that tell it. Default: all."
    )

    @field_validator("of", "within", "hold", "rearm", "recovery", "on_start")
    @classmethod
    def _fits_the_condition(cls, value: Value, info: ValidationInfo) -> Value:
        fitting.fit(str(info.field_name), value, info.data)
        return value


class File(Table):
    """alertd's configuration."""

    TABLES: ClassVar[dict[str, type[Table]]] = {
        "defaults": DefaultsTable,
        "heartbeat": HeartbeatTable,
        "poll": PollTable,
        "quotes": QuotesTable,
        "store": StoreTable,
        "log": LogTable,
    }

    allow_inline_secrets: fields.Flag = Field(
        default=False, description="Allows secrets in this file, if only its owner can read it."
    )
    alert: list[AlertTable] = Field(min_length=1, description="What to watch; at least one.")
    defaults: DefaultsTable = Field(default_factory=lambda: DefaultsTable.model_validate({}))
    channel: dict[fields.Channel, Annotated[AnyChannel, Field(discriminator="type")]] = Field(
        default={},
        description="How to tell. Default: the terminal.",
        json_schema_extra=_NO_OTHER_NAMES,
    )
    symbol: dict[fields.Symbol, SymbolTable] = Field(
        default={},
        description="Where symbols trade, if their suffix does not say it.",
        json_schema_extra=_NO_OTHER_NAMES,
    )
    poll: PollTable = Field(default_factory=lambda: PollTable.model_validate({}))
    quotes: QuotesTable = Field(default_factory=lambda: QuotesTable.model_validate({}))
    store: StoreTable = Field(default_factory=lambda: StoreTable.model_validate({}))
    heartbeat: HeartbeatTable | None = None
    log: LogTable = Field(default_factory=lambda: LogTable.model_validate({}))
