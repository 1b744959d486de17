"""Help, versions, statuses, and what is not imported."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from alertd import __version__

if TYPE_CHECKING:
    from tests.cli.typed import Home

COMMANDS = (
    "run", "check", "demo", "replay", "status", "explain", "history", "snooze", "pause", "arm",
    "ack", "retry", "test", "doctor", "init", "health", "schema",
)  # fmt: skip

HEAVY = (
    "apscheduler", "curl_cffi", "exchange_calendars", "httpx", "jinja2", "loguru", "matplotlib",
    "numpy", "pandas", "pydantic", "sqlalchemy", "yfinance",
)  # fmt: skip

ALERT = '[[alert]]\nid = "support"\nsymbol = "BABA"\nbelow = 150\n'


def test_help_names_every_command(home: Home) -> None:
    answer = home.alertd("--help")
    assert answer.status == 0
    listed = [line.split()[0] for line in answer.lines if line.startswith("  ") and line.strip()]
    assert [name for name in COMMANDS if name not in listed] == []
    assert "..." not in answer.out.partition("Commands:")[2]


def test_help_imports_nothing_heavy(home: Home) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "alertd", "--help"]
    trace = subprocess.run(
        command, env=home.environ(), capture_output=True, text=True, check=True
    ).stderr
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in trace.splitlines()}
    assert "typer" in imported
    assert imported.isdisjoint(HEAVY)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_takes_a_configuration(home: Home, command: str) -> None:
    answer = home.alertd(command, "--help")
    assert answer.status == 0
    assert "--config FILE" in answer.out
    assert f"  alertd {command}" in answer.out.partition("Examples:")[2]


def test_the_version_is_told(home: Home) -> None:
    assert home.alertd("--version").out == f"alertd {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("watch",),
        ("replay", "--csv"),
        ("history", "--limit", "0"),
        ("test",),
        ("explain",),
        ("snooze",),
        ("snooze", "support"),
        ("snooze", "support", "-2h"),
        ("pause",),
        ("arm",),
        ("ack",),
        ("retry", "desk", "phone"),
        ("run", "--fast"),
    ],
    ids=" ".join,
)
def test_wrong_arguments_leave_with_status_2(home: Home, words: tuple[str, ...]) -> None:
    answer = home.alertd(*words)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(("Usage: alertd", "Error: "))
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "command",
    [
        "run", "check", "replay", "status", "history", "health", "snooze support 2h",
        "pause support", "arm support", "ack support", "retry",
    ],
)  # fmt: skip
def test_a_bad_configuration_leaves_with_status_2(home: Home, command: str) -> None:
    name = home.config(ALERT.replace("150", '"15O"'))
    answer = home.alertd(*command.split(), "--config", name)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("alerts.toml: 1 problem\n")
    assert '"15O"' in answer.err
    assert "Traceback" not in answer.err


def test_no_configuration_at_all_leaves_with_status_2_and_the_places_tried(home: Home) -> None:
    answer = home.alertd("check")
    assert answer.status == 2
    assert "alertd init" in answer.err


def test_the_configuration_is_found_by_the_environment(home: Home) -> None:
    name = home.config(ALERT)
    assert home.alertd("check", ALERTD_CONFIG=name).status == 0


def test_a_configuration_that_is_missing_is_answered_with_how_to_write_it(home: Home) -> None:
    answer = home.alertd("check", ALERTD_CONFIG="mine.toml")
    place = home.folder / "mine.toml"
    assert answer.status == 2
    assert f"`alertd init --path {place}`" in answer.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered_holds_no_configuration(home: Home) -> None:
    closed = home.folder / "config"
    closed.mkdir(mode=0o000)
    answer = home.alertd("check")
    assert answer.status == 2
    assert "there is no such file" in answer.err
    assert "Traceback" not in answer.err


def test_a_name_that_the_terminal_cannot_show_is_escaped(home: Home) -> None:
    name = home.config(ALERT + 'name = "支撑"\n')
    answer = home.alertd("check", "--config", name, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert answer.status == 0
    assert r"\u652f\u6491" in answer.out


def test_a_reader_that_goes_away_is_no_reason_for_words(home: Home) -> None:
    # Nobody reads from the first byte on.
    unread, written = os.pipe()
    os.close(unread)
    with os.fdopen(written, "wb") as gone:
        done = subprocess.run(
            home.command("schema"), env=home.environ(), stdout=gone,
            stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
