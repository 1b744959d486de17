"""Where do words find room?

beside the chart   moved up and down until no two lie on each other, in the same order
at a mark          above or below it, where nothing else is; left out where all is taken
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the picture."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return heights at least `gap` apart, each as near to the one that was wanted as it can be.

    Where they do not all fit between `low` and `high`, they are closer.
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    blocks: list[tuple[float, int]] = []  # the middle of neighbours that touch, and their number
    for index in order:
        blocks.append((_within(wanted[index], 0.0, low, high), 1))
        while len(blocks) > 1 and _touch(blocks[-2], blocks[-1], gap):
            (one, few), (other, more) = blocks[-2:]
            middle = (one * few + other * more) / (few + more)
            half = (few + more - 1) * gap / 2
            blocks[-2:] = [(_within(middle, half, low, high), few + more)]
    heights = [
        middle + (place - (count - 1) / 2) * gap
        for middle, count in blocks
        for place in range(count)
    ]
    return [heights[order.index(index)] for index in range(len(wanted))]


def free(choices: Iterable[Box], taken: Sequence[Box], room: Box) -> Box | None:
    """Return the first choice that lies in the room and on nothing that is taken."""
    return next(
        (
            box
            for box in choices
            if room.left <= box.left
            and box.right <= room.right
            and room.bottom <= box.bottom
            and box.top <= room.top
            and not any(box.meets(other) for other in taken)
        ),
        None,
    )


def _within(middle: float, half: float, low: float, high: float) -> float:
    return min(max(middle, low + half), high - half)


def _touch(lower: tuple[float, int], upper: tuple[float, int], gap: float) -> bool:
    (one, few), (other, more) = lower, upper
    return other - one < gap * (few + more) / 2 - 1e-9
