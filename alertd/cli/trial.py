"""`alertd test`: does a channel work?

The message goes straight to the channel, past the outbox: one attempt, and its outcome.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from alertd.cli import options, output
from alertd.core.retry import Failed, Rejected, Sent

if TYPE_CHECKING:
    from alertd.config.settings import Config
    from alertd.core.retry import Outcome

EXAMPLES = """\
  alertd test console
  alertd test desk --config alerts.toml"""

_Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name in the configuration.")]


def trial(channel: _Channel, config: options.ConfigFile = None) -> None:
    """Send a message that is marked as a test through one channel, now.

    Exit status 0 when it was taken, 1 when not.
    """
    settings = options.settings(config, secrets=True)
    if channel not in settings.channels:
        known = ", ".join(settings.channels)
        msg = f'there is no channel "{channel}"; configured: {known}'
        raise typer.BadParameter(msg, param_hint="CHANNEL")
    match _sent(settings, channel):
        case Sent():
            output.say(f"{channel}: sent")
        case Failed(reason=reason) | Rejected(reason=reason):
            output.fail(f"{channel}: not sent: {reason}")


def _sent(settings: Config, name: str) -> Outcome:
    from alertd import daemon
    from alertd.core.messages import test_message
    from alertd.ops import log
    from alertd.ops.clock import SystemClock

    log.setup("warning", sys.stderr, settings.secrets)
    now = SystemClock().now()
    return daemon.channel(settings.channels[name]).send(test_message(name, now, uuid4()), now)
