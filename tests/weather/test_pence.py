"""A currency that is not the one expected: refused with words, not in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from tests.support.build import at, rule

if TYPE_CHECKING:
    from tests.weather.conftest import Skies

VODAFONE = rule("below 72.5", id="vodafone", symbol="VOD.L")


def test_pence_where_pounds_are_expected_fire_nothing_and_are_told_with_what_to_write(
    skies: Skies, lines: list[str]
) -> None:
    place = listing(Symbol("VOD.L"), currency="GBP", delay=timedelta(0))
    sky = skies(VODAFONE, places=[place], start=at("09:30:05"))
    sky.play("VOD.L")
    sky.yahoo.describe("VOD.L", currency="GBp")
    sky.until(at("09:50"))
    (told,) = sky.letters.messages
    said = "VOD.L: prices are in GBp (pence, 100 to 1 GBP), not in the expected currency GBP: "
    assert told.payload["type"] == "alert.stale"
    assert said in told.text
    assert 'for [symbol."VOD.L"] write currency = "GBp" and levels in it' in told.text
    assert [line for line in lines if said in line]
