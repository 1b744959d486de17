"""Messages that come again, come late on purpose, or come in another's place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alertd.core.calm import Held
from alertd.core.messages import Message, message
from alertd.core.notices import Severity
from alertd.core.parcels import Parcel, alone, parcel_id
from tests.core.crossing import QUARTER, ask, crossed
from tests.support.build import at, found, rule

FELL = replace(
    found(rule("below 150"), 149.62, "09:34"), severity=Severity.CRITICAL, repeat_every=QUARTER
)


def data(message: Message) -> dict[str, Any]:
    body = message.payload["data"]
    assert isinstance(body, dict)
    return body


def reminder(number: int) -> Message:
    return message(Parcel(parcel_id(FELL.event.id, number), (FELL,), round=number))


def test_a_reminder_says_which_it_is_how_often_it_comes_and_how_it_ends() -> None:
    told = reminder(2)
    assert told.subject == "[CRITICAL] Reminder 2: BABA fell below $150.00, at $149.62"
    assert (
        "This is reminder 2 of what happened at 2026-03-09 09:34 EDT (13:34 UTC). "
        "Reminders come every 15m until you run: alertd ack a\n"
    ) in told.text
    assert "The last price then was $149.62, 0.2 % below $150.00, as of" in told.text


def test_a_reminder_has_an_id_and_a_date_of_its_own_and_the_thread_of_its_alert() -> None:
    first, second = reminder(1), reminder(2)
    assert len({first.id, second.id, message(alone(FELL)).id}) == 3
    assert second.created_at - FELL.detected_at == timedelta(minutes=30)
    assert second == reminder(2)
    assert (first.thread, second.thread) == ("a", "a")


def test_the_payload_of_a_reminder_counts_and_names_the_event() -> None:
    told = reminder(2)
    assert told.payload["type"] == "alert.reminder"
    assert told.payload["timestamp"] == "2026-03-09T14:05:00Z"
    assert (data(told)["id"], data(told)["reminder"]) == (str(FELL.event.id), 2)
    assert data(message(alone(FELL)))["reminder"] == 0


def test_a_reminder_is_of_one_level_also_where_the_message_told_several() -> None:
    notice = crossed([ask("below 150"), ask("below 148", critical=True)], "151", "144")
    told = message(Parcel(parcel_id(notice.event.id, 1), (notice,), round=1))
    assert told.subject == "[CRITICAL] Reminder 1: BABA fell below $148.00, at $144.00"
    assert data(told)["together"] == []


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (Held.QUIET, "Held back by quiet hours."),
        (Held.SNOOZED, "Held back while the alert was snoozed."),
        (Held.PAUSED, "Held back while the alert was paused."),
        (Held.DIGEST, "Held back for the daily digest."),
        (Held.RATE, "Held back by the limit on messages to this channel."),
    ],
)
def test_a_message_that_had_to_wait_says_why(held: Held, said: str) -> None:
    told = message(replace(alone(FELL), held=held))
    assert said in told.text
    assert data(told)["held"] == held.value
    assert told.subject == message(alone(FELL)).subject
    assert (told.id, told.created_at) == (f"msg_{FELL.event.id}", FELL.detected_at)


def test_a_message_in_place_of_another_channel_says_so_on_one_line() -> None:
    told = message(replace(alone(FELL), instead_of="phone\r\nBcc: x"))
    assert "Channel phone Bcc: x has not taken this message, so it comes here." in told.text
    assert data(told)["instead_of"] == "phone Bcc: x"


def test_a_message_that_went_out_at_once_says_nothing_of_the_kind() -> None:
    told = message(alone(FELL))
    assert not any(word in told.text for word in ("Held", "reminder", "Channel"))
    assert "The last price is $149.62" in told.text
    assert (data(told)["held"], data(told)["instead_of"]) == (None, None)


def test_a_message_recorded_at_night_keeps_the_date_of_its_event() -> None:
    assert message(replace(alone(FELL), held=Held.QUIET)).created_at == at("09:35")


def test_what_another_source_tells_names_both_and_late_it_says_why() -> None:
    notice = replace(FELL, source="alpaca", first_source="yahoo")
    assert "Quotes: alpaca, in place of yahoo." in message(alone(notice)).text
    assert "gave no prices" not in message(alone(notice)).text
    assert (
        "Yahoo gave no prices: these are from alpaca."
        in message(alone(replace(notice, late=True))).text
    )


def test_what_the_first_source_tells_late_says_nothing_of_another() -> None:
    notice = replace(FELL, late=True)
    assert "gave no prices" not in message(alone(notice)).text
    assert "Quotes: yahoo." in message(alone(notice)).text
