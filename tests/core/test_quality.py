from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest

from alertd.core.quality import Verdict, sift, verdict
from tests.support.build import at, bar, flat, series

GOOD = bar("09:30", "150 151 149 150.5")


def test_a_good_bar_is_good() -> None:
    assert verdict(GOOD, at("09:30")) is Verdict.GOOD


@pytest.mark.parametrize(
    ("price", "found"),
    [
        (nan, Verdict.MISSING),
        (inf, Verdict.NOT_FINITE),
        (0.0, Verdict.NOT_POSITIVE),
        (-1.0, Verdict.NOT_POSITIVE),
        (152.0, Verdict.INCONSISTENT),
        (148.0, Verdict.INCONSISTENT),
    ],
)
@pytest.mark.parametrize("field", ["open", "close"])
def test_a_bar_with_an_impossible_price_is_refused(
    price: float, found: Verdict, field: str
) -> None:
    broken = replace(GOOD, open=price) if field == "open" else replace(GOOD, close=price)
    assert verdict(broken, at("09:31")) is found


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
