"""Where secrets lie, and that they stay there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alertd.config import EmailSettings, WebhookSettings
from tests.config.builders import SIGNING, email, load, problem, refusal, webhook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from alertd.config import Config

URL = "https://hooks.example.com/T0/B1/xyz"
INLINE = "allow_inline_secrets = true\n"


def password(config: Config) -> str | None:
    found = config.channels["mail"]
    assert isinstance(found, EmailSettings)
    return found.password


def login(line: str) -> str:
    return email('host = "smtp.example.com"', 'username = "clerk"', line)


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    config = load(tmp_path, login('password = { env = "PW" }'), environ={"PW": "s3cret"})
    assert password(config) == "s3cret"


@pytest.mark.parametrize("line", ['password = { file = "pw" }', 'password_file = "pw"'])
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_comes_from_a_file_beside_the_configuration(
    tmp_path: Path, line: str, ending: str
) -> None:
    (tmp_path / "pw").write_bytes(b"s3cret" + ending.encode())
    assert password(load(tmp_path, login(line))) == "s3cret"


def test_a_secret_comes_from_a_systemd_credential(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "mail-password").write_text("s3cret\n")
    text = login('password = { credential = "mail-password" }')
    config = load(tmp_path, text, environ={"CREDENTIALS_DIRECTORY": str(folder)})
    assert password(config) == "s3cret"


@pytest.mark.parametrize("key", ["url", "secret"])
def test_every_part_of_a_webhook_may_lie_in_a_file(tmp_path: Path, key: str) -> None:
    values = {"url": URL, "secret": SIGNING}
    (tmp_path / "place").write_text(values[key])
    others = (f'{name} = {{ env = "{name.upper()}" }}' for name in values if name != key)
    environ = {"URL": URL, "SECRET": SIGNING}
    config = load(tmp_path, webhook(f'{key}_file = "place"', *others), environ=environ)
    assert config.channels["desk"] == WebhookSettings(URL, SIGNING)


def test_a_username_may_stand_in_the_file_or_elsewhere(tmp_path: Path) -> None:
    text = login('password = { env = "PW" }').replace('"clerk"', '{ env = "USER_NAME" }')
    config = load(tmp_path, text, environ={"PW": "x", "USER_NAME": "reader"})
    found = config.channels["mail"]
    assert isinstance(found, EmailSettings)
    assert found.username == "reader"


def test_a_secret_in_the_file_itself_is_refused(tmp_path: Path) -> None:
    only = problem(tmp_path, login('password = "s3cret"'))
    assert only.where == "channel.mail.password"
    assert only.hint
    assert "allow_inline_secrets = true" in only.hint


def test_a_secret_in_the_file_itself_is_taken_if_it_says_so_and_is_private(tmp_path: Path) -> None:
    text = INLINE + login('password = "s3cret"')
    assert password(load(tmp_path, text)) == "s3cret"
    (only,) = refusal(tmp_path, text, mode=0o640)
    assert only.where == "channel.mail.password"
    assert only.hint == "chmod 600 the file"


def test_a_key_and_its_file_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("x")
    lines = 'password = { env = "PW" }\npassword_file = "pw"'
    only = problem(tmp_path, login(lines), environ={"PW": "x"})
    assert only.where == "channel.mail.password_file"


@pytest.mark.parametrize(
    "place",
    [
        "5", "true", '[""]', "{}", '{ env = "A", file = "b" }', '{ envi = "A" }', "{ env = 1 }",
        '{ env = "" }', '{ env = "UNSET" }', '{ env = "EMPTY" }', '{ env = "TWO_LINES" }',
        '{ file = "" }', '{ file = "none" }', '{ file = "." }', '{ file = "a\\u0000" }',
        '{ file = "latin" }', '{ file = "empty" }',
        '{ credential = "" }', '{ credential = "x" }', '{ credential = "../x" }',
    ],
)  # fmt: skip
def test_a_place_without_a_secret_is_a_problem(tmp_path: Path, place: str) -> None:
    (tmp_path / "latin").write_bytes(b"\xe9")
    (tmp_path / "empty").write_text("\n")
    environ = {"EMPTY": "", "TWO_LINES": "a\nb", "CREDENTIALS_DIRECTORY": str(tmp_path / "c")}
    only = problem(tmp_path, login(f"password = {place}"), environ=environ)
    assert only.where == "channel.mail.password"


@pytest.mark.parametrize("value", ["20261123", "2026-11-23", "{ env = 20261123 }"])
def test_a_secret_without_quotes_is_not_repeated(tmp_path: Path, value: str) -> None:
    only = problem(tmp_path, login(f"password = {value}"))
    assert only.where == "channel.mail.password"
    assert "2026" not in f"{only.what}{only.hint}"


def test_a_credential_needs_systemd(tmp_path: Path) -> None:
    only = problem(tmp_path, login('password = { credential = "pw" }'), environ={})
    assert only.hint
    assert "LoadCredential=pw:" in only.hint


def test_without_secrets_nothing_is_fetched(tmp_path: Path) -> None:
    text = webhook('url = { env = "URL" }', 'secret_file = "none"', 'ca_file = "none"')
    found = load(tmp_path, text, environ={}, secrets=False).channels["desk"]
    assert found == WebhookSettings("", "", ca_file=tmp_path / "none")


SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        (webhook(f'url = "ftp://{SECRET}/"'), {}),
        (webhook(f'url = "http://h/{SECRET}"'), {}),
        (webhook('url = { env = "A" }'), {"A": SECRET}),
        (webhook(f'url = {{ env = "https://h/{SECRET}" }}'), {}),
        (webhook(f'url = {{ env = "{SECRET}" }}'), {}),
        (webhook(f'urll = "https://h/{SECRET}"'), {}),
        (webhook(f'url = {{ "{SECRET}" = "x" }}'), {}),
        (webhook(f'url = "https://h/"\nsecret = "{SECRET}"'), {}),
        (webhook(f'url = "https://h/"\nsecret = ["{SECRET}"]'), {}),
        (webhook('url = "https://h/"\nsecret = { env = "A" }'), {"A": f"whsec_{SECRET}"}),
        (INLINE + webhook(f'url = "https://h/"\nsecret = "{SECRET}"'), {}),
        (login(f'password = "{SECRET}"'), {}),
        (login('password = { env = "A" }'), {"A": f"{SECRET}\n{SECRET}"}),
        (login(f'password = "{SECRET}"\nport = "https://h/{SECRET}"'), {}),
        (login(f'password = "{SECRET}"\nport = "whsec_{SECRET}"'), {}),
        (login(f'password = "{SECRET}'), {}),
        (login(f'password_file = "https://h/{SECRET}"'), {}),
        (webhook(f'url = {{ file = "https://h/{SECRET}" }}'), {}),
        (webhook(f'url = "https://h/"\nsecret_file = "whsec_{SECRET}"'), {}),
        (f'[channel]\npassword = "{SECRET}"\n', {}),
        (f'channel = "{SECRET}"\n', {}),
        (f'heartbeat = "{SECRET}"\n', {}),
    ],
)
def test_a_problem_never_shows_a_secret(
    tmp_path: Path, text: str, environ: Mapping[str, str]
) -> None:
    told = "\n".join(str(each) for each in refusal(tmp_path, text, environ=environ))
    assert SECRET not in told


def test_a_configuration_shows_no_secret_and_knows_all_of_them(tmp_path: Path) -> None:
    text = login('password = { env = "PW" }')
    text += '[channel.desk]\ntype = "webhook"\nurl = { env = "URL" }\nsecret = { env = "KEY" }'
    config = load(tmp_path, text, environ={"PW": SECRET, "URL": URL, "KEY": SIGNING})
    assert config.secrets == (SECRET, URL, SIGNING)
    assert not any(secret in repr(config) for secret in config.secrets)
