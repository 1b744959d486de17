"""`alertd check` reads the configuration back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.kept import BELOW, keeping, record

if TYPE_CHECKING:
    from tests.cli.typed import Home

ALERTS = """
allow_inline_secrets = true

[[alert]]
id = "support"
symbol = "BABA"
name = "Support at 150"
below = 150
hold = "2 closes"
severity = "critical"
notify = ["mail"]

[[alert]]
id = "high"
symbol = "BABA"
above = 192

[channel.mail]
type = "email"
host = "smtp.example.com"
username = "alerts@example.com"
password = "a-password"
from = "alerts@example.com"
to = ["you@example.com"]

[channel.desk]
type = "webhook"
url = "https://desk.example.com/hooks/a-token"
secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
"""


def test_every_alert_is_said_in_words_with_its_channels(home: Home) -> None:
    answer = home.alertd("check", "--config", home.config(ALERTS))
    assert (answer.status, answer.err) == (0, "")
    assert answer.lines[0] == "alerts.toml: 2 alerts on 1 symbol"
    at = answer.lines.index("support: Support at 150 (critical)")
    assert answer.lines[at + 1].startswith("    when BABA falls below 150.00 and 2 daily closes")
    assert answer.lines[at + 2] == "    tells mail"
    at = answer.lines.index("high: High (info)")
    assert answer.lines[at + 2] == "    tells mail, desk"


def test_an_alert_that_has_expired_is_said_to_be_over(home: Home) -> None:
    config = ALERTS.replace("above = 192", "above = 192\nexpires = 2026-01-02")
    lines = home.alertd("check", "--config", home.config(config)).lines
    at = lines.index("high: High (info)")
    assert lines[at + 3] == "    expired: it fires no more"
    assert "".join(lines).count("expired") == 1


def test_channels_are_shown_without_their_secrets(home: Home) -> None:
    out = home.alertd("check", "--config", home.config(ALERTS)).out
    assert "you@example.com by way of smtp.example.com:587, STARTTLS, with a login" in out
    assert "webhook at desk.example.com, signed" in out
    assert [secret for secret in ("a-password", "a-token", "whsec_") if secret in out] == []


def test_levels_are_listed_from_the_top_down_before_a_daemon_has_run(home: Home) -> None:
    lines = home.alertd("check", "--config", home.config(ALERTS)).lines
    at = lines.index("BABA on XNYS")
    assert [line.split() for line in lines[at + 1 : at + 4]] == [
        ["level", "alert"], ["192.00", "high"], ["150.00", "support"],
    ]  # fmt: skip


def test_the_price_stands_among_the_levels_with_the_distance_to_each(home: Home) -> None:
    with keeping(home.folder / "alertd.db", BELOW) as database:
        record(database, price=160.0)
    lines = home.alertd("check", "--config", home.config(ALERTS)).lines
    at = lines.index("BABA on XNYS, in USD")
    high, price, low = (line.split() for line in lines[at + 2 : at + 5])
    assert high == ["$192.00", "+20.0", "%", "high"]
    assert price[:3] == ["$160.00", "the", "price,"]
    assert low == ["$150.00", "-6.2", "%", "support"]


def test_a_secret_that_is_not_there_is_a_problem(home: Home) -> None:
    name = home.config(ALERTS.replace('"a-password"', '{ env = "MAIL_PASSWORD" }'))
    answer = home.alertd("check", "--config", name)
    assert (answer.status, answer.out) == (2, "")
    assert "MAIL_PASSWORD" in answer.err


def test_a_database_that_is_none_fails_in_words(home: Home) -> None:
    (home.folder / "alertd.db").write_bytes(b"something else" * 100)
    answer = home.alertd("check", "--config", home.config(ALERTS))
    assert answer.status == 1
    assert "alertd.db: the database cannot be" in answer.err
    assert "Traceback" not in answer.err
