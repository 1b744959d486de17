"""What the HTML says, wherever it is shown; how it looks is seen in tests/mails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alertd.core.pages import CHART
from alertd.core.stories import Remark, Row, Section, Story
from alertd.core.templates import html

HOSTILE = f'<script>x</script>{CHART}" onload="x'

PLAIN = Story(headline="BABA fell", paragraphs=("The price was $149.62.",), about="Alert a.")
WHOLE = replace(
    PLAIN,
    banner="SIMULATED",
    listing="In this order:",
    listed=("first", "second"),
    sections=(Section("9988.HK:", ("third",)),),
    note="Sell half.",
    notes=(Remark("floor", "Buy."), Remark("high", "Sell.")),
    others=(Row("+1.0 %", "$192.00", "52-week high"),),
    more="and 3 more",
)
EVIL = Story(
    headline=HOSTILE,
    paragraphs=(HOSTILE,),
    about=HOSTILE,
    banner=HOSTILE,
    listing=HOSTILE,
    listed=(HOSTILE,),
    sections=(Section(HOSTILE, (HOSTILE,)),),
    note=HOSTILE,
    notes=(Remark(HOSTILE, HOSTILE),),
    others=(Row(HOSTILE, HOSTILE, HOSTILE),),
    more=HOSTILE,
)


def preview(story: Story) -> str:
    """Return what an inbox shows beside the subject: the first text of the page."""
    body = html(story).partition("<body")[2]
    return body.partition("display:none")[2].partition(">")[2].partition("</div>")[0]


@pytest.mark.parametrize("story", [PLAIN, WHOLE, EVIL], ids=["plain", "whole", "evil"])
def test_there_is_one_place_for_a_chart_whatever_is_told(story: Story) -> None:
    assert html(story).count(CHART) == 1


def test_what_a_user_writes_is_shown_and_never_obeyed() -> None:
    page = html(EVIL)
    assert "<script>" not in page
    assert '" onload' not in page
    assert page.count("&lt;script&gt;") > 12


def test_a_page_tells_all_that_there_is() -> None:
    page = html(WHOLE)
    told = (
        "SIMULATED", "In this order:", "first", "second", "9988.HK:", "third", "Note:",
        "Sell half.", "Note on floor:", "Buy.", "Note on high:", "+1.0 %", "$192.00", "and 3 more",
    )  # fmt: skip
    assert [words for words in told if words not in page] == []


def test_what_happened_stands_before_the_note_and_the_other_levels() -> None:
    page = html(WHOLE).partition("<h1")[2]
    order = ("BABA fell", "The price was", "first", "third", CHART, "Sell half.", "$192.00")
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_what_there_is_not_leaves_no_heading() -> None:
    page = html(PLAIN)
    assert [words for words in ("<ul", "<table", "Note", "Other levels") if words in page] == []


def test_an_inbox_previews_the_price_and_first_of_all_that_it_is_simulated() -> None:
    assert preview(PLAIN) == "The price was $149.62."
    assert preview(WHOLE) == "SIMULATED"
    assert preview(replace(PLAIN, paragraphs=())) == "Alert a."
