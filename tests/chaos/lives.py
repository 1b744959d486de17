"""What is put through crashes, and what must it have told?

    Feed --bars--> Watch --> Fragile, killed and opened anew --> Deliver --> Box
                                  ^-- Desk: the user's word

What there must be follows from the same bars without any of this: each alert has lives, one for
each revision and each time it is armed, and the plain loop says what each of them tells.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from alertd.core import calendars
from alertd.core.alerts import Alert
from alertd.core.almanac import Outlook
from alertd.core.bars import Bar, Series, Symbol
from alertd.core.book import Market
from alertd.core.calendars import ALWAYS, Listing
from alertd.core.calm import Calm, Rate
from alertd.core.notices import Severity
from alertd.core.retry import NOBODY, Closed, Failed, Outcome, Recipients, Rejected, Sent
from alertd.core.rules import AlertId, Condition, Rule
from alertd.core.states import State
from alertd.deliver import Deliver, Route
from alertd.errors import SourceDown
from alertd.quotes import chart
from alertd.store.desk import Desk
from alertd.watch import Plan, Watch
from tests.chaos.fragile import Fragile, Fuse
from tests.chaos.telling import Told, grouped, told
from tests.support import yahoo_bodies
from tests.support.fakes import HandClock
from tests.support.plain import PlainLoop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from alertd.core.messages import Message

START = datetime(2026, 3, 9, 14, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SYMBOL = Symbol("BABA")
LISTING = calendars.listing(SYMBOL, ALWAYS, "USD")
CHANNEL = "desk"
CALM = Calm(rate=Rate(3, 10 * MINUTE))
# Reminded of until it is acknowledged, and sent at once whatever the channel's calm.
URGENT = AlertId("urgent")
ALERTS = (URGENT, AlertId("support"), AlertId("target"))

_OUTCOMES: dict[str, Outcome] = {
    "takes": Sent(),
    "refuses": Failed("down"),
    "takes without a word": Failed("reset"),
    "rejects": Rejected("never"),
    "is gone": Closed("gone"),
}
MOODS = tuple(_OUTCOMES)

_PATIENCE = timedelta(seconds=30)
_SESSIONS = LISTING.calendar.sessions(
    START.date() - timedelta(days=2), START.date() + timedelta(days=30)
)


def rule(alert: AlertId, level: float) -> Rule:
    """Return what an alert asks for, once its level is `level`."""
    condition = {"urgent": Condition.BELOW, "support": Condition.BELOW}.get(alert, Condition.ABOVE)
    return Rule(alert, SYMBOL, condition, level, recovery=alert != URGENT)


@dataclass
class Feed:
    """The source. It may answer late, twice, in any order, or not at all."""

    clock: HandClock
    tape: list[Bar] = field(default_factory=list)
    mood: str = "well"
    name: str = "feed"

    def bars(self, listing: Listing, since: datetime, until: datetime) -> Series:
        if self.mood == "down":
            raise SourceDown("feed: no answer")
        end = min(until, self.clock.now() - (4 * MINUTE if self.mood == "stale" else 0 * MINUTE))
        rows = [bar for bar in self.tape if since <= bar.start < end]
        rows = {"twice": rows * 2, "backwards": rows[::-1]}.get(self.mood, rows)
        body = json.loads(yahoo_bodies.chart(rows, {}).body)
        return chart.series(body, listing, MINUTE)

    def daily(self, _listing: Listing, _since: datetime | None, _until: datetime) -> Series:
        return Series(SYMBOL, (), 2, "USD")

    def outlook(self, _listing: Listing, *, targets: bool) -> Outlook:  # noqa: ARG002 - the port's
        return Outlook(self.clock.now(), self.name)


FEEDS = ("well", "well", "stale", "twice", "backwards", "down")


@dataclass
class Box:
    """The channel: what it has taken, and how often it did not say so."""

    deadline = timedelta(seconds=15)
    mood: str = "takes"
    unsaid: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def send(
        self,
        message: Message,
        now: datetime,  # noqa: ARG002 - the port's
        done: Recipients = NOBODY,  # noqa: ARG002 - the port's
    ) -> Outcome:
        with self._lock:
            if self.mood.startswith("takes"):
                self.taken.append((message.id, json.dumps(message.payload).encode()))
                self.unsaid += self.mood != "takes"
            return _OUTCOMES[self.mood]


@dataclass(frozen=True, slots=True)
class Life:
    """An alert from when it was set up or armed; what ended by `since` does not count."""

    rule: Rule
    since: datetime


class World:
    """One store, and the processes that own it one after the other."""

    def __init__(self, path: Path, kind: type[Fragile], template: Path) -> None:
        shutil.copy(template, path)
        self.path, self._kind = path, kind
        self.clock, self.box, self.fuse = HandClock(START), Box(), Fuse()
        self.feed = Feed(self.clock)
        self.rules = {alert: rule(alert, 150.0) for alert in ALERTS}
        self.deaths = 0
        self._written: dict[tuple[str, str], Rule] = {}
        self._seen: dict[Life, datetime | None] = {}
        self._open()
        desk = Desk.open(path)
        assert desk is not None
        self.desk = desk

    def poll(self) -> None:
        while self._watch.step() is not None:
            pass

    def deliver(self) -> None:
        self._deliver.tick()
        assert self._deliver.wait(_PATIENCE)

    def reload(self) -> None:
        """Take over the rules as they are now, as the daemon does when its file has changed."""
        old = self._deliver
        self._adopt()
        self._serve(old)
        old.stop()

    def die(self) -> None:
        """End this process without a word, and let the next one begin."""
        self.deaths += 1
        self.close()
        self.fuse = Fuse()
        self._open()

    def close(self) -> None:
        self._deliver.stop()
        self._store.close()

    def note(self) -> None:
        """Take note of the lives that there are, and up to when their bars have been seen."""
        ((price_at,),) = self.ask("SELECT price_at FROM symbols")
        for alert, revision, since in self.ask("SELECT alert, revision, since FROM alerts"):
            life = Life(self._written[alert, revision], _moment(since))
            before = self._seen.setdefault(life, None)
            if price_at is not None:
                newest = _moment(price_at)
                self._seen[life] = newest if before is None else max(before, newest)

    def expected(self) -> set[str]:
        """Return the events that all lives must have told."""
        return {
            event for life, seen in self._seen.items() if seen for event in self._of(life, seen)
        }

    def recorded(self) -> dict[str, str]:
        """Return the events that the store holds, and whose they are."""
        return dict(self.ask("SELECT id, alert FROM events"))

    def arrived(self) -> list[Told]:
        others = grouped(self.path)
        return [told(name, body, others) for name, body in self.box.taken]

    def waiting(self) -> int:
        return len(self.ask("SELECT event FROM deliveries WHERE status = 'due'"))

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(question).fetchall()

    def _open(self) -> None:
        self._store = self._kind.begun(self.path, self.fuse)
        self._adopt()
        self._serve(None)

    def _adopt(self) -> None:
        self._written |= {(each.id, each.revision): each for each in self.rules.values()}
        self._store.adopt(list(self.rules.values()), self.clock.now())
        self._store.reopen(self.clock.now())

    def _serve(self, old: Deliver | None) -> None:
        alerts = [_alert(each) for each in self.rules.values()]
        patience = {SYMBOL: timedelta(days=99)}
        plan = Plan(alerts, {SYMBOL: LISTING}, MINUTE, MINUTE, patience)
        routes = {CHANNEL: Route(self.box, CALM)}
        unsettled = old.unsettled if old else None
        self._watch = Watch(self.clock, self.feed, self._store, plan)
        self._deliver = Deliver(self.clock, self._store, routes, lambda: 0.5, unsettled)

    def _of(self, life: Life, seen: datetime) -> Iterable[str]:
        bars = [bar for bar in self.feed.tape if bar.start <= seen]
        return told_by(life, bars)


def told_by(life: Life, bars: Sequence[Bar]) -> list[str]:
    """Return the events that an alert's life gives, had nothing ever gone wrong."""
    market = Market(_SESSIONS, 2, timedelta(0), timedelta(0), {})
    loop = PlainLoop([life.rule], market)
    loop.judge(bars, {life.rule.id: State(since=life.since)})
    return [str(event.id) for event in loop.events]


def _alert(one: Rule) -> Alert:
    if one.id == URGENT:
        return Alert(one, one.id, "", Severity.CRITICAL, (CHANNEL,), repeat_every=HOUR / 4)
    return Alert(one, one.id, notify=(CHANNEL,))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
