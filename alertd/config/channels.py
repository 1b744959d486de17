"""What may stand in a `[channel.NAME]` table?

    every channel    quiet, digest, rate, zone    when it may speak
                     min_severity, fallback       of what, and who stands in for it
    each type        where it sends, and in which words

The shape only, as in `file`.
"""

from __future__ import annotations

from typing import Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from alertd.config import fields, placed  # noqa: TC001 - pydantic needs them at run time
from alertd.config.settings import Tls
from alertd.config.tables import ReceiverTable, Table, one_of
from alertd.config.wrong import Wrong
from alertd.core.addresses import is_loopback
from alertd.core.notices import Severity

Value = TypeVar("Value")


class ChannelTable(Table):
    """What every channel may be told, whatever its type."""

    quiet: fields.Quiet | None = Field(
        None, description='The hours in which it waits, but for critical alerts: "22:00-07:00".'
    )
    digest: fields.Clock | None = Field(
        None, description='When it tells everything of a day at once, critical aside: "18:00".'
    )
    rate: fields.Rate | None = Field(
        None, description='How many messages at most, the rest summed up: "10/h", "20/30m".'
    )
    zone: fields.Zone | None = Field(
        None, description="The clock of quiet and digest. Default: that of [defaults]."
    )
    min_severity: fields.Severity = Field(
        Severity.INFO, description='Only alerts of at least this severity. Default: "info".'
    )
    fallback: fields.Channel | None = Field(
        None, description="The channel that tells it too when this one has failed for 15 minutes."
    )


class WebhookTable(ChannelTable, ReceiverTable):
    """Messages as signed JSON to an HTTP receiver. It has url or url_file."""

    type: Literal["webhook"]
    secret: placed.Signing | None = Field(
        None, description='The Standard Webhooks secret, "whsec_...", best as { env = "NAME" }.'
    )
    secret_file: placed.SigningFile | None = Field(None, description="A file with the secret.")
    old_secret: placed.Signing | None = Field(
        None, description="The former secret, which signs too until the receiver knows the new one."
    )
    old_secret_file: placed.SigningFile | None = Field(
        None, description="A file with the former secret."
    )

    @field_validator("old_secret", "old_secret_file")
    @classmethod
    def _differs_from_the_new_one(cls, value: Value, info: ValidationInfo) -> Value:
        new = info.data.get("secret") or info.data.get("secret_file")
        if value and value == new:
            what = "the same as secret"
            raise Wrong(what, "secret is the new one, old_secret the one before it")
        return value


class EmailTable(ChannelTable):
    """Messages by mail. It has a username and a password, or neither."""

    type: Literal["email"]
    host: fields.Host = Field(description='The mail server, such as "smtp.example.com".')
    port: fields.Port | None = Field(
        None, description="Default: 587 with starttls, 465 with implicit, 25 with none."
    )
    tls: fields.Encryption = Field(
        Tls.STARTTLS, description='"starttls" (default), "implicit", or "none" on this machine.'
    )
    username: placed.Public | None = Field(None, description="Who logs in. Default: nobody.")
    username_file: placed.SecretFile | None = Field(None, description="A file with the username.")
    password: placed.Secret | None = Field(
        None, description='Best as { env = "NAME" } or { credential = "NAME" }.'
    )
    password_file: placed.SecretFile | None = Field(None, description="A file with the password.")
    sender: fields.Mailbox = Field(alias="from", description="The address that mails come from.")
    to: fields.Mailboxes = Field(description="The address they go to, or a list of addresses.")
    ca_file: placed.Certificates | None = Field(
        None, description="The authority to trust, as PEM. Default: the system's."
    )
    chart: fields.Flag = Field(
        default=True, description="Shows the last sessions as a picture. Default: true."
    )
    subject_template: placed.Template | None = Field(
        None, description='The subject in your words, in Jinja2; or { file = "PATH" }.'
    )
    text_template: placed.Template | None = Field(
        None, description='The plain text in your words, in Jinja2; or { file = "PATH" }.'
    )
    html_template: placed.Template | None = Field(
        None, description='The HTML in your words, in Jinja2; or { file = "PATH" }.'
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


class AppriseTable(ChannelTable):
    """Messages to any service that Apprise knows. It has url or url_file."""

    model_config = ConfigDict(json_schema_extra=one_of("url", "url_file"))

    type: Literal["apprise"]
    url: placed.Service | None = Field(
        None, description='The service as an Apprise URL, best as { env = "NAME" }.'
    )
    url_file: placed.ServiceFile | None = Field(None, description="A file that holds the URL.")
    subject_template: placed.Template | None = Field(
        None, description='The title in your words, in Jinja2; or { file = "PATH" }.'
    )
    text_template: placed.Template | None = Field(
        None, description='The text in your words, in Jinja2; or { file = "PATH" }.'
    )


class ConsoleTable(ChannelTable):
    """Messages to the terminal."""

    type: Literal["console"]
    text_template: placed.Template | None = Field(
        None, description='The text in your words, in Jinja2; or { file = "PATH" }.'
    )


AnyChannel = WebhookTable | EmailTable | ConsoleTable | AppriseTable

CHANNELS: dict[str, type[ChannelTable]] = {
    "webhook": WebhookTable,
    "email": EmailTable,
    "console": ConsoleTable,
    "apprise": AppriseTable,
}
