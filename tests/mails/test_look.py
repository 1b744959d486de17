"""Mails as a client shows them, on a phone and on a desktop, in light and in dark.

The pictures are written to build/mails.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.mails.browser import Browser, Shown, Window
from tests.mails.letters import illustrated, messages, page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PHONE, DESKTOP = 360, 1024
NARROW = Window(320)
WINDOWS = [Window(width, dark) for width in (PHONE, DESKTOP) for dark in (False, True)]

# A text smaller than this is not read on a phone; one of less contrast not by everybody.
SMALLEST, FAINTEST = 13, 4.5

STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
PICTURES = Path(__file__).parents[2] / "build" / "mails"

Looks = dict[str, Shown]

pytestmark = pytest.mark.skipif(Browser.path() is None, reason="there is no Chromium here")


@cache
def pages() -> dict[str, str]:
    """Return the HTML of one mail of each kind, and of one without its chart."""
    plain, charts = messages(), illustrated()
    return {name: page(told) for name, told in (plain | charts).items()} | {
        "plain": page(plain["fired"])
    }


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser for all tests of this module."""
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def looks(browser: Browser) -> Looks:
    """Return how each mail looks in each window."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return {
        f"{name}-{window}": browser.show(html, window, PICTURES / f"{name}-{window}.png")
        for name, html in pages().items()
        for window in WINDOWS
    }


def too_wide(looks: Mapping[str, Shown]) -> dict[str, object]:
    """Return the mails of which something is outside of the window, and what."""
    widths = {name: int(re.findall(r"\d+", name)[-1]) for name in looks}
    return {
        name: (shown.wide, shown.beyond)
        for name, shown in looks.items()
        if shown.beyond or shown.wide > widths[name]
    }


def test_nothing_in_a_mail_is_wider_than_the_window(looks: Looks) -> None:
    assert too_wide(looks) == {}


def test_the_narrowest_phone_shows_whatever_a_user_writes(browser: Browser) -> None:
    found = {f"{name}-{NARROW}": browser.show(html, NARROW) for name, html in pages().items()}
    assert too_wide(found) == {}


def test_all_text_stands_out_from_its_ground_in_light_and_in_dark(looks: Looks) -> None:
    faint = {name: shown.contrast for name, shown in looks.items() if shown.contrast[0] < FAINTEST}
    assert faint == {}


def test_a_mail_is_dark_for_who_likes_it_dark(looks: Looks) -> None:
    bright = {name for name, shown in looks.items() if shown.ground > 0.5}
    assert bright == {name for name in looks if name.endswith("light")}


def test_all_letters_are_large_enough_for_a_phone(looks: Looks) -> None:
    small = {name: shown.letters for name, shown in looks.items() if shown.letters[0] < SMALLEST}
    assert small == {}


def test_a_client_that_drops_styles_shows_a_mail_that_can_be_read(browser: Browser) -> None:
    html = pages()
    for name in ("fired", "gap", "digest", "long"):
        bare = STYLE.sub("", html[name])
        assert bare != html[name]
        for window in WINDOWS:
            shown = browser.show(bare, window)
            assert too_wide({f"{name}-{window}": shown}) == {}
            assert shown.contrast[0] >= FAINTEST, shown.contrast
            assert shown.ground == pytest.approx(1)


def test_the_chart_is_drawn_as_wide_as_the_text_and_said_in_words(looks: Looks) -> None:
    for name, told in illustrated().items():
        assert told.chart is not None
        for window in WINDOWS:
            ((drawn, wide, said),) = looks[f"{name}-{window}"].pictures
            assert (drawn, said) == (True, told.chart.words)
            assert wide == {PHONE: 328, DESKTOP: 536}[window.width]


def test_a_mail_without_a_chart_has_no_place_for_one(looks: Looks) -> None:
    assert looks[f"plain-{WINDOWS[0]}"].pictures == []


def test_the_page_says_what_the_plain_text_says(looks: Looks) -> None:
    for name, told in messages().items():
        shown = " ".join(looks[f"{name}-{WINDOWS[0]}"].text.split())
        for line in told.text.splitlines():
            said = " ".join(line.split()).removesuffix(".")
            assert said in shown, f"{name}: {said}"


def test_a_mail_loads_nothing_from_elsewhere() -> None:
    asked = re.compile(r"(?:src|href|url|action|srcset|@import)\s*[=(]?\s*[\"']?(?!data:|cid:)\w*:")
    assert [name for name, html in pages().items() if asked.search(html)] == []
    assert [name for name, html in pages().items() if "<script" in html] == []
