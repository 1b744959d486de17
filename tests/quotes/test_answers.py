"""What Yahoo's answers mean, without a network."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.errors import SourceDown, UnknownSymbol
from alertd.quotes.answers import Answer, Plea, chart, quotes, spark
from tests.quotes.build import NOON

if TYPE_CHECKING:
    from pathlib import Path

BABA = Symbol("BABA")


def asked(wish: str | None) -> timedelta | None:
    with pytest.raises(Plea) as caught:
        chart(Answer(429, "Too Many Requests\r\n", wish), BABA, NOON)
    return caught.value.asked


def test_a_chart_is_returned_as_it_is() -> None:
    body: dict[str, object] = {"chart": {"result": [], "error": None}}
    assert chart(Answer(200, json.dumps(body)), BABA, NOON) == body


def test_a_plea_need_not_say_for_how_long() -> None:
    assert asked(None) is None


@pytest.mark.parametrize(
    ("wish", "quiet"),
    [
        ("7", timedelta(seconds=7)),
        ("86400", timedelta(days=1)),
        ("Fri, 20 Nov 2026 17:02:00 GMT", timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 17:02:00", timedelta(minutes=2)),
    ],
)
def test_a_plea_carries_the_wish_of_retry_after(wish: str, quiet: timedelta) -> None:
    assert asked(wish) == quiet


@pytest.mark.parametrize(
    "wish", ["soon", "", "-5", "1.5", "٣", "Fri, 20 Nov 99999999999999999999 17:02:00 GMT"]
)
def test_a_wish_that_cannot_be_read_is_none(wish: str) -> None:
    assert asked(wish) is None


def test_the_text_alone_is_a_plea_for_quiet() -> None:
    with pytest.raises(Plea, match="BABA: too many requests, status 200"):
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


def test_a_quote_of_many_symbols_that_is_refused_is_an_outage() -> None:
    text = refusal("finance", "Unauthorized", "Invalid Crumb")
    with pytest.raises(SourceDown, match="99 symbols: expected quotes, found status 401"):
        quotes(Answer(401, text), "99 symbols", NOON)


def test_closes_of_unknown_symbols_only_are_none() -> None:
    text = refusal("spark", "Not Found", "No data found for spark symbols")
    assert spark(Answer(404, text), "20 symbols", NOON) == {}


def test_closes_of_too_many_symbols_are_an_outage() -> None:
    text = refusal("spark", "Bad Request", "Too many symbols")
    with pytest.raises(SourceDown, match="expected closes, found status 400: 'Bad Request"):
        spark(Answer(400, text), "21 symbols", NOON)


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
        except (Plea, SourceDown, UnknownSymbol) as error:
            found.append((each["status"], type(error)))
    assert found == [
        (404, UnknownSymbol),
        (401, SourceDown),
        (401, SourceDown),
        (429, Plea),
        (429, Plea),
        (400, SourceDown),
    ]


def refusal(key: str, code: str, description: str) -> str:
    error = {"code": code, "description": description}
    return json.dumps({key: {"result": None, "error": error}})
