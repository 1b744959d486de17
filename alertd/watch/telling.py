"""Which messages come of a judgement, or of silence?

levels crossed in one cycle, late events of an alert, a split of several -> one that lists them
no good bar for too long -> one message, and one when bars are back
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.core.alerts import Alert, is_late, nearest, notice, symbol_notice
from alertd.core.bars import DIGITS, Last, Series
from alertd.core.crossings import TOGETHER_LIMIT
from alertd.core.events import Event, Kind, event_id
from alertd.core.phrases import PRICED
from alertd.core.rules import AlertId, Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from alertd.core.notices import Notice
    from alertd.core.states import State
    from alertd.watch.looks import Look, Plan

Promise = tuple["Notice", tuple[str, ...]]

_CROSSED = "crossed"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a message says besides its event: the prices of a poll, and where alerts stand.

    `source` is whose prices they are; `first_source` is the one that is asked first.
    """

    plan: Plan
    look: Look
    series: Series
    last: Last | None
    states: Mapping[AlertId, State]
    source: str
    first_source: str = ""


def promises(scene: Scene, events: Iterable[Event]) -> list[Promise]:
    """Return the messages that tell some new events, each with its channels."""
    by_id = {alert.rule.id: alert for alert in scene.look.alerts}
    messages = _messages(scene, by_id, events)
    if not messages:
        return []
    price = scene.last.price if scene.last else 0.0
    near = nearest(scene.look.alerts, price, states=scene.states, digits=scene.series.digits)
    return [_promise(scene, by_id, near, group) for group in messages]


def stale(scene: Scene, since: datetime, why: str) -> Promise:
    """Return the message that a symbol has been silent; `why` is its source's error, if any."""
    return _of_symbol(scene, Kind.STALE, since, scene.look.now, why)


def resumed(scene: Scene, since: datetime, until: datetime) -> Promise:
    """Return the message that a silent symbol's bars are back."""
    return _of_symbol(scene, Kind.RESUMED, since, until)


def _messages(
    scene: Scene, by_id: Mapping[AlertId, Alert], events: Iterable[Event]
) -> list[list[Event]]:
    """Return the events of each message, the one that it is about last."""
    messages: list[list[Event]] = []
    growing: dict[tuple[str, ...], list[Event]] = {}
    # Events of one bar come in the order in which they happened, and stay in it.
    for event in sorted(events, key=lambda event: event.at):
        kind = _message(scene, event, by_id[event.alert].notify)
        if kind[0] == _CROSSED:
            growing = {key: own for key, own in growing.items() if not _is_over(key, own, event)}
        if kind not in growing:
            growing[kind] = []
            messages.append(growing[kind])
        growing[kind].append(event)
    return messages


def _message(scene: Scene, event: Event, channels: tuple[str, ...]) -> tuple[str, ...]:
    """Return what events must have in common to be told by one message."""
    if event.kind is Kind.SPLIT:
        return ("split", event.at.isoformat(), *channels)
    if _late(scene, event):
        return ("late", event.alert)
    if event.kind in PRICED:
        return (
            _CROSSED,
            event.kind,
            event.about if event.kind is Kind.WITHDRAWN else "",
            *channels,
        )
    return ("one", str(event.id))


def _is_over(kind: tuple[str, ...], events: Sequence[Event], event: Event) -> bool:
    """Tell whether a message takes no more levels: what one alert did later is another story."""
    full = len(events) > TOGETHER_LIMIT
    return kind[0] == _CROSSED and (full or any(each.alert == event.alert for each in events))


def _promise(
    scene: Scene, by_id: Mapping[AlertId, Alert], near: Sequence[Alert], events: Sequence[Event]
) -> Promise:
    *together, event = events
    alert = by_id[event.alert]
    around = {each.rule.id: each for each in (*near, *(by_id[e.alert] for e in events))}
    last = scene.last
    # A close can complete a hold at a poll that brings no bar: then its price is the last.
    if last is None or (not scene.series.bars and event.at > last.start):
        last = Last(event.price * event.unit, event.at)
    told = notice(
        event, alert, around.values(), listing=scene.look.listing, series=scene.series,
        last=last, source=scene.source, found_at=scene.look.now, late=_late(scene, event),
        states=scene.states, together=together, first_source=scene.first_source,
    )  # fmt: skip
    return told, alert.notify


def _late(scene: Scene, event: Event) -> bool:
    look = scene.look
    if event.kind not in (Kind.FIRED, Kind.RECOVERED):
        return False
    return is_late(event, look.now, look.listing.delay, scene.plan.interval)


def _of_symbol(
    scene: Scene, kind: Kind, since: datetime, until: datetime, why: str = ""
) -> Promise:
    symbol, price = scene.look.claim.symbol, scene.last.price if scene.last else 0.0
    name, revision = AlertId(str(symbol)), Revision("")
    happened = Event(
        event_id(name, revision, kind, since), name, revision, kind, symbol,
        level=price, price=price, at=until if kind is Kind.RESUMED else since,
        gap=False, bar_start=since, resolution=until - since, about=why,
    )  # fmt: skip
    told = symbol_notice(
        happened, listing=scene.look.listing, source=scene.source, found_at=scene.look.now,
        last=scene.last, currency=scene.series.currency, digits=scene.series.digits,
    )  # fmt: skip
    channels = dict.fromkeys(name for alert in scene.look.alerts for name in alert.notify)
    return told, tuple(channels)


def nothing_seen(look: Look) -> tuple[Series, Last | None]:
    """Return what stands for a poll without an answer: no bars, and the last price kept."""
    claim = look.claim
    last = Last(claim.price, claim.price_at) if claim.price and claim.price_at else None
    digits = DIGITS if claim.digits is None else claim.digits
    return Series(claim.symbol, (), digits, claim.currency or look.listing.currency), last
