"""What becomes of what is kept when the configuration is read anew?

    the same revision      stays as it is
    new, or another one    starts afresh from now, its symbol judged before all others
    gone                   is forgotten, with what its user said of it; its events stay, and are
                           not open any more

A symbol lives as long as it has an alert, and its almanac as long as the symbol.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from alertd.core.rules import AlertId
from alertd.core.states import State
from alertd.store import said
from alertd.store.batches import batches
from alertd.store.leases import sooner
from alertd.store.rows import from_state
from alertd.store.tables import OPEN, SETTLED, alerts, almanacs, events, reminders, symbols

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from alertd.core.bars import Symbol
    from alertd.core.rules import Rule


# Arming sets an alert up by the end of a bar, which may lie a little ahead.
_AHEAD = timedelta(hours=2)


def adopt(connection: Connection, rules: Sequence[Rule], now: datetime) -> None:
    """Make these rules the ones that are judged, and every symbol of theirs due."""
    wanted = {rule.id: rule.revision for rule in rules}
    asked = select(alerts.c.alert, alerts.c.revision)
    kept = {row.alert: row.revision for row in connection.execute(asked)}
    _forget(connection, [alert for alert in kept if wanted.get(alert) != kept[alert]])
    _adopt_symbols(connection, {rule.symbol for rule in rules}, now)
    new = [rule for rule in rules if kept.get(rule.id) != wanted[rule.id]]
    _begin(connection, new, now)
    # What is known of their symbols says nothing of the prices that matter to them.
    _point(connection, sorted({rule.symbol for rule in new}))
    _fall_silent(connection, wanted, now)
    begin_again(connection, now)


def begin_again(connection: Connection, now: datetime) -> None:
    """Let alerts count from now that were set up while the clock was far ahead."""
    ahead = alerts.c.since > now + _AHEAD
    connection.execute(update(alerts).where(ahead).values(since=now))


def _forget(connection: Connection, gone: Iterable[str]) -> None:
    named = [{"gone": alert} for alert in gone]
    if not named:
        return
    # Nobody judges by that rule any more, so nobody could take its events back.
    opened = update(events).where(events.c.alert == bindparam("gone"), events.c.standing == OPEN)
    connection.execute(opened.values(standing=SETTLED), named)
    connection.execute(delete(alerts).where(alerts.c.alert == bindparam("gone")), named)


def _adopt_symbols(connection: Connection, wanted: set[Symbol], now: datetime) -> None:
    known = set(connection.execute(select(symbols.c.symbol)).scalars())
    gone = [{"gone": symbol} for symbol in known - wanted]
    if gone:
        connection.execute(delete(symbols).where(symbols.c.symbol == bindparam("gone")), gone)
    new = [{"symbol": symbol, "due_at": now} for symbol in sorted(wanted - known)]
    if new:
        connection.execute(insert(symbols), new)
    watched = select(symbols.c.symbol)
    connection.execute(delete(almanacs).where(almanacs.c.symbol.not_in(watched)))
    # A cycle that is under way judged by the old rules: its lease ends here, so it keeps nothing.
    ended = {"lease_token": None, "lease_until": None}
    connection.execute(update(symbols).values(due_at=sooner(now), **ended))


def _point(connection: Connection, named: Sequence[Symbol]) -> None:
    for batch in batches(named):
        known = update(symbols).where(symbols.c.symbol.in_(batch))
        connection.execute(known.values(pointed=True))


def _begin(connection: Connection, rules: Sequence[Rule], now: datetime) -> None:
    state = from_state(State(since=now))
    # All rows of a hundred thousand alerts at once would take more room than all else.
    for batch in batches(rules):
        rows = [
            {"alert": rule.id, "revision": rule.revision, "symbol": rule.symbol, **state}
            for rule in batch
        ]
        connection.execute(insert(alerts), rows)


def _fall_silent(connection: Connection, wanted: Container[AlertId], now: datetime) -> None:
    """End the snoozes, pauses and reminders of alerts that are gone; what waited goes out."""
    reminded = connection.execute(select(reminders.c.alert).distinct()).scalars()
    for alert in said.hushes(connection):
        if alert not in wanted:
            said.end_hush(connection, alert, now)
    for alert in map(AlertId, reminded):
        if alert not in wanted:
            said.end_reminders(connection, alert, now)
