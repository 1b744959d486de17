"""Below the list of events `alertd replay` says what the alerts would have been worth."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.histories import ALERTS, FALLING, RISING, files, summarised

if TYPE_CHECKING:
    from tests.cli.typed import Home

NAMED = """
[[alert]]
id = "high"
symbol = "BABA"
above = "previous close"

[[alert]]
id = "analysts"
symbol = "BABA"
above = "analyst target"

[[alert]]
id = "pe"
symbol = "BABA"
of = "pe"
above = 20
"""


def test_each_alert_has_a_row_whether_it_fired_or_not(home: Home) -> None:
    low = '[[alert]]\nid = "low"\nsymbol = "BABA"\nbelow = 10\n'
    answer = home.alertd(
        "replay", "--config", home.config(ALERTS + low), *files(home, BABA=FALLING)
    )
    assert summarised(answer.out)[:2] == [
        ["floor", "1", "1", "0", "1d", "+2.0%", "of", "1"],
        ["low", "0", "0", "2d"],
    ]
    assert answer.lines[-2].startswith("after 1, 5, 20: the median change of the price")
    assert answer.lines[-1] == "low: never touched"


def test_the_summary_is_below_a_heading_of_its_own(home: Home) -> None:
    answer = home.alertd("replay", "--config", home.config(ALERTS), *files(home, BABA=FALLING))
    (heading,) = [line for line in answer.lines if line.startswith("alert ")]
    assert heading.split() == [
        "alert", "fired", "recovered", "repeats", "silence",
        "after", "1", "after", "5", "after", "20",
    ]  # fmt: skip
    assert [line for line in answer.lines if line != line.rstrip()] == []


def test_what_has_no_history_is_left_out_and_said_once(home: Home) -> None:
    answer = home.alertd("replay", "--config", home.config(NAMED), *files(home, BABA=FALLING))
    assert answer.status == 0
    assert answer.err.splitlines()[:2] == [
        "analysts: analyst target has no history, left out of the replay",
        "pe: P/E has no history, left out of the replay",
    ]
    assert answer.lines[-3:] == [
        "high: could act from 2026-03-10 on",
        "analysts: left out: analyst target has no history",
        "pe: left out: P/E has no history",
    ]


def test_lines_of_json_hold_events_and_nothing_else(home: Home) -> None:
    words = ("replay", "--config", home.config(ALERTS), "--format", "jsonl")
    answer = home.alertd(*words, *files(home, BABA=FALLING))
    assert [json.loads(line)["kind"] for line in answer.lines] == ["fired", "recovered"]


def test_the_summary_can_be_had_as_json(home: Home) -> None:
    words = ("replay", "--config", home.config(ALERTS), "--summary", "summary.json")
    answer = home.alertd(*words, *files(home, BABA=FALLING, NVDA=RISING))
    assert answer.status == 0
    floor, ceiling = json.loads((home.folder / "summary.json").read_text())
    assert floor == {
        "alert": "floor", "symbol": "BABA", "fired": 1, "recovered": 1, "suppressed": 0,
        "longest_silence": 109_800.0, "able_since": None, "note": None,
        "median_percent_after": {"1": {"value": 2.0134, "firings": 1}, "5": None, "20": None},
        "firings": [
            {"at": "2026-03-10T13:30:00Z", "price": 149.0,
             "percent_after": {"1": 2.0134, "5": None, "20": None}},
        ],
    }  # fmt: skip
    assert ceiling["alert"] == "ceiling"


def test_sessions_that_are_missing_are_named(home: Home) -> None:
    thin = "\n".join(line for line in FALLING.splitlines() if "03-10" not in line)
    answer = home.alertd("replay", "--config", home.config(ALERTS), *files(home, BABA=thin))
    assert "BABA: 1 session without a bar: 2026-03-10" in answer.err.splitlines()


@pytest.mark.parametrize(
    ("option", "place", "said"),
    [
        ("--summary", "nowhere/summary.json", "there is no folder nowhere"),
        ("--summary", ".", ". is a folder"),
        ("--chart", "nowhere/chart.svg", "there is no folder nowhere"),
        ("--chart", "chart.pdf", 'ends in .svg or .png, found "chart.pdf"'),
        ("--chart", "chart", 'ends in .svg or .png, found "chart"'),
    ],
)
def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_read(
    home: Home, option: str, place: str, said: str
) -> None:
    name = home.config(ALERTS)
    answer = home.alertd("replay", "--config", name, "--csv", "BABA=missing.csv", option, place)
    assert (answer.status, answer.out) == (2, "")
    assert said in " ".join(answer.err.split())
    assert option in answer.err
    assert "missing.csv" not in answer.err
