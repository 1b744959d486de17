"""The line that a locked phone shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alertd.core.events import Kind
from alertd.core.headlines import subject
from alertd.core.states import Origin
from tests.core.telling import BAND, CLOSE, FIGURES, PEAK, YEAR_HIGH, told
from tests.support.build import at

if TYPE_CHECKING:
    from alertd.core.notices import Notice


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        (told("inside 148..152", 151.9, 152.0, **BAND), "entered $148.00 to $152.00, at $151.90"),
        (told("outside 148..152", 152.1, 152.0, **BAND), "left $148.00 to $152.00, at $152.10"),
        (
            told("inside 148..152", 153.6, 152.0, Kind.RECOVERED, **BAND),
            "is back outside $148.00 to $152.00, at $153.60",
        ),
        (
            told("outside 148..152", 150.4, 152.0, Kind.RECOVERED, **BAND),
            "is back inside $148.00 to $152.00, at $150.40",
        ),
        (
            told("rises 5%", 157.6, 157.5, origin=CLOSE),
            "rose 5.1 % from its previous close, at $157.60",
        ),
        (
            told("falls 3%", 124.5, 145.5, origin=CLOSE),
            "fell 17.0 % from its previous close, at $124.50",
        ),
        (
            told("moves 5%", 142.3, 142.5, origin=CLOSE),
            "fell 5.1 % from its previous close, at $142.30",
        ),
        (
            told("moves 5% within 5 sessions", 158.0, 157.5, origin=CLOSE),
            "rose 5.3 % within 5 sessions, at $158.00",
        ),
        (
            told("falls 5% within 1h", 142.0, 142.5, origin=Origin("highest", 150.0, at("09:31"))),
            "fell 5.3 % within 1h, at $142.00",
        ),
        (told("falls 5%", 142.3, 142.5), "fell 5 % or more from its previous close, at $142.30"),
        (told("trails 8%", 176.6, 176.64, origin=PEAK), "fell 8.0 % under its peak of $192.00, at"),
        (told("trails 8%", 153.6, 176.64, origin=PEAK), "fell 20.0 % under its peak of $192.00"),
        (
            told("trails 8%", 178.5, 176.64, Kind.RECOVERED, origin=PEAK),
            "is back above its stop of $176.64, at $178.50",
        ),
        (
            told("above 52w high", 193.1, 192.67, origin=YEAR_HIGH),
            "rose above its 52-week high of $192.67, at $193.10",
        ),
        (
            told("below 52w high - 2%", 188.7, 188.82, origin=YEAR_HIGH),
            "fell below its 52-week high less 2 % ($188.82), at $188.70",
        ),
        (
            replace(told("above 52w high", 193.1, 192.67, origin=YEAR_HIGH), hold="2 closes"),
            "held above its 52-week high of $192.67 for 2 closes, at $193.10",
        ),
        (
            replace(told("inside 148..152", 150.0, 152.0, **BAND), hold="30m"),
            "held inside $148.00 to $152.00 for 30m, at $150.00",
        ),
        (told("below 150", 149.0, 150.0, about="at the start"), "is below $150.00, at $149.00"),
        (
            told("outside 148..152", 155.0, 152.0, about="at the start", **BAND),
            "is outside $148.00 to $152.00, at $155.00",
        ),
    ],
)
def test_the_subject_says_what_happened_under_every_condition(notice: Notice, said: str) -> None:
    assert subject(notice).startswith(f"BABA {said}")


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        (told("above 20", 20.13, 20.0, **FIGURES["pe"]), "BABA's P/E rose above 20, at 20.13"),
        (
            told("above 3", 3.1, 3.0, **FIGURES["volume"]),
            "BABA's volume today exceeded 3 times its 20-session mean, at 3.1 times",
        ),
        (
            told("above 20", 19.75, 20.0, Kind.RECOVERED, **FIGURES["pe"]),
            "BABA's P/E is back below 20, at 19.75",
        ),
        (
            told("inside 18..22", 18.5, 18.0, band=(18.0, 22.0), **FIGURES["pe"]),
            "BABA's P/E entered 18 to 22, at 18.5",
        ),
    ],
)
def test_the_subject_of_a_figure_names_it(notice: Notice, said: str) -> None:
    assert subject(notice) == said
