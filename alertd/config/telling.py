"""How does each channel tell, with every default in place?

As in `settled`, nothing can be wrong any more here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from alertd.config import settings
from alertd.config.channels import AppriseTable, ConsoleTable, EmailTable, WebhookTable
from alertd.config.settings import Tls
from alertd.core.calm import Calm
from alertd.core.templates import Templates

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from alertd.config.channels import AnyChannel
    from alertd.config.tables import HeartbeatTable

_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


def channel(table: AnyChannel) -> settings.ChannelSettings:
    """Return where a channel sends, and as whom."""
    match table:
        case WebhookTable():
            return _webhook(table)
        case EmailTable():
            return _email(table)
        case AppriseTable():
            return settings.AppriseSettings(table.url or table.url_file or "")
        case ConsoleTable():
            return settings.ConsoleSettings()
        case _:
            assert_never(table)


def manner(table: AnyChannel, zone: ZoneInfo) -> settings.Manner:
    """Return how much a channel may say, and how; `zone` is the user's where it has none."""
    return settings.Manner(
        calm=Calm(
            zone=table.zone or zone,
            quiet=table.quiet,
            digest_at=table.digest,
            rate=table.rate,
        ),
        fallback=table.fallback,
        templates=_templates(table),
    )


def heartbeat(table: HeartbeatTable) -> settings.HeartbeatSettings:
    """Return who is told that alertd lives."""
    return settings.HeartbeatSettings(
        url=table.url or table.url_file or "",
        every=table.every,
        ca_file=table.ca_file,
        allow_http=table.allow_http,
        allow_hosts=table.allow_hosts,
    )


def _webhook(table: WebhookTable) -> settings.WebhookSettings:
    return settings.WebhookSettings(
        url=table.url or table.url_file or "",
        secret=table.secret or table.secret_file,
        old_secret=table.old_secret or table.old_secret_file,
        ca_file=table.ca_file,
        allow_http=table.allow_http,
        allow_hosts=table.allow_hosts,
    )


def _email(table: EmailTable) -> settings.EmailSettings:
    return settings.EmailSettings(
        host=table.host,
        port=table.port or _PORTS[table.tls],
        tls=table.tls,
        sender=table.sender,
        to=table.to,
        username=table.username or table.username_file,
        password=table.password or table.password_file,
        ca_file=table.ca_file,
        chart=table.chart,
    )


def _templates(table: AnyChannel) -> Templates:
    # One that lies in a file which is not fetched stands as "".
    match table:
        case EmailTable():
            return Templates(
                subject=table.subject_template or None,
                text=table.text_template or None,
                html=table.html_template or None,
            )
        case AppriseTable():
            return Templates(
                subject=table.subject_template or None, text=table.text_template or None
            )
        case ConsoleTable():
            return Templates(text=table.text_template or None)
        case WebhookTable():
            return Templates()
        case _:
            assert_never(table)
