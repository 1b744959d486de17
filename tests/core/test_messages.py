from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core import messages
from alertd.core.bars import Symbol
from alertd.core.events import Kind, event
from alertd.core.messages import Message, test_message
from alertd.core.notices import Notice, OtherLevel, Severity
from alertd.core.parcels import alone
from alertd.core.rules import AlertId, Condition, Rule

AT = datetime(2026, 3, 9, 13, 34, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(hours=6, minutes=30)

_EVENT = {"kind", "price", "level", "at", "gap", "resolution", "about", "origin"}


def notice(**changes: Any) -> Notice:  # noqa: ANN401 - the fields of an event and of a notice
    """Return the notice "BABA fell below 150 at 149.62", with these changes."""
    condition = changes.get("condition", Condition.BELOW)
    rule = Rule(AlertId("support"), Symbol("BABA"), condition, changes.get("level", 150.0))
    happened = event(
        rule,
        changes.get("kind", Kind.FIRED),
        level=rule.level if isinstance(rule.level, float) else 150.0,
        price=changes.get("price", 149.62),
        at=changes.get("at", AT),
        gap=changes.get("gap", False),
        bar_start=AT,
        resolution=changes.get("resolution", MINUTE),
        about=changes.get("about", ""),
        origin=changes.get("origin"),
    )
    plain = Notice(
        event=happened, name="Support 150", condition=condition, hold=None,
        severity=Severity.WARNING, note="Sell half.", currency="USD", zone="America/New_York",
        digits=2, price_now=149.20, price_at=AT + 2 * MINUTE, others=(), late=False,
        detected_at=AT + 3 * MINUTE, source="yahoo", simulated=False, asked="150",
    )  # fmt: skip
    return replace(plain, **{name: changes[name] for name in changes if name not in _EVENT})


def message(notice: Notice) -> Message:
    """Return the message that tells a notice for the first time."""
    return messages.message(alone(notice))


def other(name: str, level: float, percent: float) -> OtherLevel:
    return OtherLevel(AlertId(f"level-{level:g}"), name, level, percent)


def data(message: Message) -> dict[str, Any]:
    found = message.payload["data"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({}, "BABA fell below $150.00, at $149.62"),
        ({"condition": Condition.ABOVE, "price": 150.3}, "BABA rose above $150.00, at $150.30"),
        ({"condition": Condition.TOUCHES}, "BABA touched $150.00, at $149.62"),
        ({"hold": "2 closes"}, "BABA held below $150.00 for 2 closes, at $149.62"),
        (
            {"hold": "30m", "condition": Condition.ABOVE},
            "BABA held above $150.00 for 30m, at $149.62",
        ),
        ({"kind": Kind.RECOVERED, "price": 151.6}, "BABA is back above $150.00, at $151.60"),
        ({"kind": Kind.RECOVERED, "price": 150.0}, "BABA is back at $150.00, at $150.00"),
        (
            {"kind": Kind.RECOVERED, "price": 152.0, "condition": Condition.TOUCHES},
            "BABA has moved away from $150.00, at $152.00",
        ),
        (
            {"kind": Kind.RECOVERED, "price": 148.0, "condition": Condition.ABOVE},
            "BABA is back below $150.00, at $148.00",
        ),
        ({"currency": "HKD"}, "BABA fell below 150.00 HKD, at 149.62 HKD"),
        ({"severity": Severity.CRITICAL}, "[CRITICAL] BABA fell below $150.00, at $149.62"),
        ({"late": True}, "BABA fell below $150.00, at $149.62 (late)"),
        ({"simulated": True}, "[SIMULATED] BABA fell below $150.00, at $149.62"),
    ],
)
def test_the_subject_says_the_symbol_what_happened_and_the_price(
    changes: dict[str, Any], subject: str
) -> None:
    assert message(notice(**changes)).subject == subject


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "The price was $149.62 at 2026-03-09 09:34 EDT (13:34 UTC)."),
        ({}, "The last price is $149.20, 0.5 % below $150.00, as of 2026-03-09 09:36 EDT"),
        ({}, "Sell half."),
        ({}, "severity warning"),
        ({"gap": True}, "It opened beyond the level, without a trade in between: a gap."),
        ({"price_now": 150.0}, "The last price is $150.00, exactly at $150.00"),
        ({"price_now": 150.001}, "The last price is $150.001, just above $150.00"),
        ({"kind": Kind.RECOVERED, "price": 151.6}, "$150.00 is reclaimed."),
        ({"resolution": DAY}, "some time in the 6h 30m from 2026-03-09 09:34 EDT"),
        ({"hold": "1 close", "resolution": DAY, "at": AT + DAY}, "The close was $149.62 at 2026"),
        ({"simulated": True}, "SIMULATED: these prices are made up"),
    ],
)
def test_both_bodies_say_what_happened_and_where_the_price_is_now(
    changes: dict[str, Any], sentence: str
) -> None:
    told = message(notice(**changes))

    assert sentence in told.text
    assert sentence in told.html


