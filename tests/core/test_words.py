from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core import words
from alertd.core.bars import Symbol
from alertd.core.rules import AlertId, Amount, Closes, Condition, OnStart, Percent, Rule
from alertd.core.sessions import Hours

NEW_YORK = ZoneInfo("America/New_York")
BELOW_150 = Rule(AlertId("support"), Symbol("BABA"), Condition.BELOW, 150.0)


def said(**changes: Any) -> str:  # noqa: ANN401 - the fields of a rule
    """Return in words the rule "BABA below 150" with these changes."""
    return words.rule(replace(BELOW_150, **changes), 2, "USD")


@pytest.mark.parametrize(
    ("value", "digits", "currency", "text"),
    [
        (150.0, 2, "USD", "$150.00"),
        (150.0, 4, "USD", "$150.00"),
        (150.0, 2, "EUR", "150.00 EUR"),
        (127.7494, 2, "USD", "$127.7494"),
        (127.5, 2, None, "127.50"),
        (0.00001234, 8, "USD", "$0.00001234"),
        (64250.5, 2, "USD", "$64,250.50"),
        (2750.0, 0, "JPY", "2,750 JPY"),
        (-1.5, 2, "USD", "-$1.50"),
        (0.1 + 0.2, 2, "USD", "$0.30"),
    ],
)
def test_a_price_has_its_currency_and_all_the_decimals_it_needs(
    value: float, digits: int, currency: str | None, text: str
) -> None:
    assert words.price(value, digits, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.28, "+1.3 %"), (-0.52, "-0.5 %"), (28.0, "+28.0 %"), (0.04, "+0.04 %"),
        (-0.04, "-0.04 %"), (0.0, "0.0 %"), (0.001, "0.0 %"),
    ],
)  # fmt: skip
def test_a_percentage_has_a_sign_and_shows_what_is_small(value: float, text: str) -> None:
    assert words.percent(value) == text


def test_a_moment_is_said_in_exchange_time_and_in_utc() -> None:
    at = datetime(2026, 3, 9, 13, 34, tzinfo=UTC)

    assert words.moment(at, NEW_YORK) == "2026-03-09 09:34 EDT (13:34 UTC)"


def test_a_moment_may_be_said_in_exchange_time_alone() -> None:
    at = datetime(2026, 1, 10, 0, 30, tzinfo=UTC)

    assert words.local(at, NEW_YORK) == "2026-01-09 19:30 EST"


def test_a_moment_that_is_another_day_in_utc_says_so() -> None:
    at = datetime(2026, 1, 10, 0, 30, tzinfo=UTC)

    assert words.moment(at, NEW_YORK) == "2026-01-09 19:30 EST (2026-01-10 00:30 UTC)"


def test_a_moment_of_a_utc_market_is_said_once() -> None:
    assert words.moment(datetime(2026, 3, 9, tzinfo=UTC), ZoneInfo("UTC")) == "2026-03-09 00:00 UTC"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=30), "30m"),
        (timedelta(hours=2), "2h"),
        (timedelta(days=1, hours=4), "1d 4h"),
        (timedelta(seconds=90), "1m 30s"),
        (timedelta(0), "0s"),
    ],
)
def test_a_duration_is_said_as_it_is_written_in_the_configuration(
    span: timedelta, text: str
) -> None:
    assert words.duration(span) == text


def test_a_stamp_is_utc_and_ends_in_z() -> None:
    at = datetime(2026, 3, 9, 9, 34, 5, 900, tzinfo=NEW_YORK)

    assert words.stamp(at) == "2026-03-09T13:34:05Z"


def test_a_plain_alert_is_said_with_its_way_back() -> None:
    assert said() == (
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
    assert part in said(**changes)
    assert said(**changes) != said()


@pytest.mark.parametrize("rearm", [Percent(100), Amount(150), Amount(200)])
def test_a_way_back_that_no_price_can_go_is_left_out(rearm: Percent | Amount) -> None:
    touches = replace(BELOW_150, condition=Condition.TOUCHES, rearm=rearm)

    upper = words.price(touches.upper(2), 2, "USD")
    assert words.way_back(touches, 2, "USD") == f"at {upper} or above"


def test_an_alert_that_fires_once_is_not_said_to_come_back() -> None:
    assert "armed again" not in said(once=True, recovery=True)


@given(st.text(), st.integers(min_value=20, max_value=200))
def test_a_line_is_one_printable_line_whatever_it_is_made_from(text: str, limit: int) -> None:
    line = words.line(text, limit)

    assert line.splitlines() in ([], [line])
    assert len(line) <= limit
    line.encode()


@given(st.text(), st.integers(min_value=20, max_value=200))
def test_a_block_keeps_its_lines_and_no_other_control_character(text: str, limit: int) -> None:
    block = words.block(text, limit)

    assert all(each == "\n" or each >= " " for each in block)
    assert len(block) <= limit
    block.encode()


def test_text_that_is_too_long_is_cut_with_a_mark() -> None:
    assert words.block("word " * 100, 30) == "word word word word wor… [cut]"
