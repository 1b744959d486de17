"""Random alerts and random prices, close enough to each other to meet often."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from alertd.core.bars import Bar, Split, Symbol, rounded
from alertd.core.rules import (
    AlertId,
    Amount,
    Band,
    Closes,
    Condition,
    Distance,
    Figure,
    Level,
    Move,
    Name,
    Named,
    OnStart,
    Percent,
    Rule,
    SessionCount,
    Trail,
)
from alertd.core.sessions import Hours
from alertd.core.splits import rescaled
from alertd.core.states import State
from tests.support.build import EARNINGS, at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn

_TICKS = st.integers(-12, 12)
_HOLDS = st.sampled_from([None, None, Closes(1), Closes(2)])
_REARMS: st.SearchStrategy[Distance] = st.sampled_from([Percent(0.5), Amount(0.25), Amount(1.0)])
_WITHINS: st.SearchStrategy[timedelta | SessionCount | None] = st.sampled_from(
    [None, timedelta(minutes=3), timedelta(minutes=30), SessionCount(1), SessionCount(2)]
)
_NAMED = st.sampled_from(
    [
        Named(Name.YEAR_HIGH),
        Named(Name.YEAR_LOW, offset=0.5),
        Named(Name.PREVIOUS_CLOSE, offset=-0.5),
        Named(Name.PREVIOUS_CLOSE),
        Named(Name.SMA, 3),
        Named(Name.SMA, 2000),
        Named(Name.ANALYST_TARGET, offset=-1),
        Named(Name.ANALYST_HIGH),
    ]
)
_CAN_HOLD = (Condition.BELOW, Condition.ABOVE, Condition.INSIDE, Condition.OUTSIDE)
_FIGURES = {
    Condition.BELOW: [Figure.PRICE, Figure.PRICE, Figure.PE],
    Condition.ABOVE: [Figure.PRICE, Figure.PRICE, Figure.FORWARD_PE, Figure.VOLUME],
    Condition.INSIDE: [Figure.PRICE, Figure.PE],
}
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
    of = draw(st.sampled_from(_FIGURES.get(condition, [Figure.PRICE])))
    beyond = condition in _CAN_HOLD and of is not Figure.VOLUME
    return Rule(
        alert,
        Symbol("BABA"),
        condition,
        draw(_level(condition, of)),
        hold=draw(st.one_of(_HOLDS, _TIMES)) if beyond else None,
        rearm=draw(_REARMS),
        cooldown=draw(st.sampled_from([timedelta(0), timedelta(minutes=6), timedelta(days=1)])),
        once=draw(st.sampled_from([False, False, True])),
        recovery=draw(st.booleans()) and of is not Figure.VOLUME,
        session=draw(st.sampled_from(Hours)),
        on_start=draw(st.sampled_from(OnStart)) if beyond else OnStart.SILENT,
        expires=draw(st.sampled_from([None, None, at("15:50", "2026-03-10")])),
        of=of,
    )


@st.composite
def _level(draw: DrawFn, condition: Condition, of: Figure) -> Level:
    """Return a level that fits a condition, near to 150 whatever it is made of."""
    if of is Figure.VOLUME:
        return draw(st.sampled_from([0.5, 1.0, 2.0]))
    unit = 1.0 if of is Figure.PRICE else EARNINGS
    if condition in (Condition.INSIDE, Condition.OUTSIDE):
        low = draw(st.integers(-8, 4))
        return Band(_price(low) / unit, _price(low + draw(st.integers(1, 6))) / unit)
    if condition is Condition.TRAILS:
        return Trail(draw(st.sampled_from([0.5, 1.0, 2.0])))
    if condition in (Condition.RISES, Condition.FALLS, Condition.MOVES):
        return Move(draw(st.sampled_from([0.5, 1.0, 2.0])), draw(_WITHINS))
    if of is Figure.PRICE and draw(st.booleans()):
        return draw(_NAMED)
    return _price(draw(_TICKS)) / unit


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
        draw(st.sampled_from([None, 0.0, 100.0, 700.0])),
    )


@st.composite
def births(draw: DrawFn, alerts: list[Rule], course: Sequence[Bar]) -> dict[AlertId, State]:
    """Return the states of alerts that were set up in the course of some bars, or before them."""
    ends = [bar.end for bar in course]
    moments = st.sampled_from([None, *(end - timedelta(seconds=30) for end in ends), *ends])
    return {rule.id: State(since=draw(moments)) for rule in alerts}


@st.composite
def splits(draw: DrawFn) -> Split:
    """Return a split of the second or third day, by a ratio that leaves no price unround."""
    day = draw(st.sampled_from(["2026-03-10", "2026-03-11"]))
    return Split(at("04:00", day), draw(st.sampled_from([2.0, 10.0, 0.5])))


def in_old_and_new_shares(course: list[Bar], split: Split) -> list[Bar]:
    """Return a course as it is traded: in new shares from a split on."""
    return [rescaled(bar, split.ratio) if bar.start >= split.at else bar for bar in course]


def grown(bar: Bar, share: float) -> Bar:
    """Return what is seen of a bar while it forms, `share` of the way through its path."""
    from alertd.core.bars import path

    seen = path(bar)[: 1 + int(share * 3)]
    volume = None if bar.volume is None else bar.volume * share
    return Bar(bar.start, bar.length, seen[0], max(seen), min(seen), seen[-1], volume)
