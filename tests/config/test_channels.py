"""What `[channel.NAME]` tables mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alertd.config import Config, ConsoleSettings, EmailSettings, Tls, WebhookSettings
from tests.config.builders import (
    SIGNING,
    alert,
    authority,
    email,
    load,
    problem,
    refusal,
    webhook,
)

if TYPE_CHECKING:
    from pathlib import Path

URL = 'url = "https://hooks.example.com/x"'


def the_webhook(config: Config) -> WebhookSettings:
    found = config.channels["desk"]
    assert isinstance(found, WebhookSettings)
    return found


def the_email(config: Config) -> EmailSettings:
    found = config.channels["mail"]
    assert isinstance(found, EmailSettings)
    return found


def test_without_a_channel_messages_go_to_the_console(tmp_path: Path) -> None:
    assert load(tmp_path, alert()).channels == {"console": ConsoleSettings()}


def test_an_alert_notifies_all_channels_by_default(tmp_path: Path) -> None:
    config = load(tmp_path, webhook(URL) + '[channel.tty]\ntype = "console"')
    assert config.alerts[0].notify == ("desk", "tty")


def test_a_webhook_has_a_url_and_what_it_trusts(tmp_path: Path) -> None:
    place = authority(tmp_path)
    found = the_webhook(load(tmp_path, webhook(URL, f'ca_file = "{place.name}"')))
    assert found == WebhookSettings("https://hooks.example.com/x", ca_file=place)


def test_a_webhook_needs_a_url(tmp_path: Path) -> None:
    only = problem(tmp_path, webhook())
    assert (only.where, only.what) == ("channel.desk.url", "missing")


def test_plain_http_must_be_allowed(tmp_path: Path) -> None:
    plain = 'url = "http://desk.example.com:8080/x"'
    only = problem(tmp_path, webhook(plain))
    assert only.what == "expected an https URL, found an http one"
    assert only.hint
    assert "allow_http = true" in only.hint
    found = the_webhook(load(tmp_path, webhook("allow_http = true", plain)))
    assert found.url == "http://desk.example.com:8080/x"
    assert found.allow_http


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "ftp://h/x",
        "https://",
        "https://h:99999/",
        "https://h:0/",
        "https://h:port/",
        "https://h:9999999/",
        "https://h /",
        "https://[",
    ],
)
def test_anything_else_is_no_url(tmp_path: Path, url: str) -> None:
    assert problem(tmp_path, webhook(f'url = "{url}"')).where == "channel.desk.url"


@pytest.mark.parametrize("server", ["h", "[::1]", "user:secret@h"])
def test_a_port_out_of_range_is_named(tmp_path: Path, server: str) -> None:
    only = problem(tmp_path, webhook(f'url = "https://{server}:99999/x"'))
    assert only.what == "expected a port from 1 to 65535, found 99999"


@pytest.mark.parametrize(
    "url", ["https://h/x?a=b#c", "https://[2606:4700::1]:8443/", "https://user:pw@h.example/"]
)
def test_a_url_may_have_all_its_parts(tmp_path: Path, url: str) -> None:
    assert the_webhook(load(tmp_path, webhook(f'url = "{url}"'))).url == url


@pytest.mark.parametrize(
    "secret", ["abc", "whsec_", "whsec_abc", "whsec_MfKQ", SIGNING * 2, "whsec_" + "MfKQ" * 22]
)
def test_a_signing_secret_is_one_of_standard_webhooks(tmp_path: Path, secret: str) -> None:
    text = webhook(URL, 'secret = { env = "KEY" }')
    only = problem(tmp_path, text, environ={"KEY": secret})
    assert only.where == "channel.desk.secret"
    assert only.what.endswith("64 random bytes, found something else")


def test_the_port_follows_from_tls(tmp_path: Path) -> None:
    host = 'host = "localhost"'
    ports = {tls: the_email(load(tmp_path, email(host, f'tls = "{tls}"'))).port for tls in Tls}
    assert ports == {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


def test_mail_has_defaults_for_what_is_usual(tmp_path: Path) -> None:
    found = the_email(load(tmp_path, email('host = "smtp.example.com"')))
    assert found == EmailSettings(
        host="smtp.example.com",
        port=587,
        tls=Tls.STARTTLS,
        sender="a@example.com",
        to=("b@example.com",),
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_mail_goes_without_tls_on_this_machine(tmp_path: Path, host: str) -> None:
    found = the_email(load(tmp_path, email(f'host = "{host}"', 'tls = "none"', "port = 2525")))
    assert (found.tls, found.port) == (Tls.NONE, 2525)


@pytest.mark.parametrize("host", ["smtp.example.com", "192.168.1.1", "localhost.example.com"])
def test_mail_goes_nowhere_else_without_tls(tmp_path: Path, host: str) -> None:
    only = problem(tmp_path, email(f'host = "{host}"', 'tls = "none"'))
    assert only.where == "channel.mail.tls"


def test_nobody_logs_in_without_tls(tmp_path: Path) -> None:
    lines = ('host = "localhost"', 'tls = "none"', 'username = "u"', 'password = { env = "PW" }')
    only = problem(tmp_path, email(*lines), environ={"PW": "x"})
    assert only.where == "channel.mail.username"


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('username = "u"', "channel.mail.password"),
        ('password = { env = "PW" }', "channel.mail.username"),
    ],
)
def test_username_and_password_come_together(tmp_path: Path, line: str, where: str) -> None:
    only = problem(tmp_path, email('host = "h"', line), environ={"PW": "x"})
    assert (only.where, only.what) == (where, "missing")


@pytest.mark.parametrize(
    "host", ["smtp..example.com", f"{'a' * 64}.example.com", ".example.com", f"a.{'b.' * 130}c"]
)
def test_a_host_that_no_resolver_takes_is_refused(tmp_path: Path, host: str) -> None:
    assert problem(tmp_path, email(f'host = "{host}"')).where == "channel.mail.host"


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ('"b@example.com"', ("b@example.com",)),
        ('["b@example.com", "C <c@example.com>"]', ("b@example.com", "C <c@example.com>")),
        ('["b@example.com", "b@example.com"]', ("b@example.com",)),
    ],
)
def test_mail_goes_to_one_or_several(tmp_path: Path, to: str, found: tuple[str, ...]) -> None:
    text = email('host = "h"').replace('"b@example.com"', to)
    assert the_email(load(tmp_path, text)).to == found


@pytest.mark.parametrize(
    "to", ["[]", "1", '"b"', '"b@"', '"a@b, c@d"', '"a@b\\nBcc: c@d"', '"é@b"', '["a@b", 1]']
)
def test_anything_else_is_no_mail_address(tmp_path: Path, to: str) -> None:
    only = problem(tmp_path, email('host = "h"').replace('"b@example.com"', to))
    assert only.where == "channel.mail.to"


@pytest.mark.parametrize("port", ["0", "65536", "true", '"25"', "25.0"])
def test_a_port_is_a_small_number(tmp_path: Path, port: str) -> None:
    only = problem(tmp_path, email('host = "h"', f"port = {port}"))
    assert only.where == "channel.mail.port"


def test_a_channel_says_of_which_type_it_is(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + "[channel.x]\n")
    assert (only.where, only.what) == ("channel.x.type", "missing")
    only = problem(tmp_path, alert() + '[channel.x]\ntype = "webhok"')
    assert only.hint == 'did you mean "webhook"?'


@pytest.mark.parametrize("kind", ["5", "[]", "{}", "true", "1979-05-27"])
def test_a_type_is_a_word(tmp_path: Path, kind: str) -> None:
    assert problem(tmp_path, alert() + f"[channel.x]\ntype = {kind}").where == "channel.x.type"


def test_the_key_of_another_type_is_unknown(tmp_path: Path) -> None:
    only = problem(tmp_path, webhook(URL, 'host = "h"'))
    assert (only.where, only.what) == ("channel.desk.host", "unknown key")


def test_a_channel_has_a_plain_name(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + '[channel."a b"]\ntype = "console"')
    assert only.where == 'channel."a b"'


def test_certificates_must_be_there_and_be_certificates(tmp_path: Path) -> None:
    (tmp_path / "not.pem").write_text("hello")
    (tmp_path / "folder").mkdir()
    for name in ("none.pem", "not.pem", "folder", "x" * 300):
        only = problem(tmp_path, webhook(URL, f'ca_file = "{name}"'))
        assert only.where == "channel.desk.ca_file"


def test_problems_of_channels_come_with_those_of_alerts(tmp_path: Path) -> None:
    text = alert(condition='below = "l50"') + "[channel.desk]\n"
    text += 'type = "webhook"\nurl = { env = "HOOK_URL" }'
    told = "\n".join(str(each) for each in refusal(tmp_path, text)).splitlines()
    assert [line for line in told if "level names" not in line] == [
        '  - alert[1].below: expected a price or a level name, found "l50"',
        "  - channel.desk.url: environment variable HOOK_URL is not set",
        "    hint: set HOOK_URL where the daemon starts, or remove what needs it",
    ]
