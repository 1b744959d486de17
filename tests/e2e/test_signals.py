"""What a service manager sees and says: ready, watchdog, reload, stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.process import until
from tests.support import yahoo_bodies as bodies
from tests.support.webhook import Hang

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.house import House

STOPS_WITHIN_S = 2.0


def nothing(_house: House) -> None:
    """Leave the daemon between two polls."""


def a_webhook_hangs(house: House) -> None:
    house.desk.reply = Hang(lasts=60)
    house.fall(149.5)
    house.desk.wait(1)


def yahoo_hangs(house: House) -> None:
    house.yahoo.fail(bodies.hang)
    house.polled(1)


@pytest.mark.parametrize("trouble", [nothing, a_webhook_hangs, yahoo_hangs])
def test_sigterm_stops_within_two_seconds_whatever_hangs(
    house: House, trouble: Callable[[House], None]
) -> None:
    daemon = house.start()
    trouble(house)
    status, seconds = daemon.terminate()
    assert status == 0
    assert seconds < STOPS_WITHIN_S
    daemon.told.next("STOPPING=1")
    assert "INFO    stopped" in house.log


def test_the_service_manager_hears_of_every_turn(house: House) -> None:
    daemon = house.start()
    assert daemon.told.heard == ["READY=1"]
    daemon.told.next("WATCHDOG=1")
    before = time.monotonic_ns() // 1000
    daemon.hup()
    reloading, moment = daemon.told.next("RELOADING=1").split("\n")
    assert reloading == "RELOADING=1"
    assert before <= int(moment.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000
    daemon.told.next("READY=1")
    daemon.terminate()
    daemon.told.next("STOPPING=1")
    assert daemon.told.heard.count("READY=1") == 2


def test_sighup_takes_up_a_changed_configuration(house: House) -> None:
    daemon = house.start()
    house.write(150, 140)
    daemon.hup()
    house.logged("configuration reloaded", "alerts=2")
    assert house.ledger.alerts() == ["below-140", "below-150"]
    house.fall(139)
    house.desk.wait(1)
    assert {promise.alert for promise in house.ledger.promises()} == {"below-140", "below-150"}


def test_sighup_refuses_a_bad_configuration_and_the_old_one_still_alerts(house: House) -> None:
    daemon = house.start()
    good = house.config.read_text()
    house.config.write_text(good.replace("below = 150", 'belwo = "15O"'))
    daemon.hup()
    line = house.logged("ERROR", "the new configuration is refused")
    assert "alert[1].belwo" in line
    assert "below" in line
    daemon.told.next("RELOADING=1")
    daemon.told.next("READY=1")
    assert house.ledger.alerts() == ["below-150"]
    house.fall(149.5)
    house.told_once(polls=1)


def test_a_reload_while_a_webhook_hangs_neither_loses_nor_repeats_it(house: House) -> None:
    daemon = house.start()
    house.desk.reply = Hang(lasts=1)
    house.fall(149.5)
    house.desk.wait(1)
    daemon.hup()
    house.logged("configuration reloaded")
    until("a failed attempt", lambda: "not delivered, will try again" in house.log)
    assert [call.headers["webhook-id"] for call in house.desk.calls] == [
        f"msg_{promise.id}" for promise in house.ledger.promises()
    ]
