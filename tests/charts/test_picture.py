"""What is drawn, looked up in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import matplotlib as mpl
import pytest

from alertd.charts.picture import draw
from alertd.core.bars import Split
from alertd.core.records import Gap
from tests.charts.build import mark, panel, track
from tests.support.build import at

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.charts.panels import Panel

FLOOR = track(
    ("09:30", 150),
    marks=(mark("09:31", 149), mark("09:32", 152, back=True), mark("09:33", 153, up=True)),
)
PRICES = (151, 149, 152, 153, 151)


def drawn(folder: Path, *panels: Panel, name: str = "chart.svg") -> str:
    draw(panels, folder / name)
    return (folder / name).read_text()


def texts(svg: str) -> list[str]:
    """Return the words of a picture, which are text in it and not shapes."""
    return re.findall(r">([^<>]+)</t", svg)


def test_a_chart_names_symbol_currency_zone_and_alerts(tmp_path: Path) -> None:
    found = texts(drawn(tmp_path, panel(*PRICES, tracks=(FLOOR,))))
    assert {"BABA, two hours", "price in USD", "time: America/New_York", "floor"} <= {*found}
    assert {"fired, rising", "fired, falling", "recovered"} <= {*found}


def test_every_firing_and_recovery_is_labelled_where_there_is_room(tmp_path: Path) -> None:
    found = texts(drawn(tmp_path, panel(*PRICES, tracks=(FLOOR,))))
    assert {"149.00", "152.00", "153.00"} <= {*found}


def test_too_many_marks_have_no_labels(tmp_path: Path) -> None:
    crowd = track(("09:30", 150), marks=tuple(mark("09:31", 140 + n / 10) for n in range(100)))
    assert "140.10" not in texts(drawn(tmp_path, panel(*PRICES, tracks=(crowd,))))


def test_the_same_replay_gives_the_same_bytes(tmp_path: Path) -> None:
    one = panel(*PRICES, tracks=(FLOOR,))
    assert drawn(tmp_path, one) == drawn(tmp_path, one, name="again.svg")
    assert "<dc:date>" not in drawn(tmp_path, one)


def test_a_picture_of_points_can_be_had_as_well(tmp_path: Path) -> None:
    draw([panel(*PRICES, tracks=(FLOOR,))], tmp_path / "chart.PNG")
    assert (tmp_path / "chart.PNG").read_bytes()[:4] == b"\x89PNG"


def test_each_symbol_has_a_panel_of_its_own(tmp_path: Path) -> None:
    found = drawn(tmp_path, panel(*PRICES), panel(1, 2))
    assert texts(found).count("BABA, two hours") == 2


def test_a_split_and_missing_sessions_are_marked(tmp_path: Path) -> None:
    gap = Gap(at("09:30", "2026-03-06"), at("16:00", "2026-03-06"))
    split = Split(at("09:32"), 10)
    found = texts(drawn(tmp_path, panel(*PRICES, splits=(split,), gaps=(gap,))))
    assert {"split 10:1", "1 session missing"} <= {*found}


def test_a_level_far_away_does_not_squeeze_the_price(tmp_path: Path) -> None:
    far = track(("09:30", 1000), name="far")
    found = texts(drawn(tmp_path, panel(*PRICES, tracks=(far,))))
    assert "far" in found
    assert "1000" not in found


def test_two_alerts_at_one_level_are_both_to_be_seen(tmp_path: Path) -> None:
    twice = (track(("09:30", 150)), track(("09:30", 150), name="other"))
    dashed = re.compile(r"stroke-dasharray: 6,6")
    assert not dashed.search(drawn(tmp_path, panel(*PRICES, tracks=twice[:1])))
    assert dashed.search(drawn(tmp_path, panel(*PRICES, tracks=twice)))


def test_a_name_with_dollar_signs_is_written_as_it_is(tmp_path: Path) -> None:
    odd = track(("09:30", 150), name="$150^2$")
    assert "$150^2$" in texts(drawn(tmp_path, panel(*PRICES, tracks=(odd,))))


def test_the_users_own_settings_of_matplotlib_change_nothing(tmp_path: Path) -> None:
    plain = drawn(tmp_path, panel(*PRICES, tracks=(FLOOR,)))
    with mpl.rc_context({"axes.facecolor": "red", "font.size": 20.0}):
        assert drawn(tmp_path, panel(*PRICES, tracks=(FLOOR,))) == plain


@pytest.mark.parametrize("prices", [(150,), (150, 150, 150)], ids=["one bar", "one price"])
def test_a_price_that_does_not_move_can_be_drawn(tmp_path: Path, prices: tuple[float, ...]) -> None:
    assert "<svg" in drawn(tmp_path, panel(*prices, tracks=(FLOOR,)))
