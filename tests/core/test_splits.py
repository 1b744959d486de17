"""A split: every price that is remembered is brought into new shares, and told, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alertd.core.almanac import Almanac
from alertd.core.bars import Last, Split
from alertd.core.book import Cursor
from alertd.core.engine import Judgement, judge
from alertd.core.events import Kind
from alertd.core.rules import Amount, Closes, Figure
from alertd.core.splits import rebases, rescaled
from alertd.core.states import Basis, Origin, Phase, Side, State
from tests.core.splitting import BELOW, FRIDAY, MONDAY, NOTHING, OLD, TEN, TUESDAY, kinds, seen
from tests.support.build import at, bar, flat, history, knowing, rule


def test_a_split_rescales_a_level_and_is_no_crossing() -> None:
    new = [bar("09:30", "121", day=MONDAY), bar("09:31", "100.1 101 99.9 100", day=MONDAY)]
    found = seen(BELOW, [*OLD, *new])
    assert kinds(found) == ["split", "fired"]
    fired = found.events[1]
    assert (fired.level, fired.price, fired.at) == (100, 99.9, at("09:31", MONDAY))


def test_it_is_told_with_both_numbers() -> None:
    (event,) = seen(BELOW, [*OLD, bar("09:30", "121", day=MONDAY)]).events
    assert event.kind is Kind.SPLIT
    assert (event.level, event.price, event.at) == (100, 120.8, TEN.at)
    assert event.origin == Origin("10:1", 1000, TEN.at)


def test_it_is_told_and_done_once_however_often_it_is_announced() -> None:
    first = seen(BELOW, [*OLD, bar("09:30", "121", day=MONDAY)])
    again = seen(BELOW, [bar("09:31", "121", day=MONDAY)], first)
    assert again.events == ()
    assert again.states[BELOW.id].basis.scale == 0.1


def test_a_source_that_rescales_its_old_bars_leaves_the_same_state() -> None:
    first, friday = seen(BELOW, OLD[:1]), rescaled(OLD[1], 10)
    new = bar("09:30", "121", day=MONDAY)
    found = seen(BELOW, [friday, new], first)
    assert kinds(found) == ["split"]
    assert found.states == seen(BELOW, [*OLD, new]).states
    crossed = replace(friday, low=99.0)
    assert kinds(seen(BELOW, [crossed, new], first)) == ["fired", "split"]


def test_an_alert_that_was_set_up_after_a_split_is_not_touched() -> None:
    mine = {BELOW.id: State(since=at("10:00", MONDAY))}
    low = rule("below 100")
    bars = [*OLD, *flat("09:59", 121, 121, day=MONDAY)]
    for alert in (BELOW, low):
        found = seen(alert, bars, replace(NOTHING, states={alert.id: State(since=TEN.at)}))
        assert found.events == ()
        assert found.states[alert.id].basis.scale == 1
    found = seen(BELOW, bars, replace(NOTHING, states=mine))
    assert found.states[BELOW.id].side is Side.BELOW


def test_an_alert_from_the_night_before_is() -> None:
    mine = {BELOW.id: State(since=at("03:59", MONDAY))}
    found = seen(BELOW, [*OLD, bar("09:30", "121", day=MONDAY)], replace(NOTHING, states=mine))
    assert kinds(found) == ["split"]
    assert found.states[BELOW.id].side is Side.ABOVE


@pytest.mark.parametrize(("phase", "side"), [(Phase.ARMED, Side.ABOVE), (Phase.FIRED, Side.BELOW)])
def test_the_phase_and_the_side_stay(phase: Phase, side: Side) -> None:
    mine = {BELOW.id: State(phase, side, fired_at=OLD[0].start)}
    shown = [*OLD, bar("09:30", "100", day=MONDAY)]
    found = seen(
        BELOW, shown[2:], replace(NOTHING, states=mine, cursor=Cursor(OLD[1].end)), shown=shown
    )
    assert (found.states[BELOW.id].phase, found.states[BELOW.id].side) == (phase, side)


def test_a_hold_goes_on_over_a_split() -> None:
    alert = rule("below 1000", hold=Closes(2))
    days = [bar("15:58", "1001", day=FRIDAY), bar("15:59", "990", day=FRIDAY)]
    new = bar("15:59", "99.5", day=MONDAY)
    found = seen(alert, [*days, new])
    assert kinds(found) == ["split", "fired"]
    assert found.events[1].price == 99.5


def test_an_alert_that_is_done_or_over_is_not_told() -> None:
    bars = [*OLD, bar("09:30", "121", day=MONDAY)]
    done = replace(NOTHING, states={BELOW.id: State(Phase.DONE, Side.BELOW)})
    assert seen(BELOW, bars, done).events == ()
    over = rule("below 1000", expires=at("20:00", FRIDAY))
    assert seen(over, bars).events == ()
    early = seen(over, OLD[:1])
    assert seen(over, [rescaled(OLD[1], 10), bars[-1]], early).events == ()


def test_both_edges_of_a_band_are_rescaled_and_the_way_back_with_them() -> None:
    alert = rule("outside 1000..1300", rearm=Amount(20))
    bars = [*OLD, *flat("09:30", 121, 131, 128.1, 131, 128, 131, day=MONDAY)]
    split, first, second = seen(alert, bars).events
    assert [event.kind for event in (first, second)] == [Kind.FIRED, Kind.FIRED]
    assert (split.band, first.band) == ((100, 130), (100, 130))
    assert (first.level, second.at) == (130, at("09:35", MONDAY))


def test_the_way_back_in_per_cent_is_measured_from_the_new_level() -> None:
    fired = [bar("15:58", "1001", day=FRIDAY), bar("15:59", "990", day=FRIDAY)]
    bars = [*fired, *flat("09:30", 100.99, 99, 101, 99, day=MONDAY)]
    assert [e.at for e in seen(BELOW, bars).events if e.kind is Kind.FIRED] == [
        at("15:59", FRIDAY), at("09:33", MONDAY),
    ]  # fmt: skip


def test_the_peak_of_a_trail_is_rescaled() -> None:
    trail = rule("trails 8%")
    found = seen(trail, [*OLD, *flat("09:30", 120, 111.4, 111.3, day=MONDAY)])
    (event,) = found.events
    assert (event.kind, event.level, event.price) == (Kind.FIRED, 111.32, 111.3)
    assert event.origin == Origin("peak", 121, at("15:58", FRIDAY))


def test_the_close_that_a_move_is_measured_from_is_rescaled() -> None:
    friday = {"d2026_03_06": "1210 1211 1200 1208"}
    past = history("2026-02-02", FRIDAY, **friday)
    place = replace(knowing(), almanac=Almanac(past, splits=(TEN,)))
    bars = [*OLD, *flat("09:30", 121, 114.77, 114.76, day=MONDAY)]
    (event,) = seen(rule("falls 5%"), bars, place=place).events
    assert event.price == 114.76
    assert event.origin == Origin("previous close", 120.8, at("09:30", FRIDAY))


def test_the_points_of_a_trailing_time_are_rescaled() -> None:
    alert = rule("falls 5% within 2 sessions")
    found = seen(alert, [*OLD, *flat("09:30", 116, 114.95, day=MONDAY)])
    (event,) = found.events
    assert (event.price, event.origin) == (114.95, Origin("highest", 121, at("15:58", FRIDAY)))
    first = seen(alert, OLD)
    restart = seen(alert, flat("09:30", 116, 114.95, day=MONDAY), first)
    assert restart.events == found.events


def test_a_level_by_name_is_that_of_the_new_shares_and_not_told_as_moved() -> None:
    days = history("2025-03-03", FRIDAY, d2025_06_02="1500 1700 1490 1500")
    place = replace(knowing(), almanac=Almanac(days, splits=(TEN,)))
    alert = rule("above 52w high")
    first = seen(alert, OLD, place=place)
    assert first.states[alert.id].basis.level == 1700
    found = seen(alert, flat("09:30", 169, 171, 175, day=MONDAY), first, place=place)
    (event,) = found.events
    assert (event.kind, event.level, event.price, event.was) == (Kind.FIRED, 170, 171, None)
    again = seen(alert, flat("09:33", 172, day=MONDAY), found, place=place)
    assert again.decisions == ()
    assert again.states == found.states


def test_a_history_from_before_a_split_is_restated_for_an_alert_that_comes_after_it() -> None:
    days = history("2025-03-03", FRIDAY, d2025_06_02="1500 1700 1490 1500")
    place = replace(knowing(), almanac=Almanac(days, splits=(TEN,)))
    alert = rule("above 52w high")
    found = seen(alert, flat("09:30", 169, 171, day=MONDAY), place=place)
    assert found.states[alert.id].basis.level == 170


def test_two_splits_are_both_done_in_their_order() -> None:
    back = Split(at("04:00", TUESDAY), 0.5)
    bars = [*OLD, bar("09:30", "121", day=MONDAY), bar("09:30", "242", day=TUESDAY)]
    found = seen(BELOW, bars, NOTHING, TEN, back)
    assert [(e.level, e.origin and e.origin.what) for e in found.events] == [
        (100, "10:1"), (200, "1:2"),
    ]  # fmt: skip
    assert found.states[BELOW.id].basis.scale == 0.2


def test_a_reverse_split_makes_levels_larger() -> None:
    one_for_ten = replace(TEN, ratio=0.1)
    bars = [bar("15:59", "1.20", day=FRIDAY), *flat("09:30", 12, 9.9, day=MONDAY)]
    split, fired = seen(rule("below 1"), bars, NOTHING, one_for_ten).events
    assert (split.level, split.price, split.origin) == (10, 12, Origin("1:10", 1, TEN.at))
    assert (fired.level, fired.price) == (10, 9.9)


def test_an_odd_ratio_is_rounded_as_prices_are() -> None:
    three_for_two = replace(TEN, ratio=1.5)
    bars = [bar("15:59", "151", day=FRIDAY), *flat("09:30", 101, 66.6667, 66.6666, day=MONDAY)]
    found = seen(rule("below 100"), bars, NOTHING, three_for_two)
    assert [(e.kind.value, e.level) for e in found.events] == [
        ("split", 66.6667), ("fired", 66.6667),
    ]  # fmt: skip
    assert found.events[1].price == 66.6666


class TestLate:
    """The source says only afterwards that some bars were in new shares."""

    after = flat("09:30", 121, 122, day=MONDAY)

    def test_a_level_is_brought_over_and_the_side_is_that_of_the_last_price(self) -> None:
        above = rule("above 1000")
        bars, now = [*OLD, *self.after], at("10:00", MONDAY)
        first = judge([above], {}, Cursor(), bars, market=knowing(), now=now)
        assert first.states[above.id].side is Side.BELOW
        found = seen(above, flat("09:32", 122, day=MONDAY), first)
        assert kinds(found) == ["split"]
        assert found.events[0].price == 122
        assert found.states[above.id].side is Side.ABOVE

    def test_a_mean_volume_of_old_shares_is_brought_over_and_todays_is_not(self) -> None:
        alert = rule("above 3", of=Figure.VOLUME)
        place = knowing(history("2026-02-02", FRIDAY))
        bars = [replace(bar, volume=1400.0) for bar in self.after]
        first = judge([alert], {}, Cursor(), [*OLD, *bars], market=place, now=bars[-1].end)
        assert first.states[alert.id].basis.scale == 1000
        more = [replace(bar("09:32", "121", day=MONDAY), volume=27_201.0)]
        found = seen(alert, more, first, place=replace(place, almanac=None))
        assert [(e.kind, e.unit, e.price) for e in found.events] == [(Kind.FIRED, 10_000, 3.0001)]

    def test_what_was_seen_in_new_shares_stays_as_it_is(self) -> None:
        alert, now = rule("rises 5% within 2 sessions"), at("10:00", MONDAY)
        first = judge([alert], {}, Cursor(), self.after, market=knowing(), now=now)
        late = replace(first, cursor=replace(first.cursor, split_through=OLD[0].start))
        bars = flat("09:32", 126, 127.05, day=MONDAY)
        found = seen(alert, bars, late)
        assert [(e.kind.value, e.price) for e in found.events] == [("fired", 127.05)]

    def test_the_close_of_the_regular_hours_stays_as_it_is_when_it_is_told_in_the_evening(
        self,
    ) -> None:
        bars, now = [*OLD, *self.after], at("16:00", MONDAY)
        first = judge([BELOW], {}, Cursor(), bars, market=knowing(), now=now)
        evening = seen(BELOW, flat("16:30", 123, day=MONDAY), first)
        assert evening.cursor.regular == Last(122, at("09:31", MONDAY))
        at_once = seen(BELOW, [*OLD, *flat("04:00", 123, day=MONDAY)])
        assert at_once.cursor.regular == Last(120.8, at("15:59", FRIDAY))

    def test_a_peak_in_new_shares_stays_as_it_is(self) -> None:
        trail = rule("trails 8%")
        basis = Basis(peak=122.0, peak_at=at("09:31", MONDAY))
        mine = {trail.id: State(side=Side.ABOVE, basis=basis)}
        kept = Judgement(Cursor(at("09:32", MONDAY), split_through=OLD[0].start), mine, (), ())
        found = seen(trail, flat("09:32", 115, 112, day=MONDAY), kept)
        assert [event.level for event in found.events] == [112.24]


class TestWhichShares:
    """What the bars around a split say of the shares that they are in."""

    @pytest.mark.parametrize("ratio", [10, 0.1])
    def test_a_bar_in_both_shares_tells_by_the_price_that_is_new(self, ratio: float) -> None:
        split = replace(TEN, ratio=ratio)
        prices = "1200 1210 119 120" if ratio > 1 else "1200 12100 1190 12000"
        mixed = bar("04:00", prices, day=MONDAY)
        old = bar("15:59", "1200", day=FRIDAY)
        (raw,) = rebases([split], [old, mixed])
        (new,) = rebases([split], [rescaled(old, ratio), mixed])
        assert (raw.rescaled, new.rescaled) == (False, True)

    def test_a_bar_in_both_shares_before_a_split_says_nothing(self) -> None:
        mixed = bar("15:59", "1200 1210 119 120", day=FRIDAY)
        (found,) = rebases([TEN], [OLD[0], mixed, bar("09:30", "121", day=MONDAY)])
        assert not found.rescaled

    def test_a_days_course_is_not_taken_for_a_small_split(self) -> None:
        split = replace(TEN, ratio=1.2)
        wide = bar("15:59", "110 120 108 120", day=FRIDAY)
        (found,) = rebases([split], [bar("15:58", "100", day=FRIDAY), wide, *flat("09:30", 100)])
        assert not found.rescaled
