"""Which keys of an alert go with which condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alertd.core.rules import Closes, Figure
from tests.config.builders import agreed, alert, refusal, rule, told

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = ("below = 150", "above = 150", "touches = 150")
BANDS = ("inside = [140, 150]", "outside = [140, 150]")
MOVES = ('rises = "5%"', 'falls = "5%"', 'moves = "5%"')
TRAIL = 'trails = "8%"'
ALL = (*LEVELS, *BANDS, *MOVES, TRAIL)


def of(line: str) -> str:
    return line.partition(" ")[0]


@pytest.mark.parametrize("line", [*LEVELS, *BANDS, TRAIL])
@pytest.mark.parametrize("within", ["1h", "previous close"])
def test_only_a_move_looks_back(tmp_path: Path, line: str, within: str) -> None:
    found = told(tmp_path, line, f'within = "{within}"')
    assert found[0] == "within"
    assert found[1] == f"has no meaning with {of(line)}: it does not look back"
    assert found[2] == "use rises, falls or moves"
    assert not agreed(tmp_path, line, f'within = "{within}"')


@pytest.mark.parametrize("hold", ["2 closes", "30m"])
@pytest.mark.parametrize("line", ALL)
def test_a_hold_needs_something_to_stay_beyond(tmp_path: Path, line: str, hold: str) -> None:
    taken = agreed(tmp_path, line, f'hold = "{hold}"')
    assert taken is (of(line) in {"below", "above", "inside", "outside"})
    if not taken:
        where, what, hint = told(tmp_path, line, f'hold = "{hold}"')
        assert (where, hint) == ("hold", "use below or above")
        assert what.startswith(f"has no meaning with {of(line)}: ")


@pytest.mark.parametrize("line", ALL)
def test_an_alert_may_fire_at_the_start_if_the_first_price_can_be_beyond(
    tmp_path: Path, line: str
) -> None:
    taken = agreed(tmp_path, line, 'on_start = "fire"')
    assert taken is (of(line) not in {"touches", "trails"})
    if not taken:
        where, what, _ = told(tmp_path, line, 'on_start = "fire"')
        assert where == "on_start"
        assert what.startswith(f'"fire" has no meaning with {of(line)}: ')
    assert agreed(tmp_path, line, 'on_start = "silent"')


@pytest.mark.parametrize("line", ALL)
@pytest.mark.parametrize("back", ['rearm = "2%"', "rearm = 1.5", "recovery = true"])
def test_a_move_has_nothing_to_come_back_to(tmp_path: Path, line: str, back: str) -> None:
    taken = agreed(tmp_path, line, back)
    assert taken is (line not in MOVES)
    if not taken:
        where, what, _ = told(tmp_path, line, back)
        assert where == of(back)
        assert f"has no meaning with {of(line)}: " in what
    assert agreed(tmp_path, line, "recovery = false")


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("outside = [148, 149]",), "1% from an edge of [148, 149] is outside again"),
        (("outside = [148, 149]", "rearm = 1"), "1 from an edge of [148, 149] is outside again"),
        # 9.5 % of 100 leads into the band, 9.5 % of 110 through it.
        (("outside = [100, 110]", 'rearm = "9.5%"'), "9.5% from an edge of [100, 110] is outside"),
        (('above = "52w high"', 'rearm = "100%"'), "100% below 52w high is no price"),
        (("above = 150", "rearm = 150"), "150 below 150 is no price"),
    ],
)
def test_an_alert_that_could_never_come_back_is_refused(
    tmp_path: Path, lines: tuple[str, ...], what: str
) -> None:
    where, found, _ = told(tmp_path, *lines)
    assert where == "rearm"
    assert found.startswith(what)
    assert found.endswith(": this alert would fire only once")


def test_a_band_too_narrow_for_its_rearm_is_told_which_one_fits(tmp_path: Path) -> None:
    found = told(tmp_path, "outside = [148, 149]")
    assert found[2] == "give a rearm under 1, the width of the band"
    assert rule(tmp_path, "outside = [148, 149]", "rearm = 0.99")
    assert rule(tmp_path, "outside = [148, 149]", "once = true")
    assert rule(tmp_path, "inside = [148, 149]")
    assert rule(tmp_path, 'above = "52w high"', "rearm = 150")


@pytest.mark.parametrize("figure", ["pe", "forward pe", "volume"])
@pytest.mark.parametrize("line", [*ALL, 'above = "52w high"'])
def test_another_figure_is_compared_with_numbers(tmp_path: Path, line: str, figure: str) -> None:
    lines = (line, f'of = "{figure}"')
    fits = "above = 150" if figure == "volume" else (*LEVELS, *BANDS)
    if agreed(tmp_path, *lines):
        assert line in fits
        assert rule(tmp_path, *lines).of is Figure(figure)
    else:
        assert line not in fits
        where, what, _ = told(tmp_path, *lines)
        assert where == "of"
        assert what.startswith(f'"{figure}" ')


def test_a_level_by_name_is_a_price_and_no_other_figure(tmp_path: Path) -> None:
    assert told(tmp_path, 'above = "sma 50"', 'of = "pe"') == (
        "of", '"pe" is no price, and "sma 50" is one', "give above a number such as 20"
    )  # fmt: skip
    assert rule(tmp_path, 'above = "sma 50"', 'of = "price"').of is Figure.PRICE


def test_volume_only_grows(tmp_path: Path) -> None:
    assert told(tmp_path, "below = 1", 'of = "volume"') == (
        "of", '"volume" has no meaning with below: a day\'s volume only grows', "use above"
    )  # fmt: skip
    lines = ("above = 3", 'of = "volume"', 'hold = "30m"')
    assert told(tmp_path, *lines)[0] == "hold"
    assert not agreed(tmp_path, *lines)
    pe = rule(tmp_path, "above = 20", 'of = "pe"', 'hold = "2 closes"')
    assert pe.hold == Closes(2)


@pytest.mark.parametrize("line", ['rearm = "2%"', "rearm = 0.5", "recovery = true"])
def test_a_volume_comes_back_with_the_next_session_only(tmp_path: Path, line: str) -> None:
    lines = ("above = 3", 'of = "volume"')
    assert told(tmp_path, *lines, line)[:2] == (
        of(line),
        (
            'has no meaning with of = "volume": a day\'s volume only grows; '
            "it is armed again in the next session"
        ),
    )
    assert not agreed(tmp_path, *lines, line)
    assert agreed(tmp_path, *lines, "recovery = false", 'cooldown = "3 days"')
    assert agreed(tmp_path, "above = 3", 'of = "pe"', line)


def test_a_misspelt_figure_is_told_the_right_one(tmp_path: Path) -> None:
    assert told(tmp_path, "above = 20", 'of = "P/E"')[1].startswith('expected "price", "pe", ')
    found = told(tmp_path, "above = 20", 'of = "forward p/e"')
    assert found[2] == 'did you mean "forward pe"?'


def test_all_that_is_wrong_with_an_alert_comes_at_once(tmp_path: Path) -> None:
    lines = ('of = "pe"', 'within = "1h"', 'hold = "1h"', 'on_start = "fire"', "recovery = 1")
    found = refusal(tmp_path, alert(*lines, condition=TRAIL))
    assert [each.where.removeprefix("alert[1].") for each in found] == [
        "of", "within", "hold", "recovery", "on_start"
    ]  # fmt: skip


def test_what_is_wrong_in_itself_draws_no_second_complaint(tmp_path: Path) -> None:
    assert told(tmp_path, "outside = [149, 148]", "rearm = 5")[0] == "outside"
    assert told(tmp_path, 'rises = "5"', 'hold = "1h"')[0] == "rises"
    assert told(tmp_path, 'above = "52w"', 'of = "pe"')[0] == "above"
