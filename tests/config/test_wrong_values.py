"""Each wrong key and value of the tables about delivery is told with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.builders import (
    SIGNING,
    alert,
    channel,
    email,
    is_valid,
    problem,
    refusal,
    webhook,
)

if TYPE_CHECKING:
    from pathlib import Path

URL = 'url = "https://hooks.example.com/x"'
ENVIRON = {"HOME": "/h", "KEY": SIGNING, "NTFY": "ntfys://a-topic"}
TABLES = {
    "defaults": alert() + "[defaults]\n",
    "channel.tty": alert() + channel(),
    "channel.phone": alert() + channel('url = { env = "NTFY" }', name="phone", kind="apprise"),
    "channel.desk": webhook(URL, 'secret = { env = "KEY" }'),
    "channel.mail": email('host = "smtp.example.com"'),
    "store": alert() + "[store]\n",
    "heartbeat": alert() + '[heartbeat]\nurl = "https://ping.example.com/4f2a"\n',
}

LISTS = ["[]", '"console"', "true", "[1]", '["a b"]']
CLOCKS = ['"24:00"', '"7"', '"18:60"', '"18h"', "1800", "18:00:00", '"18:00:00"', '""']
QUIETS = ['"22:00"', '"22-7"', '"22:00-24:00"', '"22:00 to 07:00"', '["22:00", "07:00"]', "1"]
RATES = [
    '"10"',
    '"0/h"',
    '"-1/h"',
    '"/h"',
    '"1.5/h"',
    '"10/"',
    '"10 h"',
    '"10/year"',
    "10",
    '"1/w"',
]
ZONES = ['"Berlin"', '"Europe"', '"../UTC"', '"/etc/localtime"', '""', '"+02:00"', "2", "[]"]
LENGTHS = ['"5"', '"soon"', "15", "true", '"5m5m"']
HOSTS = [*LISTS, '["10.0.0.1/8"]', '["0.0.0.0/0"]', '["*"]', '["https://h/"]', '["desk.lan:80"]']
SIZES = ['"50"', '"50 mb"', '"50 MiB"', '"-1 MB"', '"1.5 GB"', "50", '"all"', "true"]
FLAGS = ['"false"', "0", '"yes"']
WORDS = ["1", "true", "[]", "{}", '{ env = "A" }', '{ file = "none" }', '"\\u0000"', '" "']


@pytest.mark.parametrize(
    ("table", "key", "values"),
    [
        ("defaults", "notify", LISTS),
        ("defaults", "severity", ['"Info"', '"high"', "1"]),
        ("defaults", "repeat_every", [*LENGTHS, '"59s"']),
        ("defaults", "zone", ZONES),
        ("channel.tty", "quiet", [*QUIETS, '"22:00-22:00"']),
        ("channel.tty", "digest", CLOCKS),
        ("channel.tty", "rate", [*RATES, '"10/2 days"', '"10/25h"', '"10/0m"']),
        ("channel.tty", "zone", ZONES),
        ("channel.tty", "min_severity", ['"Info"', "1"]),
        ("channel.tty", "fallback", ['"tty"', '"a b"', '"mail"', "1", '["mail"]']),
        ("channel.tty", "text_template", WORDS),
        ("channel.desk", "allow_hosts", HOSTS),
        ("channel.desk", "old_secret", ['"whsec_x"', "1", '{ env = "NTFY" }']),
        ("channel.desk", "allow_http", FLAGS),
        ("channel.mail", "chart", FLAGS),
        ("channel.mail", "subject_template", WORDS),
        ("channel.mail", "text_template", WORDS),
        ("channel.mail", "html_template", WORDS),
        ("channel.phone", "subject_template", WORDS),
        ("store", "keep", [*LENGTHS, '"23h"', '"never"', '"99999 days"']),
        ("store", "backups", ["-1", "366", "true", '"7"', "7.0"]),
        ("store", "free", SIZES),
        ("heartbeat", "every", [*LENGTHS, '"9s"']),
        ("heartbeat", "allow_hosts", HOSTS),
        ("heartbeat", "allow_http", FLAGS),
        ("heartbeat", "ca_file", ['"none.pem"', "1"]),
    ],
)
def test_a_wrong_value_is_told_with_its_key(
    tmp_path: Path, table: str, key: str, values: list[str]
) -> None:
    for value in values:
        only = problem(tmp_path, f"{TABLES[table]}{key} = {value}", environ=ENVIRON)
        assert only.where == f"{table}.{key}", value
        assert only.what.startswith(("expected ", "there is no file ")), value


@pytest.mark.parametrize("table", TABLES)
def test_an_unknown_key_is_told_with_its_table(tmp_path: Path, table: str) -> None:
    text = TABLES[table] + "nonsense = 1"
    only = problem(tmp_path, text, environ=ENVIRON)
    assert (only.where, only.what) == (f"{table}.nonsense", "unknown key")
    assert only.hint
    assert only.hint.startswith("known here: ")
    assert not is_valid(text)


@pytest.mark.parametrize(
    ("table", "key", "near"),
    [
        ("defaults", "repeat", "repeat_every"),
        ("channel.tty", "quite", "quiet"),
        ("channel.tty", "digset", "digest"),
        ("channel.tty", "fall_back", "fallback"),
        ("channel.tty", "severity", "min_severity"),
        ("channel.desk", "allowed_hosts", "allow_hosts"),
        ("channel.desk", "oldsecret", "old_secret"),
        ("channel.mail", "template", "text_template"),
        ("store", "backup", "backups"),
        ("heartbeat", "evry", "every"),
    ],
)
def test_a_misspelt_key_is_told_the_one_that_was_meant(
    tmp_path: Path, table: str, key: str, near: str
) -> None:
    only = problem(tmp_path, f"{TABLES[table]}{key} = 1", environ=ENVIRON)
    assert only.where == f"{table}.{key}"
    assert (only.what, only.hint) == ("unknown key", f'did you mean "{near}"?')


@pytest.mark.parametrize("table", ["defaults", "heartbeat"])
@pytest.mark.parametrize("value", ["3", "[]", '"x"', "[[]]"])
def test_a_table_is_not_a_value(tmp_path: Path, table: str, value: str) -> None:
    assert problem(tmp_path, f"{table} = {value}\n{alert()}").where == table


def test_everything_that_is_wrong_comes_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = '[defaults]\nzone = "x"\nnotify = ["nobody"]\n' + alert('repeat_every = "30m"')
    text += channel('rate = "fast"', 'fallback = "tty"') + "[store]\nbackups = 999\n[heartbeat]\n"
    assert [each.where for each in refusal(tmp_path, text)] == [
        "defaults.zone", "defaults.notify", "alert[1].repeat_every", "channel.tty.fallback",
        "channel.tty.rate", "store.backups", "heartbeat.url",
    ]  # fmt: skip
