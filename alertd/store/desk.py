"""How does the user's word reach a running daemon?

    alertd snooze, pause, arm, ack, retry --> Desk --> the database --> the daemon's next claim

Each word is one transaction of another process. The file is neither made nor brought up to date
here: that is its owner's to do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from sqlalchemy import and_, func, select, true, update

from alertd.core.calm import Hush
from alertd.core.deeds import Act, Deed
from alertd.core.events import Kind
from alertd.core.retry import Recipients
from alertd.core.states import Phase, State
from alertd.store import closures, connect, outbox, said
from alertd.store.rows import from_recipients, from_state, to_event, to_recipients, to_state
from alertd.store.tables import (
    DEAD,
    DUE,
    OPEN,
    SENT,
    SETTLED,
    WITHDRAWN,
    alerts,
    deliveries,
    events,
    symbols,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Engine

    from alertd.core.events import Event, EventId
    from alertd.core.rules import AlertId


class Desk:
    """What the user may do to a database. Every method may raise StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """Open a database file; None where no daemon has made one yet.

        raises: StoreError, StoreTooOld, StoreTooNew.
        """
        engine = connect.open_existing(path)
        return cls(engine) if engine else None

    def snooze(self, alert: AlertId, until: datetime, now: datetime) -> None:
        """Hold back an alert's messages until a moment, whatever was said before."""
        with self._engine.begin() as connection:
            said.hush(connection, alert, Hush(now, until))
            said.note(connection, Deed(now, alert, Act.SNOOZED, until))

    def pause(self, alert: AlertId, now: datetime) -> None:
        """Hold back an alert's messages until it is armed."""
        with self._engine.begin() as connection:
            said.hush(connection, alert, Hush(now))
            said.note(connection, Deed(now, alert, Act.PAUSED))

    def wake(self, alert: AlertId, now: datetime) -> bool:
        """End an alert's snooze; False, with nothing kept, when it was not snoozed."""
        with self._engine.begin() as connection:
            hush = said.hushes(connection).get(alert)
            if hush is None or hush.until is None or hush.until <= now:
                return False
            said.end_hush(connection, alert, now)
            said.note(connection, Deed(now, alert, Act.WOKEN))
            return True

    def acknowledge(self, alert: AlertId, now: datetime) -> bool:
        """End an alert's reminders; False, with nothing kept, when there was nothing new."""
        with self._engine.begin() as connection:
            reminded = said.end_reminders(connection, alert, now)
            before = said.acknowledged_at(connection, alert)
            fired = _told_at(connection, alert)
            if not (reminded or (fired and (before is None or fired > before))):
                return False
            said.note(connection, Deed(now, alert, Act.ACKNOWLEDGED))
            return True

    def arm(self, alert: AlertId, now: datetime) -> bool:
        """End an alert's snooze or pause, and arm it if it has fired.

        False, with nothing kept, when it was armed and said all that it had to say.
        """
        with self._engine.begin() as connection:
            spoke = said.end_hush(connection, alert, now)
            if not (_begin_anew(connection, alert, now) or spoke):
                return False
            said.note(connection, Deed(now, alert, Act.ARMED))
            return True

    def retry(
        self, now: datetime, *, channel: str | None = None, event: EventId | None = None
    ) -> int:
        """Make due at once what is dead, and what waits for a channel that is left alone.

        All of it, or that of one channel, or what tells one event. Who has a message does not get
        it again; who refused it is asked again.

        returns: how many messages; a digest is one.
        """
        with self._engine.begin() as connection:
            names = _addressed(connection, channel, event)
            opened = closures.reopen(connection, names)
            theirs = deliveries.c.channel.in_(names) if names is not None else true()
            wanted = theirs if event is None else and_(theirs, _tells(event))
            revived = _revive(connection, wanted, now)
            return revived + outbox.hasten(connection, now, opened)


