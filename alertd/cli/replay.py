"""`alertd replay`: what would the alerts have told about the past?

Symbol by symbol the bars go through the engine; the events of all are listed in one order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from alertd.cli import lines, options, output, past
from alertd.core.engine import in_order
from alertd.core.sessions import Hours
from alertd.replay import counting
from alertd.replay import replay as replayed

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from rich.progress import Progress

    from alertd.config.settings import Config
    from alertd.core.bars import Series, Symbol
    from alertd.core.calendars import Listing
    from alertd.core.events import Event
    from alertd.core.quality import Verdict
    from alertd.core.rules import Rule

EXAMPLES = """\
  alertd replay --from 2025-01-01
  alertd replay --csv BABA=baba.csv --csv NVDA=nvda.csv
  alertd replay --csv BABA=baba.csv --format jsonl | head"""

_STRIDE = 500


_Csv = Annotated[
    list[str] | None,
    typer.Option("--csv", metavar="SYMBOL=FILE", help="Bars from a history file; repeatable."),
]
_From = Annotated[
    date | None,
    typer.Option(
        "--from",
        parser=options.day("--from"),
        metavar="DATE",
        help="Bars from Yahoo, from this day on.",
    ),
]
_To = Annotated[
    date | None,
    typer.Option(
        "--to", parser=options.day("--to"), metavar="DATE", help="The last day; today without it."
    ),
]
_Session = Annotated[
    Hours | None,
    typer.Option(
        "--session",
        parser=options.one_of(Hours, "--session"),
        metavar="|".join(Hours),
        help="Over these hours, whatever the alerts say.",
    ),
]


@dataclass(frozen=True, slots=True)
class _Run:
    """What came of one symbol."""

    listing: Listing
    series: Series
    events: Sequence[Event]
    refused: Counter[Verdict]


def replay(
    *,
    config: options.ConfigFile = None,
    csv: _Csv = None,
    since: _From = None,
    until: _To = None,
    session: _Session = None,
    form: options.FormOption = options.Form.TABLE,
) -> None:
    """List what the alerts would have told about past bars.

    The bars come from CSV files (Date or Datetime, Open, High, Low, Close) or from Yahoo, which
    has minutes for about a month and coarser bars before. Nothing is sent, and no state is touched.
    """
    settings = options.settings(config)
    bars = past.chosen(settings, csv or [], since, until)
    rules = counting((alert.rule for alert in settings.alerts), session)
    with output.progress() as display:
        runs = [_run(settings, symbol, bars, rules, display) for symbol in bars.symbols]
    events = sorted((event for run in runs for event in run.events), key=in_order)
    if form is options.Form.JSONL:
        for event in events:
            output.record(lines.fields(event))
    elif events:
        output.table(lines.HEADINGS, _rows(runs, events))
    for run in runs:
        _say_refused(run)
    output.say(_summary(runs))


def _run(
    settings: Config,
    symbol: Symbol,
    bars: past.Files | past.Source,
    rules: Sequence[Rule],
    display: Progress,
) -> _Run:
    listing = settings.listings[symbol]
    task = display.add_task(f"reading {symbol}", total=None)
    found = bars.of(listing)
    display.update(task, description=f"replaying {symbol}", total=len(found.series.bars))
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        # To move the bar is dearer than to judge a bar.
        if done % _STRIDE == 0:
            display.update(task, completed=done)

    told = replayed(rules, found.series, listing, closes=found.closes, advance=advance)
    return _Run(listing, found.series, told.events, told.refused)


def _rows(runs: Sequence[_Run], events: Sequence[Event]) -> list[tuple[str, ...]]:
    by_symbol = {run.listing.symbol: run for run in runs}
    rows = []
    for event in events:
        run = by_symbol[event.symbol]
        currency = run.series.currency or run.listing.currency
        rows.append(lines.cells(event, run.listing.calendar.zone, run.series.digits, currency))
    return rows


def _say_refused(run: _Run) -> None:
    for verdict, number in sorted(run.refused.items()):
        output.say(f"{run.listing.symbol}: {output.count(number, 'bar')} refused: {verdict}")


def _summary(runs: Sequence[_Run]) -> str:
    """Return a sentence such as "177 events in 2,963 bars of BABA, 2014-09-19 to 2026-07-02"."""
    events = output.count(sum(len(run.events) for run in runs), "event")
    bars = output.count(sum(len(run.series.bars) for run in runs), "bar")
    names = ", ".join(run.listing.symbol for run in runs)
    days = [_day(run, index) for run in runs if run.series.bars for index in (0, -1)]
    return f"{events} in {bars} of {names}" + (f", {min(days)} to {max(days)}" if days else "")


def _day(run: _Run, index: int) -> str:
    start = run.series.bars[index].start
    return start.astimezone(run.listing.calendar.zone).date().isoformat()
