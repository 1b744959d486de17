"""How does a replay say what the alerts would have been worth?

    summaries -> a table to read, or one JSON document
    runs      -> the panels of a chart

How far the price went 1, 5 and 20 sessions after the firings is their median in the table, with
how many of them it is of; JSON has each one's own.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from alertd.cli import output
from alertd.core import words
from alertd.core.almanac import start_of
from alertd.core.currencies import unit
from alertd.core.events import Kind
from alertd.core.rules import Figure
from alertd.core.summaries import AFTER
from alertd.core.terms import asked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from pathlib import Path

    from alertd.charts.panels import Mark, Panel, Track
    from alertd.core.bars import Series
    from alertd.core.calendars import Listing
    from alertd.core.courses import Step
    from alertd.core.events import Event
    from alertd.core.summaries import Summary
    from alertd.replay import Replay

HEADINGS = (
    "=alert", ">fired", ">recovered", ">repeats", ">silence",
    *(f"after {count}" for count in AFTER),
)  # fmt: skip

_KEY = (
    f"after {', '.join(map(str, AFTER))}: the median change of the price so many sessions after a "
    "firing, and of how many firings it is"
)

_FORMATS = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one symbol."""

    listing: Listing
    series: Series
    told: Replay

    @property
    def currency(self) -> str | None:
        return self.series.currency or self.listing.currency


def writable(option: str, path: Path | None) -> None:
    """See to it, before any work is done, that a file can be written there.

    raises: typer.BadParameter.
    """
    if path is None:
        return
    if path.is_dir():
        what = f"{path} is a folder"
        raise typer.BadParameter(what, param_hint=option)
    if not path.parent.is_dir():
        what = f"there is no folder {path.parent}"
        raise typer.BadParameter(what, param_hint=option)


def drawable(option: str, path: Path | None) -> None:
    """See to it, before any work is done, that a chart can be drawn there.

    raises: typer.BadParameter; leaves with status 1 without matplotlib.
    """
    if path is None:
        return
    if path.suffix.lower() not in _FORMATS:
        what = f'expected a name that ends in .svg or .png, found "{path.name}"'
        raise typer.BadParameter(what, param_hint=option)
    writable(option, path)
    try:
        import alertd.charts.picture  # noqa: F401 -- only whether it can be
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        output.fail("a chart needs matplotlib: install alertd[charts]")


def table(runs: Sequence[Run]) -> None:
    """Write one row for each alert, apart from what stands above, and what is to be said of it."""
    found = [summary for run in runs for summary in run.told.summaries]
    if not found:
        return
    output.show()
    output.table(HEADINGS, [_cells(summary) for summary in found])
    if any(firing.after for summary in found for firing in summary.firings):
        output.paragraph(_KEY, 0)
    for run in runs:
        for summary in run.told.summaries:
            for note in _notes(run, summary):
                output.paragraph(f"{summary.rule.id}: {note}", 0)


def write(runs: Sequence[Run], path: Path) -> None:
    """Write all summaries as JSON, or leave with status 1."""
    found = [_fields(summary) for run in runs for summary in run.told.summaries]
    text = json.dumps(found, ensure_ascii=False, indent=2)
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        output.fail(f"{path} cannot be written: {error.strerror}")


def draw(runs: Sequence[Run], path: Path) -> None:
    """Draw all symbols that have bars, or leave with status 1."""
    from alertd.charts.picture import draw as drawn

    panels = [_panel(run) for run in runs if run.told.bars]
    if not panels:
        output.fail("there are no bars to draw")
    try:
        drawn(panels, path)
    except OSError as error:
        output.fail(f"{path} cannot be written: {error.strerror}")


def _cells(summary: Summary) -> tuple[str, ...]:
    return (
        summary.rule.id,
        str(len(summary.firings)),
        str(summary.recovered) if summary.rule.recovery else "",
        str(summary.repeats),
        _silence(summary.silence),
        *(_median(summary, count) for count in AFTER),
    )


def _notes(run: Run, summary: Summary) -> list[str]:
    since = summary.able_since
    day = f"{since.astimezone(run.listing.calendar.zone):%Y-%m-%d}" if since else ""
    return [note for note in (f"could act from {day} on" if day else "", summary.note) if note]


