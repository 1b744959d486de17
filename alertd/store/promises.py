"""What has been promised, and does it still stand?

    notice of three events -> three events, the first of them with the deliveries of all
    firing of an alert that reminds -> a reminder of it, too

An event is kept once, whoever finds it again. Two kinds may be told of a bar that still changes:
those are open until that bar has settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select, update

from alertd.core.events import EventId, Kind
from alertd.core.notices import single
from alertd.core.parcels import parcel_id
from alertd.store.batches import batches
from alertd.store.reminders import take_back
from alertd.store.rows import from_notice
from alertd.store.tables import DUE, OPEN, SETTLED, WITHDRAWN, deliveries, events, reminders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from alertd.core.claims import Progress
    from alertd.core.events import Event
    from alertd.core.notices import Notice

_MAY_BE_WITHDRAWN = {Kind.FIRED, Kind.RECOVERED}


def promise(
    connection: Connection, notices: Sequence[tuple[Notice, tuple[str, ...]]]
) -> frozenset[EventId]:
    """Keep the events that are new, with the deliveries of their messages; return their ids."""
    known = _known(connection, [str(e.id) for notice, _ in notices for e in _told_by(notice)])
    new = [
        (one, told_with, channels)
        for notice, channels in notices
        for one, told_with in _new(notice, known)
    ]
    places = {e.id: place for place, e in enumerate(_in_order(notices))}
    _insert(connection, events, [_event(one, told_with, places) for one, told_with, _ in new])
    waiting = [(one, channels) for one, told_with, channels in new if told_with is None]
    _insert(connection, deliveries, list(_deliveries(waiting)))
    _insert(connection, reminders, list(_reminders(one for one, _, _ in new)))
    return frozenset(one.event.id for one, _, _ in new)


def judged(connection: Connection, progress: Progress, now: datetime) -> frozenset[EventId]:
    """Keep what a good cycle found, and what became of what was told before."""
    new = promise(connection, progress.notices)
    # Last, so that an event whose bar has settled by the time it is found is not open.
    stand(connection, progress.settled, now)
    return new


def stand(connection: Connection, settled: Mapping[EventId, bool], now: datetime) -> None:
    """Say of open events whether they stand, now that their bars have settled."""
    for event, stands in settled.items():
        said = connection.execute(
            update(events)
            .where(events.c.id == str(event), events.c.standing == OPEN)
            .values(standing=SETTLED if stands else WITHDRAWN)
        )
        if said.rowcount and not stands:
            take_back(connection, event, now)


def _told_by(notice: Notice) -> tuple[Event, ...]:
    return (notice.event, *notice.together)


def _in_order(notices: Sequence[tuple[Notice, tuple[str, ...]]]) -> Iterator[Event]:
    """Yield the events as they happened: what a message tells besides its own came before it."""
    for notice, _ in notices:
        yield from (*notice.together, notice.event)


def _known(connection: Connection, ids: Sequence[str]) -> set[EventId]:
    return {
        EventId(UUID(found))
        for batch in batches(ids)
        for found in connection.execute(select(events.c.id).where(events.c.id.in_(batch))).scalars()
    }


def _new(notice: Notice, known: set[EventId]) -> Iterator[tuple[Notice, EventId | None]]:
    """Yield the events that are not known, each as a notice, with the one whose message tells it.

    Where the first of them is known, its message is on its way without the others: each of those
    then has a message of its own.
    """
    head = None if notice.event.id in known else notice.event.id
    for event in _told_by(notice):
        if event.id in known:
            continue
        known.add(event.id)
        if event.id == head:
            yield notice, None
        else:
            yield single(notice, event), head


def _event(
    notice: Notice, told_with: EventId | None, places: Mapping[EventId, int]
) -> dict[str, Any]:
    return {
        **from_notice(notice),
        "told_with": None if told_with is None else str(told_with),
        "place": places[notice.event.id],
        "standing": OPEN if notice.event.kind in _MAY_BE_WITHDRAWN else SETTLED,
    }


def _deliveries(notices: Iterable[tuple[Notice, tuple[str, ...]]]) -> Iterator[dict[str, Any]]:
    for notice, channels in notices:
        for channel in channels:
            yield {
                "event": str(notice.event.id),
                "channel": channel,
                "message": str(parcel_id(notice.event.id)),
                "status": DUE,
                "attempt": 0,
                "due_at": notice.detected_at,
                "ready_at": notice.detected_at,
            }


def _reminders(notices: Iterable[Notice]) -> Iterator[dict[str, Any]]:
    """Yield a reminder for each alert's firing, those that another's message tells too."""
    for notice in notices:
        if notice.repeat_every and notice.event.kind is Kind.FIRED:
            yield {
                "event": str(notice.event.id),
                "alert": notice.event.alert,
                "every": notice.repeat_every.total_seconds(),
                "next_at": notice.detected_at + notice.repeat_every,
                "round": 0,
            }


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
