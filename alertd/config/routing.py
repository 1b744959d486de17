"""Who is told of which alert?

    notify, severity        its own, else those of [defaults]
    min_severity            of a channel: lesser alerts do not go there
    fallback                another channel; two may stand in for each other

A channel that stands in takes whatever the other one had taken, of any severity.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeGuard

from alertd.config import raw as tables
from alertd.config.addresses import CHANNEL
from alertd.config.problems import where
from alertd.config.wrong import listed, meant, shown
from alertd.core.notices import Severity
from alertd.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from alertd.config.raw import Raw

CONSOLE = "console"

_ORDER = tuple(Severity)
_SEVERITIES = frozenset(map(str, Severity))


def takers(
    notify: Iterable[str], severity: Severity, least: Mapping[str, Severity]
) -> tuple[str, ...]:
    """Return those of some channels that an alert of this severity goes to."""
    return tuple(name for name in notify if _may_take(least[name], severity))


def misrouted(raw: Raw) -> Iterator[Problem]:
    """Yield what is wrong with who is told of what."""
    yield from _unknown_channels(raw)
    yield from _fallbacks(raw)
    yield from _untold(raw)
    yield from _reminders(raw)


def _unknown_channels(raw: Raw) -> Iterator[Problem]:
    # [channel] may be anything yet.
    channels = raw.get("channel") or {CONSOLE: {}}
    if not isinstance(channels, dict):
        return
    lists = [(("alert", index), table) for index, table in tables.alerts(raw)]
    for place, table in [(("defaults",), tables.table(raw, "defaults")), *lists]:
        notify = table.get("notify")
        for name in notify if isinstance(notify, list) else []:
            if _is_missing(name, channels):
                yield _unknown(where((*place, "notify")), "configured channels", name, channels)


def _fallbacks(raw: Raw) -> Iterator[Problem]:
    channels = tables.table(raw, "channel")
    for name, table in tables.named(raw, "channel"):
        other = table.get("fallback")
        place = where(("channel", name, "fallback"))
        if other == name:
            yield Problem(place, "expected another channel, found the channel itself")
        elif _is_missing(other, channels):
            yield _unknown(place, "a configured channel", other, channels)


def _is_missing(name: object, channels: Container[str]) -> TypeGuard[str]:
    """Tell whether there is no such channel, where it could be one."""
    return isinstance(name, str) and bool(re.fullmatch(CHANNEL, name)) and name not in channels


def _unknown(place: str, what: str, name: str, channels: Iterable[str]) -> Problem:
    hint = meant(name, channels) or f"configured: {listed(map(shown, channels), 'and')}"
    return Problem(place, f"expected {what}, found {shown(name)}", hint)


def _untold(raw: Raw) -> Iterator[Problem]:
    """Yield the alerts that matter too little for each of their channels."""
    least = {name: _least(table) for name, table in tables.named(raw, "channel")}
    for index, table in tables.alerts(raw):
        severity, notify = _severity(raw, table), _notify(raw, table, least)
        if severity and notify and not any(_may_take(least.get(name), severity) for name in notify):
            why = (
                f'{where(("channel", name))} has min_severity = "{least[name]}"' for name in notify
            )
            what = f'no channel tells it: it is "{severity}", and {listed(why, "and")}'
            hint = "give it another severity, or a channel that takes it"
            yield Problem(where(("alert", index)), what, hint)


def _reminders(raw: Raw) -> Iterator[Problem]:
    for index, table in tables.alerts(raw):
        severity = _severity(raw, table)
        if "repeat_every" in table and severity and severity is not Severity.CRITICAL:
            what = f'only critical alerts remind, and this one is "{severity}"'
            hint = 'set severity = "critical", or remove repeat_every'
            yield Problem(where(("alert", index, "repeat_every")), what, hint)


def _may_take(least: Severity | None, severity: Severity) -> bool:
    """Tell whether a channel takes an alert, or may once its own table is right."""
    return least is None or _ORDER.index(severity) >= _ORDER.index(least)


def _severity(raw: Raw, alert: Raw) -> Severity | None:
    """Return how much an alert matters; None where that is wrong in itself."""
    default = tables.table(raw, "defaults").get("severity", Severity.INFO)
    return _valid(alert.get("severity", default))


def _least(channel: Raw) -> Severity | None:
    return _valid(channel.get("min_severity", Severity.INFO))


def _valid(value: object) -> Severity | None:
    return Severity(value) if isinstance(value, str) and value in _SEVERITIES else None


def _notify(raw: Raw, alert: Raw, channels: Iterable[str]) -> list[str]:
    """Return an alert's channels, as far as they are names."""
    default = tables.table(raw, "defaults").get("notify", list(channels))
    notify = alert.get("notify", default)
    return [name for name in notify if isinstance(name, str)] if isinstance(notify, list) else []
