"""`alertd history`: what has happened, who has been told, and what has the user done?

One row is one event, as it was recorded, with what became of each of its messages; or one deed of
the user. With --dead a row is one message that was given up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from alertd.cli import deeds, fates, lines, options, output
from alertd.core import words
from alertd.core.deeds import Deed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alertd.cli.fates import Clocks
    from alertd.config.settings import Config
    from alertd.store.reading import DeliveryRow, EventRow, Reader

EXAMPLES = """\
  alertd history --limit 5
  alertd history --alert support-150-lost --format jsonl
  alertd history --dead"""

# Enough of an id to tell it from every other one.
_SHORT_ID = 8
_DEAD = ("given up", "=alert", "event", "=channel", ">attempts", "=id", "why")
_AGAIN = (
    "`alertd retry` sends them again, `alertd retry CHANNEL` those of one channel, "
    "`alertd retry --event ID` those of one event"
)

_Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many, the newest.")]
_Alert = Annotated[str | None, typer.Option("--alert", metavar="ID", help="Of this alert only.")]
_Dead = Annotated[bool, typer.Option("--dead", help="Only messages that were given up, and why.")]


def history(
    config: options.ConfigFile = None,
    limit: _Limit = 20,
    alert: _Alert = None,
    form: options.FormOption = options.Form.TABLE,
    dead: _Dead = False,
) -> None:
    """List what happened, who was told, and what you did.

    The newest come last. Exit status 1 when there is no database yet.

    A line of JSON is an event; one with "deed" true is what you did with an alert, its kind one of
    snoozed, woken, paused, acknowledged, armed. With --dead the deliveries are those that were
    given up.
    """
    settings = options.settings(config)
    reader = options.reader(settings)
    if dead:
        _show_dead(_dead(reader, limit, alert), form)
        return
    entries = _entries(reader, limit, alert)
    if form is options.Form.JSONL:
        for entry in entries:
            output.record(
                deeds.fields(entry, settings) if isinstance(entry, Deed) else _fields(entry)
            )
    elif entries:
        _table(entries, settings)
    if not entries:
        output.say("nothing has happened yet" if alert is None else f"no events of {alert}")


def _entries(reader: Reader, limit: int, alert: str | None) -> list[EventRow | Deed]:
    """Return the newest events and deeds, oldest first."""
    found: list[EventRow | Deed] = [*reader.events(limit, alert), *reader.deeds(limit, alert)]
    # Events stay in the order in which they are: of one minute, some were found first.
    return sorted(found, key=_at)[-limit:]


def _at(entry: EventRow | Deed) -> datetime:
    return entry.at if isinstance(entry, Deed) else entry.notice.event.at


def _table(entries: Sequence[EventRow | Deed], settings: Config) -> None:
    from alertd.ops.clock import SystemClock

    clocks = fates.clocks(settings, SystemClock().now())
    rows = [
        deeds.cells(entry, settings) if isinstance(entry, Deed) else cells(entry, clocks)
        for entry in entries
    ]
    output.table((*lines.HEADINGS, "told"), rows)


def _fields(row: EventRow) -> dict[str, object]:
    notice = row.notice
    return {
        **lines.fields(notice.event),
        **lines.details(notice.event),
        "deed": False,
        "asked": notice.asked or None,
        "standing": row.standing,
        "told_with": str(row.told_with) if row.told_with else None,
        "detected_at": words.stamp(notice.detected_at),
        "late": notice.late,
        "simulated": notice.simulated,
        "deliveries": [fates.fields(delivery) for delivery in row.deliveries],
    }


def cells(row: EventRow, clocks: Clocks) -> tuple[str, ...]:
    """Return an event for a row of a table, with what became of it and of its messages."""
    notice = row.notice
    time, alert, kind, *rest = lines.cells(
        notice.event, ZoneInfo(notice.zone), notice.digits, notice.currency
    )
    late = f"{time}, found late" if notice.late else time
    taken_back = f"{kind} (withdrawn)" if row.standing == "withdrawn" else kind
    return (late, alert, taken_back, *rest, fates.told(row, clocks))


def _dead(reader: Reader, limit: int, alert: str | None) -> list[EventRow]:
    """Return the newest events of which a message was given up, with those messages only."""
    rows = reader.events(limit, alert, dead=True)
    listed = {row.notice.event.id for row in rows}
    return [
        replace(row, deliveries=tuple(each for each in row.deliveries if each.status == "dead"))
        for row in rows
        # A message stands there once, however many events it tells.
        if row.told_with not in listed
    ]


def _show_dead(rows: Sequence[EventRow], form: options.Form) -> None:
    if form is options.Form.JSONL:
        for row in rows:
            output.record(_fields(row))
    elif rows:
        letters = [(row, delivery) for row in rows for delivery in row.deliveries]
        letters.sort(key=lambda each: each[1].settled_at or each[0].notice.detected_at)
        output.table(_DEAD, [_letter(row, delivery) for row, delivery in letters])
    output.say(_AGAIN if rows else "nothing was given up")


def _letter(row: EventRow, delivery: DeliveryRow) -> tuple[str, ...]:
    notice, zone = row.notice, ZoneInfo(row.notice.zone)
    time, alert, kind, *_ = lines.cells(notice.event, zone, notice.digits, notice.currency)
    reminder = f"reminder {delivery.round}: " if delivery.round else ""
    return (
        words.local(delivery.settled_at, zone) if delivery.settled_at else "",
        alert,
        f"{reminder}{kind} {time}",
        delivery.channel,
        str(delivery.attempts),
        str(notice.event.id)[:_SHORT_ID],
        fates.trouble(delivery),
    )
