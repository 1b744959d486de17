"""How is a replay drawn?

    close and high-low range, levels as steps, bands as shades, what fired and what was armed again

Each alert has a colour, and its name stands in it beside the chart. The same replay gives the same
file, byte for byte, whatever the user's own settings of matplotlib are.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from alertd.charts.canvas import canvas
from alertd.charts.labels import Box, free, spread
from alertd.charts.ticks import ticks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

    from alertd.charts.panels import Lined, Mark, Panel, Track

# Told apart by those, too, who do not see all colours.
_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#a8458a", "#8a6500", "#2b9bd8", "#6a3d9a", "#b2182b",
    "#4d7c0f", "#5a5a5a",
)  # fmt: skip
_PRICE, _RANGE, _QUIET = "#303030", "#b9bec7", "#8b8f96"

_STYLE: dict[RcKeyType, object] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": _QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _PRICE,
    "ytick.color": _PRICE,
    # A name is what it is, even with two dollar signs in it.
    "text.parse_math": False,
    # Text stays text, and ids do not change from run to run.
    "svg.fonttype": "none",
    "svg.hashsalt": "alertd",
}
_WIDTH, _HEIGHT, _DPI = 13.0, 6.2, 110
_SMALL = 7.5
_MOST_COLUMNS = 1_600
_MOST_TEXTS = 80
_MOST_EDGES = 120
_FEW, _MANY = 40, 150


def draw(panels: Sequence[Panel], path: Path) -> None:
    """Write the picture of some symbols, one below the other; the suffix says in which format.

    raises: OSError.
    """
    with canvas(_STYLE):
        height = 0.6 + _HEIGHT * len(panels)
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI)
        figure.subplots_adjust(0.06, 0.06, 0.78, 1 - 0.6 / height, hspace=0.28)
        for number, panel in enumerate(panels, 1):
            _panel(figure.add_subplot(len(panels), 1, number), panel)
        form = path.suffix[1:].lower()
        own = {"Date": None, "Creator": "alertd"} if form == "svg" else {"Software": "alertd"}
        figure.savefig(path, format=form, metadata=own, bbox_inches="tight", pad_inches=0.2)


def _panel(axes: Axes, panel: Panel) -> None:
    courses = [panel.lined(track.course) for track in panel.tracks]
    _frame(axes, panel, courses)
    _price(axes, panel)
    _interruptions(axes, panel)
    for index, (track, lined) in enumerate(zip(panel.tracks, courses, strict=True)):
        _level(axes, lined, _colour(index), hidden=lined in courses[:index])
        _marks(axes, panel, track, _colour(index))
    _texts(axes, panel)
    _names(axes, panel, courses)
    _key(axes, panel)


def _colour(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]


def _frame(axes: Axes, panel: Panel, courses: Sequence[Lined]) -> None:
    """Set limits, ticks and titles: the price fills the picture, far levels do not squeeze it."""
    low, high = min(bar.low for bar in panel.bars), max(bar.high for bar in panel.bars)
    span = high - low or high * 0.02
    near = [
        line
        for lined in courses
        for line in (*lined.lows, *lined.highs)
        if low - span / 2 <= line <= high + span / 2
    ]
    axes.set_ylim(min([low, *near]) - span * 0.06, max([high, *near]) + span * 0.06)
    axes.set_xlim(*_across(panel))
    named = ticks([start.astimezone(panel.zone) for start in panel.starts])
    axes.set_xticks([tick.place for tick in named], [tick.text for tick in named])
    axes.set_ylabel(panel.unit)
    axes.set_xlabel(f"time: {panel.zone.key}")
    axes.set_title(panel.title, loc="left", pad=26, fontsize=12, fontweight="bold")
    axes.grid(axis="y", color="#eceef1", linewidth=0.8)
    axes.set_axisbelow(True)


def _across(panel: Panel) -> tuple[float, float]:
    margin = 0.5 + len(panel.bars) / 150
    return -margin, len(panel.bars) - 1 + margin


def _price(axes: Axes, panel: Panel) -> None:
    columns = panel.columns(_MOST_COLUMNS)
    places = [column.place for column in columns]
    lows, highs = [column.low for column in columns], [column.high for column in columns]
    axes.fill_between(places, lows, highs, color=_RANGE, linewidth=0, zorder=2)
    closes = [column.close for column in columns]
    axes.plot(places, closes, color=_PRICE, linewidth=0.9, zorder=3)


def _interruptions(axes: Axes, panel: Panel) -> None:
    """Mark where sessions are missing, and where a split was."""
    said = {
        place: f"{count} session{'s' if count != 1 else ''} missing"
        for place, count in panel.breaks().items()
    }
    said |= {panel.ahead(split.at): f"split {split}" for split in panel.splits}
    for place, words in said.items():
        axes.axvline(place - 0.5, color=_QUIET, linewidth=0.8, linestyle=(0, (2, 2)), zorder=2)
        axes.annotate(
            words, (place - 0.5, 0.01), (-2, 0), xycoords=("data", "axes fraction"),
            textcoords="offset points", rotation=90, ha="right", va="bottom",
            fontsize=_SMALL, color=_QUIET,
        )  # fmt: skip


def _level(axes: Axes, lined: Lined, colour: str, *, hidden: bool) -> None:
    """Draw one line as a step, and two as a shade; edges that change all the time are left out.

    hidden: the same line is there already, and both are to be seen.
    """
    places, lows, highs = lined.places, lined.lows, lined.highs
    if lined.is_single:
        dashes = (0, (5, 5)) if hidden else "-"
        axes.step(
            places, lows, where="post", color=colour, linewidth=1.2, linestyle=dashes, zorder=4
        )
        return
    edges = len(places) <= _MOST_EDGES
    alpha = 0.1 if edges else 0.06
    axes.fill_between(
        places, lows, highs, step="post", color=colour, alpha=alpha, linewidth=0, zorder=1.5
    )
    for line in (lows, highs) if edges else ():
        axes.step(places, line, where="post", color=colour, linewidth=1.0, alpha=0.8, zorder=4)


def _marks(axes: Axes, panel: Panel, track: Track, colour: str) -> None:
    total = sum(len(each.marks) for each in panel.tracks)
    size = 52 if total <= _FEW else 28 if total <= _MANY else 16
    for shape, chosen in (
        ("^", [mark for mark in track.marks if mark.up and not mark.back]),
        ("v", [mark for mark in track.marks if not mark.up and not mark.back]),
        ("o", [mark for mark in track.marks if mark.back]),
    ):
        hollow = shape == "o"
        axes.scatter(
            [panel.holding(mark.at) for mark in chosen], [mark.price for mark in chosen],
            s=size, marker=shape, zorder=6, linewidths=1.1 if hollow else 0.5,
            facecolors="white" if hollow else colour, edgecolors=colour if hollow else "white",
        )  # fmt: skip


def _texts(axes: Axes, panel: Panel) -> None:
    """Write at each mark what it says, where there is room."""
    told = [
        (mark, _colour(index)) for index, track in enumerate(panel.tracks) for mark in track.marks
    ]
    if len(told) > _MOST_TEXTS:
        return
    frame = axes.get_window_extent()
    room = Box(frame.x0, frame.y0, frame.x1, frame.y1)
    spots = [_spot(axes, panel, mark) for mark, _ in told]
    taken = [Box(x - 5, y - 5, x + 5, y + 5) for x, y in spots]
    for (mark, colour), (x, y) in zip(told, spots, strict=True):
        box = free(_around(x, y, mark), taken, room)
        if box is None:
            continue
        taken.append(box)
        right, up = (box.left + box.right) / 2 - x, (box.bottom + box.top) / 2 - y
        axes.annotate(
            mark.text, (panel.holding(mark.at), mark.price), (right * 72 / _DPI, up * 72 / _DPI),
            textcoords="offset points", ha="center", va="center",
            fontsize=_SMALL, color=colour, zorder=7,
            bbox={"boxstyle": "square,pad=0.05", "color": "white", "alpha": 0.7, "linewidth": 0},
        )  # fmt: skip


def _spot(axes: Axes, panel: Panel, mark: Mark) -> tuple[float, float]:
    x, y = axes.transData.transform((panel.holding(mark.at), mark.price))
    return float(x), float(y)


def _around(x: float, y: float, mark: Mark) -> list[Box]:
    """Return the places for a mark's text, the best one first."""
    dot = _DPI / 72
    half, tall = len(mark.text) * _SMALL * 0.31 * dot, _SMALL * 1.25 * dot
    side = 1 if mark.up else -1
    middles = [(x, y + way * side * (tall + 4) * far) for far in (1, 2) for way in (1, -1)]
    middles += [(x + way * (half + 9), y) for way in (1, -1)]
    return [Box(mx - half, my - tall / 2, mx + half, my + tall / 2) for mx, my in middles]


