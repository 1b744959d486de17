"""`alertd history`: what has happened, and who has been told?

One row is one event, as it was recorded, with what became of each of its messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from alertd.cli import lines, options, output
from alertd.core import words
from alertd.core.events import Kind

if TYPE_CHECKING:
    from alertd.store.reading import DeliveryRow, EventRow

EXAMPLES = """\
  alertd history --limit 5
  alertd history --alert support-150-lost --format jsonl"""

_Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many, the newest.")]
_Alert = Annotated[str | None, typer.Option("--alert", metavar="ID", help="Of this alert only.")]


def history(
    config: options.ConfigFile = None,
    limit: _Limit = 20,
    alert: _Alert = None,
    form: options.FormOption = options.Form.TABLE,
) -> None:
    """List what has happened, and who was told.

    The newest events come last. Exit status 1 when there is no database yet.
    """
    settings = options.settings(config)
    events = options.reader(settings).events(limit, alert)
    if form is options.Form.JSONL:
        for event in events:
            output.record(_fields(event))
    elif events:
        output.table((*lines.HEADINGS, "told"), [cells(event) for event in events])
    if not events:
        output.say("nothing has happened yet" if alert is None else f"no events of {alert}")


def _fields(row: EventRow) -> dict[str, object]:
    notice = row.notice
    return {
        **lines.fields(notice.event),
        **lines.details(notice.event),
        "asked": notice.asked or None,
        "standing": row.standing,
        "told_with": str(row.told_with) if row.told_with else None,
        "detected_at": words.stamp(notice.detected_at),
        "late": notice.late,
        "simulated": notice.simulated,
        "deliveries": [_delivery(delivery) for delivery in row.deliveries],
    }


def _delivery(delivery: DeliveryRow) -> dict[str, object]:
    settled_at = delivery.settled_at
    return {
        "channel": delivery.channel,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "settled_at": words.stamp(settled_at) if settled_at else None,
        "error": delivery.error,
    }


def cells(row: EventRow) -> tuple[str, ...]:
    """Return an event for a row of a table, with what became of it and of its messages."""
    notice = row.notice
    time, alert, kind, *rest = lines.cells(
        notice.event, ZoneInfo(notice.zone), notice.digits, notice.currency
    )
    late = f"{time}, found late" if notice.late else time
    taken_back = f"{kind} (withdrawn)" if row.standing == "withdrawn" else kind
    return (late, alert, taken_back, *rest, told(row))


def told(row: EventRow) -> str:
    """Return by which channels an event was told, and how far its messages are."""
    channels = ", ".join(_told(delivery) for delivery in row.deliveries)
    if row.told_with is None:
        return channels
    other = "another alert's" if row.notice.event.kind is Kind.SPLIT else "the next"
    return f"with {other}: {channels}" if channels else f"with {other}"


def _told(delivery: DeliveryRow) -> str:
    tried = output.count(delivery.attempts, "attempt")
    because = f": {delivery.error}" if delivery.error else ""
    match delivery.status:
        case "sent":
            return delivery.channel
        case "dead":
            return f"{delivery.channel} given up after {tried}{because}"
        case _ if delivery.attempts:
            return f"{delivery.channel} waits after {tried}{because}"
        case _:
            return f"{delivery.channel} waits"
