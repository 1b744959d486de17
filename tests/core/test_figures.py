"""P/E, forward P/E, volume and what analysts expect: figures that are not a price."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alertd.core.almanac import Outlook, Targets
from alertd.core.book import Cursor
from alertd.core.engine import Judgement, judge
from alertd.core.events import Kind
from alertd.core.rules import Amount, Figure, Rule
from alertd.core.states import Lack, Origin, Phase, Side, State, Want
from tests.support.build import at, bar, flat, history, knowing, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.bars import Bar

DAY, NEXT = "2026-03-10", "2026-03-11"
MONDAY = at("20:00", "2026-03-09")
# A P/E of 20 at 150 dollars: 7.50 earned a share; 10 of them are expected.
SAID = Outlook(MONDAY, "yahoo", 150.0, "USD", 20.0, 15.0)
PE = rule("below 18", of=Figure.PE)  # 135 dollars
ELSEWHERE = "it seems to be in another currency"
BEFORE = [bar("15:59", "150")]


def seen(
    alert: Rule, bars: Sequence[Bar], outlook: Outlook | None = SAID, kept: Judgement | None = None
) -> Judgement:
    states, cursor = (kept.states, kept.cursor) if kept else ({}, Cursor())
    place = knowing(history("2026-02-02", DAY), outlook)
    return judge([alert], states, cursor, bars, market=place, now=bars[-1].end)


def lack(found: Judgement, alert: Rule) -> Lack:
    why = found.states[alert.id].basis.lack
    assert why is not None
    return why


def test_a_pe_is_watched_as_the_price_at_which_it_is_reached() -> None:
    found = seen(PE, [*BEFORE, *flat("09:30", 140, 135, 134.25, day=DAY)])
    (event,) = found.events
    assert (event.level, event.price, event.unit) == (18, 17.9, 7.5)
    assert event.of is Figure.PE
    assert event.origin == Origin("EPS", 7.5, MONDAY)


def test_a_forward_pe_stands_on_what_is_expected_to_be_earned() -> None:
    alert = rule("above 16", of=Figure.FORWARD_PE)
    (event,) = seen(alert, [*BEFORE, *flat("09:30", 159, 160, 161, day=DAY)]).events
    assert (event.price, event.unit) == (16.1, 10)


def test_a_band_of_pes_and_an_amount_of_rearm_are_in_pes_too() -> None:
    alert = rule("inside 18..19", of=Figure.PE, rearm=Amount(1))
    bars = flat("09:30", 150, 142, 149.9, 142, 150, 142, day=DAY)
    events = seen(alert, [*BEFORE, *bars]).events
    assert [(event.at, event.band) for event in events] == [
        (at("09:31", DAY), (18, 19)), (at("09:35", DAY), (18, 19)),
    ]  # fmt: skip


def test_new_earnings_move_the_level_and_are_no_crossing() -> None:
    first = seen(PE, [*BEFORE, *flat("09:30", 140, day=DAY)])
    assert first.states[PE.id].side is Side.ABOVE
    # 8 dollars are earned now: 18 times that are 144.
    better = Outlook(at("20:00", DAY), "yahoo", 140.0, "USD", 17.5)
    later = seen(PE, flat("09:30", 140, 143, day=NEXT), better, first)
    assert later.events == ()
    assert later.states[PE.id].side is Side.BELOW
    crossed = seen(PE, flat("09:30", 145, 143, day=NEXT), better, first)
    assert [event.price for event in crossed.events] == [17.875]


def test_without_earnings_an_alert_waits() -> None:
    poor = replace(SAID, pe=None)
    found = seen(PE, [*BEFORE, *flat("09:30", 100, day=DAY)], poor)
    assert found.events == ()
    assert lack(found, PE) == Lack(Want.FIGURE, "yahoo gives no P/E")
    forward = rule("below 18", of=Figure.FORWARD_PE)
    blind = replace(SAID, forward_pe=None)
    why = lack(seen(forward, flat("09:30", 100, day=DAY), blind), forward)
    assert why.words == "yahoo gives no forward P/E"


def test_what_was_said_before_the_last_session_closed_is_too_old() -> None:
    old = replace(SAID, at=at("15:59", "2026-03-09"))
    for outlook in (old, None):
        why = lack(seen(PE, flat("09:30", 100, day=DAY), outlook), PE)
        assert why == Lack(Want.FIGURE, "nothing has been heard of it since the last session")
    at_the_close = replace(SAID, at=at("16:00", "2026-03-09"))
    known = seen(PE, flat("09:30", 100, day=DAY), at_the_close).states[PE.id].basis
    assert (known.lack, known.scale) == (None, 7.5)


def test_a_figure_that_was_known_once_is_not_taken_for_todays() -> None:
    first = seen(PE, [*BEFORE, *flat("09:30", 140, day=DAY)])
    silent = seen(PE, flat("09:30", 140, 100, day=NEXT), SAID, first)
    assert silent.events == ()
    assert lack(silent, PE).want is Want.FIGURE


class TestVolume:
    """`of = "volume"`: today's volume as a multiple of the mean of 20 sessions."""

    three = rule("above 3", of=Figure.VOLUME)

    def traded(self, clock: str, volume: float | None, day: str = DAY) -> Bar:
        return replace(bar(clock, "150", day=day), volume=volume)

    def test_volume_fires_when_it_has_grown_over_its_multiple_of_the_mean(self) -> None:
        bars = [self.traded("09:30", 2000), self.traded("09:31", 1000), self.traded("09:32", 50)]
        (event,) = seen(self.three, bars).events
        assert (event.price, event.level, event.unit) == (3.05, 3, 1000)
        assert event.at == at("09:32", DAY)
        assert event.origin == Origin("20-session mean", 1000, at("09:30", "2026-03-09"))

    def test_each_session_counts_from_nothing(self) -> None:
        bars = [self.traded("09:30", 2000), self.traded("09:30", 2000, NEXT)]
        assert seen(self.three, bars).events == ()
        many = [self.traded("09:30", 4000, day) for day in (DAY, NEXT)]
        assert [event.at for event in seen(self.three, many).events] == [
            at("09:30", DAY), at("09:30", NEXT),
        ]  # fmt: skip

    def test_a_restart_in_mid_session_keeps_the_days_volume(self) -> None:
        first = seen(self.three, [self.traded("09:30", 2000)])
        again = seen(self.three, [self.traded("09:31", 1100)], kept=first)
        assert [event.price for event in again.events] == [3.1]

    def test_an_alert_that_is_new_in_mid_session_knows_the_days_volume(self) -> None:
        other = rule("below 1", id="other")
        first = seen(other, [self.traded("09:30", 2000)])
        with_new = replace(first, states={self.three.id: State(since=at("09:31", DAY))})
        again = seen(self.three, [self.traded("09:31", 1100)], kept=with_new)
        assert [event.price for event in again.events] == [3.1]
        silent = replace(first, states={self.three.id: State(since=at("09:32", DAY))})
        late = [self.traded("09:31", 2000), self.traded("09:32", 2000)]
        assert seen(self.three, late, kept=silent).events == ()

    def test_only_the_volume_of_an_alerts_hours_counts(self) -> None:
        bars = [self.traded("09:00", 4000), self.traded("09:30", 2000)]
        assert seen(self.three, bars).events == ()

    def test_a_bar_without_volume_changes_nothing(self) -> None:
        bars = [self.traded("09:30", 2000), self.traded("09:31", None), self.traded("09:32", 1001)]
        assert [event.price for event in seen(self.three, bars).events] == [3.001]

    def test_a_coarse_bar_that_reaches_back_counts_what_is_left_of_it(self) -> None:
        first = seen(self.three, [self.traded("09:30", 2000)])
        five = replace(bar("09:30", "150", day=DAY, minutes=5), volume=1000.0)
        after = seen(self.three, [five], kept=first)
        assert after.events == ()
        assert after.cursor.regular_memory.traded == 2000 + 800

    def test_the_mean_is_that_of_twenty_sessions(self) -> None:
        days = tuple(
            replace(day, volume=100.0 if number < 5 else 1000.0)
            for number, day in enumerate(history("2026-02-02", "2026-03-09"))
        )
        assert len(days) == 25
        bars = [self.traded("09:30", 3001)]
        found = judge([self.three], {}, Cursor(), bars, market=knowing(days), now=bars[-1].end)
        assert [event.unit for event in found.events] == [1000]

    def test_with_less_than_twenty_volumes_it_waits(self) -> None:
        days = history("2026-02-10", "2026-03-09")
        holes = (*history("2026-02-02", "2026-03-06"), replace(days[-1], volume=None))
        for known in (days, holes):
            bars = [self.traded("09:30", 9000)]
            place = knowing(known)
            found = judge([self.three], {}, Cursor(), bars, market=place, now=bars[-1].end)
            assert found.events == ()
            why = lack(found, self.three).words
            assert why == "the volumes of 19 of the last 20 sessions"


