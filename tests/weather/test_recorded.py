"""Answers as they were recorded or documented, byte for byte: none hides or invents a crossing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.core.rules import Amount
from alertd.quotes.chart import series
from tests.support.build import at, rule
from tests.support.yahoo import CHART, QUOTE
from tests.support.yahoo_bodies import Answer, Fault
from tests.support.yahoo_markets import unfolding
from tests.weather.sky import BELOW, FELL, MINUTE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.weather.conftest import Skies

HOUR = timedelta(hours=1)
RECORDED = [
    (CHART, "error_400_before_listing"),
    (CHART, "error_404_quoteSummary"),
    (CHART, "redirect_307_consent"),
    (CHART, "chart_AAPL_1m_weekend_no_timestamp"),
    (QUOTE, "error_400_missing_symbols"),
    (QUOTE, "redirect_307_consent"),
    (QUOTE, "quote_nonexist"),
    (QUOTE, "quote_renamed_BRKS"),
    (QUOTE, "quote_delisted_empty_result"),
]


def saying(whole: dict[str, Any], **headers: str) -> Fault:
    """Answer what was recorded, whatever is due."""
    body = json.dumps(whole["body"]) if "body" in whole else whole["bodyText"]
    return lambda _: Answer(whole["status"], body.encode(), tuple(headers.items()))


def recorded(shared: Path, name: str) -> Fault:
    whole = json.loads((shared / f"data/yahoo/{name}.json").read_text())
    return saying(whole, Location="https://guce.yahoo.com/consent?sessionId=1")


def documented(shared: Path) -> list[Fault]:
    whole = json.loads((shared / "data/yahoo/errors_documented.json").read_text())
    return [saying(each) for each in whole]


@pytest.mark.parametrize(("on", "name"), RECORDED)
def test_a_crossing_behind_an_answer_that_was_recorded_elsewhere_is_told_once(
    skies: Skies, shared: Path, on: str, name: str
) -> None:
    sky = skies(BELOW, sweep=HOUR if on == QUOTE else None)
    sky.play()
    sky.yahoo.follow("BABA", sky.clock.now)
    sky.until(at("09:32"))
    sky.yahoo.fail(recorded(shared, name), on=on)
    sky.until(at("09:34"))
    sky.yahoo.recover()
    sky.until(at("09:55"))
    assert sky.crossings() == [FELL]


@pytest.mark.parametrize("on", [CHART, QUOTE])
@pytest.mark.parametrize("number", range(7))
def test_a_crossing_behind_an_error_that_is_documented_is_told_once(
    skies: Skies, shared: Path, number: int, on: str
) -> None:
    sky = skies(BELOW, sweep=HOUR if on == QUOTE else None)
    sky.play()
    sky.yahoo.follow("BABA", sky.clock.now)
    sky.until(at("09:32"))
    sky.yahoo.fail(documented(shared)[number], times=1, on=on)
    sky.until(at("09:55"))
    assert sky.crossings() == [FELL]


def test_a_crossing_in_the_last_row_of_a_recorded_live_chart_is_told_once(
    skies: Skies, shared: Path
) -> None:
    name = "chart_AAPL_1m_live_partial_last_bar_2021-01-11"
    whole = json.loads((shared / f"data/yahoo/{name}.json").read_text())
    bars = series(whole["body"], listing(Symbol("AAPL")), MINUTE).bars
    # At 13:29 the price is a cent above the level, and in the live row below it again.
    twice = replace(rule("below 129.6", symbol="AAPL"), rearm=Amount(0.01))
    half_past = datetime(2021, 1, 11, 18, 30, tzinfo=UTC)
    sky = skies(twice, start=half_past - 11 * MINUTE)
    sky.yahoo.play("AAPL", unfolding(bars[:-1], sky.clock.now))
    sky.until(half_past)
    sky.yahoo.fail(saying(whole), on=CHART)
    sky.poll(half_past + MINUTE / 3)
    sky.until(half_past + 2 * MINUTE)
    *_, last = sky.told()
    assert last == "fired AAPL 129.55 at 13:30 (gap)"
    assert sky.told().count(last) == 1
