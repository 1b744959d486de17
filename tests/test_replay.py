"""Past bars through the same engine."""

from __future__ import annotations

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.core.quality import Verdict
from alertd.core.rules import Closes, Rule
from alertd.core.sessions import Hours
from alertd.replay import counting, replay
from tests.support.build import at, bar, flat, rule, series, told

BABA = listing(Symbol("BABA"))
HELD = rule("below 150", hold=Closes(1))


def replayed(one: Rule, bars: list[Bar], **more: object) -> list[float]:
    return [event.price for event in replay([one], series(bars), BABA, **more).events]  # type: ignore[arg-type]


def test_a_replay_tells_what_the_engine_tells() -> None:
    bars = flat("09:30", 151, 149, 152, 148)
    assert replayed(rule("below 150"), bars) == [149, 148]
    assert len(told(rule("below 150"), bars)) == 2


def test_no_bars_tell_nothing() -> None:
    assert replayed(HELD, []) == []


def test_rules_of_other_symbols_are_left_out() -> None:
    assert replayed(rule("below 150", symbol="NVDA"), flat("09:30", 151, 149)) == []


def test_bars_that_cannot_be_believed_are_left_out() -> None:
    bars = [bar("09:30", "151"), bar("09:31", "0.5 0.5 -1 0.5"), bar("09:32", "152")]
    found = replay([rule("below 150")], series(bars), BABA)
    assert found.events == []
    assert found.refused == {Verdict.NOT_POSITIVE: 1}


def test_hours_may_be_given_for_all_alerts() -> None:
    evening = [*flat("15:58", 151), *flat("16:10", 149)]
    (extended,) = counting([rule("below 150")], Hours.EXTENDED)
    assert replayed(rule("below 150"), evening) == []
    assert replayed(extended, evening) == [149]
    assert counting([HELD], None) == [HELD]


def test_a_session_that_its_bars_do_not_fill_closes_only_with_an_official_close() -> None:
    thin = flat("15:50", 151, 149)
    assert replayed(HELD, thin) == []
    assert replayed(HELD, thin, closes={at("09:30"): 148.8}) == [148.8]


def test_progress_is_heard_bar_by_bar() -> None:
    heard: list[int] = []
    replay([HELD], series(flat("09:30", 151, 149, 152)), BABA, advance=heard.append)
    assert sum(heard) == 3
