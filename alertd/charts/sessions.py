"""How is the small picture in a message drawn?

    a stroke from low to high and the close of each session, levels as lines, bands as shades

It is read on a phone, at half its size: large letters, few of them, and the numbers that matter set
in colour beside their lines. It brings its own light ground, on which it is read in the dark too.
The same notice gives the same bytes.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from alertd.charts.canvas import canvas
from alertd.charts.glances import Glance, glance
from alertd.charts.labels import spread
from alertd.core import words
from alertd.core.messages import Chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

    from alertd.core.bars import Bar
    from alertd.core.notices import Notice

_GROUND, _GRID = "#f8f9fb", "#e3e6eb"
_PRICE, _RANGE, _QUIET = "#22262e", "#a9b0bc", "#5d6470"
_LEVEL, _CROSSING = "#0a5fb4", "#d9480f"

_POINTS = 14.5

_STYLE: dict[RcKeyType, object] = {
    "font.family": "DejaVu Sans",
    "font.size": _POINTS,
    "text.parse_math": False,
}

# Inches; a desktop shows 90 pixels of its screen to each, a phone half of that.
_WIDTH, _HEIGHT, _DPI = 6.0, 3.1, 160
# Of the height of its letters: how wide one is, how far labels lie apart.
_LETTER, _APART = 0.7, 1.75
_TICKS = 5
_ROOM = 0.08


def draw(notice: Notice, days: Sequence[Bar]) -> Chart | None:
    """Return the last sessions with what a notice tells; None where there is nothing to draw.

    days: the symbol's daily bars, oldest first, in the shares of the notice.
    """
    shown = glance(notice, days)
    if shown is None:
        return None
    with canvas(_STYLE):
        return Chart(_png(shown), shown.words)


def _png(shown: Glance) -> bytes:
    figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI, facecolor=_GROUND)
    labels = _labels(shown)
    longest = max(len(words.price(price, shown.digits, None)) for price in labels)
    # Letters are measured in 72 points to the inch.
    wide, tall = _POINTS / 72 / _WIDTH, _POINTS / 72 / _HEIGHT
    right = 1 - (longest * _LETTER + 1.1) * wide
    axes = figure.add_axes((0.03, 2 * tall, right - 0.03, 1 - 4.4 * tall))
    _frame(axes, shown)
    _sessions(axes, shown)
    _levels(axes, shown)
    _crossings(axes, shown)
    _numbers(axes, shown, labels)
    out, pillow = BytesIO(), {"optimize": True}
    figure.savefig(out, format="png", metadata={"Software": "alertd"}, pil_kwargs=pillow)
    return out.getvalue()


def _limits(shown: Glance) -> tuple[float, float]:
    """Return how far the picture reaches; a band's far edge does not squeeze the price."""
    low, high = min(each.low for each in shown.sessions), max(each.high for each in shown.sessions)
    span = high - low or high * 0.02
    edges = [edge for level in shown.levels for edge in level.edges]
    spots = [each.price for each in shown.crossings]
    near = [each for each in (*edges, *spots) if low - span / 2 <= each <= high + span / 2]
    low, high = min([low, *near]), max([high, *near])
    room = (high - low or high * 0.02) * _ROOM
    return low - room, high + room


def _labels(shown: Glance) -> dict[float, str]:
    """Return the prices that are written beside the picture, each with its colour."""
    low, high = _limits(shown)
    edges = [edge for level in shown.levels for edge in level.edges if low <= edge <= high]
    return {shown.sessions[-1].close: _PRICE} | dict.fromkeys(edges, _LEVEL)


def _frame(axes: Axes, shown: Glance) -> None:
    axes.set_facecolor(_GROUND)
    axes.set_xlim(-0.8, len(shown.sessions) - 0.2)
    axes.set_ylim(*_limits(shown))
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks([])
    axes.locator_params(axis="y", nbins=_TICKS)
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.grid(axis="y", color=_GRID, linewidth=1.0)
    axes.set_axisbelow(True)
    first, last = shown.sessions[0].day, shown.sessions[-1].day
    _write(axes, f"{first:%Y-%m-%d}", (0, 0), (0, -7), ha="left", va="top", color=_QUIET)
    _write(axes, f"{last:%Y-%m-%d}", (1, 0), (0, -7), ha="right", va="top", color=_QUIET)
    title = {"ha": "left", "va": "bottom", "fontweight": "bold"}
    _write(axes, shown.title, (0, 1), (0, 10), color=_PRICE, **title)


def _sessions(axes: Axes, shown: Glance) -> None:
    places = range(len(shown.sessions))
    lows, highs = [each.low for each in shown.sessions], [each.high for each in shown.sessions]
    axes.vlines(places, lows, highs, color=_RANGE, linewidth=4.0, zorder=2)
    closes = [each.close for each in shown.sessions]
    axes.plot(places, closes, color=_PRICE, linewidth=2.0, zorder=3)


def _levels(axes: Axes, shown: Glance) -> None:
    for level in shown.levels:
        if level.low < level.high:
            axes.axhspan(level.low, level.high, color=_LEVEL, alpha=0.13, linewidth=0, zorder=1)
        for edge in level.edges:
            axes.axhline(edge, color=_LEVEL, linewidth=2.0, zorder=4)


def _crossings(axes: Axes, shown: Glance) -> None:
    axes.scatter(
        [each.place for each in shown.crossings], [each.price for each in shown.crossings],
        s=130, zorder=6, linewidths=2.4, clip_on=False,
        facecolors=_GROUND if shown.taken_back else _CROSSING,
        edgecolors=_CROSSING if shown.taken_back else "white",
    )  # fmt: skip


def _numbers(axes: Axes, shown: Glance, labels: dict[float, str]) -> None:
    """Write the prices that matter beside their lines, and round ones where these leave room."""
    low, high = _limits(shown)
    gap = (high - low) * _APART * _POINTS / (_HEIGHT * 72 * axes.get_position().height)
    heights = spread(list(labels), gap, low, high)
    free = [
        float(tick)
        for tick in axes.get_yticks()
        if low <= tick <= high and all(abs(tick - height) >= gap for height in heights)
    ]
    for tick in free:
        _number(axes, shown, tick, (tick - low) / (high - low), color=_QUIET)
    for (price, colour), height in zip(labels.items(), heights, strict=True):
        box = {"boxstyle": "round,pad=0.22", "facecolor": colour, "linewidth": 0}
        place = (height - low) / (high - low)
        _number(axes, shown, price, place, color="white", fontweight="bold", bbox=box)


def _number(axes: Axes, shown: Glance, price: float, place: float, **look: Any) -> None:  # noqa: ANN401 - properties of a text
    said = words.price(price, shown.digits, None)
    _write(axes, said, (1, place), (7, 0), ha="left", va="center_baseline", **look)


def _write(
    axes: Axes, said: str, spot: tuple[float, float], shift: tuple[float, float],
    **look: Any,  # noqa: ANN401 - as above
) -> None:  # fmt: skip
    """Write beside a spot of the picture, which is told in fractions of its width and height."""
    axes.annotate(
        said, spot, shift, xycoords="axes fraction", textcoords="offset points",
        annotation_clip=False, **look,
    )  # fmt: skip
