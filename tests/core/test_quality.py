from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import inf, nan
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Last, Split
from alertd.core.quality import Sifted, Verdict, sift, verdict
from alertd.core.splits import Rebase
from tests.support.build import NEW_YORK, SESSIONS, XNYS, at, bar, daily, flat, series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.bars import Bar

TUESDAY = "2026-03-10"
OPEN = Last(100.0, at("09:30"))
APPLE = Split(at("04:00", "2014-06-09"), 7.0)
TEN = Split(at("04:00", TUESDAY), 10.0)


def gate(bars: Sequence[Bar], last: Last | None = OPEN, rebases: Sequence[Rebase] = ()) -> Sifted:
    """Return what the gate makes of bars that have all ended."""
    given = series(list(bars))
    return sift(given, "USD", bars[-1].end, sessions=SESSIONS, last=last, rebases=rebases)


def doubts(sifted: Sifted) -> list[str]:
    """Return what was doubted: `10:01 9000 dropped`."""
    return [
        f"{doubt.at.astimezone(NEW_YORK):%H:%M} {doubt.price:g} {doubt.verdict.name.lower()}"
        for doubt in sifted.doubts
    ]


def closes(sifted: Sifted) -> list[float]:
    return [bar.close for bar in sifted.good]


GOOD = bar("09:30", "150 151 149 150.5")


def test_a_good_bar_is_good() -> None:
    assert verdict(GOOD, at("09:30")) is Verdict.GOOD


