"""`alertd test`: does a channel work?

The message goes straight to the channel, past the outbox: one attempt, and its outcome.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import uuid4

import typer

from alertd.cli import fates, named, options, output
from alertd.core.retry import NOBODY, Closed, Failed, Rejected, Sent
from alertd.errors import ConfigError, Problem

if TYPE_CHECKING:
    from alertd.config.settings import Config
    from alertd.core.retry import Outcome, Recipients

EXAMPLES = """\
  alertd test console
  alertd test desk --config alerts.toml"""

_Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name in the configuration.")]


def trial(channel: _Channel, config: options.ConfigFile = None) -> None:
    """Send a message that is marked as a test through one channel, now.

    Where the channel has templates of its own, it shows what they make of an example. Exit status 0
    when it was taken, of several recipients by all of them; 1 when not.
    """
    settings = options.settings(config, secrets=True)
    match _sent(settings, named.channel(settings, channel)):
        case Sent():
            output.say(f"{channel}: sent")
        case Failed(reason=reason, recipients=recipients):
            _refused(channel, reason, recipients)
        case Rejected(reason=reason, recipients=recipients):
            _refused(channel, reason, recipients)
        case Closed(reason=reason):
            _refused(channel, f"{reason}; somebody has to act before it takes anything", NOBODY)


def _refused(channel: str, reason: str, recipients: Recipients) -> NoReturn:
    reached = len(recipients.reached)
    what = f"sent to {output.count(reached, 'recipient')} only" if reached else "not sent"
    said = [f"{channel}: {what}: {reason}", *(f"  {each}" for each in fates.refusals(recipients))]
    output.fail("\n".join(said))


def _sent(settings: Config, name: str) -> Outcome:
    from alertd import wiring
    from alertd.core.messages import test_message
    from alertd.ops import log
    from alertd.ops.clock import SystemClock

    log.setup("warning", sys.stderr, settings.secrets)
    now, manner = SystemClock().now(), settings.manner(name)
    try:
        way = wiring.channel(settings.channels[name], manner.templates)
    except ValueError as error:
        raise ConfigError(str(settings.path), [Problem(f"channel.{name}", str(error))]) from error
    return way.send(test_message(name, now, uuid4()), now)
