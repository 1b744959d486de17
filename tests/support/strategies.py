"""Random alerts and random prices, close enough to each other to meet often."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from alertd.core.bars import Bar, Symbol, rounded
from alertd.core.rules import (
    AlertId,
    Amount,
    Closes,
    Condition,
    Distance,
    OnStart,
    Percent,
    Rule,
)
from alertd.core.sessions import Hours
from tests.support.build import at

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_TICKS = st.integers(-12, 12)
_HOLDS = st.sampled_from([None, None, Closes(1), Closes(2)])
_REARMS: st.SearchStrategy[Distance] = st.sampled_from([Percent(0.5), Amount(0.25), Amount(1.0)])
_TIMES = st.sampled_from([timedelta(minutes=2), timedelta(minutes=7)])


def _price(tick: int) -> float:
    return rounded(150 + tick * 0.25)


@st.composite
def rules(draw: DrawFn) -> list[Rule]:
    """Return up to six alerts around 150, of every kind."""
    count = draw(st.integers(1, 6))
    return [draw(_rule(AlertId(f"alert-{number}"))) for number in range(count)]


@st.composite
def _rule(draw: DrawFn, alert: AlertId) -> Rule:
    condition = draw(st.sampled_from(Condition))
    beyond = condition is not Condition.TOUCHES
    return Rule(
        alert,
        Symbol("BABA"),
        condition,
        _price(draw(_TICKS)),
        hold=draw(st.one_of(_HOLDS, _TIMES)) if beyond else None,
        rearm=draw(_REARMS),
        cooldown=draw(st.sampled_from([timedelta(0), timedelta(minutes=6), timedelta(days=1)])),
        once=draw(st.sampled_from([False, False, True])),
        recovery=draw(st.booleans()),
        session=draw(st.sampled_from(Hours)),
        on_start=draw(st.sampled_from(OnStart)) if beyond else OnStart.SILENT,
        expires=draw(st.sampled_from([None, None, at("15:50", "2026-03-10")])),
    )


@st.composite
def bars(draw: DrawFn, most: int = 40) -> list[Bar]:
    """Return minutes around the closes of three days, some missing, prices by quarters."""
    found: list[Bar] = []
    for day in ("2026-03-09", "2026-03-10", "2026-03-11"):
        minutes = draw(st.sets(st.integers(-8, 8), max_size=most // 3))
        found += [draw(_bar(day, minute)) for minute in sorted(minutes)]
    return found or [draw(_bar("2026-03-09", 0))]


@st.composite
def _bar(draw: DrawFn, day: str, minute: int) -> Bar:
    start = at("15:58", day) + timedelta(minutes=minute)
    prices = sorted(draw(st.lists(_TICKS, min_size=4, max_size=4)))
    first, last = draw(st.permutations(prices[1:3]))
    return Bar(
        start,
        timedelta(minutes=1),
        _price(first),
        _price(prices[3]),
        _price(prices[0]),
        _price(last),
    )


def grown(bar: Bar, share: float) -> Bar:
    """Return what is seen of a bar while it forms, `share` of the way through its path."""
    from alertd.core.bars import path

    seen = path(bar)[: 1 + int(share * 3)]
    return Bar(bar.start, bar.length, seen[0], max(seen), min(seen), seen[-1])
