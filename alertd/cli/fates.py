"""What became of a message, and of those that had to wait?

phone
phone waits (quiet hours, until 07:00 CET)
mail (instead of phone) waits after 3 attempts: answered 503
mail given up after 1 attempt: 1 of 2 refused: ***@example.com: no such user
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from alertd.cli import output
from alertd.core import words
from alertd.core.addresses import masked
from alertd.core.calm import Held
from alertd.core.events import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from alertd.config.settings import Config
    from alertd.core.retry import Recipients
    from alertd.store.reading import DeliveryRow, EventRow

_HELD = {
    Held.SNOOZED: "snoozed",
    Held.PAUSED: "paused",
    Held.QUIET: "quiet hours",
    Held.DIGEST: "daily digest",
    Held.RATE: "rate limit",
}

_DAY = timedelta(days=1)
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Clocks:
    """What time it is, and which clock each channel goes by."""

    now: datetime
    zones: Mapping[str, ZoneInfo]

    def zone(self, channel: str) -> ZoneInfo:
        """Return the zone of a channel's clock; UTC where that is not known."""
        return self.zones.get(channel, _UTC)

    def shown(self, channel: str, at: datetime) -> str:
        """Return a moment as the user's clock shows it: "07:00 CET", with the day if it is far."""
        there = at.astimezone(self.zone(channel))
        far = abs(at - self.now) >= _DAY
        return f"{there:{'%Y-%m-%d %H:%M' if far else '%H:%M'}} {there.tzname()}"


def clocks(settings: Config, now: datetime) -> Clocks:
    """Return the clocks that a configuration names for its channels."""
    zones = {name: manner.calm.zone for name, manner in settings.manners.items()}
    return Clocks(now, {name: zone for name, zone in zones.items() if zone is not None})


class _Way(NamedTuple):
    """A channel, and for which it stands in if it does."""

    channel: str
    instead_of: str | None

    def __str__(self) -> str:
        return f"{self.channel} (instead of {self.instead_of})" if self.instead_of else self.channel


def told(row: EventRow, clocks: Clocks) -> str:
    """Return by which channels an event was told, and how far its messages are."""
    channels = "; ".join(_told(way, rounds, clocks) for way, rounds in _ways(row.deliveries))
    if row.told_with is None:
        return channels
    other = "another alert's" if row.notice.event.kind is Kind.SPLIT else "the next"
    return f"with {other}: {channels}" if channels else f"with {other}"


def _ways(deliveries: Iterable[DeliveryRow]) -> list[tuple[_Way, list[DeliveryRow]]]:
    """Return the deliveries by the way they take: the message itself first, then its reminders."""
    found: dict[_Way, list[DeliveryRow]] = {}
    for delivery in sorted(deliveries, key=lambda each: each.round):
        found.setdefault(_Way(delivery.channel, delivery.instead_of), []).append(delivery)
    return sorted(found.items(), key=lambda each: each[0].channel)


def _told(way: _Way, rounds: Sequence[DeliveryRow], clocks: Clocks) -> str:
    messages = [each for each in rounds if each.round == 0]
    reminders = [each for each in rounds if each.round > 0]
    sent = sum(each.status == "sent" for each in reminders)
    said = [_fate(str(way), each, clocks) for each in messages] or [str(way)]
    said += [output.count(sent, "reminder")] if sent else []
    said += [_fate(f"reminder {e.round}", e, clocks) for e in reminders if e.status != "sent"]
    return ", ".join(said)


def _fate(what: str, delivery: DeliveryRow, clocks: Clocks) -> str:
    after = f" after {output.count(delivery.attempts, 'attempt')}" if delivery.attempts else ""
    match delivery.status:
        case "sent":
            return what
        case "dead":
            return f"{what} given up{after}{_because(delivery)}"
        case _:
            return f"{what} waits{after}{_because(delivery)}{_held(delivery, clocks)}"


def _because(delivery: DeliveryRow) -> str:
    return f": {why}" if (why := trouble(delivery)) else ""


def trouble(delivery: DeliveryRow) -> str:
    """Return what stopped a message, and who of several refused it."""
    refused = refusals(delivery.recipients)
    if not refused:
        return delivery.error or ""
    done = len(refused) + len(delivery.recipients.reached)
    of = f" of {done}" if delivery.status == "dead" and done > 1 else ""
    return f"{len(refused)}{of} refused: {'; '.join(refused)}"


def refusals(recipients: Recipients) -> list[str]:
    """Return who refused a message and why, without showing whose mailbox it is."""
    found = sorted(recipients.refused.items())
    return [f"{masked(address)}: {masked(why)}" for address, why in found]


def _held(delivery: DeliveryRow, clocks: Clocks) -> str:
    why = delivery.held
    if why is None:
        return ""
    due_at = delivery.due_at
    if why is Held.PAUSED or due_at is None or due_at <= clocks.now:
        return f" ({_HELD[why]})"
    return f" ({_HELD[why]}, until {clocks.shown(delivery.channel, due_at)})"


def fields(delivery: DeliveryRow) -> dict[str, object]:
    """Return what became of a message for a line of JSON; mailboxes are masked."""
    settled_at, who = delivery.settled_at, delivery.recipients
    waits = delivery.status == "due"
    # What is paused is due at no time that there is.
    due_at = delivery.due_at if delivery.held is not Held.PAUSED else None
    return {
        "channel": delivery.channel,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "settled_at": words.stamp(settled_at) if settled_at else None,
        "error": delivery.error,
        "due_at": words.stamp(due_at) if due_at else None,
        "held": delivery.held.value if delivery.held and waits else None,
        "reminder": delivery.round or None,
        "instead_of": delivery.instead_of,
        "reached": len(who.reached),
        "refused": [
            {"to": masked(to), "why": masked(who.refused[to])} for to in sorted(who.refused)
        ],
    }