def test_a_gap_is_said_only_where_there_was_one() -> None:
    assert "gap" not in message(notice()).text


def test_a_late_message_says_when_it_happened_and_when_it_was_found() -> None:
    found = AT + timedelta(hours=2, minutes=16, seconds=30)

    told = message(notice(late=True, detected_at=found))

    assert "It happened at 2026-03-09 09:34 EDT (13:34 UTC)" in told.text
    assert "was found at 2026-03-09 11:50 EDT (15:50 UTC), 2h 16m later." in told.text
    assert (data(told)["late"], data(told)["detected_at"]) == (True, "2026-03-09T15:50:30Z")


def test_other_levels_are_listed_from_high_to_low_with_the_way_to_them() -> None:
    told = message(notice(others=(other("floor", 140.0, -6.17), other("52w high", 192.0, 28.69))))

    rows = [" ".join(row.split()) for row in told.text.splitlines()]
    assert rows.index("+28.7 % $192.00 52w high") + 1 == rows.index("-6.2 % $140.00 floor")
    assert [each["level"] for each in data(told)["others"]] == [192.0, 140.0]


def test_of_many_other_levels_the_nearest_twelve_are_listed() -> None:
    told = message(notice(others=tuple(other(f"level {n}", 150.0 + n, n) for n in range(1, 31))))

    assert "level 12\n" in told.text
    assert "level 13" not in told.text
    assert "and 18 more, farther away" in told.text


def test_the_payload_holds_every_fact() -> None:
    told = message(notice(others=(other("floor", 140.0, -6.166),)))

    assert told.payload == {
        "type": "alert.fired",
        "timestamp": "2026-03-09T13:37:00Z",
        "data": {
            "id": told.id.removeprefix("msg_"), "alert": "support", "name": "Support 150",
            "symbol": "BABA", "kind": "fired", "condition": "below", "hold": None, "level": 150.0,
            "price": 149.62, "at": "2026-03-09T13:34:00Z", "gap": False, "late": False,
            "detected_at": "2026-03-09T13:37:00Z", "price_now": 149.20,
            "price_at": "2026-03-09T13:36:00Z", "distance_percent": -0.53, "currency": "USD",
            "severity": "warning", "note": "Sell half.", "source": "yahoo", "simulated": False,
            "others": [{"alert": "level-140", "name": "floor", "level": 140.0, "percent": -6.17}],
            "resolution": 60.0, "revision": notice().event.revision, "of": "price", "asked": "150",
            "origin": None, "band": None, "was": None, "about": None, "together": [],
            "together_total": 0, "reminder": 0, "held": None, "instead_of": None,
                "first_source": None,
        },
    }  # fmt: skip


def test_a_recovery_has_its_own_type() -> None:
    assert message(notice(kind=Kind.RECOVERED)).payload["type"] == "alert.recovered"


def test_a_simulated_message_says_so_in_its_payload() -> None:
    assert data(message(notice(simulated=True)))["simulated"] is True


def test_the_same_notice_gives_the_same_message() -> None:
    assert message(notice()) == message(notice())


def test_the_id_is_the_events_and_the_thread_is_the_alerts() -> None:
    told = message(notice())

    assert told.id == f"msg_{notice().event.id}"
    assert told.thread == "support"
    assert told.created_at == notice().detected_at


def test_html_in_a_note_is_shown_and_not_obeyed() -> None:
    told = message(notice(note="<script>alert(1)</script>", name='<b>"x"</b>'))

    assert "<script>" not in told.html
    assert "&lt;script&gt;" in told.html
    assert "<b>" not in told.html
    assert "<script>alert(1)</script>" in told.text


def test_a_long_note_is_cut_with_a_mark() -> None:
    told = message(notice(note="x" * 30_000))

    assert "x… [cut]" in told.text
    assert data(told)["note"].endswith("x… [cut]")


@given(note=st.text(), name=st.text(), source=st.text(), currency=st.text(max_size=9))
def test_the_subject_is_one_line_and_everything_can_be_encoded(
    note: str, name: str, source: str, currency: str
) -> None:
    told = message(notice(note=note, name=name, source=source, currency=currency))

    assert told.subject.splitlines() == [told.subject]
    assert told.subject.isprintable() or not currency.isprintable()
    for text in (told.subject, told.text, told.html, json.dumps(told.payload, ensure_ascii=False)):
        text.encode()


def test_a_subject_stays_under_200_characters() -> None:
    assert len(message(notice(currency="X" * 300)).subject) == 199


def test_a_test_message_is_marked_as_one() -> None:
    told = test_message("desk\r\nBcc: x", AT, UUID(int=7))

    assert told.subject == "[TEST] Channel desk Bcc: x works"
    assert told.id == "msg_00000000-0000-0000-0000-000000000007"
    assert told.payload["type"] == "alert.test"
    assert "TEST: no price crossed any level." in told.text
    assert "TEST: no price crossed any level." in told.html