def _told_at(connection: Connection, alert: AlertId) -> datetime | None:
    """Return when a firing of an alert was told last; None if none was that stands."""
    asked = select(func.max(events.c.detected_at)).where(
        events.c.alert == alert,
        events.c.kind == Kind.FIRED.value,
        events.c.standing != WITHDRAWN,
    )
    return connection.execute(asked).scalar()


def _begin_anew(connection: Connection, alert: AlertId, now: datetime) -> bool:
    """Arm an alert that has fired, as if it were set up now; False where it has not."""
    row = connection.execute(select(alerts).where(alerts.c.alert == alert)).mappings().first()
    if row is None:
        return False
    state, told = to_state(row), _open(connection, alert)
    # The firing of a bar that may still change is not in the state yet.
    ahead = bool(told) and told[-1].kind is Kind.FIRED
    if state.phase not in (Phase.FIRED, Phase.DONE) and not ahead:
        return False
    fresh = from_state(_anew(state, max([now, *(event.bar_end for event in told)])))
    connection.execute(update(alerts).where(alerts.c.alert == alert).values(fresh))
    # Nobody looks at their bars for this alert again, so nobody could take them back.
    ours = and_(events.c.alert == alert, events.c.standing == OPEN)
    connection.execute(update(events).where(ours).values(standing=SETTLED))
    # A cycle that is under way judged by the old state: its lease ends here, so it keeps nothing.
    due = {"due_at": now, "pointed": True, "lease_token": None, "lease_until": None}
    symbol = symbols.c.symbol == row["symbol"]
    connection.execute(update(symbols).where(symbol).values(due))
    return True


def _open(connection: Connection, alert: AlertId) -> list[Event]:
    ours = and_(events.c.alert == alert, events.c.standing == OPEN)
    asked = select(events).where(ours).order_by(events.c.at, events.c.place)
    return [to_event(row) for row in connection.execute(asked).mappings()]


def _anew(state: State, since: datetime) -> State:
    """Return the state of an alert that is armed from `since` on.

    The bar in which it fired is over for it: there it could only tell the same event. What its
    level stands on stays, and so does when it was set up: a split since then concerns it.
    """
    basis, set_up = state.basis, state.since or since
    before = basis.anew[0] if basis.anew else set_up
    kept = replace(
        basis, peak=None, peak_at=None, gone=(), edge=None, anew=(min(set_up, before), 0)
    )
    return State(since=since, basis=kept)


def _tells(event: EventId) -> ColumnElement[bool]:
    """Tell whether a delivery belongs to a message that tells an event."""
    asked = func.coalesce(events.c.told_with, events.c.id)
    head = select(asked).where(events.c.id == str(event)).scalar_subquery()
    told = deliveries.alias()
    messages = select(told.c.message).where(told.c.event.in_([str(event), head]))
    return deliveries.c.message.in_(messages)


def _addressed(
    connection: Connection, channel: str | None, event: EventId | None
) -> Sequence[str] | None:
    """Return the channels that are meant; None for all."""
    if channel is not None:
        return [channel]
    if event is None:
        return None
    asked = select(deliveries.c.channel).distinct().where(_tells(event))
    return list(connection.execute(asked.where(deliveries.c.status != SENT)).scalars())


def _revive(connection: Connection, wanted: ColumnElement[bool], now: datetime) -> int:
    """Make dead messages due at once, and return how many."""
    c = deliveries.c
    dead = connection.execute(select(deliveries).where(c.status == DEAD, wanted)).mappings().all()
    for row in dead:
        reached = to_recipients(row["recipients"]).reached
        values = {
            "status": DUE,
            "tried_before": row["attempt"],
            "due_at": now,
            "ready_at": now,
            "settled_at": None,
            "handed_at": None,
            "recipients": from_recipients(Recipients(reached)),
        }
        one = (c.event == row["event"], c.channel == row["channel"], c.round == row["round"])
        connection.execute(update(deliveries).where(*one).values(values))
    return len({(row["channel"], row["message"]) for row in dead})
