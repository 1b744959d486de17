"""What does a digest say?

    BABA: $144.20 as of 2026-03-09 15:59 EDT
      2026-03-09 09:34 EDT  fell below $150.00, at $149.62: Support 150

It is what was held back, as one message: a line for each event, by symbol, then the notes. What
was taken back in the meantime says so in its own line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core import circumstances, words
from alertd.core.crossings import called, did, singles
from alertd.core.events import Kind
from alertd.core.headlines import (
    SUBJECT_LIMIT,
    marks,
    rescaled,
    span,
    split,
)
from alertd.core.notices import Severity
from alertd.core.phrases import amount, as_told, cash
from alertd.core.stories import ACCENTS, SIMULATED, Section, Story, cut, remarks

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from alertd.core.bars import Symbol
    from alertd.core.events import Event
    from alertd.core.notices import Notice
    from alertd.core.parcels import Parcel

# Of more symbols than these a subject says only how many there are.
_MOST_SYMBOLS = 6
_LONGEST_NOTE = 500


def distinct(parcel: Parcel) -> Parcel:
    """Return a parcel that tells each event once: several reminders of it may have waited."""
    found: dict[object, Notice] = {}
    for notice in parcel.notices:
        found.setdefault(notice.event.id, notice)
    return replace(parcel, notices=tuple(found.values()))


def subject(parcel: Parcel) -> str:
    """Return what a digest is called: "5 events after quiet hours: BABA (3), 9988.HK (2)"."""
    return words.line(f"{marks(parcel.notices)}{_headline(parcel)}", SUBJECT_LIMIT)


def story(parcel: Parcel) -> Story:
    """Return what a digest tells its reader."""
    told = _told(parcel)
    severity = max((one.severity for one in told), key=list(Severity).index)
    notes = (replace(one, note=words.block(one.note, _LONGEST_NOTE)) for one in told)
    return Story(
        headline=_headline(parcel),
        paragraphs=tuple(filter(None, (circumstances.stands_in(parcel),))),
        about=_about(parcel),
        accent=ACCENTS[severity],
        banner=SIMULATED if any(one.simulated for one in told) else "",
        sections=tuple(_section(own, parcel) for own in _by_symbol(told).values()),
        notes=remarks(notes),
    )


def _ones(parcel: Parcel) -> list[Notice]:
    found = [one for notice in parcel.notices for one in singles(notice)]
    return list({one.event.id: one for one in found}.values())


def _told(parcel: Parcel) -> list[Notice]:
    """Return what is told in a line of its own: not what takes back another line."""
    ones = _ones(parcel)
    lines = {_what(one.event) for one in ones}
    return [one for one in ones if _taken_back(one.event) not in lines]


def _what(event: Event) -> Hashable:
    return event.alert, event.revision, str(event.kind), event.bar_start


def _taken_back(event: Event) -> Hashable:
    about = event.about if event.kind is Kind.WITHDRAWN else None
    return event.alert, event.revision, about, event.bar_start


def _by_symbol(ones: Iterable[Notice]) -> dict[Symbol, list[Notice]]:
    found: dict[Symbol, list[Notice]] = {}
    for one in ones:
        found.setdefault(one.event.symbol, []).append(one)
    return found


def _headline(parcel: Parcel) -> str:
    told = _told(parcel)
    by_symbol = _by_symbol(told)
    counts = [f"{symbol} ({len(own)})" for symbol, own in by_symbol.items()]
    if len(counts) > _MOST_SYMBOLS:
        counts = [*counts[:_MOST_SYMBOLS], f"{len(counts) - _MOST_SYMBOLS} more symbols"]
    events = "1 event" if len(told) == 1 else f"{len(told)} events"
    return f"{events} {circumstances.together(parcel.held)}: {', '.join(counts)}"


def _section(ones: Sequence[Notice], parcel: Parcel) -> Section:
    newest = max(ones, key=lambda one: one.price_at)
    title = str(newest.event.symbol)
    if newest.price_now:
        at = words.local(newest.price_at, ZoneInfo(newest.zone))
        title = f"{title}: {cash(newest.price_now, newest)} as of {at}"
    gone = {_taken_back(one.event) for one in _ones(parcel)}
    in_order = sorted(ones, key=lambda one: one.event.at)
    return Section(title, cut([_line(one, gone=_what(one.event) in gone) for one in in_order]))


def _line(one: Notice, *, gone: bool) -> str:
    at = words.local(one.event.at, ZoneInfo(one.zone))
    marks = " (critical)" if one.severity is Severity.CRITICAL else ""
    back = ", taken back since" if gone else ""
    whose = f": {called(one)}" if one.condition else ""
    return f"{at}  {_happened(one)}{back}{whose}{marks}"


def _happened(one: Notice) -> str:
    event = one.event
    match event.kind:
        case Kind.FIRED | Kind.RECOVERED:
            gap = " (gap)" if event.gap and event.kind is Kind.FIRED else ""
            late = " (late)" if one.late else ""
            return f"{did(one)}, at {amount(event.price, one)}{gap}{late}"
        case Kind.WITHDRAWN:
            return f"taken back: {did(as_told(one))}, at {amount(event.price, one)}"
        case Kind.SPLIT:
            before, now, _ = rescaled(event, one.digits, one.currency)
            return f"{split(event)}, {before} is {now} now"
        case Kind.HELD:
            return f"held, {words.line(event.about, words.ABOUT_LIMIT)}"
        case Kind.STALE:
            return "no good price from then on"
        case Kind.RESUMED:
            return f"good prices again, after {span(event.resolution)}"


def _about(parcel: Parcel) -> str:
    sources = words.joined(sorted({words.line(n.source, 40) for n in parcel.notices}))
    last = parcel.notices[-1]
    at = words.moment(parcel.closed_at or last.detected_at, ZoneInfo(last.zone))
    return f"{len(parcel.notices)} messages, put together at {at}. Quotes: {sources}."
