"""A point visits only what it reaches, shown by counting and without a clock.

Counted are the comparisons that a price takes part in, and the instructions that Python carries out
for a bar: both are the same in every run.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Self

import pytest

from alertd.core.bars import Bar
from alertd.core.ladder import Ladder
from alertd.core.rules import Closes
from alertd.core.states import Phase, State
from tests.support.build import at, bar, rule

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from _typeshed import TraceFunction

    from alertd.core.rules import AlertId, Rule
    from alertd.core.states import Decision

QUIET = "150.4 150.9 150.1 150.6"
PLAIN = rule("below 1")


@dataclass
class Tally:
    """How often something was counted."""

    count: int = 0


class Price(float):
    """A price that counts what it is compared with, and so does what is reckoned from it."""

    tally: Tally

    def __new__(cls, value: float, tally: Tally) -> Self:
        price = super().__new__(cls, value)
        price.tally = tally
        return price

    def _counted(self) -> float:
        self.tally.count += 1
        return float(self)

    def __lt__(self, other: float) -> bool:
        return self._counted() < float(other)

    def __le__(self, other: float) -> bool:
        return self._counted() <= float(other)

    def __gt__(self, other: float) -> bool:
        return self._counted() > float(other)

    def __ge__(self, other: float) -> bool:
        return self._counted() >= float(other)

    def __eq__(self, other: object) -> bool:
        return self._counted() == other

    def __ne__(self, other: object) -> bool:
        return self._counted() != other

    def __hash__(self) -> int:
        return hash(float(self))

    def __neg__(self) -> Price:
        return Price(-float(self), self.tally)

    def __sub__(self, other: float) -> Price:
        return Price(float(self) - float(other), self.tally)

    def __rsub__(self, other: float) -> Price:
        return Price(float(other) - float(self), self.tally)


def far(count: int, like: Rule = PLAIN) -> list[Rule]:
    """Return alerts whose levels lie where no price of these tests comes."""
    below = [rule(f"below {100 - i / count}", id=f"b{i}") for i in range(count // 2)]
    above = [rule(f"above {200 + i / count}", id=f"a{i}") for i in range(count // 2)]
    return [
        replace(like, id=one.id, condition=one.condition, level=one.level)
        for one in (*below, *above)
    ]


def ladder(rules: list[Rule]) -> Ladder:
    """Return a ladder whose alerts have seen their first price."""
    found = Ladder(rules, {}, 4)
    found.feed(bar("09:30", "150.5"), whole=True)
    return found


def compared(rules: list[Rule], prices: str) -> int:
    """Return in how many comparisons the prices of a bar take part."""
    tally, plain, among = Tally(), bar("09:31", prices), ladder(rules)
    numbers = (Price(n, tally) for n in (plain.open, plain.high, plain.low, plain.close))
    among.feed(Bar(plain.start, plain.length, *numbers), whole=True)
    return tally.count


def instructions(work: Callable[[], object]) -> int:
    """Return how many instructions of Python some work takes."""
    tally, before = Tally(), sys.gettrace()

    def trace(frame: FrameType, event: str, _arg: object) -> TraceFunction:
        frame.f_trace_opcodes = True
        tally.count += event == "opcode"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return tally.count


def worked(rules: list[Rule], prices: str) -> int:
    """Return how many instructions one bar takes, once the alerts have seen their first price."""
    among, next_bar = ladder(rules), bar("09:31", prices)
    return instructions(lambda: among.feed(next_bar, whole=True))


def reached(rules: list[Rule], prices: str) -> list[AlertId]:
    """Return the alerts that one bar visits, as often as it does."""
    decisions: list[Decision] = ladder(rules).feed(bar("09:31", prices), whole=True)
    return [decision.alert for decision in decisions]


def test_a_price_is_compared_as_often_among_ten_thousand_levels_as_among_ten() -> None:
    assert compared(far(10_000), QUIET) == compared(far(10), QUIET)


def test_a_price_is_compared_with_the_nearest_level_on_either_side_and_no_other() -> None:
    # A bar's path takes some comparisons of its own; each of its four points takes two.
    assert compared(far(10), QUIET) - compared([], QUIET) == 4 * 2


@pytest.mark.parametrize(
    "like",
    [
        PLAIN,
        replace(PLAIN, recovery=True, once=True),
        replace(PLAIN, hold=Closes(2)),
        replace(PLAIN, cooldown=timedelta(hours=1)),
        replace(PLAIN, expires=at("16:00")),
    ],
    ids=["plain", "once", "hold", "cooldown", "expires"],
)
def test_a_bar_takes_the_same_work_among_ten_thousand_levels_as_among_ten(like: Rule) -> None:
    assert worked(far(10_000, like), QUIET) == worked(far(10, like), QUIET)


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("rises 5% within 1h", State()),
        ("falls 5% within 5 sessions", State()),
        ("above 52w high", State()),
        ("above 200", State(since=at("16:00"))),
    ],
    ids=["an hour", "sessions", "without a history", "not begun"],
)
def test_a_bar_takes_the_same_work_among_a_thousand_that_wait_as_among_ten(
    condition: str, state: State
) -> None:
    def among(count: int) -> int:
        rules = [rule(condition, id=f"w{i}") for i in range(count)]
        waiting = Ladder(rules, {one.id: state for one in rules}, 4)
        for minute in ("09:30", "09:31"):
            waiting.feed(bar(minute, "150.5"), whole=True)
        next_bar = bar("09:32", "150.5")
        return instructions(lambda: waiting.feed(next_bar, whole=True))

    assert among(1000) == among(10)


def test_a_crossing_takes_the_same_work_among_ten_thousand_levels_as_among_ten() -> None:
    near = [rule("below 150", id="near"), rule("touches 150.3", id="nearer")]
    crossing = "150.4 150.5 149.2 149.4"
    # An event's id takes its rule's revision, which is reckoned once: here, and not in what counts.
    assert len({one.revision for one in near}) == len(near)
    few, many = worked([*near, *far(10)], crossing), worked([*near, *far(10_000)], crossing)
    assert few == many
    assert few > worked(far(10), crossing)


def test_levels_that_are_reached_cost_work_each() -> None:
    crossing = "150.4 150.5 140 141"

    def steps(count: int) -> list[Rule]:
        return [rule(f"below {150 - i / 1000}", id=f"n{i}") for i in range(count)]

    ten, hundred = worked(steps(10), crossing), worked(steps(100), crossing)
    assert 8 < hundred / ten < 10


def test_a_point_visits_the_alerts_whose_levels_it_passes_and_no_other() -> None:
    rules = [*far(1000), rule("below 150", id="in"), rule("below 149", id="out")]
    assert reached(rules, "150.4 150.5 149.2 149.4") == ["in"]
    assert reached(rules, QUIET) == []


def test_alerts_that_wait_for_closes_are_not_visited_by_points() -> None:
    among = ladder([rule("below 150", id=f"n{i}", hold=Closes(2)) for i in range(100)])
    crossing = among.feed(bar("09:31", "150.4 150.5 149.2 149.4"), whole=True)
    assert len(crossing) == len(among.states)
    assert {state.phase for state in among.states.values()} == {Phase.PENDING}
    assert among.feed(bar("09:32", "149.4 150.5 148 150.4"), whole=True) == []
