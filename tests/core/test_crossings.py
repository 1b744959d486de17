"""Several levels of a symbol that were crossed in one cycle, in one message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alertd.core.events import Kind
from alertd.core.headlines import subject
from alertd.core.notices import Severity, single
from alertd.core.rules import Figure
from tests.core.crossing import QUARTER, ask, crossed
from tests.core.telling import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.alerts import Alert
    from alertd.core.notices import Notice

THREE = ("below 145", "below 150", "below 148")
GAP = ("151", "144.2 145 143 144")


def lines(notice: Notice) -> list[str]:
    return [line.strip() for line in text(notice).splitlines()]


def told(notice: Notice) -> list[str]:
    """Return the lines of the list."""
    found = lines(notice)
    first = found.index("In the order in which it happened:") + 1
    return found[first : found.index("", first)]


@pytest.mark.parametrize(
    ("asked", "bars", "said"),
    [
        (THREE, GAP, "BABA fell below $150.00, $148.00 and $145.00, at $144.20 (gap)"),
        (THREE, ("151", "151 151 144 146"), "BABA fell below $150.00, $148.00 and $145.00, at"),
        (
            ("above 192", "above 190"),
            ("189", "193"),
            "BABA rose above $190.00 and $192.00, at $193.00 (gap)",
        ),
        (
            ("below 150", "above 192"),
            ("151", "151 193 149 193"),
            "BABA fell below $150.00; rose above $192.00, at $193.00",
        ),
        (
            ("below 150", "touches 149", "falls 3%"),
            ("151", "140"),
            "BABA fell below $150.00; touched $149.00; fell 6.8 % from its previous close, at $140",
        ),
        (
            ("below 150", "below 52w low"),
            ("151", "140"),
            "BABA fell below $150.00 and its 52-week low of $148.50, at $140.00 (gap)",
        ),
        (
            [f"below {150 - n}" for n in range(11)],
            ("151", "130"),
            "BABA fell below 11 levels from $150.00 to $140.00, at $130.00 (gap)",
        ),
        (
            [f"inside {140 + n}..{150 - n}" for n in range(5)],
            ("151", "145"),
            "BABA entered 5 bands, at $145.00 (gap)",
        ),
    ],
)
def test_the_subject_names_the_levels_in_the_order_in_which_they_were_crossed(
    asked: Sequence[str], bars: Sequence[str], said: str
) -> None:
    assert subject(crossed(asked, *bars)).startswith(said)


def test_thirty_levels_are_still_one_line_for_a_subject() -> None:
    named = ["below sma 50", "below sma 20", "below 52w low", "below all-time high"]
    asked = [*named, *(f"below {148 - n}" for n in range(26)), "touches 146.5", "falls 3%"]

    said = subject(crossed(asked, "180", "100"))

    assert len(said) < 160
    assert said.startswith("BABA fell below 30 levels from its all-time high of $")
    assert said.endswith("at $100.00 (gap)")


def test_what_was_crossed_last_is_never_what_a_subject_leaves_out() -> None:
    asked = [
        "below 52w high - 2%", "below sma 50 - 1%", "touches sma 20 + 1%", "falls 3%", "below 120",
        "outside 140..160", "above 192",
    ]  # fmt: skip
    said = subject(crossed(asked, "155", "154 193 119 193"))
    assert said.startswith("BABA rose above $192.00; ")
    assert "; and " in said
    assert said.endswith(" more, at $193.00")


def test_levels_of_several_figures_are_told_with_whose_they_are() -> None:
    notice = crossed(["below 150", ask("below 19.9", of=Figure.PE)], "151", "149")
    assert (
        subject(notice) == "BABA fell below $150.00; BABA's P/E fell below 19.9, at $149.00 (gap)"
    )
    assert "P/E fell below 19.9, at 19.87 (gap): below-19.9 by name." in text(notice)


def test_the_list_tells_whose_each_level_is_and_what_was_seen_once() -> None:
    notice = crossed(THREE, *GAP)
    assert told(notice) == [
        "fell below $150.00: below-150 by name",
        "fell below $148.00: below-148 by name",
        "fell below $145.00: below-145 by name",
    ]
    said = text(notice)
    assert "The price was $144.20 at 2026-03-09 09:31 EDT (13:31 UTC). It opened there," in said
    assert "The last price is $144.00, 0.7 % below $145.00, as of" in said
    assert "Alerts below-150, below-148 and below-145, severity warning." in said


def test_levels_crossed_at_different_times_are_told_with_their_times_and_prices() -> None:
    notice = crossed(["below 150", "above 192"], "151", "149", "149 193 149 193")
    assert told(notice) == [
        "09:31 EDT  fell below $150.00, at $149.00 (gap): below-150 by name",
        "09:32 EDT  rose above $192.00, at $193.00: above-192 by name",
    ]
    assert "without a trade" not in text(notice)


def test_a_level_by_name_says_in_its_line_where_it_comes_from_and_that_it_has_moved() -> None:
    notice = crossed(["below 150", "below 52w low"], "151", "140")
    moved = replace(notice, event=replace(notice.event, was=149.0))
    assert told(moved)[1].startswith(
        "fell below its 52-week low of $148.50: below-52w-low by name. The 52-week low is $148.50, "
    )
    assert "The level has moved, from $149.00 to $148.50, since" in told(moved)[1]


def test_the_note_of_each_alert_is_told_and_the_same_note_once() -> None:
    alerts = [
        ask("below 150", "Sell half."), ask("below 148"), ask("below 146", "Sell half."),
        ask("below 145", "Call the bank.\nThen sleep."),
    ]  # fmt: skip
    said = text(crossed(alerts, *GAP))
    assert "\n\nNote on below-150 by name and below-146 by name: Sell half.\n\n" in said
    assert "\n\nNote on below-145 by name: Call the bank.\nThen sleep.\n\n" in said
    assert said.count("Note") == 2


def test_other_levels_are_those_that_the_message_does_not_tell() -> None:
    notice = crossed([*THREE, "above 192", "below 120"], *GAP)
    assert [other.alert for other in notice.others] == ["above-192", "below-120"]


def test_a_message_matters_as_much_as_the_alert_that_matters_most() -> None:
    notice = crossed(["below 150", ask("below 148", critical=True), "below 145"], *GAP)
    assert notice.severity is Severity.CRITICAL
    assert subject(notice).startswith("[CRITICAL] BABA fell below")
    assert told(notice)[1] == "fell below $148.00: below-148 by name (critical)"


def test_each_event_of_a_message_can_stand_for_itself() -> None:
    alerts: list[str | Alert] = [
        ask("below 150", "Sell half.", critical=True), ask("touches 148", hold=None), "below 145",
    ]  # fmt: skip
    notice = crossed(alerts, *GAP)
    one, two, three = (single(notice, event) for event in (*notice.together, notice.event))
    assert subject(one) == "[CRITICAL] BABA fell below $150.00, at $144.20"
    assert (one.name, one.note, one.asked) == ("below-150 by name", "Sell half.", "150")
    assert (one.repeat_every, two.repeat_every, three.repeat_every) == (QUARTER, None, None)
    assert subject(two) == "BABA touched $148.00, at $144.20"
    assert (three.severity, three.note) == (Severity.WARNING, "")


def test_of_late_firings_only_the_newest_reminds() -> None:
    alert = ask("below 150", critical=True, recovery=True)
    bars = ("151", "149", "152", "149", "152")
    fired = crossed([alert], *bars)
    late = replace(fired, late=True)
    assert single(late, late.together[0]).repeat_every is None
    assert single(late, late.event).repeat_every == QUARTER


def test_a_recovery_reminds_of_nothing() -> None:
    alert = ask("below 150", critical=True, recovery=True)
    assert crossed([alert], "151", "149", "152", kind=Kind.RECOVERED).repeat_every is None


def test_several_recoveries_are_one_message() -> None:
    alerts = [ask("below 150", recovery=True), ask("below 148", recovery=True)]
    notice = crossed(alerts, "151", "144", "152", kind=Kind.RECOVERED)
    assert subject(notice) == "BABA is back above $148.00 and $150.00, at $152.00"
    assert "gap" not in text(notice)


def test_several_levels_are_taken_back_in_one_message() -> None:
    notice = crossed(THREE, *GAP)
    taken = [
        replace(event, kind=Kind.WITHDRAWN, about="fired")
        for event in (*notice.together, notice.event)
    ]
    back = replace(notice, event=taken[-1], together=tuple(taken[:-1]))
    assert subject(back) == "Taken back: BABA fell below $150.00, $148.00 and $145.00, at $144.20"
    assert "The alerts stand as if it had not happened." in text(back)
    assert told(back)[0] == "fell below $150.00: below-150 by name"
