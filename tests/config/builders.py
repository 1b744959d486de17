"""Configuration files for tests: written for real, and loaded."""

from __future__ import annotations

import json
import re
import tomllib
from copy import deepcopy
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from jsonschema import Draft202012Validator

from alertd import config
from alertd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from alertd.core.rules import Rule
    from alertd.errors import Problem

SIGNING = "whsec_" + "MfKQ" * 8
ENVIRON = {
    "HOME": "/h",
    "ALERTD_MAIL_PASSWORD": "correct horse",
    "ALERTD_DESK_URL": "https://hooks.example.com/T0/B1/xyz",
    "ALERTD_DESK_SECRET": SIGNING,
    "ALERTD_DESK_OLD_SECRET": "whsec_" + "C2FV" * 8,
    "ALERTD_PHONE_URL": "ntfys://a-topic",
    "ALERTD_TELEGRAM_URL": "tgram://123456789:abcdefg_hijklmnop/12315544",
    "ALERTD_SLACK_URL": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "ALERTD_DISCORD_URL": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "ALERTD_PUSHOVER_URL": "pover://a-user@a-token",
    "ALERTD_HEARTBEAT_URL": "https://ping.example.com/4f2a",
    "ALERTD_ALPACA_KEY": "PKQ3L7WJ5T0ZB2V8",
    "ALERTD_ALPACA_SECRET": "wR8kYf3ZpTq6Lx0sVb",
    "ALERTD_FINNHUB_TOKEN": "cs8f2k9r01qmb1d7u4a0",
}

Key = tuple[str | int, ...]


def alert(*lines: str, id: str = "a", condition: str = "below = 150") -> str:  # noqa: A002 - its key
    return "\n".join(["[[alert]]", f'id = "{id}"', 'symbol = "BABA"', condition, *lines, ""])


def webhook(*lines: str) -> str:
    return "\n".join([alert(), "[channel.desk]", 'type = "webhook"', *lines, ""])


def email(*lines: str) -> str:
    head = ['type = "email"', 'from = "a@example.com"', 'to = "b@example.com"']
    return "\n".join([alert(), "[channel.mail]", *head, *lines, ""])


def channel(*lines: str, name: str = "tty", kind: str = "console") -> str:
    """Return a channel, by default one that needs no key of its own."""
    return "\n".join([f"[channel.{name}]", f'type = "{kind}"', *lines, ""])


def load(
    folder: Path,
    text: str,
    *,
    environ: Mapping[str, str] = ENVIRON,
    secrets: bool = True,
    mode: int = 0o600,
) -> config.Config:
    file = folder / "alertd.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return config.load(file, environ=environ, secrets=secrets)


def refusal(
    folder: Path, text: str, *, environ: Mapping[str, str] = ENVIRON, mode: int = 0o600
) -> list[Problem]:
    with pytest.raises(ConfigError) as refused:
        load(folder, text, environ=environ, mode=mode)
    return list(refused.value.problems)


def problem(folder: Path, text: str, *, environ: Mapping[str, str] = ENVIRON) -> Problem:
    """Return the one problem of a file."""
    (only,) = refusal(folder, text, environ=environ)
    return only


def rule(folder: Path, *lines: str) -> Rule:
    """Return the meaning of an alert whose condition is one of these lines."""
    (only,) = load(folder, alert(*lines, condition="")).alerts
    return only.rule


def told(folder: Path, *lines: str) -> tuple[str, str, str | None]:
    """Return the key of the one thing that is wrong with such an alert, what is, and the hint."""
    only = problem(folder, alert(*lines, condition=""))
    return only.where.removeprefix("alert[1]."), only.what, only.hint


def agreed(folder: Path, *lines: str) -> bool:
    """Tell whether such an alert is taken, by alertd and by an editor alike."""
    text = alert(*lines, condition="")
    seen = is_valid(text)
    try:
        load(folder, text)
    except ConfigError:
        assert not seen
        return False
    assert seen
    return True


def is_valid(text: str) -> bool:
    """Tell whether an editor that knows the schema takes a file."""
    # Editors see a date as a text.
    data = json.loads(json.dumps(tomllib.loads(text), default=str))
    return bool(_editor().is_valid(data))


@cache
def _editor() -> Draft202012Validator:
    return Draft202012Validator(config.json_schema())


def whole_example() -> str:
    """Return the example with everything that it switches off switched on."""
    return re.sub(r"(?m)^#(?=[a-z\[])", "", config.example())


def authority(folder: Path) -> Path:
    """Write the certificates that the whole example trusts."""
    place = folder / "private-ca.pem"
    trustme.CA().cert_pem.write_to_path(str(place))
    return place


def toml(data: Mapping[str, object]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in data.items())


def keys(value: object, at: Key = ()) -> Iterator[Key]:
    """Yield the place of every key, and of every table in a list."""
    if at:
        yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys(inner, (*at, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, inner in enumerate(value):
            yield from keys(inner, (*at, index))


def replaced(data: Mapping[str, object], at: Key, *value: object) -> dict[str, object]:
    """Return a copy with another value at a key, or without the key."""
    copy = deepcopy(dict(data))
    table: Any = copy
    for part in at[:-1]:
        table = table[part]
    if value:
        table[at[-1]] = value[0]
    else:
        del table[at[-1]]
    return copy


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _key(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{ {', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items())} }}"
        case _:
            return repr(value)


def _key(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
