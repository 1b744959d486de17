"""What was held back, told as one message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from alertd.core.calm import Held
from alertd.core.events import EventId, Kind
from alertd.core.messages import Message, message
from alertd.core.notices import Notice, Severity
from alertd.core.parcels import Parcel, alone, digest_id, parcel_id
from tests.core.crossing import crossed
from tests.core.telling import SPLIT, agreed, told
from tests.support.build import at, found, rule

MORNING = at("07:00", "2026-03-10")


def numbered(notice: Notice, number: int, **changes: Any) -> Notice:  # noqa: ANN401 - the fields of an event
    """Return a notice whose event has an id of its own."""
    return replace(
        notice, event=replace(notice.event, id=EventId(UUID(int=number)), **changes), others=()
    )


FELL = numbered(found(rule("below 150"), 149.62, "09:34"), 1)
BACK = numbered(told("below 150", 151.6, 150.0, Kind.RECOVERED), 2, at=at("10:02"))
HONG_KONG = replace(
    numbered(found(rule("above 80", symbol="9988.HK", id="hk"), 80.4, "21:50"), 3),
    zone="Asia/Hong_Kong", currency="HKD", note="",
)  # fmt: skip


def digest(*notices: Notice, held: Held | None = Held.QUIET, **changes: Any) -> Message:  # noqa: ANN401 - the fields of a parcel
    first = parcel_id(notices[0].event.id)
    return message(Parcel(digest_id(first, "desk"), notices, 0, held, MORNING, **changes))


def data(message: Message) -> dict[str, Any]:
    body = message.payload["data"]
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (Held.QUIET, "after quiet hours"),
        (Held.SNOOZED, "after a snooze"),
        (Held.PAUSED, "after a pause"),
        (Held.DIGEST, "in the daily digest"),
        (Held.RATE, "over the message limit"),
        (None, "that were held back"),
    ],
)
def test_the_subject_of_a_digest_counts_and_says_why(held: Held | None, said: str) -> None:
    assert digest(FELL, BACK, HONG_KONG, held=held).subject == (
        f"3 events {said}: BABA (2), 9988.HK (1)"
    )


def test_one_critical_event_makes_a_digest_critical() -> None:
    critical = replace(BACK, severity=Severity.CRITICAL)
    assert digest(FELL, critical).subject.startswith("[CRITICAL] 2 events")
    assert data(digest(FELL, critical))["severity"] == "critical"


def test_a_digest_tells_each_event_in_a_line_by_symbol_on_the_exchanges_clock() -> None:
    assert agreed(digest(FELL, HONG_KONG, BACK)) == (
        "3 events after quiet hours: BABA (2), 9988.HK (1).\n"
        "\n"
        "BABA: $149.62 as of 2026-03-09 09:34 EDT\n"
        "  2026-03-09 09:34 EDT  fell below $150.00, at $149.62: a in words\n"
        "  2026-03-09 10:02 EDT  is back above $150.00, at $151.60: a in words\n"
        "\n"
        "9988.HK: 80.40 HKD as of 2026-03-10 09:50 HKT\n"
        "  2026-03-10 09:50 HKT  rose above 80.00 HKD, at 80.40 HKD: hk in words\n"
        "\n"
        "Note on a in words: look at it\n"
        "\n"
        "3 messages, put together at 2026-03-10 07:00 EDT (11:00 UTC). Quotes: yahoo.\n"
    )


def test_what_was_taken_back_says_so_beside_what_was_told() -> None:
    back = numbered(FELL, 4, kind=Kind.WITHDRAWN, about="fired")
    both = digest(FELL, back, HONG_KONG)
    assert "fell below $150.00, at $149.62, taken back since: a in words\n" in both.text
    assert both.text.count("2026-03-09 09:34 EDT  ") == 1
    assert both.subject.startswith("2 events after quiet hours: BABA (1), ")
    assert [each["kind"] for each in data(both)["events"]] == ["fired", "withdrawn", "fired"]


def test_what_takes_back_an_earlier_message_has_a_line_of_its_own() -> None:
    back = numbered(FELL, 4, kind=Kind.WITHDRAWN, about="fired")
    assert "  taken back: fell below $150.00, at $149.62: a in words" in digest(back, BACK).text


def of_symbol(kind: Kind, **changes: Any) -> Notice:  # noqa: ANN401 - the fields of an event
    return replace(numbered(told("below 150", 150.0, 150.0, kind), 5, **changes), condition=None)


@pytest.mark.parametrize(
    ("notice", "line"),
    [
        (
            numbered(told("below 150", 144.0, 150.0), 5, gap=True),
            "fell below $150.00, at $144.00 (gap): a in words",
        ),
        (
            replace(numbered(told("below 150", 144.0, 150.0), 5), late=True),
            "fell below $150.00, at $144.00 (late): a in words",
        ),
        (
            numbered(told("below 1000", 100.0, 100.0, Kind.SPLIT, origin=SPLIT), 5),
            "10:1 split, $1,000.00 is $100.00 now: a in words",
        ),
        (
            numbered(told("below 150", 150.0, 0.0, Kind.HELD), 5, about="it is in CNY"),
            "held, it is in CNY: a in words",
        ),
        (of_symbol(Kind.STALE), "09:34 EDT  no good price from then on\n"),
        (
            of_symbol(Kind.RESUMED, resolution=timedelta(minutes=25)),
            "09:34 EDT  good prices again, after 25m\n",
        ),
        (replace(FELL, severity=Severity.CRITICAL), "at $149.62: a in words (critical)"),
    ],
)
def test_every_kind_of_event_has_its_line(notice: Notice, line: str) -> None:
    assert line in digest(notice, HONG_KONG).text


def test_levels_that_one_message_told_are_lines_of_their_own() -> None:
    gap = crossed(["below 150", "below 148"], "151", "144")
    both = digest(gap, HONG_KONG)
    assert both.subject.startswith("3 events after quiet hours: BABA (2), 9988.HK (1)")
    assert "  fell below $150.00, at $144.00 (gap): below-150 by name\n" in both.text
    assert len(data(both)["events"]) == 3


def test_an_event_that_waited_with_its_reminders_is_told_once() -> None:
    both = digest(FELL, FELL, FELL, HONG_KONG)
    assert both.subject.startswith("2 events")
    assert data(both)["total"] == 2
    alone_ = digest(FELL, FELL, FELL, held=Held.SNOOZED)
    assert alone_.subject == "BABA fell below $150.00, at $149.62"
    assert "Held back while the alert was snoozed." in alone_.text


def test_of_many_symbols_a_subject_names_the_first() -> None:
    many = [numbered(found(rule("below 150", symbol=f"S{n}"), 149.0, "09:34"), n) for n in range(9)]
    assert digest(*many).subject == (
        "9 events after quiet hours: S0 (1), S1 (1), S2 (1), S3 (1), S4 (1), S5 (1), 3 more symbols"
    )


def test_a_digest_is_the_same_at_every_attempt_under_an_id_and_in_a_thread_of_its_own() -> None:
    one = digest(FELL, BACK)
    assert one == digest(FELL, BACK)
    assert one.id == f"msg_{digest_id(alone(FELL).id, 'desk')}"
    assert (one.thread, one.created_at) == ("digest", MORNING)


def test_the_payload_of_a_digest_names_every_event() -> None:
    assert digest(FELL, HONG_KONG, instead_of="phone").payload == {
        "type": "alert.digest",
        "timestamp": "2026-03-10T11:00:00Z",
        "data": {
            "id": str(digest_id(alone(FELL).id, "desk")), "reason": "quiet", "total": 2,
            "severity": "warning", "simulated": False, "instead_of": "phone",
            "events": [
                {
                    "id": str(UUID(int=1)), "symbol": "BABA", "alert": "a", "kind": "fired",
                    "level": 150.0, "price": 149.62, "at": "2026-03-09T13:34:00Z",
                },
                {
                    "id": str(UUID(int=3)), "symbol": "9988.HK", "alert": "hk", "kind": "fired",
                    "level": 80.0, "price": 80.4, "at": "2026-03-10T01:50:00Z",
                },
            ],
        },
    }  # fmt: skip


def test_a_digest_in_place_of_another_channel_says_so() -> None:
    said = digest(FELL, HONG_KONG, instead_of="phone").text
    assert "Channel phone has not taken this message, so it comes here." in said


def test_a_simulated_digest_says_so() -> None:
    both = digest(FELL, replace(HONG_KONG, simulated=True))
    assert both.subject.startswith("[SIMULATED] 2 events")
    assert "SIMULATED: these prices are made up" in both.text
    assert data(both)["simulated"] is True
