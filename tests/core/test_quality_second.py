"""What another source's word is worth where a bar is in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.bars import Bar, Last
from alertd.core.quality import Sifted, Verdict, agrees, sift
from tests.support.build import SESSIONS, at, bar, flat, series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hypothesis.strategies import DrawFn

LAST = Last(100.0, at("10:00"))
JUMP = bar("10:01", "118 131 117 130")
MINUTE = timedelta(minutes=1)


def gate(bars: Sequence[Bar], *confirmed: datetime) -> Sifted:
    now = bars[-1].end
    return sift(
        series(list(bars)), "USD", now, sessions=SESSIONS, last=LAST, confirmed=confirmed
    )  # fmt: skip


def test_a_suspect_bar_that_a_second_source_agrees_with_is_good_at_once() -> None:
    sifted = gate([JUMP], JUMP.start)
    assert sifted.good == (JUMP,)
    assert sifted.waiting is None
    assert [(doubt.price, doubt.verdict) for doubt in sifted.doubts] == [(131, Verdict.AGREED)]
    assert sifted.tally(None, JUMP.end) == {Verdict.AGREED: 1}


def test_later_bars_are_compared_with_a_bar_that_was_agreed_with() -> None:
    after = bar("10:02", "130 132 128 131")
    assert gate([JUMP, after], JUMP.start).good == (JUMP, after)
    assert gate([JUMP, bar("10:02", "100")], JUMP.start).waiting == bar("10:02", "100")


def test_agreement_with_one_bar_says_nothing_of_another() -> None:
    later = bar("10:02", "170")
    assert gate([JUMP, later], JUMP.start).waiting == later
    assert gate([JUMP], later.start).waiting == JUMP


def test_a_bar_in_no_doubt_needs_no_agreement() -> None:
    plain = flat("10:01", 101, 102)
    assert gate(plain, plain[0].start) == gate(plain)


def test_a_wild_extreme_is_cut_off_whatever_another_source_says() -> None:
    wild = bar("10:01", "101 900 99 100")
    assert gate([wild], wild.start) == gate([wild])


@pytest.mark.parametrize(
    ("others", "agreed"),
    [
        ([bar("10:01", "117 130 117 129")], True),
        # One price of that minute, as a source of last prices gives it.
        ([bar("10:01", "128")], True),
        # Nearer to where the price was before.
        ([bar("10:01", "101 116 100 114")], False),
        ([bar("10:01", "100")], False),
        # Of the time before, and of the time after.
        ([bar("10:00", "130"), bar("10:02", "130")], False),
        ([], False),
        # The last price of that time counts.
        ([bar("10:01", "100", minutes=0.5), replace(bar("10:01:30", "130"), length=MINUTE)], True),
        ([bar("10:01", "nan")], False),
        ([bar("10:01", "130 120 125 130")], False),
    ],
)
def test_a_second_source_agrees_where_its_price_of_that_time_is_nearer(
    others: list[Bar],
    *,
    agreed: bool,
) -> None:
    assert agrees(JUMP, LAST, others) is agreed


def test_a_second_source_does_not_agree_with_a_print_far_from_all_that_it_shows() -> None:
    other = [bar("10:01", "118 130 117 129")]
    assert agrees(bar("10:01", "118 149.5 117 130"), LAST, other)
    assert not agrees(bar("10:01", "118 149.51 117 130"), LAST, other)
    assert agrees(bar("10:01", "118 130 85 130"), LAST, other)
    assert not agrees(bar("10:01", "118 130 84.99 130"), LAST, other)


PRICES = st.integers(40, 400).map(float)


@st.composite
def minutes(draw: DrawFn) -> Bar:
    first, high, low, close = (draw(PRICES) for _ in range(4))
    prices = (first, high, low, close)
    return Bar(JUMP.start, MINUTE, first, max(prices), min(prices), close)


@given(minutes(), PRICES)
def test_a_source_that_shows_the_same_bar_agrees(suspect: Bar, price: float) -> None:
    assert agrees(suspect, Last(price, at("10:00")), [suspect]) is (suspect.close != price)


@given(minutes(), PRICES, st.lists(minutes(), max_size=3))
def test_no_price_that_is_agreed_with_lies_far_from_all_known_ones(
    suspect: Bar, price: float, others: list[Bar]
) -> None:
    if agrees(suspect, Last(price, at("10:00")), others):
        known = [price, *(each.low for each in others), *(each.high for each in others)]
        assert min(known) * 0.8499 < suspect.low
        assert suspect.high < max(known) * 1.1501


@given(PRICES, st.sampled_from([100.0, 0.01]), st.lists(minutes(), max_size=3))
def test_a_hundredfold_price_is_never_agreed_with_by_a_source_that_has_the_true_one(
    price: float, factor: float, others: list[Bar]
) -> None:
    wrong = price * factor
    glitch = Bar(JUMP.start, MINUTE, price, max(price, wrong), min(price, wrong), wrong)
    true = [replace(each, open=price, high=price, low=price, close=price) for each in others]
    assert not agrees(glitch, Last(price, at("10:00")), true)


@given(minutes(), st.integers(1, 400).map(float))
def test_what_a_second_source_confirms_is_what_the_next_bar_would_have_confirmed(
    suspect: Bar, opened: float
) -> None:
    after = Bar(suspect.end, MINUTE, opened, opened, opened, opened)
    waited = gate([suspect, after])
    if waited.doubts and waited.doubts[0].verdict is Verdict.CONFIRMED:
        assert gate([suspect, after], suspect.start).good == waited.good
