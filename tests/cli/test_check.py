"""`alertd check` reads the configuration back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import create_engine

from alertd.core.states import Basis, State
from tests.cli.kept import BELOW, NOW, keeping, record
from tests.store import version_1
from tests.support.build import rule

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

CONDITIONS = """
[[alert]]
id = "high"
symbol = "BABA"
above = "52w high - 2%"

[[alert]]
id = "band"
symbol = "BABA"
inside = [148, 152]

[[alert]]
id = "week"
symbol = "BABA"
falls = "5%"
within = "5 sessions"

[[alert]]
id = "stop"
symbol = "BABA"
trails = "8%"

[[alert]]
id = "ratio"
symbol = "BABA"
of = "pe"
above = 20
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


def test_every_condition_is_read_back_before_a_daemon_has_run(home: Home) -> None:
    out = home.alertd("check", "--config", home.config(CONDITIONS)).out
    said = [line.partition(";")[0].strip() for line in out.splitlines() if "    when " in line]
    assert said == [
        "when BABA rises above its 52-week high less 2 %",
        "when BABA enters 148.00 to 152.00",
        "when BABA falls 5 % within 5 sessions",
        "when BABA falls 8 % under its highest price since the alert was armed",
        "when BABA's P/E rises above 20",
    ]


def test_levels_without_a_price_are_listed_below_the_others(home: Home) -> None:
    kept = rule("above 52w high - 2%", id="high")
    basis = Basis(level=188.82, fixed_for=NOW)
    with keeping(home.folder / "alertd.db", kept) as database:
        record(database, price=150.5, state=State(basis=basis))
    lines = home.alertd("check", "--config", home.config(CONDITIONS)).lines
    at = lines.index("BABA on XNYS, in USD")
    table = [" ".join(line.split()) for line in lines[at + 2 : at + 9]]
    assert [line for line in table if "the price" not in line] == [
        "$188.82 (52w high - 2%) +25.5 % high", "$152.00 +1.0 % band", "$148.00 -1.7 % band",
        "5% within 5 sessions week", "8% stop", "P/E 20 ratio",
    ]  # fmt: skip
    assert "the price" in table[2]


def test_a_secret_that_is_not_there_is_a_problem(home: Home) -> None:
    name = home.config(ALERTS.replace('"a-password"', '{ env = "MAIL_PASSWORD" }'))
    answer = home.alertd("check", "--config", name)
    assert (answer.status, answer.out) == (2, "")
    assert "MAIL_PASSWORD" in answer.err


def test_a_database_that_is_none_fails_in_words(home: Home) -> None:
    (home.folder / "alertd.db").write_bytes(b"something else" * 100)
    answer = home.alertd("check", "--config", home.config(ALERTS))
    assert answer.status == 1
    assert answer.err.startswith("alertd.db: the database ")
    assert "Traceback" not in answer.err


def test_a_database_of_an_older_version_is_said_and_the_file_is_read_all_the_same(
    home: Home,
) -> None:
    engine = create_engine(f"sqlite:///{home.folder / 'alertd.db'}")
    with engine.begin() as connection:
        version_1.leave(connection)
    engine.dispose()
    answer = home.alertd("check", "--config", home.config(ALERTS))
    assert answer.status == 0
    assert "start the daemon once" in answer.err
    assert "Support at 150" in answer.out