class TestAnalysts:
    """An analyst's target is believed only where it can be in the currency of the price."""

    alert = rule("above analyst target")
    day = flat("09:30", 170, 199, 999, day=DAY)

    def expecting(self, currency: str | None = "USD", **targets: float) -> Outlook:
        return replace(SAID, targets=Targets(currency=currency, **targets))

    def test_a_target_is_a_level(self) -> None:
        (event,) = seen(self.alert, self.day, self.expecting(mean=194.0)).events
        assert (event.level, event.price) == (194, 199)
        assert event.origin == Origin("analyst target", 194, MONDAY)

    @pytest.mark.parametrize(
        ("words", "level"),
        [("analyst high", 250), ("analyst low", 180), ("analyst target - 10%", 174.6)],
    )
    def test_each_of_them_has_its_own(self, words: str, level: float) -> None:
        outlook = self.expecting(mean=194.0, high=250.0, low=180.0)
        found = seen(rule(f"above {words}"), self.day, outlook)
        assert [event.level for event in found.events] == [level]

    @pytest.mark.parametrize(
        ("outlook", "why"),
        [
            ({"mean": 194.0, "currency": "CNY"}, "it is in CNY, the price in USD"),
            ({"mean": 29.9}, f"it is 0.199 times the price of 150; {ELSEWHERE}"),
            ({"mean": 751.0}, f"it is 5.01 times the price of 150; {ELSEWHERE}"),
            (
                {"mean": 194.0, "current": 190.0},
                f"it comes with a price of 190, and the price is 150; {ELSEWHERE}",
            ),
        ],
    )
    def test_one_that_does_not_fit_is_refused_told_shown_and_never_fires(
        self, outlook: dict[str, object], why: str
    ) -> None:
        found = seen(self.alert, self.day, self.expecting(**outlook))  # type: ignore[arg-type]
        why = f"the analyst target of {outlook['mean']:g} is refused: {why}"
        assert [(e.kind, e.about, e.at) for e in found.events] == [
            (Kind.HELD, why, at("09:30", DAY))
        ]
        assert lack(found, self.alert) == Lack(Want.TARGET, why, refused=True)
        assert found.states[self.alert.id].phase is Phase.ARMED

    @pytest.mark.parametrize("mean", [30.0, 750.0])
    def test_the_farthest_that_fits_is_believed(self, mean: float) -> None:
        found = seen(self.alert, [*BEFORE, *self.day], self.expecting(mean=mean))
        assert [event.kind for event in found.events if event.kind is Kind.HELD] == []
        assert found.states[self.alert.id].basis.level == mean

    def test_a_price_beside_it_that_is_about_the_same_says_nothing_against_it(self) -> None:
        found = seen(self.alert, self.day, self.expecting(mean=194.0, current=187.5))
        assert [event.level for event in found.events] == [194]

    def test_a_source_without_a_target_lets_the_alert_wait_untold(self) -> None:
        for outlook in (SAID, self.expecting(high=200.0)):
            found = seen(self.alert, self.day, outlook)
            assert found.events == ()
            assert lack(found, self.alert) == Lack(Want.TARGET, "yahoo gives no analyst target")

    def test_a_refusal_is_told_once_and_again_only_after_a_target_was_believed(self) -> None:
        foreign, fitting = self.expecting("CNY", mean=194.0), self.expecting(mean=194.0)
        kept = Judgement(Cursor(), {}, (), ())
        told = []
        for number, outlook in enumerate([foreign, None, foreign, fitting]):
            said = outlook and replace(outlook, at=at("23:00", "2026-03-13"))
            kept = self.day_after(number, said, kept)
            told.append([event.kind.value for event in kept.events])
        assert told == [["held"], [], [], []]
        assert kept.states[self.alert.id].basis.lack is None
        again = self.day_after(6, replace(foreign, at=at("23:00", "2026-03-13")), kept)
        assert [event.kind.value for event in again.events] == ["held"]

    def day_after(self, days: int, outlook: Outlook | None, kept: Judgement) -> Judgement:
        bars = flat("09:30", 150, day=f"2026-03-{10 + days}")
        place = knowing(history("2026-02-02", "2026-03-13"), outlook)
        return judge([self.alert], kept.states, kept.cursor, bars, market=place, now=bars[-1].end)

    def test_one_that_is_believed_again_fires_again(self) -> None:
        held = seen(self.alert, flat("09:30", 170, day=DAY), self.expecting("CNY", mean=194.0))
        fitting = replace(self.expecting(mean=194.0), at=at("20:00", DAY))
        later = seen(self.alert, flat("09:30", 170, 195, day=NEXT), fitting, held)
        assert [event.price for event in later.events] == [195]

    def test_a_refusal_in_mid_session_leaves_the_level_that_was_fixed(self) -> None:
        first = seen(self.alert, flat("09:30", 170, day=DAY), self.expecting(mean=194.0))
        refused = self.expecting("CNY", mean=19.0)
        later = seen(self.alert, flat("09:31", 195, day=DAY), refused, first)
        assert [event.level for event in later.events] == [194]

    def test_an_alert_that_is_done_is_not_told_of_a_refusal(self) -> None:
        done = Judgement(Cursor(), {self.alert.id: State(Phase.DONE, Side.ABOVE)}, (), ())
        found = seen(self.alert, self.day, self.expecting("CNY", mean=194.0), done)
        assert found.events == ()
