"""What goes out to a channel now, and what becomes of it?

    due --claim--> judged by its channel's calm, and by what its user said of its alert
                   |-- waits -----> due later, held
                   |-- goes out --> leased, alone
                   '-- had waited, never tried --> leased, with the others like it as one digest

The rows of a message share its id and everything that moves it, so that they are claimed, held and
settled together. A digest stays one, whatever becomes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, assert_never
from uuid import UUID

from sqlalchemy import ColumnElement, and_, distinct, func, select, update

from alertd.core.calm import HUSHED, Held, Hush, verdict
from alertd.core.claims import Delivery
from alertd.core.notices import Notice, Severity
from alertd.core.parcels import DIGEST_LIMIT, Parcel, ParcelId, digest_id
from alertd.core.retry import CLOSED_FOR, Again, Dead, Delivered, Recipients, Settlement
from alertd.store import closures, said
from alertd.store.leases import WAITS, due, leased, one_at_a_time
from alertd.store.rows import from_recipients, to_notice, to_recipients
from alertd.store.tables import DEAD, DUE, ERROR_LENGTH, SENT, deliveries, events

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, RowMapping

    from alertd.core.calm import Calm
    from alertd.core.rules import AlertId

# So many rows are looked at in one claim. Those that have to wait are put off, and make room.
_WINDOW = 200

_SEVERITIES = tuple(Severity)


@dataclass(frozen=True)
class Waiting:
    """A message that is due: its rows, in the order in which their events happened."""

    rows: Sequence[RowMapping]

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(to_notice(row) for row in self.rows)

    @property
    def id(self) -> ParcelId:
        return ParcelId(UUID(self.rows[0]["message"]))

    @property
    def held(self) -> Held | None:
        held = self.rows[0]["held"]
        return None if held is None else Held(held)

    @property
    def severity(self) -> Severity:
        return max((notice.severity for notice in self.notices), key=_SEVERITIES.index)

    @property
    def parcel(self) -> Parcel:
        row = self.rows[0]
        instead_of = {each["instead_of"] for each in self.rows}
        return Parcel(
            self.id,
            self.notices,
            # A digest may hold a reminder, but is none.
            row["round"] if len(self.rows) == 1 else 0,
            self._told_held,
            row["closed_at"],
            row["instead_of"] if len(instead_of) == 1 else None,
        )

    @property
    def _told_held(self) -> Held | None:
        """Return why it has waited, as its message says: what came later is not in it."""
        row = self.rows[0]
        told = row["told_held"] if row["attempt"] else row["held"]
        return None if told is None else Held(told)

    @property
    def joins(self) -> bool:
        """Tell whether it goes out with others: it has waited, and nobody has seen it yet."""
        row = self.rows[0]
        return row["held"] is not None and row["attempt"] == 0 and row["closed_at"] is None

    def hush(self, known: Mapping[AlertId, Hush], now: datetime) -> Hush | None:
        """Return until when it is hushed: only while everything that it tells is."""
        told = {e.alert for n in self.notices if n.condition for e in (n.event, *n.together)}
        own = [notice for notice in self.notices if notice.condition is None]
        found = [known.get(alert) for alert in told]
        active = [hush for hush in found if hush and (hush.until is None or now < hush.until)]
        if own or len(active) < len(told):
            return None
        ends = [hush.until for hush in active if hush.until is not None]
        return Hush(now, max(ends) if len(ends) == len(active) else None)


def claim(
    connection: Connection, now: datetime, channel: str, *, lease: timedelta, limit: int, calm: Calm
) -> list[Delivery]:
    """Lease what may go out to a channel now, at most `limit` messages; put off what may not."""
    one_at_a_time(connection)
    room = closures.room(connection, channel, now, lease, limit)
    waiting = _due(connection, now, channel, lease) if room else []
    if not waiting:
        return []
    hushes = said.hushes(connection)
    lately = _lately(connection, channel, calm, now, lease)
    going: list[list[Waiting]] = []
    digest: list[Waiting] = []
    for one in waiting:
        joins = one.joins and 0 < len(digest) < DIGEST_LIMIT
        if len(going) == room and not joins:
            continue
        # What joins a digest is no further message, and reminders leave room for what is new.
        told = sum(parts is digest or not parts[0].rows[0]["round"] for parts in going)
        sent = [*lately, *[now] * (told - joins)]
        hush = one.hush(hushes, now)
        hold = verdict(calm, one.severity, hush=hush, held=one.held, sent=sent, now=now)
        if hold:
            values = {"due_at": hold.until, "ready_at": hold.until, "held": hold.why.value}
            _change(connection, channel, one.id, {**values, "lease_until": None})
        elif joins:
            digest.append(one)
        else:
            going.append([one])
            digest = going[-1] if one.joins else digest
    return [_take(connection, channel, parts, now, lease) for parts in going]


def settle(
    connection: Connection, delivery: Delivery, settlement: Settlement, now: datetime
) -> bool:
    """Keep how an attempt ended; False when another attempt has begun since."""
    one_at_a_time(connection)
    settled = connection.execute(
        update(deliveries)
        .where(
            _is(delivery.channel, delivery.parcel.id),
            deliveries.c.status == DUE,
            deliveries.c.attempt == delivery.attempt,
        )
        .values(_settled(delivery.done, settlement, now))
    )
    if settled.rowcount == 0:
        return False
    match settlement:
        case Delivered():
            closures.reopen(connection, [delivery.channel])
        case Again(reason=reason, closed=True) | Dead(reason=reason, closed=True):
            closures.close(connection, delivery.channel, now + CLOSED_FOR, reason, now)
        case _:
            pass
    return True


def reopen(connection: Connection, now: datetime, daily: Collection[str] = ()) -> None:
    """Leave no channel alone any more, and judge anew what waits by calm; `daily` send digests."""
    catch_up(connection, now)
    closures.reopen(connection)
    _judge_anew(connection, now, daily)


def catch_up(connection: Connection, now: datetime) -> None:
    """Try at once what waits for its next attempt.

    What nobody has tried yet is ready only now: no channel has failed while nothing ran.
    """
    one_at_a_time(connection)
    hasten(connection, now)
    c = deliveries.c
    untried = and_(c.status == DUE, c.attempt == c.tried_before, c.due_at <= now)
    connection.execute(update(deliveries).where(untried).values(ready_at=now))


def hasten(connection: Connection, now: datetime, channels: Sequence[str] | None = None) -> int:
    """Make due at once what waits for its next attempt, to these channels; return how many."""
    c = deliveries.c
    waiting = and_(c.status == DUE, c.due_at > now, ~WAITS)
    if channels is not None:
        waiting = and_(waiting, c.channel.in_(channels))
    counted = select(c.channel, c.message).distinct().where(waiting)
    found = connection.execute(counted).all()
    connection.execute(update(deliveries).where(waiting).values(due_at=now))
    return len(found)


def _judge_anew(connection: Connection, now: datetime, daily: Collection[str]) -> None:
    """Make due what waits by a calm that may be another one now: the next claim judges it."""
    c = deliveries.c
    calmed = and_(WAITS, c.held.not_in(sorted(HUSHED)), c.lease_until.is_(None))
    waiting = and_(c.status == DUE, c.due_at > now, calmed)
    # Of a channel that still has its hour, what waits for it is as if it were new: what is due and
    # has waited for a digest goes out.
    early = and_(waiting, c.held == Held.DIGEST.value, c.closed_at.is_(None), c.channel.in_(daily))
    due_now = {"due_at": now, "ready_at": now}
    connection.execute(update(deliveries).where(early).values(held=None, **due_now))
    connection.execute(update(deliveries).where(waiting).values(due_now))


def _due(connection: Connection, now: datetime, channel: str, lease: timedelta) -> list[Waiting]:
    """Return the messages that are due to a channel, the longest waiting first."""
    c = deliveries.c
    asked = (
        select(c.message)
        .join_from(deliveries, events)
        .where(c.channel == channel, due(now, lease))
        .order_by(c.due_at, events.c.at, events.c.place)
        .limit(_WINDOW)
    )
    found: dict[str, list[RowMapping]] = {
        message: [] for message in connection.execute(asked).scalars()
    }
    # Of a message that reaches beyond the window, all of it.
    whole = (
        select(deliveries, events)
        .join_from(deliveries, events)
        .where(c.channel == channel, c.message.in_(found), c.status == DUE)
    )
    for row in connection.execute(whole).mappings() if found else ():
        found[row["message"]].append(row)
    return [Waiting(sorted(rows, key=_place)) for rows in found.values()]


def _lately(
    connection: Connection, channel: str, calm: Calm, now: datetime, lease: timedelta
) -> list[datetime]:
    """Return when messages went out to a channel, those under way too and reminders apart."""
    if calm.rate is None:
        return []
    c, newest = deliveries.c, func.max(deliveries.c.settled_at)
    sent = select(newest).where(c.channel == channel, c.status == SENT, c.round == 0)
    recent = sent.where(c.settled_at > now - calm.rate.span).group_by(c.message)
    running = select(func.count(distinct(c.message))).where(
        c.channel == channel, c.round == 0, leased(now, lease)
    )
    under_way = connection.execute(running).scalar_one()
    return [*connection.execute(recent).scalars(), *[now] * under_way]


def _take(
    connection: Connection, channel: str, parts: Sequence[Waiting], now: datetime, lease: timedelta
) -> Delivery:
    whole = Waiting(sorted((row for part in parts for row in part.rows), key=_place))
    first = whole.rows[0]
    parcel, ready_at = whole.parcel, first["ready_at"]
    values: dict[str, Any] = {"attempt": first["attempt"] + 1, "lease_until": now + lease}
    values["told_held"] = parcel.held.value if parcel.held else None
    if len(parts) > 1:
        ready_at = now
        parcel = replace(parcel, id=digest_id(parcel.id, channel), closed_at=now)
        values |= {"message": str(parcel.id), "held": first["held"]}
        values |= {"closed_at": now, "due_at": now, "ready_at": now}
    for part in parts:
        # A sender that dies gives nothing back: its lease has to end by itself.
        _change(connection, channel, part.id, values)
    tried = values["attempt"] - first["tried_before"]
    done = to_recipients(first["recipients"])
    return Delivery(parcel, channel, values["attempt"], tried, ready_at, done)


def _change(
    connection: Connection, channel: str, message: ParcelId, values: Mapping[str, object]
) -> None:
    waiting = and_(_is(channel, message), deliveries.c.status == DUE)
    connection.execute(update(deliveries).where(waiting).values(values))


def _is(channel: str, message: ParcelId) -> ColumnElement[bool]:
    return and_(deliveries.c.channel == channel, deliveries.c.message == str(message))


def _place(row: RowMapping) -> tuple[datetime, int, str, int]:
    return (row["at"], row["place"], row["event"], row["round"])


def _settled(done: Recipients, settlement: Settlement, now: datetime) -> dict[str, object]:
    match settlement:
        case Delivered():
            return {"status": SENT, "lease_until": None, "settled_at": now, "error": None}
        case Again(at=at, reason=reason, recipients=recipients):
            ended: dict[str, object] = {"due_at": at}
        case Dead(reason=reason, recipients=recipients):
            ended = {"status": DEAD, "settled_at": now}
        case _:
            assert_never(settlement)
    both = Recipients(done.reached | recipients.reached, {**done.refused, **recipients.refused})
    kept = {"recipients": from_recipients(both), "error": reason[:ERROR_LENGTH]}
    return {**ended, **kept, "lease_until": None}
