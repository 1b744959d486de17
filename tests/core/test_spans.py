"""Lengths of time, as the configuration and the command line take them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertd.core.spans import UnitTwice, span


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1 day 2h", timedelta(hours=26)),
        ("2 weeks", timedelta(days=14)),
        ("0m", timedelta(0)),
    ],
)
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "1.5h", "5 M", "5m ", "12345678s"])
def test_what_is_none_is_none(text: str) -> None:
    assert span(text) is None


def test_a_unit_counts_once() -> None:
    with pytest.raises(UnitTwice):
        span("1h 2 hours")
