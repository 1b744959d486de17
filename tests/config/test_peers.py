"""Where requests may go, and with which secrets: webhooks, services, the heartbeat."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd import config
from alertd.config import AppriseSettings, HeartbeatSettings, WebhookSettings
from tests.config.builders import (
    ENVIRON,
    SIGNING,
    alert,
    authority,
    channel,
    load,
    problem,
    refusal,
    webhook,
)

if TYPE_CHECKING:
    from pathlib import Path

URL = 'url = "https://hooks.example.com/x"'
FORMER = "whsec_" + "C2FV" * 8
BOTH = ('secret = { env = "NEW" }', 'old_secret = { env = "OLD" }')
TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"


def heartbeat(*lines: str) -> str:
    return "\n".join([alert(), "[heartbeat]", *lines, ""])


def service(line: str) -> str:
    return alert() + channel(line, name="phone", kind="apprise")


def test_two_secrets_sign_while_they_are_exchanged(tmp_path: Path) -> None:
    environ = {"NEW": SIGNING, "OLD": FORMER}
    found = load(tmp_path, webhook(URL, *BOTH), environ=environ)
    assert found.channels["desk"] == WebhookSettings(
        "https://hooks.example.com/x", SIGNING, old_secret=FORMER
    )
    assert {SIGNING, FORMER} <= set(found.secrets)


def test_the_former_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "former").write_text(FORMER + "\n")
    text = webhook(URL, BOTH[0], 'old_secret_file = "former"')
    found = load(tmp_path, text, environ={"NEW": SIGNING}).channels["desk"]
    assert isinstance(found, WebhookSettings)
    assert found.old_secret == FORMER


def test_a_former_secret_needs_a_new_one(tmp_path: Path) -> None:
    only = problem(tmp_path, webhook(URL, BOTH[1]), environ={"OLD": FORMER})
    assert (only.where, only.what) == ("channel.desk.secret", "missing")


@pytest.mark.parametrize("key", ["secret", "secret_file"])
def test_the_former_secret_is_not_the_new_one(tmp_path: Path, key: str) -> None:
    (tmp_path / "new").write_text(SIGNING)
    new = 'secret_file = "new"' if key == "secret_file" else BOTH[0]
    environ = {"NEW": SIGNING, "OLD": SIGNING}
    only = problem(tmp_path, webhook(URL, new, BOTH[1]), environ=environ)
    assert (only.where, only.what) == ("channel.desk.old_secret", "the same as secret")
    assert SIGNING not in str(only)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "10.0.0.7", "192.168.1.1:8080", "100.64.0.1",
     "169.254.169.254", "0.0.0.0", "[fe80::1]", "[::ffff:10.0.0.7]", "[64:ff9b::a00:7]",
     "user:pw@127.0.0.1:9"],
)  # fmt: skip
@pytest.mark.parametrize("table", ["channel.desk", "heartbeat"])
def test_a_url_of_an_address_that_is_not_public_is_refused_unless_it_is_listed(
    tmp_path: Path, host: str, table: str
) -> None:
    build = webhook if table == "channel.desk" else heartbeat
    only = problem(tmp_path, build(f'url = "https://{host}/s3cret"'))
    assert only.where == f"{table}.url"
    assert "s3cret" not in str(only)
    assert "pw" not in str(only)


@pytest.mark.parametrize(
    ("host", "entry"),
    [("localhost", "localhost"), ("localhost", "127.0.0.0/8"), ("127.0.0.1:8080", "127.0.0.1"),
     ("[::1]", "::1"), ("10.1.2.3", "10.0.0.0/8"), ("desk.lan", "desk.lan")],
)  # fmt: skip
def test_a_listed_host_may_be_gone_to(tmp_path: Path, host: str, entry: str) -> None:
    lines = (f'allow_hosts = ["{entry}"]', f'url = "https://{host}/x"')
    found = load(tmp_path, webhook(*lines)).channels["desk"]
    assert isinstance(found, WebhookSettings)
    assert found.allow_hosts == (entry,)
    assert load(tmp_path, heartbeat(*lines)).heartbeat


def test_it_is_told_how_to_list_a_host(tmp_path: Path) -> None:
    only = problem(tmp_path, webhook('url = "https://localhost/x"'))
    assert only.what == "localhost leads to 127.0.0.1, which is not public"
    assert only.hint == "list it in allow_hosts"


def test_where_a_name_leads_is_not_asked_while_the_file_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, webhook('url = "https://no-such-name.invalid/x"')).channels["desk"]


def test_a_wrong_list_of_hosts_draws_no_second_complaint(tmp_path: Path) -> None:
    only = problem(tmp_path, webhook('url = "https://localhost/"', 'allow_hosts = ["a b"]'))
    assert only.where == "channel.desk.allow_hosts"


def test_any_service_is_an_apprise_url(tmp_path: Path) -> None:
    url = f"ntfys://{TOKEN}@ntfy.example.com/prices"
    (tmp_path / "url").write_text(url)
    for line in ('url = { env = "URL" }', 'url_file = "url"', 'url = { file = "url" }'):
        found = load(tmp_path, service(line), environ={"URL": url})
        assert found.channels["phone"] == AppriseSettings(url)
        assert found.secrets == (url,)
        assert TOKEN not in repr(found)


def test_a_service_needs_a_url(tmp_path: Path) -> None:
    only = problem(tmp_path, service(""))
    assert (only.where, only.what) == ("channel.phone.url", "missing")


def test_the_url_of_a_service_is_a_secret(tmp_path: Path) -> None:
    only = problem(tmp_path, service(f'url = "ntfys://{TOKEN}@h/t"'))
    assert only.where == "channel.phone.url"
    assert TOKEN not in str(only)
    inline = "allow_inline_secrets = true\n" + service(f'url = "ntfys://{TOKEN}@h/t"')
    assert load(tmp_path, inline).secrets == (f"ntfys://{TOKEN}@h/t",)
    (only,) = refusal(tmp_path, inline, mode=0o640)
    assert only.hint == "chmod 600 the file"


@pytest.mark.parametrize(
    "url", [TOKEN, f"ntfys:{TOKEN}", f"://{TOKEN}", "ntfys://", f"a b://{TOKEN}"]
)
def test_anything_else_is_no_service_and_is_not_repeated(tmp_path: Path, url: str) -> None:
    only = problem(tmp_path, service('url = { env = "URL" }'), environ={"URL": url})
    assert (only.where, only.what) == (
        "channel.phone.url", "expected an Apprise URL, found something else"
    )  # fmt: skip
    assert TOKEN not in str(only)


def test_apprise_knows_every_url_that_the_example_shows() -> None:
    apprise = pytest.importorskip("apprise")
    forms = re.findall(r"[a-z]+://[A-Z_]+[A-Z_a-z@./]*", config.example())
    assert len(forms) == 6
    tokens = {"TOKEN_A": "T1JJ3T3L2", "TOKEN_B": "A1BRTD4JD", "TOKEN_C": "TIiajkdnlazkcOXrIdevi7FQ",
              "BOT_TOKEN": "123456789:abcdefg_hijklmnop", "CHAT_ID": "12315544"}  # fmt: skip
    for form in forms:
        url = re.sub("[A-Z_]{5,}", lambda found: tokens.get(found[0], "x" * 30), form)
        assert apprise.Apprise.instantiate(url), form


def test_the_example_names_each_services_variable() -> None:
    for name, value in ENVIRON.items():
        if name.startswith("ALERTD_"):
            assert f'{{ env = "{name}" }}' in config.example(), value


def test_without_a_heartbeat_nobody_is_told_that_alertd_lives(tmp_path: Path) -> None:
    assert load(tmp_path, alert()).heartbeat is None


def test_a_heartbeat_has_a_url_and_a_pace(tmp_path: Path) -> None:
    url = "https://ping.example.com/4f2a"
    text = heartbeat('url = { env = "ALERTD_HEARTBEAT_URL" }')
    found = load(tmp_path, text)
    assert found.heartbeat == HeartbeatSettings(url, every=timedelta(minutes=5))
    assert found.secrets == (url,)
    assert url not in repr(found)


def test_every_key_of_a_heartbeat_reaches_its_place(tmp_path: Path) -> None:
    place = authority(tmp_path)
    (tmp_path / "url").write_text("http://10.0.0.7/4f2a\n")
    lines = ('url_file = "url"', 'every = "10s"', "allow_http = true", 'allow_hosts = ["10.0.0.7"]')
    found = load(tmp_path, heartbeat(*lines, f'ca_file = "{place.name}"')).heartbeat
    assert found == HeartbeatSettings(
        url="http://10.0.0.7/4f2a",
        every=timedelta(seconds=10),
        ca_file=place,
        allow_http=True,
        allow_hosts=("10.0.0.7",),
    )


def test_a_heartbeat_needs_one_url(tmp_path: Path) -> None:
    only = problem(tmp_path, heartbeat())
    assert (only.where, only.what) == ("heartbeat.url", "missing")
    (tmp_path / "url").write_text("https://h/")
    only = problem(tmp_path, heartbeat('url = "https://h/"', 'url_file = "url"'))
    assert (only.where, only.what) == ("heartbeat.url_file", "a second url beside heartbeat.url")


def test_a_heartbeat_goes_by_https_unless_it_says_otherwise(tmp_path: Path) -> None:
    only = problem(tmp_path, heartbeat('url = "http://ping.example.com/4f2a"'))
    assert only.where == "heartbeat.url"
    assert "4f2a" not in str(only)


def test_without_secrets_there_is_a_heartbeat_all_the_same(tmp_path: Path) -> None:
    text = heartbeat('url = { env = "UNSET" }') + channel(
        'url_file = "none"', name="phone", kind="apprise"
    )
    found = load(tmp_path, text, environ={}, secrets=False)
    assert found.heartbeat == HeartbeatSettings("")
    assert found.channels["phone"] == AppriseSettings("")
    assert found.secrets == ()
