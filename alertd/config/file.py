"""What may stand in the configuration file?

    [[alert]]   [channel.NAME]   [symbol.NAME]   [poll]   [store]   [log]

The shape only: what each key holds, and what two keys of one table say together. What needs a
second table is in `clashes`. Descriptions are for whoever edits the file; editors show them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, field_validator

from alertd.config import fields, fitting
from alertd.config.settings import Level, Tls
from alertd.config.wrong import Wrong
from alertd.core.addresses import is_loopback
from alertd.core.notices import Severity
from alertd.core.rules import Condition, Figure, OnStart
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from pydantic.config import JsonDict

Value = TypeVar("Value")

_NO_OTHER_NAMES: dict[str, JsonValue] = {"additionalProperties": False}

CONDITIONS = tuple(map(str, Condition))


def _one_of(*keys: str) -> JsonDict:
    """Return what tells editors that a table has exactly one of some keys."""
    return {"oneOf": [{"required": [key]} for key in keys]}


class Table(BaseModel):
    """A table of the file; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AlertTable(Table):
    """One thing to watch for. It has exactly one condition, from below to trails."""

    model_config = ConfigDict(
        json_schema_extra={**_one_of(*CONDITIONS), "allOf": fitting.for_editors()}
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
    severity: fields.Severity = Field(
        Severity.INFO, description='"info" (default), "warning" or "critical".'
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


class WebhookTable(Table):
    """Messages as signed JSON to an HTTP receiver. It has url or url_file."""

    model_config = ConfigDict(json_schema_extra=_one_of("url", "url_file"))

    type: Literal["webhook"]
    allow_http: fields.Flag = Field(
        default=False, description="Allows a URL without TLS. Default: false."
    )
    url: fields.Url | None = Field(None, description='Where to post; { env = "NAME" } hides it.')
    url_file: fields.UrlFile | None = Field(None, description="A file that holds the URL.")
    secret: fields.Signing | None = Field(
        None, description='The Standard Webhooks secret, "whsec_...", best as { env = "NAME" }.'
    )
    secret_file: fields.SigningFile | None = Field(None, description="A file with the secret.")
    ca_file: fields.Certificates | None = Field(
        None, description="The authority to trust, as PEM. Default: the system's."
    )


class EmailTable(Table):
    """Messages by mail. It has a username and a password, or neither."""

    type: Literal["email"]
    host: fields.Host = Field(description='The mail server, such as "smtp.example.com".')
    port: fields.Port | None = Field(
        None, description="Default: 587 with starttls, 465 with implicit, 25 with none."
    )
    tls: fields.Encryption = Field(
        Tls.STARTTLS, description='"starttls" (default), "implicit", or "none" on this machine.'
    )
    username: fields.Public | None = Field(None, description="Who logs in. Default: nobody.")
    username_file: fields.SecretFile | None = Field(None, description="A file with the username.")
    password: fields.Secret | None = Field(
        None, description='Best as { env = "NAME" } or { credential = "NAME" }.'
    )
    password_file: fields.SecretFile | None = Field(None, description="A file with the password.")
    sender: fields.Mailbox = Field(alias="from", description="The address that mails come from.")
    to: fields.Mailboxes = Field(description="The address they go to, or a list of addresses.")
    ca_file: fields.Certificates | None = Field(
        None, description="The authority to trust, as PEM. Default: the system's."
    )

    @field_validator("tls")
    @classmethod
    def _plain_stays_on_this_machine(cls, value: Tls, info: ValidationInfo) -> Tls:
        host = info.data.get("host", "localhost")
        if value is Tls.NONE and not is_loopback(host):
            what = f'"none" is for a server on this machine, and {host} is not'
            raise Wrong(what)
        return value

    @field_validator("username", "username_file")
    @classmethod
    def _no_password_without_tls(cls, value: Value, info: ValidationInfo) -> Value:
        if info.data.get("tls") is Tls.NONE:
            what = 'nobody logs in without TLS, and tls is "none"'
            raise Wrong(what, 'use "starttls"')
        return value


class ConsoleTable(Table):
    """Messages to the terminal."""

    type: Literal["console"]


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


class StoreTable(Table):
    """Where states and messages are kept."""

    path: fields.StorePath | None = Field(
        None, description="The SQLite file. Default: alertd.db in the state folder."
    )


class LogTable(Table):
    """What the log tells."""

    level: fields.LogLevel = Field(
        Level.INFO, description='"debug", "info" (default), "warning" or "error".'
    )


CHANNELS: dict[str, type[Table]] = {
    "webhook": WebhookTable,
    "email": EmailTable,
    "console": ConsoleTable,
}


class File(Table):
    """alertd's configuration."""

    TABLES: ClassVar[dict[str, type[Table]]] = {
        "poll": PollTable,
        "store": StoreTable,
        "log": LogTable,
    }

    allow_inline_secrets: fields.Flag = Field(
        default=False, description="Allows secrets in this file, if only its owner can read it."
    )
    alert: list[AlertTable] = Field(min_length=1, description="What to watch; at least one.")
    channel: dict[
        fields.Channel,
        Annotated[WebhookTable | EmailTable | ConsoleTable, Field(discriminator="type")],
    ] = Field(
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
    store: StoreTable = Field(default_factory=lambda: StoreTable.model_validate({}))
    log: LogTable = Field(default_factory=lambda: LogTable.model_validate({}))
