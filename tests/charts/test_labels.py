"""Words beside each other, and never on each other."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alertd.charts.labels import Box, free, spread

HEIGHTS = st.lists(st.floats(0, 100), max_size=20)
ROOM = Box(0, 0, 100, 100)


def test_labels_that_have_room_stay_where_they_were_wanted() -> None:
    assert spread([80, 10, 40], 10, 0, 100) == [80, 10, 40]


def test_labels_at_one_height_stand_around_it_in_their_order() -> None:
    assert spread([50, 50, 50], 10, 0, 100) == [40, 50, 60]


def test_labels_do_not_leave_the_picture() -> None:
    assert spread([0, 0], 10, 0, 100) == [0, 10]
    assert spread([100, 100], 10, 0, 100) == [90, 100]


@given(HEIGHTS)
def test_labels_keep_their_distance_and_their_order(wanted: list[float]) -> None:
    found = spread(wanted, 4, 0, 100)
    in_order = [found[index] for index in sorted(range(len(wanted)), key=lambda i: wanted[i])]
    assert all(later - earlier >= 4 - 1e-6 for earlier, later in pairwise(in_order))
    assert all(-1e-6 <= height <= 100 + 1e-6 for height in found)


def test_too_many_labels_stand_closer() -> None:
    assert spread([50.0] * 5, 50, 0, 100) == [0, 25, 50, 75, 100]


def test_a_text_takes_the_first_place_that_is_free() -> None:
    taken = [Box(0, 0, 10, 10)]
    outside, on_another, good = Box(95, 0, 105, 5), Box(5, 5, 15, 15), Box(10, 0, 20, 10)
    assert free([outside, on_another, good, Box(50, 50, 60, 60)], taken, ROOM) == good
    assert free([outside, on_another], taken, ROOM) is None
