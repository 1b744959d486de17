from __future__ import annotations

import pytest

from alertd.core.bars import path, rounded
from tests.support.build import bar


def test_float32_noise_is_rounded_away() -> None:
    assert rounded(130.24000549316406) == 130.24
    assert rounded(127.74939727783203) == 127.7494
    assert rounded(127.74939727783203, 2) == 127.75


@pytest.mark.parametrize(
    ("prices", "course"),
    [
        ("150 153 149 152", (150, 149, 153, 152)),  # the low is nearer to the open
        ("150 151 147 148", (150, 151, 147, 148)),  # the high is nearer
        ("150 152 148 151", (150, 148, 152, 151)),  # a tie in a rising bar: the low first
        ("150 152 148 150", (150, 148, 152, 150)),  # a tie in a bar that ends where it began
        ("150 152 148 149", (150, 152, 148, 149)),  # a tie in a falling bar: the high first
        ("0.3 0.4 0.2 0.4", (0.3, 0.2, 0.4, 0.4)),  # a tie on paper, though not in binary
    ],
)
def test_a_bar_is_read_as_a_path_of_four_points(
    prices: str, course: tuple[float, float, float, float]
) -> None:
    assert path(bar("09:30", prices)) == course
