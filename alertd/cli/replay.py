"""`alertd replay`: what would the alerts have told about the past?

Symbol by symbol the bars go through the engine; the events of all are listed in one order, and
below them what they would have been worth.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alertd.cli import lines, options, outcome, output, past
from alertd.cli.outcome import Run
from alertd.core.currencies import mismatch
from alertd.core.engine import in_order
from alertd.core.quality import Verdict
from alertd.core.sessions import Hours
from alertd.core.summaries import no_history
from alertd.replay import counting
from alertd.replay import replay as replayed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import Progress

    from alertd.config.settings import Config
    from alertd.core.bars import Symbol
    from alertd.core.events import Event
    from alertd.core.records import Gap
    from alertd.core.rules import Rule

EXAMPLES = """\
  alertd replay --from 2025-01-01
  alertd replay --csv BABA=baba.csv --csv NVDA=nvda.csv
  alertd replay --csv BABA=minutes.csv --daily BABA=days.csv --chart baba.svg
  alertd replay --csv BABA=baba.csv --format jsonl | head"""

_STRIDE = 500
_MOST_DAYS = 5


_Csv = Annotated[
    list[str] | None,
    typer.Option("--csv", metavar="SYMBOL=FILE", help="Bars from a history file; repeatable."),
]
_Daily = Annotated[
    list[str] | None,
    typer.Option(
        "--daily",
        metavar="SYMBOL=FILE",
        help="Daily bars for levels by name, where --csv has finer ones; repeatable.",
    ),
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


_Summary = Annotated[
    Path | None,
    typer.Option("--summary", metavar="FILE", help="Also write the summary there, as JSON."),
]
_Chart = Annotated[
    Path | None,
    typer.Option(
        "--chart", metavar="FILE", help="Also draw prices, levels and firings: FILE.svg or .png."
    ),
]


def replay(
    *,
    config: options.ConfigFile = None,
    csv: _Csv = None,
    daily: _Daily = None,
    since: _From = None,
    until: _To = None,
    session: _Session = None,
    form: options.FormOption = options.Form.TABLE,
    summary: _Summary = None,
    chart: _Chart = None,
) -> None:
    """List what the alerts would have told about past bars.

    The bars come from CSV files (Date or Datetime, Open, High, Low, Close) or from Yahoo, which
    has minutes for about a month and coarser bars before. Nothing is sent, and no state is touched.
    """
    outcome.writable("--summary", summary)
    outcome.drawable("--chart", chart)
    settings = options.settings(config)
    bars = past.chosen(settings, csv or [], daily or [], since, until)
    _say_left_out(settings, bars.symbols)
    rules = counting((alert.rule for alert in settings.alerts), session)
    with output.progress() as display:
        runs = [_run(settings, symbol, bars, rules, display) for symbol in bars.symbols]
    _list(runs, form)
    for run in runs:
        _say_doubts(run)
        _say_gaps(run)
    output.say(_counted(runs))
    if summary is not None:
        outcome.write(runs, summary)
    if chart is not None:
        outcome.draw(runs, chart)


def _list(runs: Sequence[Run], form: options.Form) -> None:
    events = sorted((event for run in runs for event in run.told.events), key=in_order)
    if form is options.Form.JSONL:
        for event in events:
            output.record(lines.fields(event))
        return
    if events:
        output.table(lines.HEADINGS, _rows(runs, events))
    outcome.table(runs)


def _run(
    settings: Config,
    symbol: Symbol,
    bars: past.Files | past.Source,
    rules: Sequence[Rule],
    display: Progress,
) -> Run:
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

    told = replayed(
        rules, found.series, listing, daily=found.daily, whole=found.whole, advance=advance
    )
    return Run(listing, found.series, told)


def _rows(runs: Sequence[Run], events: Sequence[Event]) -> list[tuple[str, ...]]:
    by_symbol = {run.listing.symbol: run for run in runs}
    rows = []
    for event in events:
        run = by_symbol[event.symbol]
        zone = run.listing.calendar.zone
        rows.append(lines.cells(event, zone, run.series.digits, run.currency))
    return rows


def _say_left_out(settings: Config, symbols: Sequence[Symbol]) -> None:
    for rule in (alert.rule for alert in settings.alerts):
        what = no_history(rule)
        if what and rule.symbol in symbols:
            output.say(f"{rule.id}: {what} has no history, left out of the replay")


def _say_doubts(run: Run) -> None:
    for verdict, number in sorted(run.told.refused.items()):
        # A mixed bar is among the doubts as well.
        if verdict is not Verdict.MIXED:
            bars = output.count(number, "bar")
            output.say(f"{run.listing.symbol}: {bars} refused: {_why(run, verdict)}")
    doubted = Counter(doubt.verdict for doubt in run.told.doubts)
    for verdict, number in sorted(doubted.items()):
        output.say(f"{run.listing.symbol}: {output.count(number, 'bar')} doubted: {verdict}")


def _why(run: Run, verdict: Verdict) -> str:
    expected, found = run.listing.currency, run.series.currency
    if verdict is not Verdict.CURRENCY or expected is None or found is None:
        return verdict
    return mismatch(run.listing.symbol, expected, found)


def _say_gaps(run: Run) -> None:
    gaps = run.told.gaps
    if gaps:
        days = ", ".join(_date(run, gap) for gap in gaps[:_MOST_DAYS])
        rest = ", .." if len(gaps) > _MOST_DAYS else ""
        number = output.count(len(gaps), "session")
        output.say(f"{run.listing.symbol}: {number} without a bar: {days}{rest}")


def _date(run: Run, gap: Gap) -> str:
    return f"{gap.start.astimezone(run.listing.calendar.zone):%Y-%m-%d}"


def _counted(runs: Sequence[Run]) -> str:
    """Return a sentence such as "177 events in 2,963 bars of BABA, 2014-09-19 to 2026-07-02"."""
    events = output.count(sum(len(run.told.events) for run in runs), "event")
    bars = output.count(sum(len(run.series.bars) for run in runs), "bar")
    names = ", ".join(run.listing.symbol for run in runs)
    days = [_day(run, index) for run in runs if run.series.bars for index in (0, -1)]
    return f"{events} in {bars} of {names}" + (f", {min(days)} to {max(days)}" if days else "")


def _day(run: Run, index: int) -> str:
    start = run.series.bars[index].start
    return start.astimezone(run.listing.calendar.zone).date().isoformat()
