"""What a daemon that cannot start says, and with which status it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.process import run

if TYPE_CHECKING:
    from tests.e2e.house import House


def test_a_second_daemon_on_one_store_leaves_with_status_1_and_the_first_goes_on(
    house: House,
) -> None:
    daemon = house.start()
    second = run(house.config, house.environ)
    assert second.returncode == 1
    assert "alertd.db: another alertd is running on this database" in second.stderr
    assert "hint: stop it, or give [store] path another file" in second.stderr
    assert "Traceback" not in second.stderr
    assert daemon.status is None
    house.fall(149.5)
    house.desk.wait(1)


def test_a_bad_configuration_leaves_with_status_2_and_says_everything(house: House) -> None:
    text = house.config.read_text()
    text = text.replace("below = 150", 'below = "15O"').replace("24/7", "24/8")
    house.config.write_text(text)
    done = run(house.config, house.environ)
    assert done.returncode == 2
    assert "2 problems" in done.stderr
    assert "alert[1].below" in done.stderr
    assert "symbol.BABA.calendar" in done.stderr
    assert "Traceback" not in done.stderr
    assert not house.store.exists()


def test_a_missing_secret_leaves_with_status_2_and_names_where_it_should_be(house: House) -> None:
    environ = {name: text for name, text in house.environ.items() if name != "DESK_SECRET"}
    done = run(house.config, environ)
    assert done.returncode == 2
    assert "channel.desk.secret: environment variable DESK_SECRET is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_secret_is_logged(house: House) -> None:
    house.start()
    house.fall(149.5)
    house.logged("delivered channel=desk")
    house.logged("delivered channel=mail")
    hidden = ("DESK_URL", "DESK_SECRET", "MAIL_PASSWORD")
    assert [name for name in hidden if house.environ[name] in house.log] == []
