"""The picture in a message, as it is drawn."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from alertd.charts.picture import draw as replay
from alertd.charts.sessions import draw
from alertd.core.events import Kind
from tests.charts.build import panel
from tests.core.telling import BAND, FIGURES, told
from tests.mails.letters import days, gap, notices
from tests.support.build import history

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from alertd.core.messages import Chart
    from alertd.core.notices import Notice

FIRED = told("below 150", 149.62, 150.0)
LEVEL, CROSSING = (0x0A, 0x5F, 0xB4), (0xD9, 0x48, 0x0F)


def drawn(notice: Notice, near: float = 150.0) -> Chart:
    chart = draw(notice, days(near))
    assert chart is not None
    return chart


def points(chart: Chart, path: Path) -> NDArray[np.float64]:
    """Return the points of a picture, row by row, each from 0 to 255."""
    path.write_bytes(chart.png)
    return np.round(imread(path)[..., :3] * 255)


def count(chart: Chart, path: Path, colour: tuple[int, int, int]) -> int:
    """Return how many points of a picture have a colour."""
    return int((points(chart, path) == np.array(colour)).all(axis=-1).sum())


def test_a_chart_is_twice_as_fine_as_a_screen_and_small_as_a_file() -> None:
    for name, notice in notices().items():
        chart = draw(notice, days(notice.event.level or 150.0))
        if chart is not None:
            assert len(chart.png) < 60_000, name
            assert struct.unpack(">II", chart.png[16:24]) == (960, 496)
            assert chart.words.startswith("BABA, last 40 sessions: ")


def test_the_same_notice_gives_the_same_bytes() -> None:
    assert drawn(FIRED) == drawn(FIRED)


def test_the_level_and_the_crossing_are_seen_in_colours_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "chart.png"
    one, band, three = (
        drawn(FIRED),
        drawn(told("inside 148..152", 149.6, 152.0, **BAND)),
        drawn(gap()),
    )
    assert count(one, path, CROSSING) > 100
    assert count(one, path, LEVEL) > 1000
    assert count(band, path, LEVEL) > 1.8 * count(one, path, LEVEL)
    assert count(three, path, LEVEL) > 2.7 * count(one, path, LEVEL)


def test_a_crossing_that_is_taken_back_is_an_empty_ring(tmp_path: Path) -> None:
    taken_back = told("below 150", 149.62, 150.0, Kind.WITHDRAWN, about="fired")
    for notice, full in ((FIRED, True), (taken_back, False)):
        shown = points(drawn(notice), tmp_path / "chart.png")
        rows, columns = (shown == np.array(CROSSING)).all(axis=-1).nonzero()
        middle = shown[round(rows.mean()), round(columns.mean())]
        assert (tuple(middle) == CROSSING) is full


def test_nothing_to_draw_is_no_chart() -> None:
    assert draw(FIRED, ()) is None
    assert draw(told("above 3", 3.1, 3.0, **FIGURES["volume"]), days(150.0)) is None


@pytest.mark.parametrize("price", [0.00001234, 1.0, 123_456_789.5])
def test_prices_of_any_size_can_be_drawn(price: float) -> None:
    notice = replace(told(f"below {price:.8f}", price, price), price_now=price)
    assert len(drawn(notice, price).png) < 60_000


def test_a_price_that_never_moves_can_be_drawn() -> None:
    still = [replace(bar, high=150.0, low=150.0, close=150.0) for bar in days(150.0)]
    assert draw(told("touches 150", 150.0, 150.0), still) is not None


def test_a_level_far_away_does_not_squeeze_the_price(tmp_path: Path) -> None:
    far = told("inside 10..150", 149.62, 150.0, band=(10.0, 150.0))
    # Its far edge is out of the picture, and so has neither line nor number.
    lines = [count(drawn(each), tmp_path / "chart.png", LEVEL) for each in (FIRED, far)]
    assert lines[1] < 1.2 * lines[0]


def test_the_users_own_settings_of_matplotlib_change_nothing() -> None:
    plain = drawn(FIRED)
    with mpl.rc_context({"axes.facecolor": "red", "font.size": 40.0}):
        assert drawn(FIRED) == plain


def test_pictures_of_several_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    alone = drawn(FIRED)
    panels = [panel(151, 149, 152)]
    replay(panels, tmp_path / "alone.svg")
    with ThreadPoolExecutor(4) as pool:
        charts = [pool.submit(drawn, FIRED) for _ in range(8)]
        replays = [pool.submit(replay, panels, tmp_path / f"{n}.svg") for n in range(4)]
        assert {chart.result() for chart in charts} == {alone}
        assert [each.result() for each in replays] == [None] * 4
    files = {file.read_bytes() for file in tmp_path.glob("*.svg")}
    assert len(files) == 1


def test_days_of_one_price_each_are_enough() -> None:
    assert draw(FIRED, history("2026-03-05", "2026-03-06")) is not None
