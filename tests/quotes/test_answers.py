"""What Yahoo's answers mean, without a network."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.errors import RateLimited, SourceDown, UnknownSymbol
from alertd.quotes.answers import Answer, chart
from tests.quotes.build import NOON

if TYPE_CHECKING:
    from pathlib import Path

BABA = Symbol("BABA")


def retry_after(wish: str | None) -> timedelta:
    with pytest.raises(RateLimited) as caught:
        chart(Answer(429, "Too Many Requests\r\n", wish), BABA, NOON)
    return caught.value.retry_at - NOON


def test_a_chart_is_returned_as_it_is() -> None:
    body: dict[str, object] = {"chart": {"result": [], "error": None}}
    assert chart(Answer(200, json.dumps(body)), BABA, NOON) == body


def test_quiet_lasts_five_minutes_where_yahoo_does_not_say() -> None:
    assert retry_after(None) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("wish", "quiet"),
    [
        ("7", timedelta(seconds=7)),
        ("Fri, 20 Nov 2026 17:02:00 GMT", timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 17:02:00", timedelta(minutes=2)),
    ],
)
def test_retry_after_is_honoured(wish: str, quiet: timedelta) -> None:
    assert retry_after(wish) == quiet


@pytest.mark.parametrize(
    ("wish", "quiet"),
    [
        ("0", timedelta(seconds=1)),
        ("Thu, 19 Nov 2026 17:02:00 GMT", timedelta(seconds=1)),
        ("86400", timedelta(hours=1)),
        ("9" * 40, timedelta(hours=1)),
        ("Fri, 20 Nov 99999999999999999999 17:02:00 GMT", timedelta(minutes=5)),
    ],
)
def test_retry_after_lies_between_a_second_and_an_hour(wish: str, quiet: timedelta) -> None:
    assert retry_after(wish) == quiet


@pytest.mark.parametrize("wish", ["soon", "", "-5", "1.5", "٣"])
def test_an_unreadable_retry_after_is_none(wish: str) -> None:
    assert retry_after(wish) == timedelta(minutes=5)


def test_the_text_alone_is_a_plea_for_quiet() -> None:
    with pytest.raises(RateLimited, match="BABA: too many requests, status 200"):
        chart(Answer(200, "Edge: Too Many Requests"), BABA, NOON)


def test_a_symbol_that_yahoo_does_not_know_is_told_in_its_words() -> None:
    text = refusal("chart", "Not Found", "No data found, symbol may be delisted")
    with pytest.raises(UnknownSymbol, match="BABA: No data found, symbol may be delisted"):
        chart(Answer(404, text), BABA, NOON)


def test_a_404_that_is_not_about_the_symbol_is_an_outage() -> None:
    with pytest.raises(SourceDown, match="expected JSON, found HTML with status 404"):
        chart(Answer(404, "<html>no such page</html>"), BABA, NOON)


def test_a_window_before_the_first_trade_is_a_chart_without_rows() -> None:
    text = refusal("chart", "Bad Request", "Data doesn't exist for startDate = 1, endDate = 2")
    assert "timestamp" not in str(chart(Answer(400, text), BABA, NOON))


@pytest.mark.parametrize("status", [401, 422, 500, 503])
def test_any_other_refusal_is_an_outage_with_status_and_reason(status: int) -> None:
    text = refusal("finance", "Unauthorized", "Invalid Crumb")
    with pytest.raises(SourceDown, match=f"found status {status}: 'Unauthorized: Invalid Crumb'"):
        chart(Answer(status, text), BABA, NOON)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "nothing"),
        ("<!DOCTYPE html><p>sorry", "HTML"),
        ('{"chart":{"result":[{"meta"', "JSON that breaks off"),
        ("upstream error", "other text"),
        ("[" * 100_000, "other text"),
    ],
)
def test_what_is_not_json_is_an_outage_that_names_what_was_found(text: str, found: str) -> None:
    with pytest.raises(SourceDown, match=f"expected JSON, found {found} with status 200"):
        chart(Answer(200, text), BABA, NOON)


def test_an_error_says_the_host_and_fits_on_one_short_line() -> None:
    with pytest.raises(SourceDown) as caught:
        chart(Answer(502, "<html>\n\r\x1b[31m" + "x" * 5000), BABA, NOON)
    message = str(caught.value)
    assert message.startswith("query1.finance.yahoo.com: BABA: ")
    assert message.isprintable()
    assert len(message) < 250


def test_every_documented_error_body_has_its_error(shared: Path) -> None:
    documented = json.loads((shared / "data/yahoo/errors_documented.json").read_text())
    found = []
    for each in documented:
        text = each.get("bodyText") or json.dumps(each["body"])
        try:
            chart(Answer(each["status"], text), BABA, NOON)
        except (RateLimited, SourceDown, UnknownSymbol) as error:
            found.append((each["status"], type(error)))
    assert found == [
        (404, UnknownSymbol),
        (401, SourceDown),
        (401, SourceDown),
        (429, RateLimited),
        (429, RateLimited),
        (400, SourceDown),
    ]


def refusal(key: str, code: str, description: str) -> str:
    error = {"code": code, "description": description}
    return json.dumps({key: {"result": None, "error": error}})
