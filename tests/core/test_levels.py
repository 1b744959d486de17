"""Levels by name: what is understood, and what is answered to the rest."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.levels import LEVEL, NotALevel, named
from alertd.core.rules import Name, Named

plain = st.builds(Named, st.sampled_from([name for name in Name if name is not Name.SMA]))
averages = st.builds(Named, st.just(Name.SMA), st.integers(1, 1000))
offsets = st.integers(-99_999, 999_999).map(lambda thousandths: thousandths / 1000)
levels = st.builds(
    lambda level, offset: Named(level.name, level.count, offset), plain | averages, offsets
)
# What is nearly a level: its own pieces in any order.
pieces = st.sampled_from(
    ["52w high", "Previous  Close", "sma", "sma 200", "sma 0", "1000", "+", "-", "%", " ", "0", "2",
     "2.5", "100", ".", "x", "\u0662", "\n", "\u017fma 20"]
)  # fmt: skip


def refused(text: str) -> NotALevel:
    with pytest.raises(NotALevel) as answer:
        named(text)
    return answer.value


@given(level=levels)
def test_a_level_reads_back_from_its_own_words(level: Named) -> None:
    assert named(str(level)) == level


@given(text=st.lists(pieces, max_size=5).map("".join))
def test_editors_accept_what_is_understood_and_nothing_else(text: str) -> None:
    if re.fullmatch(LEVEL, text):
        assert named(str(named(text))) == named(text)
    else:
        assert refused(text).expected


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("52w high", Named(Name.YEAR_HIGH)),
        ("52W Low", Named(Name.YEAR_LOW)),
        ("  previous   close ", Named(Name.PREVIOUS_CLOSE)),
        ("sma 1", Named(Name.SMA, 1)),
        ("SMA 1000", Named(Name.SMA, 1000)),
        ("all-time high", Named(Name.ALL_TIME_HIGH)),
        ("analyst target", Named(Name.ANALYST_TARGET)),
        ("analyst high", Named(Name.ANALYST_HIGH)),
        ("analyst low", Named(Name.ANALYST_LOW)),
    ],
)
def test_a_name_counts_in_any_case_and_runs_of_spaces_are_one(text: str, level: Named) -> None:
    assert named(text) == level


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("52w high + 2%", 2.0),
        ("52w high+2%", 2.0),
        ("52w high  -  2.5  %", -2.5),
        ("52w high -0.001%", -0.001),
        ("52w high - 99.999%", -99.999),
        ("52w high + 999.999%", 999.999),
    ],
)
def test_an_offset_has_a_sign_and_a_percentage(text: str, offset: float) -> None:
    assert named(text) == Named(Name.YEAR_HIGH, offset=offset)


def test_an_average_may_have_an_offset_beside_its_count() -> None:
    assert named("sma 200 - 5%") == Named(Name.SMA, 200, -5.0)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("52 week high", "52w high"),
        ("52-week low", "52w low"),
        ("52w highs", "52w high"),
        ("prev close + 3%", "previous close"),
        ("all time high", "all-time high"),
        ("ath + 12.5%", "all-time high"),
        ("ATH", "all-time high"),
        ("price target", "analyst target"),
        ("target", "analyst target"),
        ("MA 200", "sma 200"),
        ("ema 50", "sma 200"),
    ],
)
def test_a_name_that_is_not_known_is_answered_with_the_nearest(text: str, meant: str) -> None:
    answer = refused(text)
    assert answer.expected == "a price or a level name"
    assert answer.hint == f'did you mean "{meant}"?'


@pytest.mark.parametrize("text", ["15O", "", " ", "smart", "x" * 9999])
def test_a_name_like_none_is_answered_with_all(text: str) -> None:
    answer = refused(text)
    assert answer.expected == "a price or a level name"
    assert answer.hint == (
        'level names: "52w high", "52w low", "previous close", "sma N", "all-time high", '
        '"analyst target", "analyst high" and "analyst low"'
    )


@pytest.mark.parametrize(
    "text",
    ["sma", "SMA + 2%", "sma 0", "sma 1001", "sma 050", "sma 20.5", "sma -5", "sma200", "sma x"],
)
def test_an_average_needs_a_count_of_closes(text: str) -> None:
    assert refused(text).expected == (
        '"sma" and a number of closes from 1 to 1000, such as "sma 200"'
    )


@pytest.mark.parametrize("text", ["52w high 2%", "52w high 2", "52w high2%", "sma 200 2 %"])
def test_a_percentage_without_a_sign_is_asked_for_one(text: str) -> None:
    assert refused(text).expected == '"+" or "-" before 2%'


@pytest.mark.parametrize("dash", ["\u2013", "\u2014", "\u2212", "\u2011"])
def test_a_dash_that_is_no_plain_one_is_answered_with_it(dash: str) -> None:
    for text in (f"52w high {dash} 2%", "all" + dash + "time high"):
        answer = refused(text)
        plain = text.replace(dash, "-")
        assert answer.expected == 'a plain "-"'
        assert answer.hint == f'write "{plain}", with the "-" of a keyboard'


def test_an_offset_without_a_percent_sign_is_asked_for_one() -> None:
    answer = refused("52W high + 2")
    assert answer.expected == '"%" after 2'
    assert answer.hint == 'write "52w high + 2%"'


@pytest.mark.parametrize("text", ["sma 50 + 0%", "sma 50 - 0.000%"])
def test_an_offset_of_nothing_is_left_out(text: str) -> None:
    answer = refused(text)
    assert answer.expected == "an offset other than 0%"
    assert answer.hint == 'write "sma 50" alone'


@pytest.mark.parametrize("share", ["100%", "100.5%", "250%"])
def test_an_offset_leaves_a_price(share: str) -> None:
    answer = refused(f"52w low - {share}")
    assert answer.expected == "less than 100% below the level"
    assert answer.hint == f"- {share} leaves no price"


@pytest.mark.parametrize(
    "tail", [" +", " + %", " + 1000%", " + 0.0001%", " + 1,5%", " + 2% + 2%", " + two%", " - - 2%"]
)
def test_whatever_else_follows_a_name_is_answered_with_an_offset(tail: str) -> None:
    assert refused(f"52w high{tail}").expected == 'a percentage such as "+ 2.5%" after "52w high"'


def test_an_answer_is_short_whatever_was_asked() -> None:
    assert str(refused("52 week high")) == (
        "expected a price or a level name, found '52 week high'"
    )
    assert len(str(refused("y" * 9999))) < 100
