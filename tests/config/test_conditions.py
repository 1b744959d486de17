"""What an alert may watch for: every condition, and what its value may be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.rules import (
    Band,
    Condition,
    Figure,
    Level,
    Move,
    Name,
    Named,
    SessionCount,
    Trail,
)
from tests.config.builders import agreed, rule, told

if TYPE_CHECKING:
    from pathlib import Path

MOVES = ('rises = "5%"', 'falls = "5%"', 'moves = "5%"')


@pytest.mark.parametrize(
    ("line", "condition", "level"),
    [
        ("below = 150", Condition.BELOW, 150.0),
        ('below = "52w low"', Condition.BELOW, Named(Name.YEAR_LOW)),
        ('above = "52W High - 2%"', Condition.ABOVE, Named(Name.YEAR_HIGH, offset=-2.0)),
        ('touches = "sma 200"', Condition.TOUCHES, Named(Name.SMA, 200)),
        ("inside = [148, 152.5]", Condition.INSIDE, Band(148.0, 152.5)),
        ("outside = [150, 192]", Condition.OUTSIDE, Band(150.0, 192.0)),
        ('rises = "5%"', Condition.RISES, Move(5.0)),
        ('falls = "0.5 %"', Condition.FALLS, Move(0.5)),
        ('moves = "120%"', Condition.MOVES, Move(120.0)),
        ('trails = "8%"', Condition.TRAILS, Trail(8.0)),
    ],
)
def test_each_condition_has_its_own_kind_of_level(
    tmp_path: Path, line: str, condition: Condition, level: Level
) -> None:
    found = rule(tmp_path, line)
    assert (found.condition, found.level) == (condition, level)
    assert found.of is Figure.PRICE
    assert agreed(tmp_path, line)


def test_whole_numbers_become_prices(tmp_path: Path) -> None:
    band = rule(tmp_path, "inside = [148, 152]").level
    assert isinstance(band, Band)
    assert [type(each) for each in (band.low, band.high)] == [float, float]
    assert type(rule(tmp_path, "above = 192").level) is float


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("52 week high", "expected a price or a level name", 'did you mean "52w high"?'),
        ("52w high 2%", 'expected "+" or "-" before 2%', None),
        ("sma", 'expected "sma" and a number of closes from 1 to 1000, such as "sma 200"', None),
        ("52w low - 100%", "expected less than 100% below the level", "- 100% leaves no price"),
        ("150.5", "expected a price or a level name", "write the number without quotes"),
    ],
)
def test_a_level_name_that_is_wrong_is_answered_in_full(
    tmp_path: Path, text: str, what: str, hint: str | None
) -> None:
    assert told(tmp_path, f'above = "{text}"') == ("above", f'{what}, found "{text}"', hint)
    assert not agreed(tmp_path, f'above = "{text}"')


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("150", "expected two prices such as [148, 152], found 150"),
        ("[]", "expected two prices such as [148, 152], found an empty list"),
        ("[148]", "expected two prices such as [148, 152], found a list"),
        ("[1, 2, 3]", "expected two prices such as [148, 152], found a list"),
        ('["52w low", 152]', 'expected a price, found "52w low"'),
        ("[true, 152]", "expected a price, found true"),
        ("[0, 152]", "expected a positive price, found 0"),
        ("[-1, 152]", "expected a positive price, found -1"),
        ("[nan, 152]", "expected a positive price, found nan"),
        ("[148, inf]", "expected a positive price, found inf"),
    ],
)
def test_a_band_is_two_prices(tmp_path: Path, value: str, what: str) -> None:
    assert told(tmp_path, f"inside = {value}")[:2] == ("inside", what)


@pytest.mark.parametrize(("value", "count"), [("[148]", 1), ("[1, 2, 3]", 3)])
def test_a_band_of_more_or_fewer_prices_is_told_how_many(
    tmp_path: Path, value: str, count: int
) -> None:
    assert told(tmp_path, f"inside = {value}")[2] == f"it holds {count}"


def test_a_band_has_its_lower_price_first_and_some_width(tmp_path: Path) -> None:
    what = "expected two prices, the lower one first, found "
    turned = told(tmp_path, "outside = [152, 148]")
    assert turned == ("outside", what + "[152, 148]", "write [148, 152]")
    narrow = told(tmp_path, "outside = [150, 150]")
    assert narrow[1] == what + "[150, 150]"
    assert narrow[2] == "a band has some width; touches watches a single price"


@pytest.mark.parametrize("key", ["rises", "falls", "moves", "trails"])
@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ('"5"', 'write "5%"'),
        ("5", 'write "5%"'),
        ("2.5", 'write "2.5%"'),
        ('"+5%"', "without a sign: rises, falls and moves say which way"),
        ('"-5%"', "without a sign: rises, falls and moves say which way"),
        ('"\u22125%"', "without a sign: rises, falls and moves say which way"),
        ('"0%"', None),
        ('"0.00 %"', None),
        ('"1000%"', None),
        ('""', None),
        ("true", None),
        ("nan", None),
        ('["5%"]', None),
    ],
)
def test_a_share_is_a_percentage_without_a_sign(
    tmp_path: Path, key: str, value: str, hint: str | None
) -> None:
    where, what, found = told(tmp_path, f"{key} = {value}")
    assert (where, found) == (key, hint)
    assert what.startswith('expected a share such as "5%", above 0 and under 1000, found ')


@pytest.mark.parametrize("value", ['"5"', "5", '"+5%"', '"0%"', '"0.00 %"', '"1000%"', "true"])
@pytest.mark.parametrize("key", ["rises", "falls", "moves", "trails"])
def test_editors_know_a_share_too(tmp_path: Path, key: str, value: str) -> None:
    assert not agreed(tmp_path, f"{key} = {value}")


@pytest.mark.parametrize("key", ["falls", "trails"])
def test_no_price_falls_by_the_whole_of_it(tmp_path: Path, key: str) -> None:
    what = 'expected less than 100%, found "100%"'
    assert told(tmp_path, f'{key} = "100%"') == (key, what, None)
    assert not agreed(tmp_path, f'{key} = "100%"')
    assert agreed(tmp_path, f'{key} = "99.999%"')
    assert agreed(tmp_path, f'{key} = "099%"')


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("previous close", None),
        ("1h", timedelta(hours=1)),
        ("1m", timedelta(minutes=1)),
        ("5 sessions", SessionCount(5)),
        ("1 session", SessionCount(1)),
    ],
)
def test_a_move_looks_back_to_the_previous_close_or_over_some_time(
    tmp_path: Path, text: str, within: timedelta | SessionCount | None
) -> None:
    for line in MOVES:
        assert rule(tmp_path, line, f'within = "{text}"').level == Move(5.0, within)
    assert agreed(tmp_path, MOVES[0], f'within = "{text}"')


@pytest.mark.parametrize(
    "value", ['"yesterday"', '"0 sessions"', '"1000 sessions"', "5", '"5"', "true", '""']
)
def test_anything_else_is_no_time_to_look_back(tmp_path: Path, value: str) -> None:
    where, what, _ = told(tmp_path, MOVES[0], f"within = {value}")
    assert where == "within"
    assert what.startswith('expected "previous close", a duration such as "1h", or sessions such')
    assert not agreed(tmp_path, MOVES[0], f"within = {value}")


def test_a_misspelt_previous_close_is_told_the_right_one(tmp_path: Path) -> None:
    found = told(tmp_path, MOVES[0], 'within = "Previous closes"')
    assert found[2] == 'did you mean "previous close"?'


def test_a_move_looks_back_a_minute_at_least(tmp_path: Path) -> None:
    found = told(tmp_path, MOVES[0], 'within = "59s"')
    assert found[:2] == ("within", 'expected at least one minute, found "59s"')
