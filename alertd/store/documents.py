"""How do the core's nested values become JSON, and JSON those values?

    Basis, Judged, Memory, Record, Almanac <-> documents

Each pair `from_x`, `to_x` is the inverse of the other, to the last bit of a float. Moments are ISO
8601 in UTC. What says nothing is None. Reasons and verdicts are kept by name: their values are
sentences, and those may be put better one day.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from alertd.core.almanac import Almanac, Outlook, Targets
from alertd.core.bars import Bar, Split
from alertd.core.quality import Verdict
from alertd.core.records import NOTHING, Doubt, Gap, Judged, Record
from alertd.core.states import PLAIN, Basis, Lack, Origin, Phase, Reason, Side, Want
from alertd.core.tapes import BLANK, Mark, Memory

if TYPE_CHECKING:
    from collections.abc import Iterable

Document = dict[str, Any]
Items = list[list[Any]]


def from_moment(at: datetime) -> str:
    """Return a moment as text."""
    return at.astimezone(UTC).isoformat()


def to_moment(text: str) -> datetime:
    """Return a moment."""
    return datetime.fromisoformat(text)


def from_basis(basis: Basis) -> Document | None:
    """Return what an alert's numbers stand on."""
    if basis == PLAIN:
        return None
    return {
        "scale": basis.scale,
        "level": basis.level,
        "origin": from_origin(basis.origin),
        "fixed_for": _text(basis.fixed_for),
        "lack": asdict(basis.lack) if basis.lack else None,
        "told_level": basis.told_level,
        "peak": basis.peak,
        "peak_at": _text(basis.peak_at),
        "gone": [int(side) for side in basis.gone],
        "anew": [from_moment(basis.anew[0]), basis.anew[1]] if basis.anew else None,
        "edge": None if basis.edge is None else int(basis.edge),
    }


def to_basis(document: Document | None) -> Basis:
    """Return what an alert's numbers stand on."""
    if document is None:
        return PLAIN
    anew, edge, lack = document["anew"], document["edge"], document["lack"]
    return Basis(
        scale=document["scale"],
        level=document["level"],
        origin=to_origin(document["origin"]),
        fixed_for=_moment(document["fixed_for"]),
        lack=Lack(Want(lack["want"]), lack["words"], lack["refused"]) if lack else None,
        told_level=document["told_level"],
        peak=document["peak"],
        peak_at=_moment(document["peak_at"]),
        gone=tuple(Side(side) for side in document["gone"]),
        anew=(to_moment(anew[0]), anew[1]) if anew else None,
        edge=None if edge is None else Side(edge),
    )


def from_origin(origin: Origin | None) -> list[Any] | None:
    """Return where a level comes from."""
    return [origin.what, origin.price, from_moment(origin.at)] if origin else None


def to_origin(values: list[Any] | None) -> Origin | None:
    """Return where a level comes from."""
    return Origin(values[0], values[1], to_moment(values[2])) if values else None


def from_memory(memory: Memory) -> Document | None:
    """Return what the alerts of some hours share."""
    if memory == BLANK:
        return None
    return {
        "lows": _from_marks(memory.lows),
        "highs": _from_marks(memory.highs),
        "traded": memory.traded,
        "traded_from": _text(memory.traded_from),
    }


def to_memory(document: Document | None) -> Memory:
    """Return what the alerts of some hours share."""
    if document is None:
        return BLANK
    return Memory(
        lows=_to_marks(document["lows"]),
        highs=_to_marks(document["highs"]),
        traded=document["traded"],
        traded_from=_moment(document["traded_from"]),
    )


def from_judgements(judgements: Iterable[Judged]) -> Items:
    """Return judgements, in their order."""
    return [[from_moment(j.at), j.phase.value, j.reason.name, j.price] for j in judgements]


def to_judgements(items: Items | None) -> tuple[Judged, ...]:
    """Return judgements, in their order."""
    return tuple(
        Judged(to_moment(at), Phase(phase), Reason[reason], price)
        for at, phase, reason, price in items or ()
    )


def from_record(record: Record) -> Document | None:
    """Return what became of a symbol's bars."""
    if record == NOTHING:
        return None
    return {
        "verdicts": {verdict.name: count for verdict, count in record.verdicts.items()},
        "doubts": [[from_moment(d.at), d.price, d.verdict.name] for d in record.doubts],
        "gaps": [[from_moment(gap.start), from_moment(gap.end)] for gap in record.gaps],
    }


def to_record(document: Document | None) -> Record:
    """Return what became of a symbol's bars."""
    if document is None:
        return NOTHING
    return Record(
        {Verdict[verdict]: count for verdict, count in document["verdicts"].items()},
        tuple(Doubt(to_moment(at), price, Verdict[name]) for at, price, name in document["doubts"]),
        tuple(Gap(to_moment(start), to_moment(end)) for start, end in document["gaps"]),
    )


def from_almanac(almanac: Almanac) -> Document:
    """Return daily history and outlook; a day is a list, or years of them would be too long."""
    return {
        "days": [_from_day(day) for day in almanac.days],
        "splits": [[from_moment(split.at), split.ratio] for split in almanac.splits],
        "outlook": _from_outlook(almanac.outlook) if almanac.outlook else None,
        "whole": almanac.whole,
        "complete_to": _text(almanac.complete_to),
    }


def to_almanac(document: Document) -> Almanac:
    """Return daily history and outlook."""
    outlook = document["outlook"]
    return Almanac(
        days=tuple(_to_day(day) for day in document["days"]),
        splits=tuple(Split(to_moment(at), ratio) for at, ratio in document["splits"]),
        outlook=_to_outlook(outlook) if outlook else None,
        whole=document["whole"],
        complete_to=_moment(document.get("complete_to")),
    )


def _from_day(bar: Bar) -> list[Any]:
    prices = (bar.open, bar.high, bar.low, bar.close)
    return [from_moment(bar.start), bar.length.total_seconds(), *prices, bar.volume]


def _to_day(values: list[Any]) -> Bar:
    start, length, *rest = values
    return Bar(to_moment(start), timedelta(seconds=length), *rest)


def _from_outlook(outlook: Outlook) -> Document:
    return {**asdict(outlook), "at": from_moment(outlook.at)}


def _to_outlook(document: Document) -> Outlook:
    targets = document["targets"]
    known = {"at": to_moment(document["at"]), "targets": Targets(**targets) if targets else None}
    return Outlook(**(document | known))


def _from_marks(marks: Iterable[Mark]) -> Items:
    return [[from_moment(mark.place[0]), mark.place[1], mark.price] for mark in marks]


def _to_marks(items: Items) -> tuple[Mark, ...]:
    return tuple(Mark((to_moment(at), number), price) for at, number, price in items)


def _text(at: datetime | None) -> str | None:
    return None if at is None else from_moment(at)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else to_moment(text)
