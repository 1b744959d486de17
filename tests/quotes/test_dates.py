"""How the clock of a source is compared with ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alertd.quotes.dates import Dates

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def ahead(headers: dict[str, str]) -> timedelta | None:
    dates = Dates(lambda: NOW)
    dates.heard(headers)
    return dates.ahead


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Date": "Mon, 23 Nov 2026 15:00:00 GMT"}, 0),
        ({"Date": "Mon, 23 Nov 2026 15:02:00 GMT"}, 120),
        ({"Date": "Mon, 23 Nov 2026 14:00:00 GMT"}, -3600),
        ({"Date": "Mon, 23 Nov 2026 14:59:40 GMT", "Age": "20"}, 0),
        ({"Date": "Mon, 23 Nov 2026 14:59:40 GMT", "Age": "a while"}, -20),
        ({"Date": "Mon, 23 Nov 2026 15:00:00 -0000"}, 0),
    ],
    ids=["same", "ahead", "behind", "from a cache", "odd age", "no zone"],
)
def test_an_answer_says_what_time_it_was_there(headers: dict[str, str], seconds: int) -> None:
    assert ahead(headers) == timedelta(seconds=seconds)


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "soon"}, {"Date": "1e999"}])
def test_an_answer_without_a_date_says_nothing(headers: dict[str, str]) -> None:
    assert ahead(headers) is None


def test_the_newest_date_counts_and_one_that_is_missing_takes_back_none() -> None:
    dates = Dates(lambda: NOW)
    for said in ("Mon, 23 Nov 2026 14:00:00 GMT", "Mon, 23 Nov 2026 15:00:05 GMT"):
        dates.heard({"Date": said})
    dates.heard({})
    assert dates.ahead == timedelta(seconds=5)
