"""`alertd replay --chart` draws what it lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.cli.histories import ALERTS, FALLING, RISING, files

if TYPE_CHECKING:
    from tests.cli.typed import Home


def test_a_chart_shows_each_symbol_with_its_alerts_and_what_they_told(home: Home) -> None:
    words = ("replay", "--config", home.config(ALERTS), "--chart", "chart.svg")
    answer = home.alertd(*words, *files(home, BABA=FALLING, NVDA=RISING))
    assert answer.status == 0
    shown = re.findall(r">([^<>]+)</t", (home.folder / "chart.svg").read_text())
    assert "BABA, 2026-03-09 to 2026-03-11, 3 bars" in shown
    assert "NVDA, 2026-03-09 to 2026-03-10, 2 bars" in shown
    assert "below 150: fired 1, recovered 1" in shown
    assert "above 120: fired 1" in shown


def test_a_level_by_name_is_shown_with_where_it_was_in_the_end(home: Home) -> None:
    named = '[[alert]]\nid = "high"\nsymbol = "BABA"\nabove = "previous close"\n'
    words = ("replay", "--config", home.config(named), "--chart", "chart.svg")
    assert home.alertd(*words, *files(home, BABA=FALLING)).status == 0
    shown = (home.folder / "chart.svg").read_text()
    assert "above previous close (149.00): fired 1" in shown


def test_an_alert_that_was_left_out_or_waits_is_named_all_the_same(home: Home) -> None:
    alerts = "".join(
        f'[[alert]]\nid = "{level.split()[0]}"\nsymbol = "BABA"\nabove = "{level}"\n'
        for level in ("analyst target", "sma 200")
    )
    words = ("replay", "--config", home.config(alerts), "--chart", "chart.svg")
    assert home.alertd(*words, *files(home, BABA=FALLING)).status == 0
    shown = (home.folder / "chart.svg").read_text()
    assert "above analyst target: left out<" in shown
    assert "above sma 200: waits<" in shown


def test_without_matplotlib_it_is_said_which_package_brings_it(home: Home) -> None:
    # What stands first on the path is imported, and this one is missing as a real one would be.
    missing = 'raise ModuleNotFoundError("No module named matplotlib", name="matplotlib")\n'
    (home.folder / "shadow").mkdir()
    (home.folder / "shadow" / "matplotlib.py").write_text(missing)
    path = f"{home.folder / 'shadow'}:{home.environ()['PYTHONPATH']}"
    words = ("replay", "--config", home.config(ALERTS), "--chart", "chart.svg")
    answer = home.alertd(*words, *files(home, BABA=FALLING), PYTHONPATH=path)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == "a chart needs matplotlib: install alertd[charts]\n"
    assert not (home.folder / "chart.svg").exists()


def test_a_chart_that_cannot_be_written_fails_in_words(home: Home) -> None:
    (home.folder / "chart.svg").symlink_to("nowhere/chart.svg")
    words = ("replay", "--config", home.config(ALERTS), "--chart", "chart.svg")
    answer = home.alertd(*words, *files(home, BABA=FALLING))
    assert answer.status == 1
    assert "chart.svg cannot be written: No such file or directory" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ('rises = "2%"', "150,153,150,153"),
        ("touches = 152", "150,152,150,152"),
        ("above = 151", "150,152,150,152"),
        ('trails = "2%"', "150,150,147,147"),
        ("touches = 148", "150,150,148,148"),
        ("below = 148", "150,150,147,147"),
    ],
)
def test_a_mark_points_to_where_the_price_went(home: Home, words: str, row: str) -> None:
    one = f'[[alert]]\nid = "one"\nsymbol = "BABA"\n{words}\n'
    content = f"Date,Open,High,Low,Close\n2026-03-09,150,150,150,150\n2026-03-10,{row}\n"
    typed = ("replay", "--config", home.config(one), "--chart", "chart.svg")
    assert home.alertd(*typed, *files(home, BABA=content)).status == 0
    shown = (home.folder / "chart.svg").read_text()
    rose = float(row.rpartition(",")[2]) > 150
    assert ("fired, rising" in shown, "fired, falling" in shown) == (rose, not rose)
