"""The README is true: what it tells to type works, and what it shows loads."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from alertd import config
from alertd.config.quotes import ACCOUNTS
from alertd.core.sandbox import FIELDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
TYPED = sorted(set(re.findall(r"(?:\.venv/bin/|`)alertd ([a-z]+)\b", README)))


def test_the_first_screen_shows_the_two_commands_and_what_they_print() -> None:
    screen = "\n".join(README.splitlines()[:36])
    assert "make demo" in screen
    assert "make test" in screen
    assert "pip install -c constraints.txt" in screen
    assert "All 6 messages arrived: 150 lost and reclaimed, 192 crossed." in screen


@pytest.mark.parametrize("command", TYPED)
def test_every_command_that_is_named_exists(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alertd", command, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_command_is_named() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "alertd", "--help"], capture_output=True, text=True, check=True
    ).stdout
    listed = re.findall(r"^  ([a-z]+)  ", shown.partition("Commands:")[2], re.MULTILINE)
    assert len(listed) >= 10
    assert set(listed) <= set(TYPED)


def test_the_configuration_that_is_shown_loads(tmp_path: Path) -> None:
    alerts, quotes = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "alertd.toml"
    path.write_text(f"{alerts}\n{quotes}")
    names = re.findall(r'env = "(\w+)"', path.read_text())
    loaded = config.load(path, environ=dict.fromkeys(names, "secret"))
    assert [str(alert.rule.hold) for alert in loaded.alerts] == ["2 closes"]
    assert loaded.quotes.sources == ("yahoo", "alpaca")
    assert tomllib.loads(alerts)["channel"]["mail"]["type"] == "email"


def test_every_second_source_is_told_with_what_it_changes() -> None:
    table = README.partition("| source | knows |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == [*ACCOUNTS]


def test_every_field_of_a_template_is_listed() -> None:
    table = README.partition("| fields of a template |")[2].partition("\n\n")[0]
    assert set(FIELDS) <= set(re.findall(r"`(\w+)`", table))


def test_every_path_that_is_named_exists() -> None:
    named = re.findall(r"`((?:alertd|config|systemd)/[\w./]*)`", README)
    assert len(named) >= 3
    for path in named:
        assert (ROOT / path).exists(), path
