"""What came of the live days, in a table?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from alertd.core.words import duration
from tests.bench.layout import Promise, number, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SHAPES = ("whole", "growing")


def promises(rows: Sequence[Mapping[str, Any]]) -> Iterator[Promise]:
    """Yield what is promised of live days, whatever the way to live through them."""
    if not rows:
        return
    missing = sum(row[shape]["missing"] for row in rows for shape in SHAPES)
    yield Promise(
        "of the events of a replay none is missing on a live day, whatever the poll interval and "
        "the sweep", missing, missing == 0,
    )  # fmt: skip
    others = sum(row[shape]["others"] for row in rows for shape in SHAPES)
    yield Promise("and there is no other one by the end of the day", others, others == 0)
    withdrawn = sum(row["whole"]["withdrawn"] for row in rows)
    yield Promise("of bars that are served whole nothing is taken back", withdrawn, withdrawn == 0)


def tables(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what came of each way to live through the days."""
    head = [
        "course", "poll", "sweep", "events", "missing", "others", "taken back",
        "last price finds", "told after, whole bars", "told after, bars that grow",
        "bars asked, a session", "quotes asked, a session",
    ]  # fmt: skip
    return table(head, map(_row, rows))


def _row(row: Mapping[str, Any]) -> list[str]:
    whole, growing = (row[shape] for shape in SHAPES)
    interval, sweep, plural = row["interval"], row["sweep"], "s" if row["sessions"] > 1 else ""
    return [
        f"{row['course']}, {row['sessions']} session{plural}", _duration(interval),
        _duration(sweep) if sweep else "each poll", f"{row['events']:,}",
        f"{whole['missing']}, {growing['missing']}", f"{whole['others']}, {growing['others']}",
        f"{whole['withdrawn']}, {growing['withdrawn']}", f"{row['glimpsed'] / row['events']:.0%}",
        *(f"{_short(each['median'])}, {_short(each['worst'])}" for each in (whole, growing)),
        number(whole["bars"]), number(whole["quotes"]),
    ]  # fmt: skip


def _duration(seconds: float) -> str:
    return duration(timedelta(seconds=seconds))


def _short(seconds: float) -> str:
    return duration(timedelta(seconds=round(seconds))) if round(seconds) else "0s"