@pytest.mark.parametrize(
    ("price", "found"),
    [
        (nan, Verdict.MISSING), (inf, Verdict.NOT_FINITE), (0.0, Verdict.NOT_POSITIVE),
        (-1.0, Verdict.NOT_POSITIVE), (152.0, Verdict.INCONSISTENT), (148.0, Verdict.INCONSISTENT),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["open", "close"])
def test_a_bar_with_an_impossible_price_is_refused(
    price: float, found: Verdict, field: str
) -> None:
    broken = replace(GOOD, open=price) if field == "open" else replace(GOOD, close=price)
    assert verdict(broken, at("09:31")) is found


def test_a_bar_whose_high_is_not_finite_is_refused() -> None:
    assert verdict(replace(GOOD, high=inf), at("09:31")) is Verdict.NOT_FINITE


def test_a_bar_more_than_two_minutes_ahead_is_refused() -> None:
    assert verdict(GOOD, at("09:28")) is Verdict.GOOD
    assert verdict(GOOD, at("09:27:59")) is Verdict.AHEAD


def test_bars_in_another_currency_are_refused_whole() -> None:
    sifted = sift(series([GOOD]), "CNY", at("09:31"))
    assert sifted.good == ()
    assert sifted.refused == {Verdict.CURRENCY: 1}
    assert sift(series([GOOD]), "USD", at("09:31")).good == (GOOD,)
    assert sift(series([GOOD]), None, at("09:31")).good == (GOOD,)


def test_refused_bars_are_counted_by_verdict_and_the_good_ones_stay() -> None:
    bars = [*flat("09:30", 150, 151), bar("09:32", "nan"), bar("09:33", "0"), bar("09:34", "nan")]
    sifted = sift(series(bars), "USD", at("09:35"))
    assert [found.close for found in sifted.good] == [150, 151]
    assert sifted.refused == {Verdict.MISSING: 2, Verdict.NOT_POSITIVE: 1}


def test_a_verdict_is_counted_once_between_two_places_of_a_cursor() -> None:
    bars = [*flat("10:00", 100, nan, 9000, 100), bar("10:04", "100 200 100 100")]
    sifted = gate([*bars, bar("10:05", "nan")])
    assert sifted.tally(None, at("10:02")) == {Verdict.MISSING: 1}
    assert sifted.tally(at("10:02"), at("10:05")) == {Verdict.DROPPED: 1, Verdict.CUT: 1}
    assert sifted.tally(at("10:05"), at("10:06")) == {Verdict.MISSING: 1}


def test_without_sessions_no_bar_is_doubted() -> None:
    bars = flat("10:00", 100, 9000, 100)
    assert sift(series(bars), "USD", at("10:03")).good == tuple(bars)


def test_a_jump_of_more_than_15_percent_waits() -> None:
    sifted = gate(flat("10:00", 100, 116))
    assert closes(sifted) == [100]
    assert sifted.waiting == bar("10:01", "116")
    assert doubts(sifted) == ["10:01 116 suspect"]
    assert closes(gate(flat("10:00", 100, 84.99))) == [100]


def test_a_jump_of_15_percent_does_not_wait() -> None:
    for price in (85, 115):
        assert closes(gate(flat("10:00", 100, price))) == [100, price]


def test_a_suspect_bar_is_confirmed_late_when_the_next_opens_nearer_to_its_close() -> None:
    bars = [bar("10:00", "100"), bar("10:01", "100 130 99 128"), bar("10:02", "115 131 114 130")]
    sifted = gate(bars)
    assert sifted.good == tuple(bars)
    assert sifted.waiting is None
    assert doubts(sifted) == ["10:01 130 confirmed"]


def test_a_suspect_bar_is_dropped_and_counted_when_the_next_opens_no_nearer_to_it() -> None:
    sifted = gate(flat("10:00", 100, 130, 115))
    assert closes(sifted) == [100, 115]
    assert doubts(sifted) == ["10:01 130 dropped"]


@pytest.mark.parametrize("glitch", [1.0, 10_000.0])
def test_a_hundredfold_price_of_one_minute_is_dropped(glitch: float) -> None:
    assert closes(gate(flat("10:00", 100, glitch, 101))) == [100, 101]


def test_a_session_may_open_far_from_the_last_one() -> None:
    evening, last = bar("19:59", "100"), Last(100.0, at("15:59"))
    assert closes(gate([evening, bar("04:00", "191", TUESDAY)], last)) == [100, 191]
    assert closes(gate([evening, bar("09:30", "55", TUESDAY)], last)) == [100, 55]


def test_a_true_overnight_gap_of_9_percent_is_good_at_once() -> None:
    sifted = gate([bar("19:59", "100"), bar("09:30", "91", TUESDAY)])
    assert closes(sifted) == [100, 91]
    assert sifted.doubts == ()


def test_the_regular_open_may_lie_far_from_the_pre_market() -> None:
    early = Last(100.0, at("09:29"))
    assert closes(gate([bar("09:30", "130")], early)) == [130]
    assert gate([bar("09:29", "130")], Last(100.0, at("09:28"))).waiting


def test_the_first_good_bar_counts_as_the_first_one_of_its_session() -> None:
    early = Last(100.0, at("09:29"))
    assert closes(gate([bar("09:30", "nan"), *flat("09:31", 9000, 130)], early)) == [130]
    assert gate([bar("09:31", "130")]).waiting


def test_no_session_opens_at_more_than_double_or_less_than_half() -> None:
    early = Last(100.0, at("09:29"))
    assert closes(gate([bar("09:30", "200")], early)) == [200]
    assert closes(gate([bar("09:30", "50")], early)) == [50]
    assert gate([bar("09:30", "200.01")], early).waiting
    assert gate([bar("09:30", "49.99")], early).waiting


def test_a_daily_bar_in_another_unit_is_dropped_and_a_wide_one_is_not() -> None:
    days = [
        daily("2026-03-09", "100 101 99 100"),
        daily("2026-03-10", "10000 10100 9900 10000"),
        daily("2026-03-11", "100 130 80 120"),
    ]
    assert closes(gate(days, None)) == [100, 120]


def test_the_first_bar_of_all_is_believed() -> None:
    assert closes(gate(flat("10:00", 9000, 9001), None)) == [9000, 9001]


def test_a_refused_bar_decides_nothing() -> None:
    sifted = gate([*flat("10:00", 100, 130), bar("10:02", "nan"), bar("10:03", "131")])
    assert closes(sifted) == [100, 130, 131]


def test_a_bar_that_is_suspect_itself_decides_by_its_open() -> None:
    dropped = gate([*flat("10:00", 100, 130), bar("10:02", "101 160 100 160")])
    assert doubts(dropped) == ["10:01 130 dropped", "10:02 160 suspect"]
    assert closes(dropped) == [100]
    confirmed = gate([*flat("10:00", 100, 130), bar("10:02", "131 160 130 160")])
    assert doubts(confirmed) == ["10:01 130 confirmed", "10:02 160 suspect"]
    assert closes(confirmed) == [100, 130]


def test_glitches_that_disagree_with_each_other_are_all_dropped() -> None:
    sifted = gate(flat("10:00", 100, 10_000, 1, 101))
    assert closes(sifted) == [100, 101]
    assert doubts(sifted) == ["10:01 10000 dropped", "10:02 1 dropped"]


def test_a_wild_extreme_of_a_bar_that_closes_where_it_came_from_is_cut_off_at_once() -> None:
    up = gate([bar("10:00", "101 900 99 100")])
    assert up.good == (bar("10:00", "101 101 99 100"),)
    assert doubts(up) == ["10:00 900 cut"]
    both = gate([bar("10:00", "101 900 1 100")])
    assert both.good == (bar("10:00", "101 101 100 100"),)
    assert doubts(both) == ["10:00 1 cut"]


def test_a_wild_open_is_replaced_by_the_last_good_price() -> None:
    cut = gate([bar("10:00", "1 99 1 98")])
    assert cut.good == (bar("10:00", "100 100 98 98"),)
    assert cut.waiting is None


def test_a_bar_of_more_than_five_minutes_that_goes_far_and_comes_back_is_good_as_it_came() -> None:
    assert doubts(gate([bar("10:30", "99 99 84 89", minutes=5)])) == ["10:30 84 cut"]
    for minutes in (6, 60):
        longer = bar("10:30", "99 99 84 89", minutes=minutes)
        assert gate([longer]) == Sifted((longer,))


def test_a_bar_that_mixes_the_shares_before_and_after_a_split_is_refused() -> None:
    mixed = bar("04:00", "92.7 645.57 92.23 93", "2014-06-09")
    bars = [mixed, bar("04:01", "93.1", "2014-06-09")]
    days = XNYS.sessions(date(2014, 6, 2), date(2014, 6, 20))
    for rebase in (Rebase(APPLE, APPLE.at, rescaled=False), Rebase(APPLE, APPLE.at, rescaled=True)):
        last = Last(645.57, at("19:59", "2014-06-06"))
        sifted = sift(
            series(bars), "USD", at("05:00", "2014-06-09"),
            sessions=days, last=last, rebases=[rebase],
        )  # fmt: skip
        assert closes(sifted) == [93.1]
        assert sifted.refused == {Verdict.MIXED: 1}
        assert doubts(sifted) == ["04:00 645.57 mixed"]


@pytest.mark.parametrize(
    ("clock", "day", "refused"),
    [
        ("03:59", "2026-03-09", 0), ("19:59", "2026-03-09", 1), ("04:00", "2026-03-10", 1),
        ("19:59", "2026-03-10", 1), ("04:00", "2026-03-11", 0),
    ],
)  # fmt: skip
def test_a_mixture_is_looked_for_from_a_day_before_a_split_to_the_end_of_its_session(
    clock: str, day: str, refused: int
) -> None:
    sifted = gate([bar(clock, "12 100 10 11", day)], None, [Rebase(TEN, TEN.at, rescaled=False)])
    assert sifted.refused[Verdict.MIXED] == refused


def test_a_reverse_split_is_mixed_up_alike_and_a_lively_day_is_not() -> None:
    reverse = Rebase(Split(TEN.at, 0.1), TEN.at, rescaled=False)
    mixed = gate([bar("04:00", "10 101 10 101", TUESDAY)], None, [reverse])
    assert mixed.refused == {Verdict.MIXED: 1}
    lively = gate([bar("04:00", "100 300 100 290", TUESDAY)], None, [reverse])
    assert lively.refused == {}


def test_a_dividend_in_shares_makes_no_ordinary_bar_a_mixture() -> None:
    small = Rebase(Split(TEN.at, 1.05), TEN.at, rescaled=False)
    assert gate([bar("04:00", "100 104 99 100", TUESDAY)], None, [small]).refused == {}


def test_over_a_split_prices_are_compared_in_the_same_shares() -> None:
    rebase = Rebase(TEN, TEN.at, rescaled=False)
    bars = [bar("19:59", "1000"), bar("04:00", "101", TUESDAY), bar("04:01", "102", TUESDAY)]
    sifted = gate(bars, Last(1000.0, at("19:58")), [rebase])
    assert sifted.good == tuple(bars)
    assert sifted.doubts == ()


def test_the_last_good_price_in_new_shares_is_rounded_as_prices_are() -> None:
    seventh = Rebase(Split(TEN.at, 7.0), TEN.at, rescaled=False)
    cut = gate([bar("04:00", "70 142 70 142", TUESDAY)], Last(1000.0, at("19:58")), [seventh])
    assert cut.good == (bar("04:00", "142.8571 142.8571 142 142", TUESDAY),)


def test_a_suspect_bar_before_a_split_is_decided_in_the_shares_after_it() -> None:
    rebase = Rebase(TEN, TEN.at, rescaled=False)
    bars = [bar("19:59", "1300"), bar("04:00", "129", TUESDAY), bar("04:01", "131", TUESDAY)]
    sifted = gate(bars, Last(1000.0, at("19:58")), [rebase])
    assert sifted.good == tuple(bars)
    assert doubts(sifted) == ["19:59 1300 confirmed"]


def test_doubts_are_in_the_order_of_their_bars() -> None:
    rebase = Rebase(TEN, TEN.at, rescaled=False)
    mixed = bar("04:00", "130 1300 130 130", TUESDAY)
    bars = [bar("19:59", "1300"), mixed, bar("04:01", "131", TUESDAY)]
    sifted = gate(bars, Last(1000.0, at("19:58")), [rebase])
    assert doubts(sifted) == ["19:59 1300 confirmed", "04:00 1300 mixed"]
    assert sifted.tally(None, bars[-1].end) == {Verdict.CONFIRMED: 1, Verdict.MIXED: 1}


def test_a_kept_price_is_rescaled_where_the_source_has_rescaled_its_bars() -> None:
    bars = [bar("19:59", "101"), bar("04:00", "102", TUESDAY)]
    sifted = gate(bars, Last(1000.0, at("19:58")), [Rebase(TEN, bars[0].start, rescaled=True)])
    assert sifted.good == tuple(bars)
    assert sifted.doubts == ()
