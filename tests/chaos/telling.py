"""Which events does a message tell, by what the receiver of a webhook reads?"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Told:
    """One message as it came: its id, its body, and the events that it tells, in order."""

    message: str
    body: bytes
    events: tuple[str, ...]

    @property
    def digest(self) -> bool:
        return b'"alert.digest"' in self.body


def told(message: str, body: bytes, with_others: Mapping[str, Sequence[str]]) -> Told:
    """Return what a message tells.

    with_others: what the store says is told by each event's message; a body names only the newest
                 of many late events.
    """
    data: dict[str, Any] = json.loads(body)["data"]
    digest = "events" in data
    listed = data["events"] if digest else [data, *data["together"]]
    whole = data["total"] if digest else 1 + data["together_total"]
    events = [each["id"] for each in listed]
    if len(events) < whole:
        events += [other for event in events for other in with_others.get(event, ())]
    return Told(message, body, tuple(dict.fromkeys(events)))


def grouped(path: Path) -> dict[str, list[str]]:
    """Return the events that have no message of their own, by the one whose message tells them."""
    found = defaultdict(list)
    with closing(sqlite3.connect(path)) as database:
        for event, head in database.execute("SELECT id, told_with FROM events"):
            if head is not None:
                found[head].append(event)
    return found


def counted(messages: Sequence[Told], reminded: Collection[str] = ()) -> Iterator[str]:
    """Yield each event once for each message that tells it, and once more for each repetition.

    A message that comes again repeats all that it tells, and is one duplicate. What was reminded of
    is told again on purpose.
    """
    seen: set[str] = set()
    for one in messages:
        again = one.message in seen
        once = [event for event in one.events if event not in reminded]
        yield from once[:1] if again else once
        seen.add(one.message)
    yield from {event for one in messages for event in one.events if event in reminded}


def oddities(messages: Sequence[Told], reminded: Collection[str] = ()) -> list[str]:
    """Return in words what must not be, whatever was killed: other words, or other ids."""
    bodies, ids = defaultdict(set), defaultdict(set)
    for one in messages:
        bodies[one.message].add(one.body)
        for event in one.events:
            ids[event].add(one.message)
    changed = sum(len(each) > 1 for each in bodies.values())
    twice = sum(len(each) > 1 for event, each in ids.items() if event not in reminded)
    found = {"messages changed under their id": changed, "events came in two messages": twice}
    return [f"{count} {what}" for what, count in found.items() if count]
