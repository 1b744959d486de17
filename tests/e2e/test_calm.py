"""What a user says in one process holds in the daemon at once; what a channel refuses goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alertd.core.bars import Bar
from alertd.core.rules import AlertId
from alertd.demo.clock import QuickClock
from alertd.ops.clock import SystemClock
from tests.e2e.commands import typed
from tests.e2e.house import MINUTE, Desk, House, this_minute
from tests.e2e.indoors import indoors
from tests.e2e.ledger import Waiting
from tests.e2e.process import until
from tests.e2e.test_delivery import event, known_as, ran_half_an_hour_ago
from tests.support.webhook import Answer

if TYPE_CHECKING:
    from pathlib import Path

ALERT = AlertId("below-150")
UNTOUCHED = [Waiting("desk", "due", 0), Waiting("mail", "due", 0)]


def said(house: House, *lines: str) -> str:
    """Return what these commands say."""
    return "".join(typed([f"{line} --config {house.config}" for line in lines], house.environ))


def amended(house: House, table: str, *lines: str) -> None:
    """Put more lines into one table of the configuration."""
    text = house.config.read_text()
    assert table in text
    house.config.write_text(text.replace(table, "\n".join([table, *lines]), 1))


def test_a_snooze_holds_the_next_message_back_at_once_and_off_lets_it_go(house: House) -> None:
    house.start()
    assert "messages wait until" in said(house, f"snooze {ALERT} 1h")
    house.fall(149.5)
    until("both messages to be promised", lambda: house.ledger.outbox() == UNTOUCHED)
    house.polled(1)
    assert (house.desk.calls, house.mail.mails) == ([], [])
    told = said(house, "status", f"snooze {ALERT} off")
    assert "snoozed until" in told
    assert "its messages wait no more" in told
    call, mail = house.told_once(polls=1)
    assert event(call)["held"] == "snoozed"
    assert known_as(mail) == call.headers["webhook-id"]


def test_an_alert_that_is_armed_fires_again_at_the_next_crossing_without_coming_back(
    house: House,
) -> None:
    ago = [this_minute() - i * MINUTE for i in range(50, 0, -1)]
    flat = [Bar(at, MINUTE, *[151.0] * 4) for at in ago]
    ran_half_an_hour_ago(house, flat[:20])
    fell = [Bar(bar.start, MINUTE, *[149.5] * 4) for bar in flat[40:]]
    house.play([*flat[:40], *fell])
    house.start()
    house.told_once(polls=0)
    assert "armed" in said(house, f"arm {ALERT}")
    # It does not reach 151.50, where the alert would be armed by itself.
    again = Bar(this_minute(), MINUTE, 149.5, 150.5, 149.4, 149.4)
    house.play([*flat[:40], *fell, again])
    first, second = house.desk.wait(2)
    assert (event(second)["kind"], event(second)["price"]) == ("fired", 149.4)
    assert first.headers["webhook-id"] != second.headers["webhook-id"]


def test_what_a_closed_webhook_does_not_take_goes_to_its_fallback_at_once(house: House) -> None:
    amended(house, 'id = "below-150"', 'notify = ["desk"]')
    amended(house, "[channel.desk]", 'fallback = "mail"')
    house.desk.reply = Answer(410)
    house.start()
    house.fall(149.5)
    (mail,) = house.mail.wait(1)
    assert "desk" in mail.text
    assert known_as(mail) == house.desk.calls[0].headers["webhook-id"]
    status = said(house, "status")
    assert "localhost answered 410: the receiver is gone; mail stands in" in status
    house.polled(1)
    assert (len(house.desk.calls), len(house.mail.mails)) == (1, 1)


def test_what_was_given_up_is_listed_and_a_retry_brings_it_through(house: House) -> None:
    amended(house, 'id = "below-150"', 'notify = ["mail"]')
    house.mail.replies["RCPT"] = "550 no such user"
    house.start()
    house.fall(149.5)
    house.logged("given up channel=mail")
    assert "1 refused: ***@example.com: 550 no such user" in said(house, "history --dead")
    house.mail.replies.clear()
    assert "1 message goes out again now" in said(house, "retry mail")
    (mail,) = house.mail.wait(1)
    (promise,) = house.ledger.promises()
    assert known_as(mail) == f"msg_{promise.id}"
    until("the mail to be settled", lambda: house.ledger.outbox()[0].status == "sent")


def test_three_levels_that_one_gap_jumps_come_as_one_mail_and_one_webhook(house: House) -> None:
    house.write(150, 149.8, 149.6)
    house.start()
    house.bars.append(Bar(this_minute(), MINUTE, *[149.5] * 4))
    house.play(house.bars)
    call, mail = house.told_once(polls=1)
    told = event(call)
    others = told["together"]
    assert isinstance(others, list)
    assert {told["alert"], *(one["alert"] for one in others)} == {
        "below-150", "below-149.8", "below-149.6",
    }  # fmt: skip
    assert told["gap"] is True
    assert all(level in mail.text for level in ("150.00", "149.80", "149.60"))


def test_what_quiet_hours_hold_goes_out_when_a_reload_ends_them(house: House) -> None:
    loud = house.config.read_text()
    now = datetime.now(UTC)
    hours = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=2):%H:%M}"
    amended(house, "[channel.desk]", f'quiet = "{hours}"', 'zone = "UTC"')
    daemon = house.start()
    house.fall(149.5)
    house.mail.wait(1)
    daemon.hup()
    house.logged("configuration reloaded")
    house.polled(1)
    assert house.desk.calls == []
    house.config.write_text(loud)
    daemon.hup()
    call, mail = house.told_once(polls=1)
    assert (event(call)["held"], event(call)["late"]) == ("quiet", False)
    assert known_as(mail) == call.headers["webhook-id"]


def test_a_critical_alert_reminds_until_it_is_acknowledged(tmp_path: Path) -> None:
    clock = QuickClock(this_minute(), 120)
    with Desk() as desk, Desk() as pings, indoors(tmp_path, desk, pings, clock, "30s") as home:
        until("a first poll", lambda: home.price.asked.acquire(blocking=False))
        home.price.fall(149.5)
        calls = desk.wait(3, 20)
        assert home.said.acknowledge(ALERT, clock.now())
        # One may have been under way.
        told = len(desk.calls) + 1
        end = clock.now() + 3 * MINUTE
        until("the time of three reminders", lambda: clock.now() > end)
        assert len(desk.calls) <= told
    ids = {call.headers["webhook-id"] for call in calls}
    assert len(ids) == len(calls)


def test_the_heartbeat_says_when_a_channel_is_closed_and_when_it_works_again(
    tmp_path: Path,
) -> None:
    clock = SystemClock()
    with Desk() as desk, Desk() as pings, indoors(tmp_path, desk, pings, clock) as home:
        assert pings.wait(1)[0].path == "/beat"
        desk.reply = Answer(410)
        home.price.fall(149.5)
        desk.wait(1)
        trouble = pings.wait(2)[1]
        assert trouble.path == "/beat/fail"
        why = b"channel desk takes nothing: localhost answered 410: the receiver is gone"
        assert trouble.body == why
        desk.reply = Answer()
        assert home.said.retry(clock.now()) == 1
        assert pings.wait(3)[2].path == "/beat"
