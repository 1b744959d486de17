"""`alertd check` reads back how channels speak, and how alertd is looked after."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.typed import Home

ALERT = """
allow_inline_secrets = true

[[alert]]
id = "support"
symbol = "BABA"
below = 150
"""
CONSOLE = '[channel.console]\ntype = "console"\n'
WEBHOOK = """
[channel.desk]
type = "webhook"
url = "https://desk.example.com/hooks/a-token"
secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
old_secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDI="
"""
MAIL = """
[channel.mail]
type = "email"
host = "smtp.example.com"
from = "alerts@example.com"
to = ["you@example.com"]
"""
PHONE = '[channel.phone]\ntype = "apprise"\nurl = "ntfys://a-token@ntfy.example.com/a-topic"\n'


def rows(home: Home, *config: str) -> dict[str, list[str]]:
    """Return the cells of each channel's row, by its name."""
    answer = home.alertd("check", "--config", home.config("\n".join((ALERT, *config))))
    assert (answer.status, answer.err) == (0, "")
    (start,) = [n for n, line in enumerate(answer.lines) if line.startswith("channel  ")]
    body = answer.lines[start + 1 :]
    table = [line.split("  ") for line in body[: body.index("")]]
    return {cells[0]: [cell.strip() for cell in cells[1:] if cell.strip()] for cells in table}


def last_lines(home: Home, config: str = "", store: str = "") -> list[str]:
    name = home.config(ALERT + config)
    path = home.folder / name
    path.write_text(f"{path.read_text()}{store}\n")
    answer = home.alertd("check", "--config", name)
    assert (answer.status, answer.err) == (0, "")
    return answer.lines[answer.lines.index("", len(answer.lines) - 4) + 1 :]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            'quiet = "22:00-07:00"\nzone = "Europe/Berlin"',
            "silent from 22:00 to 07:00 Europe/Berlin; critical alerts come at any time",
        ),
        (
            'digest = "18:00"\nzone = "Asia/Tokyo"',
            "one digest a day at 18:00 Asia/Tokyo; critical alerts come at any time",
        ),
        ('rate = "10/h"', "at most 10 messages in 1h; critical alerts come at any time"),
        ('rate = "1/min"', "at most 1 message in 1m; critical alerts come at any time"),
        ('fallback = "mail"', "mail stands in when it fails"),
        ('text_template = "{{ symbol }}"', "own words for the text"),
    ],
    ids=["quiet", "digest", "rate", "one", "fallback", "template"],
)
def test_what_is_out_of_the_ordinary_about_a_channel_is_said(
    home: Home, settings: str, said: str
) -> None:
    found = rows(home, CONSOLE + settings, MAIL)
    assert found["console"] == ["the terminal", said]
    assert found["mail"] == ["you@example.com by way of smtp.example.com:587, STARTTLS"]


def test_of_several_templates_each_is_named(home: Home) -> None:
    own = 'subject_template = "a"\ntext_template = "b"\nhtml_template = "c"'
    assert rows(home, MAIL + own)["mail"][1] == "own words for the subject, text and html"


def test_where_no_chart_can_be_drawn_a_mail_that_would_show_one_says_so(home: Home) -> None:
    plain = MAIL.replace("mail]", "plain]") + "chart = false\n"
    home.config(ALERT + MAIL + plain)
    # None in sys.modules is how Python marks a package that cannot be imported.
    code = (
        "import sys; sys.modules['matplotlib'] = None; "
        "sys.argv[1:] = ['check', '--config', 'alerts.toml']; from alertd.cli import main; main()"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=home.folder, env=home.environ(COLUMNS="150"),
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    mail, other = (line for line in shown.splitlines() if line.startswith(("mail  ", "plain  ")))
    assert mail.endswith('STARTTLS  no chart, alertd is installed without "alertd[charts]"')
    assert other.endswith("STARTTLS")


def test_a_channel_without_manners_has_none_said_of_it(home: Home) -> None:
    assert rows(home, CONSOLE) == {"console": ["the terminal"]}


def test_a_webhook_says_how_it_is_signed_and_where_it_may_lead(home: Home) -> None:
    here = WEBHOOK.replace("https", "http") + 'allow_http = true\nallow_hosts = ["10.0.0.0/8"]\n'
    assert rows(home, WEBHOOK)["desk"] == ["webhook at desk.example.com, signed with two secrets"]
    (said,) = rows(home, here)["desk"]
    assert said.endswith("signed with two secrets, not encrypted, may lead to 10.0.0.0/8")


def test_no_secret_of_a_channel_or_the_heartbeat_is_shown(home: Home) -> None:
    beat = '[heartbeat]\nurl = "https://hc.example.com/a-uuid"\n'
    config = home.config(ALERT + WEBHOOK + PHONE + beat)
    answer = home.alertd("check", "--config", config)
    assert answer.status == 0
    assert "ntfys, by Apprise" in answer.out
    shown = answer.out + answer.err
    secrets = ("a-token", "a-topic", "ntfy.example.com", "whsec_", "a-uuid", "Nzg5MDE")
    assert [secret for secret in secrets if secret in shown] == []


def test_what_only_a_channel_can_tell_is_a_problem_too(home: Home) -> None:
    config = home.config(ALERT + PHONE.replace("ntfys://", "nosuchservice://"))
    answer = home.alertd("check", "--config", config)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("alerts.toml: 1 problem\n  - channel.phone: ")
    assert "a-token" not in answer.err


def test_an_alert_that_reminds_says_how_often(home: Home) -> None:
    critical = 'severity = "critical"\nrepeat_every = "15m"\n'
    lines = home.alertd("check", "--config", home.config(ALERT + critical)).lines
    assert "    tells console, every 15m until it is acknowledged" in lines


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", "what was delivered is forgotten after 400d; 7 daily backups, while 50 MB of"),
        ('keep = "forever"\nbackups = 1', "nothing is forgotten; 1 daily backup, while 50 MB of"),
        ('backups = 0\nfree = "1 GB"', "what was delivered is forgotten after 400d; no backups"),
    ],
    ids=["default", "for ever", "none"],
)
def test_the_store_says_what_is_kept_for_how_long(home: Home, settings: str, said: str) -> None:
    (line,) = last_lines(home, store=settings)
    assert line.startswith(f"store: alertd.db; {said}")


def test_the_heartbeat_says_who_hears_how_often(home: Home) -> None:
    beat = '[heartbeat]\nurl = "https://hc.example.com/a-uuid"\nevery = "2m"\n'
    assert last_lines(home, beat)[-1] == "heartbeat: hc.example.com hears from the daemon every 2m"
