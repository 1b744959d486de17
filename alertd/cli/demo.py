"""`alertd demo`: how do alerts arrive, seen without a market, an account or a configuration?

It succeeds only if every message is there within `LIMIT`.
"""

from __future__ import annotations

import sys
from datetime import timedelta

import typer

from alertd.cli import output
from alertd.cli.options import NoConfigFile  # noqa: TC001 - Typer reads it when it runs

EXAMPLES = "  alertd demo"

LIMIT = timedelta(seconds=20)


def demo(config: NoConfigFile = None) -> None:  # noqa: ARG001 - taken so that every command takes it
    """Watch alerts arrive on a simulated market.

    The daemon, its scheduler, its database and its channels are real. The market, a webhook
    receiver and a mail server are inside. It takes 15 seconds, and leaves nothing behind.
    """
    try:
        from alertd.demo import demo as shown
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "aiosmtpd":
            raise
        output.fail("the demo needs a mail server\n    hint: pip install 'alertd[demo]'")
    raise typer.Exit(shown(sys.stdout, LIMIT))
