"""`alertd explain`: why did an alert fire, or why did it not?

where it stands and why -> what was judged -> what was told -> what is wrong with the data
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alertd.cli import fates, history, lines, named, options, output, said
from alertd.cli.case import Case, facts
from alertd.cli.origins import polling, quality
from alertd.cli.tickers import tickers
from alertd.core import standings, terms, words
from alertd.core.rules import Band, Figure, Move, Trail
from alertd.core.states import Phase, Side

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.cli.fates import Clocks
    from alertd.config.settings import Config
    from alertd.core.records import Doubt, Gap, Judged

EXAMPLES = """\
  alertd explain support-150-lost
  alertd explain high-192-crossed --json"""

_EVENTS = 10
_SIDES = {Side.BELOW: "below", Side.ABOVE: "above"}

_Json = Annotated[bool, typer.Option("--json", help="One JSON object, moments in UTC.")]


def explain(alert: named.AlertId, config: options.ConfigFile = None, json: _Json = False) -> None:
    """Tell why an alert fired, or why it did not.

    What it waits for, if its messages do too, where its level comes from and how far that is, its
    last judgements with their reasons, what it told, and what is wrong with the data of its symbol.
    Exit status 1 when there is no database yet, 2 when there is no such alert.

    The JSON has alert, rule and standing (in words), levels (prices), distance_percent, origin,
    lack, phase, side, rearm_above, rearm_below, cooldown_until, hold, suppressed, snoozed_until,
    paused, unacknowledged_since, reminds_every (in seconds), judgements, events, and data
    (verdicts, doubts, gaps, silent_since, error). What is not known is null.
    """
    settings = options.settings(config)
    case = _case(settings, alert)
    if json:
        output.record(facts(case))
        return
    _standing(case)
    _judgements(case)
    _events(case, fates.clocks(settings, case.now))
    _doubts(case)
    _gaps(case)


def _case(settings: Config, wanted: str) -> Case:
    """Return what is known of an alert.

    raises: typer.BadParameter where there is none, StoreError.
    """
    found = named.alert(settings, wanted)
    reader = options.reader(settings)
    from alertd.ops.clock import SystemClock

    row = reader.alert(wanted)
    return Case(
        found,
        tickers(settings, reader)[found.rule.symbol],
        row if row and row.revision == found.rule.revision else None,
        tuple(reader.events(_EVENTS, wanted)),
        SystemClock().now(),
        said.said(reader).get(found.rule.id, said.NOTHING),
    )


def _standing(case: Case) -> None:
    rule, ticker = case.rule, case.ticker
    heading = f"{rule.id}: {words.line(case.alert.name, 200)} ({case.alert.severity})"
    rows = [
        ("asks", terms.rule(rule, ticker.digits, ticker.currency)),
        ("standing", case.standing),
        ("messages", "; ".join(case.said.notes(ticker.listing.calendar.zone, case.now))),
        *_level(case),
        *_progress(case),
        *_data(case),
    ]
    output.table(("=alert", heading), [row for row in rows if row[1]])


def _level(case: Case) -> list[tuple[str, str]]:
    rule, ticker, basis = case.rule, case.ticker, case.basis
    source = standings.source(rule, basis, ticker.known)
    fixed = f"; fixed for {_day(case, basis.fixed_for)}" if source and basis.fixed_for else ""
    whose = f", from {ticker.source}" if ticker.source else ""
    known = f"{ticker.amount(ticker.price)}, {ticker.age(case.now)}{whose}" if ticker.price else ""
    return [
        ("level", standings.level(rule, basis, ticker.known)),
        ("comes from", f"{source}{fixed}"),
        ("price", known or "none yet"),
        ("distance", _distance(case)),
        ("side", _side(case)),
    ]


def _distance(case: Case) -> str:
    if case.percent is not None:
        return f"{words.percent(case.percent)} from the price"
    slides = isinstance(case.rule.level, Move) and case.rule.level.within is not None
    return "not kept: what it is measured from changes with every bar" if slides else ""


def _side(case: Case) -> str:
    side = case.side
    match case.rule.level:
        case _ if side is None:
            return ""
        case Move():
            return ""
        case Band():
            return f"{_SIDES.get(side, 'inside')} the band"
        case Trail():
            return f"{_SIDES.get(side, 'at')} the stop"
        case _:
            return f"{_SIDES.get(side, 'at')} the level"


def _progress(case: Case) -> list[tuple[str, str]]:
    state, rule, ticker = case.state, case.rule, case.ticker
    if state is None:
        return []
    back = terms.way_back(rule, ticker.digits, ticker.currency, state.basis)
    fired = case.row.last_fired_at if case.row else None
    waits = state.phase is Phase.FIRED and not isinstance(rule.level, Move)
    crossed = state.crossed_at if state.phase is Phase.PENDING else None
    return [
        ("armed again", back if waits else ""),
        ("crossed", _local(case, crossed) if crossed else ""),
        ("last fired", _local(case, fired) if fired else "never"),
        (
            "held back",
            f"{output.count(state.suppressed, 'repeat')} since" if state.suppressed else "",
        ),
        ("watched", f"since {_local(case, state.since)}" if state.since else ""),
    ]


def _data(case: Case) -> list[tuple[str, str]]:
    seen = case.seen
    if seen is None:
        return []
    last = f"{output.about(case.now - seen.polled_at)} ago" if seen.polled_at else "none yet"
    return [
        ("last poll", "; ".join((last, *polling(seen, case.now)))),
        ("data", "; ".join(quality(case.ticker)) or "nothing is wrong with it"),
    ]


def _judgements(case: Case) -> None:
    if not case.row or not case.row.lately:
        return
    rows = [_judged(case, judged) for judged in case.row.lately]
    _section("Judgements that changed something, the newest last:")
    output.table(("time", ">price", "phase", "why"), rows, indent=2)


def _judged(case: Case, judged: Judged) -> tuple[str, ...]:
    return (_local(case, judged.at), _price(case, judged.price), judged.phase, judged.reason)


def _events(case: Case, clocks: Clocks) -> None:
    if not case.events:
        return
    _section("What it told, the newest last:")
    time, _, kind, _, *rest = (*lines.HEADINGS, "told")
    rows = []
    for row in case.events:
        at, _, what, _, *others = history.cells(row, clocks)
        rows.append((at, what, *others))
    output.table((time, kind, *rest), rows, indent=2)


def _doubts(case: Case) -> None:
    if not case.record.doubts:
        return
    _section(f"Bars of {case.rule.symbol} that were not judged as they came:")
    rows = [_doubt(case, doubt) for doubt in case.record.doubts]
    output.table(("time", ">price", "verdict"), rows, indent=2)


def _doubt(case: Case, doubt: Doubt) -> tuple[str, ...]:
    return (_local(case, doubt.at), case.ticker.amount(doubt.price), doubt.verdict)


def _gaps(case: Case) -> None:
    if not case.record.gaps:
        return
    _section(f"Time of open sessions that no bar of {case.rule.symbol} covers:")
    output.table(("from", "to", ">long"), [_gap(case, gap) for gap in case.record.gaps], indent=2)


def _gap(case: Case, gap: Gap) -> tuple[str, ...]:
    return (_local(case, gap.start), _local(case, gap.end), words.duration(gap.end - gap.start))


def _section(title: str) -> None:
    output.show()
    output.paragraph(title, indent=0)


def _price(case: Case, price: float | None) -> str:
    if price is None:
        return ""
    return f"{price:,.0f} shares" if case.rule.of is Figure.VOLUME else case.ticker.amount(price)


def _local(case: Case, at: datetime) -> str:
    return words.local(at, case.ticker.listing.calendar.zone)


def _day(case: Case, at: datetime) -> str:
    return case.ticker.known.day(at)
