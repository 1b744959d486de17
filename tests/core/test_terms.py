"""What an alert asks for, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alertd.core import terms, words
from alertd.core.rules import Amount, Closes, Condition, Figure, OnStart, Percent
from alertd.core.sessions import Hours
from alertd.core.states import Basis, Side
from tests.support.build import at, rule

if TYPE_CHECKING:
    from alertd.core.rules import Rule

BELOW_150 = rule("below 150")


def said(rule: Rule) -> str:
    return terms.rule(rule, 2, "USD")


def test_a_plain_alert_is_said_with_its_way_back() -> None:
    assert said(BELOW_150) == (
        "when BABA falls below $150.00; armed again at $151.50 or above; regular session"
    )


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"condition": Condition.ABOVE}, "when BABA rises above $150.00"),
        ({"condition": Condition.ABOVE}, "armed again at $148.50 or below"),
        ({"condition": Condition.TOUCHES}, "when BABA touches $150.00"),
        ({"condition": Condition.TOUCHES}, "at $151.50 or above, or at $148.50 or below"),
        ({"hold": Closes(1)}, "and the day closes below it"),
        ({"hold": Closes(2)}, "and 2 daily closes in a row are below it"),
        ({"hold": timedelta(minutes=30)}, "and stays below it for 30m of trading"),
        ({"rearm": Percent(2.0)}, "$153.00 or above"),
        ({"rearm": Amount(0.75)}, "$150.75 or above"),
        ({"cooldown": timedelta(hours=2)}, "2h after firing at the soonest"),
        ({"once": True}, "once only"),
        ({"recovery": True}, "a message says when it is armed again"),
        ({"session": Hours.EXTENDED}, "pre- and post-market too"),
        ({"on_start": OnStart.FIRE}, "fires at the start if it is already below the level"),
        ({"expires": datetime(2026, 12, 31, 21, tzinfo=UTC)}, "until 2026-12-31 21:00 UTC"),
    ],
)
def test_everything_that_a_rule_can_ask_for_is_said(changes: dict[str, Any], part: str) -> None:
    changed = replace(BELOW_150, **changes)
    assert part in said(changed)
    assert said(changed) != said(BELOW_150)


@pytest.mark.parametrize(
    ("asked", "first", "again"),
    [
        ("above 52w high", "rises above its 52-week high", "armed again 1 % below it"),
        ("below 52w low", "falls below its 52-week low", "armed again 1 % above it"),
        (
            "below 52w high - 2%", "falls below its 52-week high less 2 %",
            "armed again 1 % above it",
        ),
        ("touches sma 200", "touches its 200-day average", "armed again 1 % away from it"),
        (
            "inside 148..152", "enters $148.00 to $152.00",
            "armed again at $153.52 or above, or at $146.52 or below",
        ),
        (
            "outside 148..152", "leaves $148.00 to $152.00",
            "armed again inside: from $149.48 up after a fall, from $150.48 down after a rise",
        ),
        ("falls 5%", "falls 5 % from its previous close", "at most once a session"),
        (
            "moves 5%", "rises or falls 5 % from its previous close",
            "at most once a session each way",
        ),
        ("rises 5% within 1h", "rises 5 % within 1h", "measured anew after each firing"),
        (
            "falls 7.5% within 5 sessions", "falls 7.5 % within 5 sessions",
            "measured anew after each firing",
        ),
        (
            "trails 8%", "falls 8 % under its highest price since the alert was armed",
            "armed again 1 % above that",
        ),
    ],
)  # fmt: skip
def test_every_condition_is_said_before_anything_is_known(
    asked: str, first: str, again: str
) -> None:
    assert said(rule(asked)) == f"when BABA {first}; {again}; regular session"


@pytest.mark.parametrize(
    ("asked", "of", "text"),
    [
        ("above 20", Figure.PE, "when BABA's P/E rises above 20; armed again at 19.8 or below"),
        ("below 15", Figure.FORWARD_PE, "when BABA's forward P/E falls below 15; armed again at"),
        ("above 3", Figure.VOLUME, "when BABA's volume today exceeds 3 times its 20-session mean"),
        ("inside 18..22", Figure.PE, "when BABA's P/E enters 18 to 22; armed again at 22.22 or"),
    ],
)
def test_a_figure_is_said_in_its_own_unit(asked: str, of: Figure, text: str) -> None:
    assert said(rule(asked, of=of)).startswith(text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("inside 148..152", "already inside the band"),
        ("outside 148..152", "already outside the band"),
        ("falls 5%", "if it has already gone so far"),
    ],
)
def test_a_start_beyond_is_said_for_every_condition(asked: str, text: str) -> None:
    assert text in said(rule(asked, on_start=OnStart.FIRE))


@pytest.mark.parametrize("rearm", [Percent(100), Amount(150), Amount(200)])
def test_a_way_back_that_no_price_can_go_is_left_out(rearm: Percent | Amount) -> None:
    touches = rule("touches 150", rearm=rearm)
    upper = words.price(150 + rearm.of(150), 2, "USD")
    assert terms.way_back(touches, 2, "USD") == f"at {upper} or above"


def test_an_alert_that_fires_once_is_not_said_to_come_back() -> None:
    assert "armed again" not in said(rule("below 150", once=True, recovery=True))


def test_a_move_is_not_said_to_recover() -> None:
    assert said(rule("falls 5%", recovery=True)) == said(rule("falls 5%"))


@pytest.mark.parametrize(
    ("asked", "basis", "text"),
    [
        ("above 52w high", Basis(level=192.67), "at $190.74 or below"),
        ("below 1000", Basis(scale=0.1), "at $101.00 or above"),
        ("trails 8%", Basis(peak=192.0), "at $178.41 or above"),
        ("outside 148..152", Basis(edge=Side.BELOW), "at $149.48 or above"),
        ("outside 148..152", Basis(edge=Side.ABOVE), "at $150.48 or below"),
    ],
)
def test_with_a_basis_the_way_back_is_that_of_today(asked: str, basis: Basis, text: str) -> None:
    assert terms.way_back(rule(asked), 2, "USD", basis) == text


def test_a_volume_is_armed_again_in_the_next_session() -> None:
    crowd = rule("above 3", of=Figure.VOLUME)
    assert terms.way_back(crowd, 2, "USD") == "in the next session"
    assert "; armed again in the next session; " in terms.rule(crowd, 2, "USD")


def test_the_way_back_of_a_figure_is_not_a_price() -> None:
    ratio = rule("above 20", of=Figure.PE)
    assert (
        terms.way_back(ratio, 2, "USD", Basis(scale=7.5, fixed_for=at("09:30")))
        == "at 19.8 or below"
    )


@pytest.mark.parametrize(
    "asked",
    [
        "below 150", "below 148.5", "above 52w high - 2%", "above sma 200", "inside [148, 152.5]",
        "rises 5%", "rises 5% within 1h", "falls 5% within 5 sessions", "falls 5% within 1 session",
        "trails 8%",
    ],
)  # fmt: skip
def test_a_level_is_asked_for_as_users_write_it(asked: str) -> None:
    typed = asked.replace("[", "").replace("]", "").replace(", ", "..")
    assert terms.asked(rule(typed)) == asked.partition(" ")[2]
