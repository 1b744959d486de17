"""`alertd retry`: what was given up, and is to be tried again?

history --dead      lists it
retry               makes it due, with 72 hours before it, and opens channels that were closed
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from alertd.cli import health, named, options, output
from alertd.core import words

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.events import EventId
    from alertd.store.reading import Reader

EXAMPLES = """\
  alertd retry
  alertd retry desk
  alertd retry --event 3f2a91c8"""

# So much of an id is asked for, lest one that is given by mistake means anything.
_BEGINNING = "[0-9a-f-]{4,36}"
_MANY = 1_000_000

_Channel = Annotated[
    str | None,
    typer.Argument(metavar="CHANNEL", help="One channel; without it, all of them."),
]
_Event = Annotated[
    str | None,
    typer.Option("--event", metavar="ID", help="One event, by its id or how that begins."),
]


def retry(
    channel: _Channel = None, config: options.ConfigFile = None, event: _Event = None
) -> None:
    """Send again what was given up.

    A channel that is left alone because it took nothing at all is tried again at once. Exit status
    1 when nothing was given up and no channel was left alone, or when there is no database yet; 2
    when there is no such channel or event.
    """
    settings = options.settings(config)
    name = None if channel is None else named.channel(settings, channel)
    reader, desk = options.reader(settings), options.desk(settings)
    from alertd.ops.clock import SystemClock

    now = SystemClock().now()
    wanted = None if event is None else _event(reader, event)
    closed = _closed(reader, now)
    messages = desk.retry(now, channel=name, event=wanted)
    _answer(sorted(closed - _closed(reader, now)), messages)
    trouble = health.trouble(reader.alive_at(), now)
    if trouble:
        output.say(f"they go out once the daemon runs: {trouble}")


def _answer(opened: list[str], messages: int) -> None:
    if not opened and not messages:
        output.fail("nothing to send again: nothing was given up, and no channel is left alone")
    for channel in opened:
        output.say(f"{channel}: it is not left alone any more")
    if messages:
        go = "goes" if messages == 1 else "go"
        output.say(f"{output.count(messages, 'message')} {go} out again now")


def _closed(reader: Reader, now: datetime) -> set[str]:
    """Return the channels that are left alone."""
    return {
        row.channel
        for row in reader.channels()
        if row.closed_until is not None and row.closed_until > now
    }


def _event(reader: Reader, wanted: str) -> EventId:
    """Return the event that was given up whose id is this, or begins so; none leaves with status 1.

    raises: typer.BadParameter where it is no id, or the beginning of more than one.
    """
    said, start = words.line(wanted, 40), wanted.lower()
    if not re.fullmatch(_BEGINNING, start):
        msg = f'expected the id of an event, or its first 4 characters or more, found "{said}"'
        raise typer.BadParameter(msg, param_hint="--event")
    dead = (row.notice.event.id for row in reader.events(_MANY, dead=True))
    found = [id_ for id_ in dead if str(id_).startswith(start)]
    if len(found) > 1:
        msg = f'{len(found)} events begin with "{said}"; write more of the id'
        raise typer.BadParameter(msg, param_hint="--event")
    nothing = f'nothing was given up of an event "{said}"; see `alertd history --dead`'
    return found[0] if found else output.fail(nothing)
