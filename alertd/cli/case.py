"""What is there to say about one alert?

    configuration + database -> Case -> facts: one JSON object, null for what is not known

`explain` says the same to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.cli import lines
from alertd.cli.said import NOTHING as UNSAID
from alertd.core import terms, words
from alertd.core.lines import backs
from alertd.core.records import NOTHING, Record
from alertd.core.rules import Closes, Figure, Rule
from alertd.core.states import PLAIN, Basis, Phase, Side, State, cooled_at

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.cli.said import Said
    from alertd.cli.tickers import Ticker
    from alertd.core.alerts import Alert
    from alertd.core.records import Judged
    from alertd.store.reading import AlertRow, EventRow, SymbolRow


@dataclass(frozen=True, slots=True)
class Case:
    """One alert, what the daemon has kept of it and of its symbol, and its newest events.

    `row` is None where the daemon does not know the alert as the file has it now.
    """

    alert: Alert
    ticker: Ticker
    row: AlertRow | None
    events: tuple[EventRow, ...]
    now: datetime
    said: Said = UNSAID

    @property
    def rule(self) -> Rule:
        return self.alert.rule

    @property
    def state(self) -> State | None:
        return self.row.state if self.row else None

    @property
    def basis(self) -> Basis:
        return self.row.state.basis if self.row else PLAIN

    @property
    def seen(self) -> SymbolRow | None:
        return self.ticker.seen

    @property
    def record(self) -> Record:
        return self.seen.record if self.seen else NOTHING

    @property
    def standing(self) -> str:
        return self.ticker.standing(self.rule, self.now)

    @property
    def side(self) -> Side | None:
        """Return on which side of its level the price was; None where nobody looks at that now."""
        state = self.state
        if state is None or state.phase is Phase.DONE:
            return None
        counting = state.phase is Phase.PENDING and isinstance(self.rule.hold, Closes)
        return None if counting else state.side

    @property
    def percent(self) -> float | None:
        """Return by how many per cent the price must change to the nearest level."""
        return self.ticker.percent(self.ticker.nearest(self.rule))


def facts(case: Case) -> dict[str, object]:
    """Return all of it for programs."""
    return {
        **_asked(case),
        **_level(case),
        **_state(case),
        **_said(case),
        "judgements": [_judged(judged) for judged in case.row.lately] if case.row else [],
        "events": [_event(row) for row in case.events],
        "data": _data(case),
    }


def _asked(case: Case) -> dict[str, object]:
    rule = case.rule
    return {
        "alert": rule.id,
        "name": case.alert.name,
        "severity": case.alert.severity.value,
        "symbol": rule.symbol,
        "condition": rule.condition.value,
        "of": rule.of.value,
        "asked": terms.asked(rule),
        "rule": terms.rule(rule, case.ticker.digits, case.ticker.currency),
        "standing": case.standing,
    }


def _level(case: Case) -> dict[str, object]:
    basis, ticker, percent = case.basis, case.ticker, case.percent
    lack = basis.lack
    return {
        "price": ticker.price,
        "price_at": _stamp(case.seen.price_at if case.seen else None),
        "currency": ticker.currency,
        "levels": list(ticker.edges(case.rule)),
        "distance_percent": None if percent is None else round(percent, 2),
        "origin": lines.origin(basis.origin),
        "peak": basis.peak,
        "peak_at": _stamp(basis.peak_at),
        "fixed_for": _stamp(basis.fixed_for),
        "scale": basis.scale,
        "lack": {"want": lack.want.value, "words": lack.words, "refused": lack.refused}
        if lack
        else None,
    }


def _state(case: Case) -> dict[str, object]:
    state, rule = case.state, case.rule
    if state is None:
        return {"phase": None}
    back = backs(rule, state.basis, case.ticker.digits)
    priced = rule.of is not Figure.VOLUME
    return {
        "phase": state.phase.value,
        "side": case.side.name.lower() if case.side is not None else None,
        "since": _stamp(state.since),
        "rearm_above": back.up if priced else None,
        "rearm_below": back.down if priced else None,
        "cooldown_until": _stamp(cooled_at(rule, state)),
        "hold": _hold(rule, state),
        "fired_at": _stamp(state.fired_at),
        "suppressed": state.suppressed,
    }


def _hold(rule: Rule, state: State) -> dict[str, object] | None:
    if rule.hold is None:
        return None
    span = isinstance(rule.hold, timedelta)
    return {
        "asked_closes": rule.hold.count if isinstance(rule.hold, Closes) else None,
        "asked_seconds": rule.hold.total_seconds() if isinstance(rule.hold, timedelta) else None,
        "closes": None if span else state.closes,
        "seconds": state.held.total_seconds() if span else None,
        "crossed_at": _stamp(state.crossed_at),
    }


def _said(case: Case) -> dict[str, object]:
    said = case.said
    return {
        "snoozed_until": _stamp(said.snoozed_until(case.now)),
        "paused": said.paused,
        "unacknowledged_since": _stamp(said.since),
        "reminds_every": said.every.total_seconds() if said.every else None,
    }


def _judged(judged: Judged) -> dict[str, object]:
    return {
        "at": words.stamp(judged.at),
        "price": judged.price,
        "phase": judged.phase.value,
        "reason": judged.reason.name.lower(),
        "why": judged.reason.value,
    }


def _event(row: EventRow) -> dict[str, object]:
    event = row.notice.event
    return {
        **lines.fields(event),
        **lines.details(event),
        "standing": row.standing,
        "told_with": str(row.told_with) if row.told_with else None,
        "late": row.notice.late,
        "detected_at": words.stamp(row.notice.detected_at),
    }


def _data(case: Case) -> dict[str, object]:
    seen, record = case.seen, case.record
    return {
        "silent_since": _stamp(seen.silent_since if seen else None),
        "good_until": _stamp(seen.good_until if seen else None),
        "polled_at": _stamp(seen.polled_at if seen else None),
        "due_at": _stamp(seen.due_at if seen else None),
        "failures": seen.failures if seen else 0,
        "error": seen.error if seen else None,
        "verdicts": {verdict.name.lower(): count for verdict, count in record.verdicts.items()},
        "doubts": [
            {
                "at": words.stamp(doubt.at),
                "price": doubt.price,
                "verdict": doubt.verdict.name.lower(),
            }
            for doubt in record.doubts
        ],
        "gaps": [
            {"start": words.stamp(gap.start), "end": words.stamp(gap.end)} for gap in record.gaps
        ],
    }


def _stamp(at: datetime | None) -> str | None:
    return words.stamp(at) if at else None
