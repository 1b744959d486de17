"""How it came about: what was seen, what the level is made of, and where it was before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alertd.core.events import Kind
from alertd.core.rules import Figure
from alertd.core.states import Origin
from tests.core.telling import BAND, CLOSE, FIGURES, PEAK, YEAR_HIGH, text, told
from tests.support.build import at

if TYPE_CHECKING:
    from alertd.core.notices import Notice


@pytest.mark.parametrize(
    ("notice", "sentence"),
    [
        (
            told("above 52w high", 193.1, 192.67, origin=YEAR_HIGH),
            "The 52-week high is $192.67, from 2025-10-02.",
        ),
        (
            told("below 52w high", 190.9, 191.0, origin=YEAR_HIGH, was=192.67),
            "moved, from $192.67 to $191.00, since it was first known or last told.",
        ),
        (
            told("falls 5%", 142.3, 142.5, origin=CLOSE),
            "The previous close was $150.00, on 2026-03-06: 5 % from there is $142.50.",
        ),
        (
            told("falls 5% within 1h", 142.0, 142.5, origin=Origin("highest", 150.0, at("09:31"))),
            "price within 1h was $150.00, at 2026-03-09 09:31 EDT (13:31 UTC): 5 % from there is",
        ),
        (
            told("trails 8%", 176.6, 176.64, origin=PEAK),
            "armed was $192.00, at 2026-03-09 10:02 EDT (14:02 UTC); stop $176.64.",
        ),
        (
            told("above 20", 20.13, 20.0, **FIGURES["pe"]),
            "The P/E was 20.13 at 2026-03-09 09:34 EDT (13:34 UTC), with the price at $161.04.",
        ),
        (
            told("above 20", 20.13, 20.0, **FIGURES["pe"]),
            "Earnings per share are $8.00, as of 2026-03-06: a P/E of 20 is a price of $160.00.",
        ),
        (
            told("above 3", 3.1, 3.0, **FIGURES["volume"]),
            "3.1 times its 20-session mean at 2026-03-09 09:34 EDT (13:34 UTC): 44,020,000 shares.",
        ),
        (
            told("above 3", 3.1, 3.0, **FIGURES["volume"]),
            "The 20-session mean is 14,200,000 shares, as of 2026-03-06.",
        ),
        (
            told("below 1000", 99.5, 100.0),
            "The configuration says 1000: since a split that is $100.00.",
        ),
        (
            told("inside 1480..1520", 151.9, 152.0, **BAND),
            "The configuration says [1480, 1520]: since a split that is $148.00 to $152.00.",
        ),
        (told("inside 148..152", 151.9, 152.0, gap=True, **BAND), "It opened inside the band,"),
        (told("outside 148..152", 152.9, 152.0, gap=True, **BAND), "It opened outside the band,"),
        (
            told("falls 5%", 142.3, 142.5, origin=CLOSE, gap=True),
            "It opened that far away already, without a trade in between: a gap.",
        ),
        (told("trails 8%", 176.6, 176.64, gap=True), "It opened below the stop,"),
        (told("trails 8%", 176.64, 176.64, gap=True), "It opened at the stop,"),
        (told("touches 170", 170.0, 170.0, gap=True), "It opened at the level, without a trade"),
        (told("touches 170", 169.0, 170.0, gap=True), "It opened beyond the level, without"),
        (told("inside 148..152", 151.9, 152.0, **BAND), "The last price is $151.90, inside the"),
        (
            told("outside 148..152", 152.1, 152.0, **BAND),
            "The last price is $152.10, 0.1 % above $152.00, as of",
        ),
        (
            replace(told("above 20", 20.13, 20.0, **FIGURES["pe"]), price_now=161.04),
            "The last price is $161.04, 0.7 % above a P/E of 20, as of",
        ),
        (
            replace(told("above 20", 20.13, 20.0, **FIGURES["pe"]), price_now=160.0),
            "The last price is $160.00, exactly at a P/E of 20, as of",
        ),
        (
            told("below 20", 20.2, 20.0, Kind.RECOVERED, **FIGURES["pe"]),
            "A P/E of 20 is reclaimed.",
        ),
        (
            told("outside 148..152", 153.0, 148.0, Kind.RECOVERED, **BAND),
            "The last price is $153.00, 0.7 % above $152.00, as of",
        ),
        (
            replace(told("outside 148..152", 152.1, 152.0, **BAND), price_now=147.0),
            "The last price is $147.00, 0.7 % below $148.00, as of",
        ),
    ],
)
def test_the_text_says_where_a_level_comes_from(notice: Notice, sentence: str) -> None:
    assert sentence in text(notice)


@pytest.mark.parametrize(
    "notice",
    [
        told("below 150.123456", 150.1, 150.1235),
        told("falls 5% within 1h", 142.0, 142.5),
        told("above 20", 20.13, 20.0, of=Figure.PE, unit=8.0),
    ],
)
def test_a_level_that_is_only_rounded_is_not_said_to_be_split(notice: Notice) -> None:
    assert "split" not in text(notice)


@pytest.mark.parametrize("price", [151.6, 153.0])
def test_the_recovery_of_a_hold_happens_at_a_price_and_over_no_gap(price: float) -> None:
    notice = told("below 150", price, 150.0, Kind.RECOVERED, gap=True)
    said = text(replace(notice, hold="2 closes"))
    assert f"The price was ${price:.2f} at" in said
    assert ("gap" in said, "close" in said) == (False, False)