def _silence(span: timedelta) -> str:
    return f"{span.days:,}d" if span.days else output.about(span) if span else ""


def _median(summary: Summary, sessions: int) -> str:
    found = summary.median(sessions)
    # A cell may be folded at its spaces.
    return f"{words.percent(found[0]).replace(' ', '')} of {found[1]}" if found else ""


def _fields(summary: Summary) -> dict[str, object]:
    since = summary.able_since
    return {
        "alert": summary.rule.id,
        "symbol": summary.rule.symbol,
        "fired": len(summary.firings),
        "recovered": summary.recovered,
        "suppressed": summary.repeats,
        "longest_silence": summary.silence.total_seconds(),
        "able_since": words.stamp(since) if since else None,
        "note": summary.note or None,
        "median_percent_after": {str(count): _number(summary, count) for count in AFTER},
        "firings": [
            {
                "at": words.stamp(firing.at),
                "price": firing.price,
                "percent_after": {
                    str(count): round(firing.after[count], 4) if count in firing.after else None
                    for count in AFTER
                },
            }
            for firing in summary.firings
        ],
    }


def _number(summary: Summary, sessions: int) -> dict[str, object] | None:
    found = summary.median(sessions)
    return {"value": round(found[0], 4), "firings": found[1]} if found else None


def _panel(run: Run) -> Panel:
    from alertd.charts.panels import Panel

    told, zone = run.told, run.listing.calendar.zone
    first, last = (told.bars[i].start.astimezone(zone) for i in (0, -1))
    bars = output.count(len(told.bars), "bar")
    return Panel(
        f"{run.listing.symbol}, {first:%Y-%m-%d} to {last:%Y-%m-%d}, {bars}",
        f"price in {unit(run.currency)}" if run.currency else "price",
        zone,
        tuple(told.bars),
        tuple(_track(run, summary) for summary in told.summaries),
        tuple(told.splits),
        tuple(told.gaps),
    )


def _track(run: Run, summary: Summary) -> Track:
    from alertd.charts.panels import Track

    rule = summary.rule
    own = [event for event in run.told.events if event.alert == rule.id]
    marks = [_mark(run, event) for event in own if event.kind in (Kind.FIRED, Kind.RECOVERED)]
    course = tuple(run.told.courses.get(rule.id, ()))
    return Track(rule.id, f"{_asked(summary, course)}: {_came(summary)}", course, tuple(marks))


def _asked(summary: Summary, course: Sequence[Step]) -> str:
    """Return what an alert watches, and where that was in the end: "above 52w high (192.67)"."""
    rule = summary.rule
    figure = "" if rule.of is Figure.PRICE else f"{words.FIGURES[rule.of]} "
    asks = f"{figure}{rule.condition} {asked(rule)}"
    last = next((step.where for step in reversed(course) if step.where), None)
    if last is None or last.low != last.high or last.low == rule.level:
        return asks
    return f"{asks} ({_short(last.low)})"


def _came(summary: Summary) -> str:
    if summary.note and not summary.firings:
        return summary.note.partition(":")[0]
    back = f", recovered {summary.recovered}" if summary.rule.recovery else ""
    return f"fired {len(summary.firings)}{back}"


def _short(price: float) -> str:
    """Return a price for where there is little room."""
    return f"{price:,.2f}" if price >= 1 else f"{price:.4g}"


def _mark(run: Run, event: Event) -> Mark:
    from alertd.charts.panels import Mark

    price = run.told.prices[event.id]
    # A share's price says little of a volume.
    own = event.of is not Figure.PRICE
    text = words.number(event.price, event.of, 2, None) if own else _short(price)
    return Mark(event.at, price, _rose(run, event), event.kind is Kind.RECOVERED, text)


def _rose(run: Run, event: Event) -> bool:
    """Tell from which side an event's price came: over the level, or up from what was before."""
    if event.price != event.level or event.of is not Figure.PRICE:
        return event.price > event.level
    if event.origin is not None:
        return event.price > event.origin.price
    bars = run.told.bars
    index = bisect_left(bars, event.bar_start, key=start_of)
    return index > 0 and run.told.prices[event.id] > bars[index - 1].close
