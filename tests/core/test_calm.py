"""Messages wait for the user's clock, and critical ones do not."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.calm import (
    FREELY,
    LONGEST_HOLD,
    NEVER,
    Calm,
    Held,
    Hold,
    Hush,
    Quiet,
    Rate,
    verdict,
)
from alertd.core.notices import Severity

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Calm(BERLIN, Quiet(time(22), time(7)))
EVENING = Calm(BERLIN, digest_at=time(18))
TWO_AN_HOUR = Calm(rate=Rate(2, timedelta(hours=1)))
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """Return a moment of November 2026 on Berlin's clock: "23 22:30"."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=BERLIN).astimezone(UTC)


def judged(  # noqa: PLR0917 - as a message meets them
    calm: Calm,
    now: datetime,
    severity: Severity = Severity.WARNING,
    hush: Hush | None = None,
    held: Held | None = None,
    sent: tuple[datetime, ...] = (),
) -> Hold | None:
    return verdict(calm, severity, hush=hush, held=held, sent=sent, now=now)


def test_without_any_wish_a_message_goes_out() -> None:
    assert judged(FREELY, at("23 03:00")) is None


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("23 21:59", None),
        ("23 22:00", "24 07:00"),
        ("23 23:30", "24 07:00"),
        ("24 06:59", "24 07:00"),
        ("24 07:00", None),
    ],
)
def test_quiet_hours_over_midnight_hold_until_their_end(now: str, end: str | None) -> None:
    hold = judged(NIGHT, at(now))
    assert hold == (Hold(at(end), Held.QUIET) if end else None)


def test_quiet_hours_within_a_day_hold_until_their_end() -> None:
    lunch = Calm(BERLIN, Quiet(time(12), time(13)))
    assert judged(lunch, at("23 12:30")) == Hold(at("23 13:00"), Held.QUIET)
    assert judged(lunch, at("23 13:00")) is None
    assert judged(lunch, at("23 11:59")) is None


def test_a_critical_message_passes_quiet_hours_digest_and_rate() -> None:
    calm = Calm(BERLIN, NIGHT.quiet, EVENING.digest_at, TWO_AN_HOUR.rate)
    now = at("23 23:00")
    assert judged(calm, now, Severity.CRITICAL, sent=(now, now)) is None


def test_a_snooze_holds_a_critical_message_too() -> None:
    hush = Hush(at("23 10:00"), at("23 12:00"))
    hold = judged(FREELY, at("23 11:00"), Severity.CRITICAL, hush)
    assert hold == Hold(at("23 12:00"), Held.SNOOZED)
    assert judged(FREELY, at("23 12:00"), Severity.CRITICAL, hush) is None


def test_a_pause_holds_until_somebody_ends_it() -> None:
    assert judged(FREELY, at("23 11:00"), hush=Hush(at("22 11:00"))) == Hold(NEVER, Held.PAUSED)


def test_a_digest_holds_until_its_time_and_then_lets_go() -> None:
    assert judged(EVENING, at("23 17:59")) == Hold(at("23 18:00"), Held.DIGEST)
    assert judged(EVENING, at("23 18:00")) == Hold(at("24 18:00"), Held.DIGEST)
    assert judged(EVENING, at("23 18:00"), held=Held.DIGEST) is None


def test_what_was_snoozed_still_waits_for_the_digest() -> None:
    hold = judged(EVENING, at("23 12:00"), held=Held.SNOOZED)
    assert hold == Hold(at("23 18:00"), Held.DIGEST)


def test_a_digest_in_quiet_hours_goes_out_when_they_end() -> None:
    calm = Calm(BERLIN, NIGHT.quiet, time(23))
    at_night = judged(calm, at("23 23:00"), held=Held.DIGEST)
    assert at_night == Hold(at("24 07:00"), Held.QUIET)
    assert judged(calm, at("24 07:00"), held=Held.QUIET) is None


def test_what_comes_at_night_waits_for_the_daily_digest_too() -> None:
    calm = Calm(BERLIN, NIGHT.quiet, EVENING.digest_at)
    assert judged(calm, at("23 23:00")) == Hold(at("24 18:00"), Held.DIGEST)


def test_beyond_the_rate_a_message_waits_until_one_may_go() -> None:
    first, second = at("23 10:00"), at("23 10:20")
    assert judged(TWO_AN_HOUR, at("23 10:30"), sent=(first,)) is None
    hold = judged(TWO_AN_HOUR, at("23 10:30"), sent=(second, first))
    assert hold == Hold(first + HOUR, Held.RATE)
    assert judged(TWO_AN_HOUR, first + HOUR, sent=(first, second)) is None


def test_a_message_from_the_future_does_not_count_against_the_rate() -> None:
    now = at("23 10:30")
    assert judged(TWO_AN_HOUR, now, sent=(now + HOUR, now + HOUR)) is None


def test_a_time_that_the_clock_skips_is_one_hour_on() -> None:
    calm = Calm(BERLIN, digest_at=time(2, 30))
    before = datetime(2026, 3, 28, 23, tzinfo=UTC)
    hold = judged(calm, before)
    assert hold is not None
    assert hold.until == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [("00:15", "00:30"), ("00:29", "00:30"), ("00:31", None), ("01:15", "01:30"), ("01:30", None)],
)
def test_where_the_clock_shows_the_end_twice_nothing_waits_for_the_next_day(
    now: str, until: str | None
) -> None:
    # 02:00 to 03:00 in Berlin is there twice: from 00:00 and from 01:00 UTC.
    calm = Calm(BERLIN, Quiet(time(22), time(2, 30)))
    hold = judged(calm, datetime.fromisoformat(f"2026-10-25T{now}Z"))
    end = datetime.fromisoformat(f"2026-10-25T{until}Z") if until else None
    assert hold == (Hold(end, Held.QUIET) if end else None)


MOMENTS = st.timedeltas(timedelta(0), timedelta(days=730)).map(
    lambda span: datetime(2026, 1, 1, tzinfo=UTC) + span
)
CLOCKS = st.times()
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"])


@given(now=MOMENTS, start=CLOCKS, end=CLOCKS, digest=CLOCKS, zone=ZONES)
def test_a_hold_lies_ahead_is_no_longer_than_a_day_and_then_lets_go(
    now: datetime, start: time, end: time, digest: time, zone: str
) -> None:
    calm = Calm(ZoneInfo(zone), Quiet(start, end) if start != end else None, digest)
    held, moment = None, now
    for _ in range(3):
        hold = judged(calm, moment, held=held)
        if hold is None:
            break
        assert moment < hold.until <= moment + LONGEST_HOLD
        held, moment = hold.why, hold.until
    else:
        pytest.fail("it is held again and again")