def _names(axes: Axes, panel: Panel, courses: Sequence[Lined]) -> None:
    """Write each alert's name beside the chart, at the height where its level ended."""
    low, high = axes.get_ylim()
    ends = [_end(lined, low, high) for lined in courses]
    pixels = axes.get_window_extent().height
    gap = (high - low) * 2.9 * _SMALL * _DPI / 72 / pixels
    heights = spread([(low + high) / 2 if end is None else end for end in ends], gap, low, high)
    _, right = _across(panel)
    for index, (track, end, height) in enumerate(zip(panel.tracks, ends, heights, strict=True)):
        axes.annotate(
            f"{track.name}\n{track.words}", (right, height if end is None else end),
            (1.03, _fraction(height, low, high)), textcoords="axes fraction", annotation_clip=False,
            va="center", fontsize=_SMALL, color=_colour(index), linespacing=1.25,
            arrowprops=None if end is None else {
                "arrowstyle": "-", "color": _colour(index), "linewidth": 0.7, "relpos": (0, 0.5),
                "shrinkA": 2, "shrinkB": 0,
            },
        )  # fmt: skip


def _end(lined: Lined, low: float, high: float) -> float | None:
    """Return where a level ended, moved into the picture; None where it has no line."""
    both = [
        [line for line in pair if isfinite(line)]
        for pair in zip(lined.lows, lined.highs, strict=True)
    ]
    last = next((pair for pair in reversed(both) if pair), None)
    return None if last is None else min(max(sum(last) / len(last), low), high)


def _fraction(height: float, low: float, high: float) -> float:
    return (height - low) / (high - low)


def _key(axes: Axes, panel: Panel) -> None:
    """Say what the signs stand for, those that there are."""
    marks = [mark for track in panel.tracks for mark in track.marks]
    shown: list[Artist] = [
        Line2D([], [], color=_PRICE, linewidth=0.9, label="close"),
        Patch(color=_RANGE, label="high to low"),
    ]
    for shape, words, there in (
        ("^", "fired, rising", any(mark.up and not mark.back for mark in marks)),
        ("v", "fired, falling", any(not mark.up and not mark.back for mark in marks)),
        ("o", "recovered", any(mark.back for mark in marks)),
    ):
        if there:
            fill = "white" if shape == "o" else _QUIET
            sign = Line2D([], [], color=_QUIET, marker=shape, markerfacecolor=fill, label=words)
            sign.set_linestyle("")
            shown.append(sign)
    axes.legend(
        handles=shown, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=len(shown),
        frameon=False, fontsize=_SMALL + 1, borderaxespad=0.2, handletextpad=0.5,
    )  # fmt: skip
