"""A weekend between old shares and ten times as many new ones, for the tests of splits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.bars import Split
from alertd.core.book import Cursor
from alertd.core.engine import Judgement, judge
from alertd.core.splits import rebases
from tests.support.build import at, flat, knowing, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.bars import Bar
    from alertd.core.book import Market
    from alertd.core.rules import Rule

FRIDAY, MONDAY, TUESDAY = "2026-03-06", "2026-03-09", "2026-03-10"
# Ten new shares for an old one from Monday's pre-market on.
TEN = Split(at("04:00", MONDAY), 10.0)
BELOW = rule("below 1000")
OLD = flat("15:58", 1210, 1208, day=FRIDAY)
NOTHING = Judgement(Cursor(), {}, (), ())


def seen(
    alert: Rule, bars: Sequence[Bar], kept: Judgement = NOTHING, *splits: Split,
    place: Market | None = None, shown: Sequence[Bar] = (),
) -> Judgement:  # fmt: skip
    """Judge bars after what was kept; `shown` are those by which the source's shares are told."""
    here = replace(place or knowing(), splits=rebases(splits or [TEN], shown or bars))
    return judge([alert], kept.states, kept.cursor, bars, market=here, now=bars[-1].end)


def kinds(found: Judgement) -> list[str]:
    return [event.kind.value for event in found.events]
