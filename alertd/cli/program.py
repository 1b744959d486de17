"""What can be typed after `alertd`, and with which status does it leave?

    0 done    1 it failed    2 bad configuration or arguments    130 Ctrl-C

Each command is a file here (`test` is trial.py) and imports what it needs when it runs, so that
`alertd --help` is there at once. Data goes to stdout, words to stderr.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated

import typer

from alertd import __version__
from alertd.cli import (
    ack,
    arm,
    check,
    demo,
    doctor,
    explain,
    health,
    history,
    init,
    output,
    pause,
    replay,
    retry,
    run,
    schema,
    snooze,
    status,
    trial,
)
from alertd.errors import AlertdError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED = 1
MISUSED = 2
INTERRUPTED = 130

# Plain help reads the same on a terminal, in a pipe and in a log, and starts in half the time.
app = typer.Typer(
    name="alertd",
    epilog="Start with `alertd init`, then `alertd check`, then `alertd run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("run", run.run, run.EXAMPLES),
    ("check", check.check, check.EXAMPLES),
    ("demo", demo.demo, demo.EXAMPLES),
    ("replay", replay.replay, replay.EXAMPLES),
    ("status", status.status, status.EXAMPLES),
    ("explain", explain.explain, explain.EXAMPLES),
    ("history", history.history, history.EXAMPLES),
    ("snooze", snooze.snooze, snooze.EXAMPLES),
    ("pause", pause.pause, pause.EXAMPLES),
    ("arm", arm.arm, arm.EXAMPLES),
    ("ack", ack.ack, ack.EXAMPLES),
    ("retry", retry.retry, retry.EXAMPLES),
    ("test", trial.trial, trial.EXAMPLES),
    ("doctor", doctor.doctor, doctor.EXAMPLES),
    ("init", init.init, init.EXAMPLES),
    ("health", health.health, health.EXAMPLES),
    ("schema", schema.schema, schema.EXAMPLES),
)

for _name, _command, _examples in _COMMANDS:
    app.command(name=_name, epilog=f"Examples:\n\n\b\n{_examples}")(_command)


def _version(wanted: bool) -> None:
    if wanted:
        output.show(f"alertd {__version__}")
        raise typer.Exit


@app.callback()
def alertd(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Show the version."),
    ] = False,
) -> None:
    """Watch prices, and send a message when one crosses a level that you drew."""


def main() -> None:
    """Do what the command line asks for, and leave with its status."""
    sys.exit(_flushed(_status()))


def _status() -> int | str | None:
    _write_anything()
    try:
        app(prog_name="alertd")
    except SystemExit as done:
        return done.code
    except ConfigError as error:
        output.say(str(error))
        return MISUSED
    except AlertdError as error:
        output.say(str(error))
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return None


def _flushed(status: int | str | None) -> int | str | None:
    """Write out what is left; a reader that has gone, as `head` does, is no reason for words."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Else the interpreter would try again at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return status or FAILED
    return status


def _write_anything() -> None:
    # A terminal without UTF-8 gets an escape for what it cannot show, rather than a traceback.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
